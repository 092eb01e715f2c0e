// Package bus carries the events of the services over RabbitMQ.
//
// An event is a CloudEvents 1.0 JSON document. Its type is "<service>.<entity>.<verb>" and is also the
// routing key in the topic exchange nms.events. The whole topology stands in topology.go, the way from a
// committed change to the exchange in package outbox. Delivery is at least once: a consumer must tolerate
// an event twice and knows it by Event.ID.
//
// Order: events of one entity (service, entity, subject) reach a queue in the order in which they were
// committed, and a Subscription hands them to its handler in that order. Only an event that a handler
// refused and that waits for its delayed retry may be overtaken.
//
// Why the package supervises its connections itself instead of using the client library's recovery is
// told in docs/adr (delivery tags of a lost session must never be acknowledged in the next one).
package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"

	"nms.example/common/request"
)

// Content types of a message: one event, or several of one type in a JSON array.
const (
	ContentTypeEvent = "application/cloudevents+json"
	ContentTypeBatch = "application/cloudevents-batch+json"
)

// Event is one CloudEvents 1.0 event.
type Event struct {
	// ID is a version 7 UUID; consumers recognise a repeated event by it.
	ID uuid.UUID
	// Source is the URI reference of the writing service, "/nms/<service>".
	Source string
	// Type is "<service>.<entity>.<verb>", for example "cfg.equipment.updated"; at most 255 bytes.
	Type string
	// Subject is the id of the entity that the event speaks of.
	Subject string
	// Time is when the change was made.
	Time time.Time
	// Data is the payload as JSON; for a change {"before": …|null, "after": …|null}.
	Data json.RawMessage
	// Actor, RequestID and TraceParent (W3C) tell who caused it; extension attributes, often empty.
	Actor, RequestID, TraceParent string
}

// ErrEvent says that a message is no CloudEvents 1.0 document of this system.
var ErrEvent = errors.New("not a readable CloudEvents 1.0 event")

// maxTypeLength is AMQP's bound of a routing key, in bytes.
const maxTypeLength = 255

// NewEvent makes an event of the given type about subject with data marshalled to JSON. The rest is
// filled from the context by Complete (package outbox does that).
func NewEvent(eventType, subject string, data any) (Event, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("bus: marshal the data of %s: %w", eventType, err)
	}
	return Event{Type: eventType, Subject: subject, Data: raw}, nil
}

// Change is the data of an event that reports a change; a side that does not exist is null.
type Change struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// Entity names what the event is about: "<service>.<entity>/<subject>". Events of one entity keep their order.
func (e *Event) Entity() string {
	kind := e.Type
	if i := strings.LastIndexByte(kind, '.'); i >= 0 {
		kind = kind[:i]
	}
	return kind + "/" + e.Subject
}

// Complete fills ID, Time, Source, Actor, RequestID and TraceParent where they are empty, the last three
// from the context, and refuses an event that could not be routed.
func (e *Event) Complete(ctx context.Context) error {
	if err := checkType(e.Type); err != nil {
		return err
	}
	if e.ID == uuid.Nil {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("bus: make an event id: %w", err)
		}
		e.ID = id
	}
	if e.Time.IsZero() {
		e.Time = time.Now().UTC()
	}
	if e.Source == "" {
		service, _, _ := strings.Cut(e.Type, ".")
		e.Source = "/nms/" + service
	}
	if e.Actor == "" {
		e.Actor = request.Actor(ctx)
	}
	if e.RequestID == "" {
		e.RequestID = request.ID(ctx)
	}
	if e.TraceParent == "" {
		carrier := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(ctx, carrier)
		e.TraceParent = carrier["traceparent"]
	}
	return nil
}

func checkType(eventType string) error {
	if strings.Count(eventType, ".") != 2 || len(eventType) > maxTypeLength {
		return fmt.Errorf("bus: event type %q is not <service>.<entity>.<verb>", eventType)
	}
	return nil
}

// Context returns ctx with the event's actor, request id and trace, as a consumer's handler gets it.
func (e *Event) Context(ctx context.Context) context.Context {
	if e.RequestID != "" {
		ctx = request.WithID(ctx, e.RequestID)
	}
	if e.Actor != "" {
		ctx = request.WithActor(ctx, e.Actor)
	}
	if e.TraceParent != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": e.TraceParent})
	}
	return ctx
}

// MarshalJSON implements json.Marshaler: the structured CloudEvents JSON format.
func (e Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// AppendJSON appends the CloudEvents JSON document to dst. Data is taken as it is and must be JSON.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"specversion":"1.0","id":"`...)
	id, _ := e.ID.MarshalText() // never fails
	dst = append(dst, id...)
	dst = append(dst, '"')
	dst = appendMember(dst, "source", e.Source)
	dst = appendMember(dst, "type", e.Type)
	dst = appendMember(dst, "subject", e.Subject)
	dst = append(dst, `,"time":"`...)
	dst = e.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, '"')
	dst = appendMember(dst, "actor", e.Actor)
	dst = appendMember(dst, "requestid", e.RequestID)
	dst = appendMember(dst, "traceparent", e.TraceParent)
	if len(e.Data) > 0 {
		dst = append(dst, `,"datacontenttype":"application/json","data":`...)
		dst = append(dst, e.Data...)
	}
	return append(dst, '}')
}

// appendMember writes an optional string attribute; plain ASCII, the usual case, needs no marshaller.
func appendMember(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, err := json.Marshal(value)
			if err != nil { // a string always marshals
				quoted = []byte(`""`)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, value...)
	return append(dst, '"')
}

type wireEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          uuid.UUID       `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        time.Time       `json:"time"`
	Actor       string          `json:"actor"`
	RequestID   string          `json:"requestid"`
	TraceParent string          `json:"traceparent"`
	Data        json.RawMessage `json:"data"`
}

// UnmarshalJSON implements json.Unmarshaler; unknown attributes are ignored, as the standard asks.
func (e *Event) UnmarshalJSON(b []byte) error {
	var w wireEvent
	if err := json.Unmarshal(b, &w); err != nil {
		return fmt.Errorf("%w: %w", ErrEvent, err)
	}
	switch {
	case w.SpecVersion != "1.0":
		return fmt.Errorf("%w: specversion is not 1.0", ErrEvent)
	case w.ID == uuid.Nil, w.Source == "", w.Type == "":
		return fmt.Errorf("%w: id, source or type is missing", ErrEvent)
	}
	*e = Event{
		ID: w.ID, Source: w.Source, Type: w.Type, Subject: w.Subject, Time: w.Time, Data: w.Data,
		Actor: w.Actor, RequestID: w.RequestID, TraceParent: w.TraceParent,
	}
	return nil
}

// ParseMessage reads the events of a message body in either content type; an empty content type is told
// by the first byte. The error wraps ErrEvent.
func ParseMessage(contentType string, body []byte) ([]Event, error) {
	body = bytes.TrimSpace(body)
	if contentType == ContentTypeBatch || contentType != ContentTypeEvent && len(body) > 0 && body[0] == '[' {
		var batch []Event
		if err := json.Unmarshal(body, &batch); err != nil {
			return nil, wrapEventError(err)
		}
		if len(batch) == 0 {
			return nil, fmt.Errorf("%w: the batch is empty", ErrEvent)
		}
		return batch, nil
	}
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, wrapEventError(err)
	}
	return []Event{e}, nil
}

func wrapEventError(err error) error {
	if errors.Is(err, ErrEvent) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrEvent, err)
}
