// Package api is inbox's HTTP interface: it reads requests, calls the domain and renders its answers.
package api

import (
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/statistics"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/waterfall"
)

// Deps are what the routes call.
type Deps struct {
	Intake *ingest.Receiver
	// Backfill takes traces of any age that is still kept.
	Backfill    *ingest.Receiver
	Withdrawals *ingest.Withdrawals
	Traces      *trace.Repository
	Signals     *signal.Signals
	Waterfall   *waterfall.Builder
	Statistics  *statistics.Builder
	// Tap shows the events of StreamBindings.
	Tap *bus.Tap
	// MaxBodyBytes bounds an inflated single body, and a line of a stream.
	MaxBodyBytes int64
	// Build tells this build and its settings from others: what one draws another may draw otherwise.
	Build string
	// Zone is that of the times in pictures; nil: UTC.
	Zone *time.Location
	// Limiter bounds how often one caller may post; nil: no bound.
	Limiter api.Limiter
}

type routes struct {
	Deps
	registry huma.Registry
	stopping <-chan struct{} // closed when the service begins to stop
}

var (
	read   = api.Need(authn.InboxRead)
	write  = api.Need(authn.InboxWrite)
	manage = api.Need(authn.InboxManage)
)

// Register adds all operations.
func Register(a *api.API, d Deps) {
	r := &routes{Deps: d, registry: a.Huma().OpenAPI().Components.Schemas, stopping: a.Draining()}
	r.registerPost(a)
	r.registerList(a)
	r.registerGet(a)
	r.registerWithdraw(a)
	r.registerSignals(a)
	r.registerSignalList(a)
	r.registerWaterfall(a)
	r.registerStatistics(a)
	r.registerStream(a)
}

// bytesResponse answers with ready-made bytes; headers come in pairs, and Vary adds to what the answer depends on.
func bytesResponse(status int, contentType string, body []byte, headers ...string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		for i := 0; i+1 < len(headers); i += 2 {
			if headers[i] == headerVary {
				hc.AppendHeader(headers[i], headers[i+1])
				continue
			}
			hc.SetHeader(headers[i], headers[i+1])
		}
		hc.SetHeader("Content-Type", contentType)
		hc.SetStatus(status)
		_, _ = hc.BodyWriter().Write(body) // fails when the client is gone
	}}
}

// schemaOf returns the schema of T under its own name.
func schemaOf[T any](registry huma.Registry) *huma.Schema {
	return registry.Schema(reflect.TypeFor[T](), true, "")
}

// answer documents an answer with one schema.
func answer(description, contentType string, schema *huma.Schema) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{contentType: {Schema: schema}}}
}

const contentJSON = "application/json"

var binary = &huma.Schema{Type: huma.TypeString, Format: "binary"}

func operation(resource, method, suffix, verb, summary, description string) huma.Operation {
	op := api.Resource{Service: "inbox", Name: resource}.Operation(method, suffix, verb, summary, http.StatusNotFound)
	op.Description = description
	return op
}
