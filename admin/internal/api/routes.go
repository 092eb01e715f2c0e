// Package api is the HTTP side of admin.
package api

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/registry"

	"nms.example/admin/internal/deadletter"
	"nms.example/admin/internal/journal"
)

// Deps are what the routes call.
type Deps struct {
	Journal     *journal.Reader
	Instances   *registry.Registry
	DeadLetters *deadletter.Keeper
}

var (
	read  = api.Need(authn.AdminRead)
	write = api.Need(authn.AdminWrite)
)

// Register adds all operations of admin.
func Register(a *api.API, d Deps) {
	events := events{d.Journal}
	api.Register(a, resource("events").Operation(http.MethodGet, "", "list", "The journal, newest first"), read, events.list)
	instances := instances{d.Instances}
	api.Register(a, resource("services").Operation(http.MethodGet, "", "list", "Live instances of all services"), read, instances.list)

	letters := letters{d.DeadLetters}
	dead := resource("dead-letters")
	api.Register(a, dead.Operation(http.MethodGet, "", "list", "Messages that no consumer could handle, newest first"), read, letters.list)
	api.Register(a, dead.Operation(http.MethodGet, "/{id}", "get", "A dead letter with its message"), read, letters.get)
	replay := dead.Operation(http.MethodPost, "/{id}/replay", "replay", "Send a dead letter again, to the queue that it came from",
		http.StatusConflict)
	replay.Description = "A letter that was replayed and has not died since is left alone, so this may be repeated."
	api.Register(a, replay, write, letters.replay)
	remove := dead.Operation(http.MethodDelete, "/{id}", "delete", "Forget a dead letter")
	remove.DefaultStatus = http.StatusNoContent
	api.Register(a, remove, write, letters.remove)
}

func resource(name string) api.Resource { return api.Resource{Service: "admin", Name: name} }

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
