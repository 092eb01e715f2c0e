// Package event is what the services tell each other about their changes, whatever carries it.
//
// An event is a CloudEvents 1.0 JSON document. Its type, "<service>.<entity>.<verb>", is declared once, together with the Go
// type of its data:
//
//	var EventCreated = event.DeclareCreation[User]("auth.user.created", "A user was made")
//
// and made of both: EventCreated.New("17", user). A service publishes what its Catalogue lists. Package change writes events
// with the change that they tell of, package relay publishes them, package bus is RabbitMQ. Delivery is at least once: a
// consumer must tolerate an event twice and recognises it by Event.ID.
package event

import (
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
	// Data is the payload as JSON; of a change it is a Change.
	Data json.RawMessage
	// Actor, RequestID and TraceParent (W3C) tell who caused it; extension attributes, often empty.
	Actor, RequestID, TraceParent string
	// ActorLogin is the login of the user, or the name of the API key, that Actor names, as it was when the event
	// was made; an extension attribute, empty for other actors.
	ActorLogin string
}

// ErrEvent says that a message is no CloudEvents 1.0 document of this system.
var ErrEvent = errors.New("not a readable CloudEvents 1.0 event")

// maxTypeLength is AMQP's bound of a routing key, in bytes.
const maxTypeLength = 255

// Entity names what the event is about: "<service>.<entity>/<subject>". Events of one entity keep their order.
func (e *Event) Entity() string {
	kind := e.Type
	if i := strings.LastIndexByte(kind, '.'); i >= 0 {
		kind = kind[:i]
	}
	return kind + "/" + e.Subject
}

// Complete fills ID, Time, Source, Actor with ActorLogin, RequestID and TraceParent where they are empty, the last
// ones from the context, and refuses an event that could not be routed.
func (e *Event) Complete(ctx context.Context) error {
	if err := checkType(e.Type); err != nil {
		return err
	}
	if e.ID == uuid.Nil {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("event: make an id: %w", err)
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
		e.Actor, e.ActorLogin = request.Actor(ctx), request.ActorLogin(ctx)
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
		return fmt.Errorf("event: type %q is not <service>.<entity>.<verb>", eventType)
	}
	return nil
}

// Context returns ctx with the event's actor, request id and trace, as a consumer's handler gets it.
func (e *Event) Context(ctx context.Context) context.Context {
	if e.RequestID != "" {
		ctx = request.WithID(ctx, e.RequestID)
	}
	if e.Actor != "" {
		ctx = request.WithLogin(ctx, e.Actor, e.ActorLogin)
	}
	if e.TraceParent != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": e.TraceParent})
	}
	return ctx
}
