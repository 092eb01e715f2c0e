package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"nms.example/common/api"
	"nms.example/common/bus"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/signal"
)

// eventBuffer is how many events a reader may lag behind before it is dropped.
const eventBuffer = 1024

// eventNames are the names of the server-sent events, by the type on the bus.
var eventNames = map[string]string{ingest.EventReceived.Type: "trace", signal.EventReceived.Type: "signal"}

var codeSlowReader = fault.Declare(fault.Unavailable, "too_slow", "The events came faster than the client read them.")

var errSlowReader = fault.New(codeSlowReader, "the events came faster than they were read").After(time.Second)

// StreamBindings are what the stream shows of the bus.
func StreamBindings() []string { return []string{ingest.EventReceived.Type, signal.EventReceived.Type} }

func (r *routes) registerStream(a *api.API) {
	op := operation("stream", http.MethodGet, "", "get", "New traces and signals as they come",
		"Server-sent events named `trace` and `signal`, whatever instance took them in. `data` is the trace without its values, "+
			"or the signal; `id` is the event's id. A reader that does not keep up is dropped.")
	api.RegisterEvents(a, op, read, r.stream)
}

func (r *routes) stream(context.Context, *struct{}) (*api.Events[*event.Event], error) {
	reader := r.Tap.Reader(eventBuffer)
	return &api.Events[*event.Event]{
		From: reader.Events, Render: renderEvent, Close: reader.Close,
		Err: func() error {
			err := reader.Err()
			if errors.Is(err, bus.ErrSlowReader) {
				return errSlowReader.Because(err)
			}
			return err
		},
	}, nil
}

// renderEvent leaves out what is not the expected change.
func renderEvent(e *event.Event) (api.Event, bool) {
	var change struct {
		After json.RawMessage `json:"after"`
	}
	name := eventNames[e.Type]
	if name == "" || json.Unmarshal(e.Data, &change) != nil {
		return api.Event{}, false
	}
	return api.Event{Name: name, ID: e.ID.String(), Data: change.After}, true
}
