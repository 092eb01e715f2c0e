package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"nms.example/common/api"

	"nms.example/ctrl/internal/endpoint"
)

// EquipmentInput is embedded in the inputs of operations on a piece of equipment; huma passes by what is not exported.
type EquipmentInput struct {
	EquipmentID int64 `path:"equipment_id" minimum:"1" doc:"The equipment, by its id in cfg"`
}

type endpointPut struct {
	Driver     string          `json:"driver" minLength:"1" maxLength:"20" doc:"The protocol: http, scpi, simulator or snmp"`
	Address    string          `json:"address" minLength:"1" maxLength:"300" doc:"host:port; for http the base URL"`
	Options    json.RawMessage `json:"options,omitempty" doc:"What the driver needs beside the address, an object"`
	Secret     *string         `json:"secret,omitempty" minLength:"1" maxLength:"100" doc:"Name of the file with the secret in the service's directory of secrets"`
	AdminState string          `json:"admin_state,omitempty" enum:"locked,unlocked,shutting-down" doc:"Administrative state (X.731). Left out: as it is, at first unlocked"`
}

type endpointPatch struct {
	Driver     api.Patch[string]          `json:"driver,omitzero" minLength:"1" maxLength:"20" doc:"The protocol"`
	Address    api.Patch[string]          `json:"address,omitzero" minLength:"1" maxLength:"300" doc:"host:port; for http the base URL"`
	Options    api.Patch[json.RawMessage] `json:"options,omitzero" doc:"What the driver needs beside the address, an object"`
	Secret     api.NullablePatch[string]  `json:"secret,omitzero" minLength:"1" maxLength:"100" doc:"Name of the file with the secret; null for none"`
	AdminState api.Patch[string]          `json:"admin_state,omitzero" enum:"locked,unlocked,shutting-down" doc:"Administrative state (X.731)"`
}

type endpointPutInput struct {
	EquipmentInput
	api.Conditional
	Body endpointPut
}

type endpointPatchInput struct {
	EquipmentInput
	api.Conditional
	Body endpointPatch
}

type endpointDeleteInput struct {
	EquipmentInput
	api.Conditional
}

type endpointsInput struct {
	api.PageInput
	Limit   int                  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	Driver  api.Optional[string] `query:"driver" minLength:"1" maxLength:"20" doc:"Only those of this driver"`
	Failing api.Optional[bool]   `query:"failing" doc:"Only those whose equipment does not answer polls, or (false) the others"`
}

type endpointParams struct {
	Driver  *string `json:"driver,omitempty"`
	Failing *bool   `json:"failing,omitempty"`
}

type endpointsOutput struct {
	Body api.Page[endpoint.Shown, endpointParams]
}

type pollingOutput struct{ Body endpoint.Polling }

type testOutput struct {
	Body struct {
		AnsweredMS float64 `json:"answered_ms" doc:"How long the answer took, in milliseconds"`
	}
}

type endpoints struct{ all *endpoint.Endpoints }

func registerEndpoints(a *api.API, h endpoints) {
	all := resource("endpoints")
	api.Register(a, all.Operation(http.MethodGet, "", "list", "How pieces of equipment are reached"), read, h.list)
	api.Register(a, all.Operation(http.MethodGet, "/{equipment_id}", "get", "How a piece of equipment is reached"), read, h.get)
	api.Register(a, all.Operation(http.MethodGet, "/{equipment_id}/polling", "polling", "How a piece of equipment is polled, and whether it answers"), read, h.polling)
	put := all.Operation(http.MethodPut, "/{equipment_id}", "replace", "Say how a piece of equipment is reached", http.StatusPreconditionFailed)
	put.Description = "A field that is left out has its default afterwards, but for `admin_state`, which stays: nothing is unlocked by the way."
	creating(a, put, write, "Changed", h.put)
	patch := all.Operation(http.MethodPatch, "/{equipment_id}", "update", "Change how a piece of equipment is reached", http.StatusPreconditionFailed)
	patch.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional."
	api.Register(a, patch, write, h.patch)
	api.Register(a, noContent(all.Operation(http.MethodDelete, "/{equipment_id}", "delete", "Forget how a piece of equipment is reached",
		http.StatusConflict, http.StatusPreconditionFailed)), write, h.remove)
	test := all.Operation(http.MethodPost, "/{equipment_id}/test", "test", "See whether a piece of equipment answers")
	test.Description = "Connects and waits for an answer, at most 10 s; nothing is changed."
	api.Register(a, test, write, h.test)
}

