// Package api is the HTTP side of ctrl: it binds requests, calls the domain and renders its answers.
package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"

	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/equipment"
	"nms.example/ctrl/internal/history"
	"nms.example/ctrl/internal/remotewrite"
	"nms.example/ctrl/internal/source"
	"nms.example/ctrl/internal/submission"
)

// Deps are what the routes call.
type Deps struct {
	Endpoints *endpoint.Endpoints
	Bindings  *binding.Bindings
	Commands  *command.Commands
	Equipment *equipment.Reader

	Sources       *source.Sources
	Submissions   *submission.Receiver
	RemoteWrite   *remotewrite.Receiver
	MaxBodyBytes  int64       // of a remote write, inflated
	SubmitLimiter api.Limiter // bounds how often one caller may send values; nil: no bound
	History       *history.Reader
	Zone          *time.Location // of the times in pictures
}

var (
	read    = api.Need(authn.CtrlRead)
	write   = api.Need(authn.CtrlWrite)
	send    = api.Need(authn.CommandsSend)
	approve = api.Need(authn.CommandsApprove)
	submit  = api.Need(authn.TelemetryWrite)
)

// Register adds all operations of ctrl.
func Register(a *api.API, d Deps) {
	registerEndpoints(a, endpoints{d.Endpoints})
	registerBindings(a, bindings{d.Bindings})
	registerCommands(a, commands{d.Commands})
	registerQueues(a, queues{d.Commands})
	registerEquipment(a, equipments{d.Equipment})
	values := telemetry{Deps: d, stopping: a.Draining()}
	registerSubmit(a, values)
	registerRemoteWrite(a, values)
	registerTelemetry(a, values)
	registerLive(a, values)
	registerSources(a, sources{d.Sources})
}

func resource(name string) api.Resource { return api.Resource{Service: "ctrl", Name: name} }

// etag is the validator of a numbered version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// item is an answer with its validator.
type item[T any] struct {
	Status int
	ETag   string `header:"ETag" doc:"Validator of this version"`
	Body   T
}

// noContent is what DELETE answers with.
func noContent(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusNoContent
	return op
}

// creating registers an operation that answers 201 for something new and 200 otherwise.
func creating[I, T any](a *api.API, op huma.Operation, access api.Access, otherwise string, handler func(context.Context, *I) (*item[T], error)) {
	op.DefaultStatus = http.StatusCreated
	op.Responses = map[string]*huma.Response{} // huma describes the 201 in it
	api.Register(a, op, access, handler)
	same := *op.Responses["201"]
	same.Description = otherwise
	op.Responses["200"] = &same
}

func statusOf(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}

// idCursor is where a list by id goes on.
type idCursor struct {
	ID int64 `json:"i"`
}

// followID reads the paging of a list by id.
func followID(ctx context.Context, in api.PageInput, limit int, params any) (after, skip int64, err error) {
	cursor, skip, err := api.Follow[idCursor](ctx, in, limit, params)
	if err != nil || cursor == nil {
		return 0, skip, err
	}
	return cursor.ID, skip, nil
}

// same renders what clients see as it is.
func same[T any](v *T) T { return *v }
