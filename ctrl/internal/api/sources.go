package api

import (
	"context"
	"encoding/json"
	"net/http"

	"nms.example/common/api"

	"nms.example/ctrl/internal/source"
)

// SourceInput is embedded in the inputs of operations on a telemetry binding.
type SourceInput struct {
	EquipmentInput
	TelemetryID int64 `path:"telemetry_id" minimum:"1" doc:"The parameter, by its id in cfg"`
}

func (in SourceInput) key() source.Key {
	return source.Key{EquipmentID: in.EquipmentID, TelemetryID: in.TelemetryID}
}

type sourcePut struct {
	Driver   string          `json:"driver" minLength:"1" maxLength:"20" doc:"The protocol, that of the equipment's endpoint; prometheus: a series that is sent by remote write"`
	Read     json.RawMessage `json:"read" doc:"The driver's template for reading it; for prometheus the metric and the labels that have to be equal"`
	Scale    *float64        `json:"scale,omitempty" doc:"What is kept of a number is number · scale + offset; left out: 1"`
	Offset   float64         `json:"offset,omitempty" doc:"See scale"`
	Interval *float64        `json:"interval,omitempty" minimum:"0.5" maximum:"86400" doc:"How often it is polled, in seconds; left out for prometheus"`
	Rate     *source.Rate    `json:"rate,omitempty" doc:"Of a counter: where its rate goes"`
}

func (b sourcePut) draft() source.Draft {
	d := source.Draft{Driver: b.Driver, Read: b.Read, Scale: 1, Offset: b.Offset, Interval: b.Interval, Rate: b.Rate}
	if b.Scale != nil {
		d.Scale = *b.Scale
	}
	return d
}

type sourcePatch struct {
	Driver   api.Patch[string]              `json:"driver,omitzero" minLength:"1" maxLength:"20" doc:"The protocol"`
	Read     api.Patch[json.RawMessage]     `json:"read,omitzero" doc:"The driver's template for reading it"`
	Scale    api.Patch[float64]             `json:"scale,omitzero" doc:"What is kept of a number is number · scale + offset"`
	Offset   api.Patch[float64]             `json:"offset,omitzero" doc:"See scale"`
	Interval api.NullablePatch[float64]     `json:"interval,omitzero" minimum:"0.5" maximum:"86400" doc:"How often it is polled, in seconds; null for prometheus"`
	Rate     api.NullablePatch[source.Rate] `json:"rate,omitzero" doc:"Of a counter: where its rate goes; null for none"`
}

func (b sourcePatch) edit(d *source.Draft) {
	d.Driver, d.Read = b.Driver.Or(d.Driver), b.Read.Or(d.Read)
	d.Scale, d.Offset = b.Scale.Or(d.Scale), b.Offset.Or(d.Offset)
	d.Interval, d.Rate = b.Interval.Or(d.Interval), b.Rate.Or(d.Rate)
}

type sourcePutInput struct {
	SourceInput
	api.Conditional
	Body sourcePut
}

type sourcePatchInput struct {
	SourceInput
	api.Conditional
	Body sourcePatch
}

type sourceInput struct {
	SourceInput
	api.Conditional
}

type sourcesInput struct {
	api.PageInput
	Limit       int                 `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	EquipmentID api.Optional[int64] `query:"equipment-id" minimum:"1" doc:"Only those of this equipment"`
}

type sourceParams struct {
	EquipmentID *int64 `json:"equipment-id,omitempty"`
}

type sourcesOutput struct {
	Body api.Page[source.Source, sourceParams]
}

type sources struct{ all *source.Sources }

func registerSources(a *api.API, h sources) {
	all := resource("telemetry-bindings")
	const one = "/{equipment_id}/{telemetry_id}"
	api.Register(a, all.Operation(http.MethodGet, "", "list", "Where values of telemetry come from"), read, h.list)
	api.Register(a, all.Operation(http.MethodGet, one, "get", "Where a value of telemetry comes from"), read, h.get)
	put := all.Operation(http.MethodPut, one, "replace", "Say where a value of telemetry comes from", http.StatusPreconditionFailed)
	put.Description = "What is polled is read together with the other values of the equipment, by one poll at a time. A rate is only made between two polls that followed each " +
		"other, and while the uptime rises: after a gap or a restart there is none, not a spike."
	creating(a, put, write, "Changed", h.put)
	patch := all.Operation(http.MethodPatch, one, "update", "Change where a value of telemetry comes from", http.StatusPreconditionFailed)
	patch.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional."
	api.Register(a, patch, write, h.patch)
	api.Register(a, noContent(all.Operation(http.MethodDelete, one, "delete", "Read a value of telemetry no longer",
		http.StatusPreconditionFailed)), write, h.remove)
}

// sourceCursor is where a list of bindings goes on.
type sourceCursor struct {
	source.Key
}

func sourceItem(b source.Source, status int) *item[source.Source] {
	return &item[source.Source]{Status: status, ETag: etag(b.Revision), Body: b}
}

func sourceGuard(when api.Conditional) source.Guard {
	return func(present *source.Source) error {
		if present == nil {
			return when.Check("")
		}
		return when.Check(etag(present.Revision))
	}
}

func (h sources) list(ctx context.Context, in *sourcesInput) (*sourcesOutput, error) {
	params := sourceParams{in.EquipmentID.Ptr()}
	cursor, skip, err := api.Follow[sourceCursor](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	var after source.Key
	if cursor != nil {
		after = cursor.Key
	}
	found, total, err := h.all.List(ctx, in.EquipmentID.Ptr(), after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &sourcesOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[source.Source],
		func(last *source.Source) sourceCursor {
			return sourceCursor{source.Key{EquipmentID: last.EquipmentID, TelemetryID: last.TelemetryID}}
		})}, nil
}

func (h sources) get(ctx context.Context, in *sourceInput) (*item[source.Source], error) {
	b, err := h.all.Get(ctx, in.key())
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(etag(b.Revision)); err != nil {
		return nil, err
	}
	return sourceItem(b, http.StatusOK), nil
}

func (h sources) put(ctx context.Context, in *sourcePutInput) (*item[source.Source], error) {
	b, created, err := h.all.Put(ctx, in.key(), sourceGuard(in.Conditional), in.Body.draft())
	if err != nil {
		return nil, err
	}
	return sourceItem(b, statusOf(created)), nil
}

func (h sources) patch(ctx context.Context, in *sourcePatchInput) (*item[source.Source], error) {
	b, err := h.all.Patch(ctx, in.key(), sourceGuard(in.Conditional), in.Body.edit)
	if err != nil {
		return nil, err
	}
	return sourceItem(b, http.StatusOK), nil
}

func (h sources) remove(ctx context.Context, in *sourceInput) (*struct{}, error) {
	return nil, h.all.Delete(ctx, in.key(), sourceGuard(in.Conditional))
}
