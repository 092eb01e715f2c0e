package api

import (
	"nms.example/common/api"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/toc"
)

type sectionNew struct {
	EchoedNode
	ParentID api.NullablePatch[int64]  `json:"parent_id,omitzero" minimum:"1" doc:"The section above; null or absent for a root"`
	Name     string                    `json:"name" minLength:"1" maxLength:"100" doc:"Unique under its parent, letter case aside"`
	NameFull api.NullablePatch[string] `json:"name_full,omitzero" minLength:"1" maxLength:"150" doc:"The name when absent or null"`
}

type sectionPatch struct {
	EchoedNode
	ParentID api.NullablePatch[int64]  `json:"parent_id,omitzero" minimum:"1" doc:"The section above; null moves it to the roots"`
	Name     api.Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"100" doc:"Short name"`
	NameFull api.NullablePatch[string] `json:"name_full,omitzero" minLength:"1" maxLength:"150" doc:"null lets it follow the name"`
}

func (in sectionNew) input() toc.Input {
	return toc.Input{ParentID: in.ParentID.Or(nil), Name: in.Name, NameFull: in.NameFull.Or(nil)}
}

func (in sectionPatch) edit() catalogue.Edit[toc.Input] {
	return catalogue.Edit[toc.Input]{Moves: in.ParentID.Set, Apply: func(d *toc.Input) {
		d.ParentID = in.ParentID.Or(d.ParentID)
		d.Name = in.Name.Or(d.Name)
		d.NameFull = in.NameFull.Or(d.NameFull)
	}}
}

func registerSections(a *api.API, d Deps) {
	r := &resource[toc.Item, toc.Input]{
		path: "commands-toc", title: "section of commands",
		cache: d.Cache, items: d.Sections.Items(), extras: []string{toc.PathsTag},
	}
	register[sectionNew, sectionPatch](a, r)
	r.registerArchive(a)
	registerTree(a, treeRoutes{
		path: "commands-toc", title: "The tree of command sections", cacheKey: toc.Entity,
		cache: d.Cache, forest: d.Sections.Forest, usage: d.Sections.Usage,
	})
}
