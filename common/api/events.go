package api

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/fault"
)

const (
	typeEvents = "text/event-stream"
	// eventTimeout is how long a client may take for one piece.
	eventTimeout = 15 * time.Second
	// heartbeat keeps proxies from closing a quiet stream, and finds clients that are gone.
	heartbeat = 15 * time.Second
	// eventPiece is how much of what has gathered goes out at once, in bytes.
	eventPiece = 16 << 10
)

// aboutEvents documents what every stream of events has.
const aboutEvents = "Whoever connects again with the `id` of the last event that came, in the header `Last-Event-ID`, first receives " +
	"what was missed, each event once and in its order, at whichever instance: EventSource does so by itself. Where the service " +
	"does not have it any more, or the id is none of this stream, the first event is named `lost`: read what you follow anew, the " +
	"stream goes on from there.\n\n" +
	"The last event is named `end` and its `data` is a problem document that says why: 401 or 403 at most 5 s after the " +
	"caller's session, key or permission has ended, and with the access token's last second; 503 when the service stops or the " +
	"reader does not keep up. Connect again with a token that is good."

var (
	errStopping = fault.New(fault.CodeStopping, "the service is stopping").After(time.Second)
	errEnded    = fault.New(fault.CodeUnavailable, "the stream has ended").After(time.Second)
)

// Event is one server-sent event (WHATWG HTML, section 9.2).
type Event struct {
	Name string // one line; what clients listen for
	ID   string // one line; what a client repeats as Last-Event-ID when it connects again
	Data []byte // any text; it is sent line by line
}

// EventsInput is embedded in the inputs of streams of events.
type EventsInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"200" doc:"The id of the last event that came: the stream goes on behind it"`
}

// LostEvent tells a client that events are missing here: they are past what the service can repeat.
func LostEvent() Event {
	return Event{Name: "lost", Data: []byte(`{"detail":"events are missing here; read anew what you follow"}`)}
}

// Events is where the events of one client come from.
type Events[T any] struct {
	// From is closed at the end; Err then says why: a *fault.Error is told to the client, anything else is logged.
	From <-chan T
	Err  func() error
	// Render makes the event of what has come; false leaves it out, an error ends the stream as one of Err does.
	Render func(ctx context.Context, next T) (Event, bool, error)
	// Close is called once the client is gone.
	Close func()
}

// RegisterEvents adds an operation that answers with server-sent events until the client leaves, its caller may no
// longer have them, the service stops, or the source ends. open is called for each client, for which it begins behind
// EventsInput.LastEventID, with LostEvent where that is not possible; ctx ends with the answer. Heartbeats, deadlines and
// the last event, "end", are taken care of.
func RegisterEvents[I, T any](a *API, op huma.Operation, access Access,
	open func(ctx context.Context, in *I) (*Events[T], error), options ...OperationOption,
) {
	op.Description += "\n\n" + aboutEvents
	op.Responses = map[string]*huma.Response{"200": {Description: "Events",
		Content: map[string]*huma.MediaType{typeEvents: {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	Register(a, op, access, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		source, err := open(ctx, in)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer source.Close()
			out := &eventWriter{stream: OpenStream(hc, typeEvents, eventTimeout)}
			source.follow(ctx, out, a.options.Draining)
		}}, nil
	}, append(options, Timeout(0))...)
	if !slices.ContainsFunc(a.registered(op.Method, op.Path).Parameters, isLastEventID) {
		//nolint:forbidigo // a mistake in the code, found at the first start
		panic("api: the input of " + op.OperationID + " does not embed EventsInput")
	}
}

func isLastEventID(p *huma.Param) bool { return p.In == "header" && p.Name == "Last-Event-ID" }

// follow sends events until something ends, and tells the client what, if it is still there.
func (e *Events[T]) follow(ctx context.Context, out *eventWriter, draining <-chan struct{}) {
	out.comment(" welcome")
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for out.err == nil {
		select {
		case <-ctx.Done():
			out.end(ctx, context.Cause(ctx))
		case <-draining:
			out.end(ctx, errStopping)
		case <-ticker.C:
			out.comment("")
		case next, open := <-e.From:
			var failure error
			if open {
				open, failure = e.gather(ctx, out, next)
			}
			if ctx.Err() != nil {
				out.text.Reset() // the caller may no longer have it
				out.end(ctx, context.Cause(ctx))
				continue
			}
			out.flush()
			if !open {
				out.end(ctx, e.why(failure))
			}
		}
	}
}

// gather writes one event and what has come meanwhile, so that it goes out in one piece; false: there are no more.
func (e *Events[T]) gather(ctx context.Context, out *eventWriter, next T) (open bool, err error) {
	for {
		event, ok, err := e.Render(ctx, next)
		if err != nil {
			return false, err
		}
		if ok {
			out.event(event)
		}
		if out.text.Len() >= eventPiece {
			return true, nil
		}
		select {
		case next, open = <-e.From:
			if !open {
				return false, nil
			}
		default:
			return true, nil
		}
	}
}

// why says why the source has ended: for a failure to render, or for its own reason.
func (e *Events[T]) why(failure error) error {
	err := failure
	if err == nil {
		err = e.Err()
	}
	if fault.As(err) == nil {
		return errEnded.Because(err)
	}
	return err
}

// eventWriter writes server-sent events. Its error is sticky: the client is gone, or was told the end.
type eventWriter struct {
	stream *Stream
	text   bytes.Buffer
	err    error
}

func (w *eventWriter) event(e Event) {
	w.field("event", e.Name)
	w.field("id", e.ID)
	// A line may end with CR, LF or both (WHATWG HTML, 9.2.5).
	data := bytes.ReplaceAll(bytes.ReplaceAll(e.Data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		w.text.WriteString("data: ")
		w.text.Write(line)
		w.text.WriteByte('\n')
	}
	w.text.WriteByte('\n')
}

func (w *eventWriter) field(name, value string) {
	if value != "" {
		w.text.WriteString(name + ": " + value + "\n")
	}
}

// comment sends a line that clients skip.
func (w *eventWriter) comment(text string) {
	w.text.WriteString(":" + text + "\n\n")
	w.flush()
}

// end tells why there will be no more. Of a client that has left there is nothing to tell, nor anybody to be told.
func (w *eventWriter) end(ctx context.Context, cause error) {
	if fault.As(cause) == nil && ctx.Err() != nil {
		w.err = cause
		return
	}
	remember(ctx, cause)
	problem, err := json.Marshal(ProblemOf(ctx, cause))
	if err == nil {
		w.event(Event{Name: "end", Data: problem})
		w.flush()
	}
	w.err = cause
}

func (w *eventWriter) flush() {
	if w.err == nil && w.text.Len() > 0 {
		_, w.err = w.stream.Write(w.text.Bytes())
	}
	w.text.Reset()
	if w.err == nil {
		w.err = w.stream.Flush()
	}
}
