package bus

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
)

// ErrUndeclared says that an event is of a type that its service has not declared.
var ErrUndeclared = errors.New("bus: the event's type is not declared")

// Declaration is a type of events that a service publishes.
type Declaration struct {
	// Type is "<service>.<entity>.<verb>", the routing key too.
	Type string
	// Meaning says in one sentence what has happened.
	Meaning string

	data func(huma.Registry) *huma.Schema
}

// Catalogue is everything that a service publishes. A service has one, in app.Events, and package outbox
// writes nothing that is not in it; docs/events is made from it.
type Catalogue struct {
	service      string
	declarations []Declaration
	byType       map[string]int
	check        atomic.Pointer[func(*Event) error]
}

// NewCatalogue makes the catalogue of a service. A type that is declared twice, that has another form than
// "<service>.<entity>.<verb>" or that is another service's is a mistake in the program, and panics.
func NewCatalogue(service string, declarations ...Declaration) *Catalogue {
	c := &Catalogue{service: service, declarations: declarations, byType: make(map[string]int, len(declarations))}
	for i, d := range declarations {
		if _, twice := c.byType[d.Type]; twice || checkType(d.Type) != nil || !strings.HasPrefix(d.Type, service+".") {
			panic(fmt.Sprintf("bus: %s cannot declare the event %q", service, d.Type)) //nolint:forbidigo // a table of constants
		}
		c.byType[d.Type] = i
	}
	return c
}

// Service names the publisher; Event.Source is "/nms/" and this.
func (c *Catalogue) Service() string { return c.service }

// Declarations gives what is declared, in order. The slice is the catalogue's own.
func (c *Catalogue) Declarations() []Declaration { return c.declarations }

// Check refuses an event of a type that is not declared with ErrUndeclared; so does a nil catalogue each
// event.
func (c *Catalogue) Check(e *Event) error {
	if c == nil {
		return fmt.Errorf("%w: %s", ErrUndeclared, e.Type)
	}
	if _, ok := c.byType[e.Type]; !ok {
		return fmt.Errorf("%w: %s", ErrUndeclared, e.Type)
	}
	if check := c.check.Load(); check != nil {
		return (*check)(e)
	}
	return nil
}

// SetCheck has every event looked at once more when it is written. Tests do it (package servicetest), to
// compare what is published with its schema.
func (c *Catalogue) SetCheck(check func(*Event) error) { c.check.Store(&check) }

// Declare declares events whose data has the JSON form of Data, which is one of Creation, Update, Removal
// or a type of the service's own; huma's struct tags (doc, minimum, enum …) describe its fields.
func Declare[Data any](eventType, meaning string) Declaration {
	return Declaration{Type: eventType, Meaning: meaning, data: schemaOf[Data]}
}

// Creation is the form of the data of events about something new, or back: a Change whose Before is null.
type Creation[T any] struct {
	Before *T `json:"before"`
	After  T  `json:"after"`
}

// Update is the form of the data of events about a change: a Change with both sides.
type Update[T any] struct {
	Before T `json:"before"`
	After  T `json:"after"`
}

// Removal is the form of the data of events about something that is gone: a Change whose After is null.
type Removal[T any] struct {
	Before T  `json:"before"`
	After  *T `json:"after"`
}

// Schema implements huma.SchemaProvider.
func (Creation[T]) Schema(r huma.Registry) *huma.Schema { return changeSchema(null(), schemaOf[T](r)) }

// Schema implements huma.SchemaProvider.
func (Update[T]) Schema(r huma.Registry) *huma.Schema {
	return changeSchema(schemaOf[T](r), schemaOf[T](r))
}

// Schema implements huma.SchemaProvider.
func (Removal[T]) Schema(r huma.Registry) *huma.Schema { return changeSchema(schemaOf[T](r), null()) }