func endpointItem(e endpoint.Endpoint, status int) *item[endpoint.Endpoint] {
	return &item[endpoint.Endpoint]{Status: status, ETag: etag(e.Revision), Body: e}
}

func endpointCondition(when api.Conditional) endpoint.Condition {
	return func(present *endpoint.Endpoint) error {
		if present == nil {
			return when.Check("")
		}
		return when.Check(etag(present.Revision))
	}
}

func (h endpoints) list(ctx context.Context, in *endpointsInput) (*endpointsOutput, error) {
	params := endpointParams{in.Driver.Ptr(), in.Failing.Ptr()}
	after, skip, err := followID(ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.List(ctx, endpoint.Filter(params), after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &endpointsOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[endpoint.Shown],
		func(last *endpoint.Shown) idCursor { return idCursor{last.EquipmentID} })}, nil
}

func (h endpoints) get(ctx context.Context, in *struct {
	EquipmentInput
	api.Conditional
},
) (*item[endpoint.Endpoint], error) {
	e, err := h.all.Get(ctx, in.EquipmentID)
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(etag(e.Revision)); err != nil {
		return nil, err
	}
	return endpointItem(e, http.StatusOK), nil
}

func (h endpoints) polling(ctx context.Context, in *EquipmentInput) (*pollingOutput, error) {
	e, err := h.all.Show(ctx, in.EquipmentID)
	if err == nil && e.Polling == nil {
		err = endpoint.ErrNotPolled
	}
	if err != nil {
		return nil, err
	}
	return &pollingOutput{Body: *e.Polling}, nil
}

// emptyObject stands for an object that was left out.
var emptyObject = json.RawMessage(`{}`)

func (h endpoints) put(ctx context.Context, in *endpointPutInput) (*item[endpoint.Endpoint], error) {
	d := endpoint.Draft{
		Driver: in.Body.Driver, Address: in.Body.Address, Options: in.Body.Options, Secret: in.Body.Secret, AdminState: in.Body.AdminState,
	}
	if len(d.Options) == 0 {
		d.Options = emptyObject
	}
	e, created, err := h.all.Put(ctx, in.EquipmentID, endpointCondition(in.Conditional), d)
	if err != nil {
		return nil, err
	}
	return endpointItem(e, statusOf(created)), nil
}

func (h endpoints) patch(ctx context.Context, in *endpointPatchInput) (*item[endpoint.Endpoint], error) {
	b := in.Body
	e, err := h.all.Patch(ctx, in.EquipmentID, endpointCondition(in.Conditional), func(d *endpoint.Draft) {
		d.Driver, d.Address, d.Options = b.Driver.Or(d.Driver), b.Address.Or(d.Address), b.Options.Or(d.Options)
		d.Secret, d.AdminState = b.Secret.Or(d.Secret), b.AdminState.Or(d.AdminState)
	})
	if err != nil {
		return nil, err
	}
	return endpointItem(e, http.StatusOK), nil
}

func (h endpoints) remove(ctx context.Context, in *endpointDeleteInput) (*struct{}, error) {
	return nil, h.all.Delete(ctx, in.EquipmentID, endpointCondition(in.Conditional))
}

// testTimeout bounds the wait for an answer.
const testTimeout = 10 * time.Second

func (h endpoints) test(ctx context.Context, in *EquipmentInput) (*testOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	took, err := h.all.Test(ctx, in.EquipmentID)
	if err != nil {
		return nil, err
	}
	out := &testOutput{}
	out.Body.AnsweredMS = float64(took.Microseconds()) / 1000
	return out, nil
}
