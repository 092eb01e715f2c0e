package api

import (
	"context"
	"net/http"

	"nms.example/common/api"
	"nms.example/common/cache"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
)

// EchoedCommand are the fields that follow from others; see EchoedNode.
type EchoedCommand struct {
	ID            any `json:"id,omitzero" doc:"Ignored"`
	ArchivedAt    any `json:"archived_at,omitzero" doc:"Ignored"`
	EquipmentName any `json:"equipment_name,omitzero" doc:"Ignored; follows from equipment_id"`
	UndoCmdName   any `json:"undo_cmd_name,omitzero" doc:"Ignored; follows from undo_cmd_id"`
}

type commandNew struct {
	EchoedCommand
	EquipmentID int64                    `json:"equipment_id" minimum:"1" doc:"The live equipment that it belongs to"`
	TocID       int64                    `json:"toc_id" minimum:"1" doc:"The live section that it stands in"`
	Name        string                   `json:"name" minLength:"1" maxLength:"10" doc:"Unique among the live commands of its equipment, letter case aside"`
	NameFull    string                   `json:"name_full" minLength:"1" maxLength:"150" doc:"Full name"`
	Description string                   `json:"description" minLength:"1" maxLength:"300" doc:"What it does"`
	UndoCmdID   api.NullablePatch[int64] `json:"undo_cmd_id,omitzero" minimum:"1" doc:"Another live command that undoes it"`
}

type commandPatch struct {
	EchoedCommand
	EquipmentID api.Patch[int64]         `json:"equipment_id,omitzero" minimum:"1" doc:"The live equipment that it belongs to"`
	TocID       api.Patch[int64]         `json:"toc_id,omitzero" minimum:"1" doc:"The live section that it stands in"`
	Name        api.Patch[string]        `json:"name,omitzero" minLength:"1" maxLength:"10" doc:"Short name"`
	NameFull    api.Patch[string]        `json:"name_full,omitzero" minLength:"1" maxLength:"150" doc:"Full name"`
	Description api.Patch[string]        `json:"description,omitzero" minLength:"1" maxLength:"300" doc:"What it does"`
	UndoCmdID   api.NullablePatch[int64] `json:"undo_cmd_id,omitzero" minimum:"1" doc:"null clears it"`
}

func (in commandNew) input() command.Input {
	return command.Input{
		EquipmentID: in.EquipmentID, TocID: in.TocID, Name: in.Name, NameFull: in.NameFull,
		Description: in.Description, UndoCmdID: in.UndoCmdID.Or(nil),
	}
}

func (in commandPatch) edit() catalogue.Edit[command.Input] {
	return catalogue.Edit[command.Input]{Apply: func(d *command.Input) {
		d.EquipmentID = in.EquipmentID.Or(d.EquipmentID)
		d.TocID = in.TocID.Or(d.TocID)
		d.Name = in.Name.Or(d.Name)
		d.NameFull = in.NameFull.Or(d.NameFull)
		d.Description = in.Description.Or(d.Description)
		d.UndoCmdID = in.UndoCmdID.Or(d.UndoCmdID)
	}}
}

func registerCommands(a *api.API, d Deps) {
	r := &resource[command.Item, command.Input]{
		path: "commands", title: "command",
		cache: d.Cache, items: d.Commands.Items(), extras: []string{command.NamesTag, equipment.NamesTag},
	}
	register[commandNew, commandPatch](a, r)
	r.registerArchive(a)
	lists := commandLists{commands: d.Commands, cache: d.Cache}
	list := r.operation(http.MethodGet, "", "list", "Commands")
	list.Description = pastDescription
	api.Register(a, list, read, lists.get)
	api.Register(a, r.operation(http.MethodGet, "/{id}/usage", "usage", "What refers to a command"), read, usageHandler(d.Commands.Usage))
}

type commandsInput struct {
	api.Conditional
	api.PageInput
	PastInput
	Limit         int                  `query:"limit" default:"1500" minimum:"1" maximum:"5000" doc:"Most items on a page"`
	Name          api.Optional[string] `query:"name" minLength:"1" maxLength:"10" doc:"The name, letter case aside"`
	TocID         api.Optional[int64]  `query:"toc-id" minimum:"1" doc:"The section, with all below it"`
	EquipmentID   api.Optional[int64]  `query:"equipment-id" minimum:"1" doc:"The equipment"`
	EquipmentName api.Optional[string] `query:"equipment-name" minLength:"1" maxLength:"50" doc:"Letter case aside"`
	Q             api.Optional[string] `query:"q" minLength:"1" maxLength:"100" doc:"Text in the name, the full name or the description, letter case aside"`
	Sort          string               `query:"sort" doc:"name, id, name_full, equipment_name; - in front for descending"`
	Fields        []string             `query:"fields" maxItems:"20" doc:"Only these fields of each item"`
}

type commandParams struct {
	Name          *string `json:"name,omitempty"`
	TocID         *int64  `json:"toc-id,omitempty"`
	EquipmentID   *int64  `json:"equipment-id,omitempty"`
	EquipmentName *string `json:"equipment-name,omitempty"`
	Q             *string `json:"q,omitempty"`
	PastParams
}

type commandPage = api.Page[command.ListedCommand, commandParams]

type commandLists struct {
	commands *command.Catalogue
	cache    *cache.Store
}

func (l commandLists) get(ctx context.Context, in *commandsInput) (*ready[commandPage], error) {
	params := commandParams{
		Name: in.Name.Ptr(), TocID: in.TocID.Ptr(), EquipmentID: in.EquipmentID.Ptr(),
		EquipmentName: in.EquipmentName.Ptr(), Q: in.Q.Ptr(), PastParams: in.params(),
	}
	list := listing[command.ListedCommand]{
		PageInput: in.PageInput, Conditional: in.Conditional, limit: in.Limit, sort: in.Sort, fields: in.Fields,
		sortKeys: command.SortKeys, entity: command.Entity, tags: []string{command.Entity, equipment.NamesTag},
	}
	return pageOf(ctx, l.cache, list, params, func(ctx context.Context, s catalogue.Slice) (catalogue.Part[command.ListedCommand], error) {
		return l.commands.List(ctx, command.Filter{
			Name: params.Name, SectionID: params.TocID, EquipmentID: params.EquipmentID,
			EquipmentName: params.EquipmentName, Query: params.Q, At: params.At, Archived: params.Archived,
		}, s)
	})
}
