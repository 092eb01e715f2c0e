package event

import (
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
)

// Declaration is a type of events, whatever their data.
type Declaration struct {
	// Type is "<service>.<entity>.<verb>", the routing key too.
	Type string
	// Meaning says in one sentence what has happened.
	Meaning string

	data func(huma.Registry) *huma.Schema
}

// Declared is what Declare and its like return.
type Declared interface{ declaration() Declaration }

func (d Declaration) declaration() Declaration { return d }

// Encoded returns an event whose data is JSON already. It is for who makes very many events; that the data has the declared
// form is then left to its tests (servicetest compares each event with its schema).
func (d Declaration) Encoded(subject string, data json.RawMessage) Event {
	return Event{Type: d.Type, Subject: subject, Data: data}
}

// encode returns an event about subject. What its data and the declaration leave open is filled by Event.Complete.
func (d Declaration) encode(subject string, data any) (Event, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("event: marshal the data of %s: %w", d.Type, err)
	}
	return d.Encoded(subject, raw), nil
}

// Change is the data of an event that tells of a change; a side that does not exist is nil, and null as JSON.
type Change[T any] struct {
	Before *T `json:"before"`
	After  *T `json:"after"`
}

// Type is a type of events with data of a form of its own.
type Type[Data any] struct{ Declaration }

// Declare declares events with the JSON form of Data, whose fields huma's struct tags (doc, minimum, enum …) describe. The
// type's name is written out where it is declared, so that a search finds it.
func Declare[Data any](eventType, meaning string) Type[Data] {
	return Type[Data]{Declaration{Type: eventType, Meaning: meaning, data: schemaOf[Data]}}
}

// New returns the event with its data. It fails when the data has no JSON form.
func (t Type[Data]) New(subject string, data Data) (Event, error) { return t.encode(subject, data) }

// Creation is a type of events about something new, or back: a Change without Before.
type Creation[T any] struct{ Declaration }

// DeclareCreation is Declare for a Creation.
func DeclareCreation[T any](eventType, meaning string) Creation[T] {
	return Creation[T]{Declaration{Type: eventType, Meaning: meaning, data: func(r huma.Registry) *huma.Schema {
		return changeSchema(null(), schemaOf[T](r))
	}}}
}

// New is Type.New.
func (c Creation[T]) New(subject string, after T) (Event, error) {
	return c.encode(subject, Change[T]{After: &after})
}

// Update is a type of events about a change of something: a Change with both sides.
type Update[T any] struct{ Declaration }

// DeclareUpdate is Declare for an Update.
func DeclareUpdate[T any](eventType, meaning string) Update[T] {
	return Update[T]{Declaration{Type: eventType, Meaning: meaning, data: func(r huma.Registry) *huma.Schema {
		return changeSchema(schemaOf[T](r), schemaOf[T](r))
	}}}
}

// New is Type.New.
func (u Update[T]) New(subject string, before, after T) (Event, error) {
	return u.encode(subject, Change[T]{Before: &before, After: &after})
}

// Removal is a type of events about something that is gone: a Change without After.
type Removal[T any] struct{ Declaration }

// DeclareRemoval is Declare for a Removal.
func DeclareRemoval[T any](eventType, meaning string) Removal[T] {
	return Removal[T]{Declaration{Type: eventType, Meaning: meaning, data: func(r huma.Registry) *huma.Schema {
		return changeSchema(schemaOf[T](r), null())
	}}}
}

// New is Type.New.
func (r Removal[T]) New(subject string, before T) (Event, error) {
	return r.encode(subject, Change[T]{Before: &before})
}
