// Package api is the HTTP side of admin.
package api

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"
	"nms.example/common/registry"

	"nms.example/admin/internal/deadletter"
	"nms.example/admin/internal/journal"
)

// Services are what the routes call.
type Services struct {
	Journal     *journal.Reader
	Instances   *registry.Registry
	DeadLetters *deadletter.Keeper
}

const prefix = "/api/v1/admin"

var (
	read  = api.Need(authn.AdminRead)
	write = api.Need(authn.AdminWrite)
)

// Register adds all operations of admin.
func Register(a *api.API, s Services) {
	events := events{s.Journal}
	api.Register(a, operation(http.MethodGet, "/events", "list-events", "The journal, newest first", "journal"), read, events.list)
	instances := instances{s.Instances}
	api.Register(a, operation(http.MethodGet, "/services", "list-services", "Live instances of all services", "services"), read, instances.list)

	letters := letters{s.DeadLetters}
	const tag = "dead letters"
	api.Register(a, operation(http.MethodGet, "/dead-letters", "list-dead-letters",
		"Messages that no consumer could handle, newest first", tag), read, letters.list)
	api.Register(a, operation(http.MethodGet, "/dead-letters/{id}", "get-dead-letter", "A dead letter with its message", tag), read, letters.get)
	replay := operation(http.MethodPost, "/dead-letters/{id}/replay", "replay-dead-letter",
		"Send it again, to the queue that it came from", tag)
	replay.Description = "A letter that was replayed and has not died since is left alone, so this may be repeated."
	replay.Errors = []int{http.StatusConflict}
	api.Register(a, replay, write, letters.replay)
	remove := operation(http.MethodDelete, "/dead-letters/{id}", "delete-dead-letter", "Forget a dead letter", tag)
	remove.DefaultStatus = http.StatusNoContent
	api.Register(a, remove, write, letters.remove)
}

func operation(method, path, id, summary, tag string) huma.Operation {
	return huma.Operation{Method: method, Path: prefix + path, OperationID: "admin-" + id, Summary: summary, Tags: []string{tag}}
}

// maxDepth is how far page numbers lead into a list; a cursor leads on.
const maxDepth = 100_000

var errDeep = fault.At(fault.Field("page"), fault.CodeTooDeep, "lies too deep; follow the cursor in next")

// offset gives how many items precede the page.
func offset(in api.PageInput, limit int) (int64, error) {
	skip := in.Offset(limit)
	if skip > maxDepth {
		return 0, errDeep
	}
	return skip, nil
}

// document is any JSON, null when there is none.
type document json.RawMessage

// MarshalJSON implements json.Marshaler.
func (d document) MarshalJSON() ([]byte, error) {
	if len(d) == 0 {
		return []byte("null"), nil
	}
	return d, nil
}

// Schema implements huma.SchemaProvider.
func (document) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Description: "Any JSON"} }
