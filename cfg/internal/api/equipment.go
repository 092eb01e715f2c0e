package api

import (
	"context"
	"net/http"

	"nms.example/common/api"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/equipment"
)

// EchoedNode are the fields of a tree's item that follow from others. A client may send an item back as it
// got it, so they are taken and ignored.
type EchoedNode struct {
	ID             any `json:"id,omitzero" doc:"Ignored"`
	ParentPath     any `json:"parent_path,omitzero" doc:"Ignored; follows from parent_id"`
	ParentPathName any `json:"parent_path_name,omitzero" doc:"Ignored; follows from parent_id"`
	Content        any `json:"content,omitzero" doc:"Ignored"`
}

type equipmentNew struct {
	EchoedNode
	ParentID api.NullablePatch[int64] `json:"parent_id,omitzero" minimum:"1" doc:"The node above; null or absent for a root"`
	Name     string                   `json:"name" minLength:"1" maxLength:"50" doc:"Unique among live equipment, letter case aside"`
	NameFull string                   `json:"name_full" minLength:"1" maxLength:"150"`
}

type equipmentPatch struct {
	EchoedNode
	ParentID api.NullablePatch[int64] `json:"parent_id,omitzero" minimum:"1" doc:"The node above; null moves it to the roots"`
	Name     api.Patch[string]        `json:"name,omitzero" minLength:"1" maxLength:"50"`
	NameFull api.Patch[string]        `json:"name_full,omitzero" minLength:"1" maxLength:"150"`
}

func registerEquipment(a *api.API, s Services) {
	r := &resource[equipment.Item, equipment.Draft, equipmentNew, equipmentPatch]{
		path: "equipments", name: "equipment", title: "piece of equipment",
		cache: s.Cache, items: s.Equipment.Catalogue.Catalogue, extras: []string{equipment.PathsTag},
		draft: func(in equipmentNew) equipment.Draft {
			return equipment.Draft{ParentID: in.ParentID.Or(nil), Name: in.Name, NameFull: in.NameFull}
		},
		edit: func(in equipmentPatch) catalogue.Edit[equipment.Draft] {
			return catalogue.Edit[equipment.Draft]{Moves: in.ParentID.Set, Apply: func(d *equipment.Draft) {
				d.ParentID = in.ParentID.Or(d.ParentID)
				d.Name = in.Name.Or(d.Name)
				d.NameFull = in.NameFull.Or(d.NameFull)
			}}
		},
		archive: s.Equipment.ArchiveDeep,
		restore: s.Equipment.RestoreDeep,
	}
	r.register(a)
	r.registerDeep(a)
	registerTree(a, treeRoutes{
		path: "equipments", name: "equipment", title: "The equipment tree", cacheKey: equipment.Entity,
		cache: s.Cache, list: s.Equipment.List, usage: s.Equipment.Usage,
	})
}

type deepArchiveInput struct {
	api.IDInput
	api.Conditional
	Recursive bool `query:"recursive" doc:"Also what is below it, and the commands of all of them"`
}

type deepRestoreInput struct {
	api.IDInput
	Recursive bool `query:"recursive" doc:"Also what was archived together with it"`
}

// registerDeep adds DELETE and restore for a resource with a subtree.
func (r *resource[Item, Draft, New, Patch]) registerDeep(a *api.API) {
	remove := r.operation(http.MethodDelete, "/{id}", "delete", "Archive a "+r.title)
	remove.DefaultStatus, remove.Errors = http.StatusNoContent, []int{http.StatusConflict, http.StatusPreconditionFailed}
	api.Register(a, remove, write, func(ctx context.Context, in *deepArchiveInput) (*struct{}, error) {
		if in.Recursive {
			return nil, r.archive(ctx, in.ID, condition[Item](in.Conditional))
		}
		return nil, r.items.Archive(ctx, in.ID, condition[Item](in.Conditional))
	}, api.Timeout(transferTimeout)) // a subtree may be the whole tree
	restore := r.operation(http.MethodPost, "/{id}/restore", "restore", "Take an archived "+r.title+" back into use")
	restore.Errors = []int{http.StatusConflict}
	api.Register(a, restore, write, func(ctx context.Context, in *deepRestoreInput) (*ready[Item], error) {
		back := r.items.Restore
		if in.Recursive {
			back = r.restore
		}
		item, err := back(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return fresh[Item](item, api.Conditional{})
	}, api.Timeout(transferTimeout))
}
