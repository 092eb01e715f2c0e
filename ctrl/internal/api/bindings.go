package api

import (
	"context"
	"encoding/json"
	"net/http"

	"nms.example/common/api"

	"nms.example/ctrl/internal/binding"
)

// CommandInput is embedded in the inputs of operations on a command of the catalogue.
type CommandInput struct {
	CommandID int64 `path:"command_id" minimum:"1" doc:"The command, by its id in cfg"`
}

type bindingPut struct {
	Driver        string                         `json:"driver" minLength:"1" maxLength:"20" doc:"The protocol, that of the equipment's endpoint"`
	Template      json.RawMessage                `json:"template" doc:"What the driver sends; {name} stands for an argument"`
	ArgsSchema    json.RawMessage                `json:"args_schema,omitempty" doc:"JSON Schema (2020-12) of the arguments; x-unit names a unit (UCUM). Left out: no arguments"`
	Hazardous     api.Patch[bool]                `json:"hazardous,omitzero" doc:"It can do harm: the sender needs a permission and confirms. Left out: as it is, at first false"`
	HazardReason  *string                        `json:"hazard_reason,omitempty" maxLength:"300" doc:"What harm, when it is hazardous; stays with hazardous"`
	Approvals     api.Patch[int16]               `json:"approvals,omitzero" minimum:"0" maximum:"1" doc:"How many other people have to approve. Left out: as it is, at first 0"`
	TTL           float64                        `json:"ttl,omitempty" default:"60" minimum:"1" maximum:"604800" doc:"How long it may wait to be sent, in seconds"`
	Timeout       float64                        `json:"timeout,omitempty" default:"5" minimum:"0.1" maximum:"300" doc:"How long sending it and its answer may take, in seconds"`
	Idempotent    bool                           `json:"idempotent,omitempty" doc:"Whether doing it twice does no harm, so that it may be sent again when an answer was lost"`
	Points        []binding.Point                `json:"points,omitempty" maxItems:"50" doc:"How the parameters of the conditions are read"`
	Preconditions api.Patch[[]binding.Condition] `json:"preconditions,omitzero" maxItems:"50" doc:"What has to hold before it is sent. Left out: as it is, at first none"`
	Verifiers     []binding.Condition            `json:"verifiers,omitempty" maxItems:"50" doc:"What has to hold afterwards"`
	UndoArgs      json.RawMessage                `json:"undo_args,omitempty" doc:"Arguments of the catalogue's undo command; {name} stands for an argument of this one"`
}

// draft returns what a PUT asks for, where present is there, or nothing: what keeps people from harm stays unless it is said.
func (b bindingPut) draft(present *binding.Binding) binding.Draft {
	d := binding.Draft{}
	if present != nil {
		d = present.Draft
	}
	if b.Hazardous.Set || b.HazardReason != nil {
		d.HazardReason = b.HazardReason
	}
	d.Hazardous, d.Approvals, d.Preconditions = b.Hazardous.Or(d.Hazardous), b.Approvals.Or(d.Approvals), b.Preconditions.Or(d.Preconditions)
	d.Driver, d.Template, d.ArgsSchema, d.UndoArgs = b.Driver, b.Template, b.ArgsSchema, b.UndoArgs
	d.TTL, d.Timeout, d.Idempotent, d.Points, d.Verifiers = b.TTL, b.Timeout, b.Idempotent, b.Points, b.Verifiers
	if len(d.ArgsSchema) == 0 {
		d.ArgsSchema = noArgs
	}
	return d
}

type bindingPatch struct {
	Driver        api.Patch[string]                  `json:"driver,omitzero" minLength:"1" maxLength:"20" doc:"The protocol"`
	Template      api.Patch[json.RawMessage]         `json:"template,omitzero" doc:"What the driver sends"`
	ArgsSchema    api.Patch[json.RawMessage]         `json:"args_schema,omitzero" doc:"JSON Schema (2020-12) of the arguments"`
	Hazardous     api.Patch[bool]                    `json:"hazardous,omitzero" doc:"Whether it can do harm"`
	HazardReason  api.NullablePatch[string]          `json:"hazard_reason,omitzero" maxLength:"300" doc:"What harm; null when it is not hazardous"`
	Approvals     api.Patch[int16]                   `json:"approvals,omitzero" minimum:"0" maximum:"1" doc:"How many other people have to approve"`
	TTL           api.Patch[float64]                 `json:"ttl,omitzero" minimum:"1" maximum:"604800" doc:"How long it may wait to be sent, in seconds"`
	Timeout       api.Patch[float64]                 `json:"timeout,omitzero" minimum:"0.1" maximum:"300" doc:"How long sending it and its answer may take, in seconds"`
	Idempotent    api.Patch[bool]                    `json:"idempotent,omitzero" doc:"Whether doing it twice does no harm"`
	Points        api.Patch[[]binding.Point]         `json:"points,omitzero" maxItems:"50" doc:"How the parameters of the conditions are read"`
	Preconditions api.Patch[[]binding.Condition]     `json:"preconditions,omitzero" maxItems:"50" doc:"What has to hold before it is sent"`
	Verifiers     api.Patch[[]binding.Condition]     `json:"verifiers,omitzero" maxItems:"50" doc:"What has to hold afterwards"`
	UndoArgs      api.NullablePatch[json.RawMessage] `json:"undo_args,omitzero" doc:"Arguments of the catalogue's undo command; null for none"`
}

