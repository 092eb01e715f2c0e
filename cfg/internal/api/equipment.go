package api

import (
	"context"

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
	ArchivedAt     any `json:"archived_at,omitzero" doc:"Ignored"`
	Children       any `json:"children,omitzero" doc:"Ignored"`
	Content        any `json:"content,omitzero" doc:"Ignored"`
}

type equipmentNew struct {
	EchoedNode
	ParentID api.NullablePatch[int64] `json:"parent_id,omitzero" minimum:"1" doc:"The node above; null or absent for a root"`
	Name     string                   `json:"name" minLength:"1" maxLength:"50" doc:"Unique among its live siblings, letter case aside"`
	NameFull string                   `json:"name_full" minLength:"1" maxLength:"150" doc:"Full name"`
}

type equipmentPatch struct {
	EchoedNode
	ParentID api.NullablePatch[int64] `json:"parent_id,omitzero" minimum:"1" doc:"The node above; null moves it to the roots"`
	Name     api.Patch[string]        `json:"name,omitzero" minLength:"1" maxLength:"50" doc:"Short name"`
	NameFull api.Patch[string]        `json:"name_full,omitzero" minLength:"1" maxLength:"150" doc:"Full name"`
}

func (in equipmentNew) input() equipment.Input {
	return equipment.Input{ParentID: in.ParentID.Or(nil), Name: in.Name, NameFull: in.NameFull}
}

func (in equipmentPatch) edit() catalogue.Edit[equipment.Input] {
	return catalogue.Edit[equipment.Input]{Moves: in.ParentID.Set, Apply: func(d *equipment.Input) {
		d.ParentID = in.ParentID.Or(d.ParentID)
		d.Name = in.Name.Or(d.Name)
		d.NameFull = in.NameFull.Or(d.NameFull)
	}}
}

func registerEquipment(a *api.API, d Deps) {
	r := &resource[equipment.Item, equipment.Input]{
		path: "equipments", title: "piece of equipment",
		cache: d.Cache, items: d.Equipment.Items(), extras: []string{equipment.PathsTag},
	}
	register[equipmentNew, equipmentPatch](a, r)
	registerDeep(a, r, d.Equipment)
	registerTree(a, treeRoutes{
		path: "equipments", title: "The equipment tree", cacheKey: equipment.Entity,
		cache: d.Cache, forest: d.Equipment.Forest, usage: d.Equipment.Usage,
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

// registerDeep adds DELETE and restore of equipment with what is below it.
func registerDeep(a *api.API, r *resource[equipment.Item, equipment.Input], items *equipment.Catalogue) {
	remove, restore := r.archiveOperations()
	api.Register(a, remove, write, func(ctx context.Context, in *deepArchiveInput) (*struct{}, error) {
		archive := items.Archive
		if in.Recursive {
			archive = items.ArchiveDeep
		}
		return nil, archive(ctx, in.ID, condition[equipment.Item](in.Conditional))
	}, api.Timeout(transferTimeout)) // a subtree may be the whole tree
	api.Register(a, restore, write, func(ctx context.Context, in *deepRestoreInput) (*ready[equipment.Item], error) {
		back := items.Restore
		if in.Recursive {
			back = items.RestoreDeep
		}
		item, err := back(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return fresh[equipment.Item](item, api.Conditional{})
	}, api.Timeout(transferTimeout))
}
