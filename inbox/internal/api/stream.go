package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/bus"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/signal"
)

const (
	// eventBuffer is how many events a reader may lag behind before it is dropped.
	eventBuffer = 1024
	// eventTimeout is how long a reader may take for one piece.
	eventTimeout = 15 * time.Second
	// heartbeat keeps proxies from closing a quiet stream, and finds readers that are gone.
	heartbeat = 15 * time.Second
)

// eventNames are the names of the server-sent events, by the type on the bus.
var eventNames = map[string]string{ingest.EventReceived: "trace", signal.EventReceived: "signal"}

// StreamBindings are what the stream shows of the bus.
func StreamBindings() []string { return []string{ingest.EventReceived, signal.EventReceived} }

func (r *routes) registerStream(a *api.API) {
	op := operation(http.MethodGet, "/stream", "getStream", "New traces and signals as they come",
		"Server-sent events named `trace` and `signal`, whatever instance took them in. `data` is the trace without its values, "+
			"or the signal; `id` is the event's id. A reader that does not keep up is dropped and may connect again.")
	op.Responses = map[string]*huma.Response{"200": answer("Events", "text/event-stream", &huma.Schema{Type: huma.TypeString})}
	api.Register(a, op, read, r.stream, api.Timeout(0))
}

func (r *routes) stream(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	reader := r.Tap.Reader(eventBuffer)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer reader.Close()
		out := api.OpenStream(hc, "text/event-stream", eventTimeout)
		_ = follow(ctx, out, reader, r.Draining) // ends when either side does; the client sees the end
	}}, nil
}

// follow writes the reader's events until the client, the reader or the service ends.
func follow(ctx context.Context, out *api.Stream, reader *bus.TapReader, draining <-chan struct{}) error {
	if err := send(out, []byte(": welcome\n\n")); err != nil {
		return err
	}
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	var text []byte
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-draining:
			return nil
		case <-ticker.C:
			if err := send(out, []byte(":\n\n")); err != nil {
				return err
			}
		case event, open := <-reader.Events:
			if !open {
				return reader.Err()
			}
			// What has gathered meanwhile goes out in one piece.
			text = appendEvent(text[:0], event)
			for more := true; more && len(text) < streamBuffer; {
				select {
				case event, open = <-reader.Events:
					if more = open; open {
						text = appendEvent(text, event)
					}
				default:
					more = false
				}
			}
			if err := send(out, text); err != nil {
				return err
			}
		}
	}
}

func send(out *api.Stream, text []byte) error {
	if _, err := out.Write(text); err != nil {
		return err
	}
	return out.Flush()
}

// appendEvent writes one event; data that is not the expected change is left out with it.
func appendEvent(dst []byte, e *bus.Event) []byte {
	var change struct {
		After json.RawMessage `json:"after"`
	}
	name := eventNames[e.Type]
	if name == "" || json.Unmarshal(e.Data, &change) != nil {
		return dst
	}
	dst = append(append(append(dst, "event: "...), name...), "\nid: "...)
	dst = append(append(dst, e.ID.String()...), "\ndata: "...)
	return append(append(dst, change.After...), "\n\n"...)
}