func (b bindingPatch) edit(d *binding.Draft) {
	d.Driver, d.Template, d.ArgsSchema = b.Driver.Or(d.Driver), b.Template.Or(d.Template), b.ArgsSchema.Or(d.ArgsSchema)
	d.Hazardous, d.HazardReason = b.Hazardous.Or(d.Hazardous), b.HazardReason.Or(d.HazardReason)
	d.Approvals, d.TTL, d.Timeout = b.Approvals.Or(d.Approvals), b.TTL.Or(d.TTL), b.Timeout.Or(d.Timeout)
	d.Idempotent, d.Points = b.Idempotent.Or(d.Idempotent), b.Points.Or(d.Points)
	d.Preconditions, d.Verifiers = b.Preconditions.Or(d.Preconditions), b.Verifiers.Or(d.Verifiers)
	if b.UndoArgs.Set {
		d.UndoArgs = b.UndoArgs.Value // nothing when it is null
	}
}

type bindingPutInput struct {
	CommandInput
	api.Conditional
	Body bindingPut
}

type bindingPatchInput struct {
	CommandInput
	api.Conditional
	Body bindingPatch
}

type bindingInput struct {
	CommandInput
	api.Conditional
}

type bindingsInput struct {
	api.PageInput
	Limit       int                 `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	EquipmentID api.Optional[int64] `query:"equipment-id" minimum:"1" doc:"Only those of this equipment's commands"`
}

type bindingParams struct {
	EquipmentID *int64 `json:"equipment-id,omitempty"`
}

type bindingsOutput struct {
	Body api.Page[binding.Binding, bindingParams]
}

type bindings struct{ all *binding.Bindings }

func registerBindings(a *api.API, h bindings) {
	all := resource("command-bindings")
	api.Register(a, all.Operation(http.MethodGet, "", "list", "How commands are spoken"), read, h.list)
	api.Register(a, all.Operation(http.MethodGet, "/{command_id}", "get", "How a command is spoken"), read, h.get)
	put := all.Operation(http.MethodPut, "/{command_id}", "replace", "Say how a command is spoken", http.StatusPreconditionFailed)
	put.Description = "Commands that wait were sent by the binding before, and fail at their release. A field that is left out has its default afterwards, " +
		"but for `hazardous`, `approvals` and `preconditions`, which stay: nothing becomes less guarded by the way."
	creating(a, put, write, "Changed", h.put)
	patch := all.Operation(http.MethodPatch, "/{command_id}", "update", "Change how a command is spoken", http.StatusPreconditionFailed)
	patch.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional."
	api.Register(a, patch, write, h.patch)
	api.Register(a, noContent(all.Operation(http.MethodDelete, "/{command_id}", "delete", "Forget how a command is spoken",
		http.StatusPreconditionFailed)), write, h.remove)
}

func bindingItem(b binding.Binding, status int) *item[binding.Binding] {
	return &item[binding.Binding]{Status: status, ETag: etag(b.Revision), Body: b}
}

func bindingGuard(when api.Conditional) binding.Guard {
	return func(present *binding.Binding) error {
		if present == nil {
			return when.Check("")
		}
		return when.Check(etag(present.Revision))
	}
}

func (h bindings) list(ctx context.Context, in *bindingsInput) (*bindingsOutput, error) {
	params := bindingParams{in.EquipmentID.Ptr()}
	after, skip, err := followID(ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.List(ctx, in.EquipmentID.Ptr(), after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &bindingsOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[binding.Binding],
		func(last *binding.Binding) idCursor { return idCursor{last.CommandID} })}, nil
}

func (h bindings) get(ctx context.Context, in *bindingInput) (*item[binding.Binding], error) {
	b, err := h.all.Get(ctx, in.CommandID)
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(etag(b.Revision)); err != nil {
		return nil, err
	}
	return bindingItem(b, http.StatusOK), nil
}

// noArgs is the schema of commands without arguments.
var noArgs = json.RawMessage(`{"type":"object","additionalProperties":false}`)

func (h bindings) put(ctx context.Context, in *bindingPutInput) (*item[binding.Binding], error) {
	b, created, err := h.all.Put(ctx, in.CommandID, bindingGuard(in.Conditional), in.Body.draft)
	if err != nil {
		return nil, err
	}
	return bindingItem(b, statusOf(created)), nil
}

func (h bindings) patch(ctx context.Context, in *bindingPatchInput) (*item[binding.Binding], error) {
	b, err := h.all.Patch(ctx, in.CommandID, bindingGuard(in.Conditional), in.Body.edit)
	if err != nil {
		return nil, err
	}
	return bindingItem(b, http.StatusOK), nil
}

func (h bindings) remove(ctx context.Context, in *bindingInput) (*struct{}, error) {
	return nil, h.all.Delete(ctx, in.CommandID, bindingGuard(in.Conditional))
}
