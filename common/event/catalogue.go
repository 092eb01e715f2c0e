package event

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// ErrUndeclared says that an event is of a type that its service has not declared.
var ErrUndeclared = errors.New("event: the type is not declared")

// Catalogue is everything that a service publishes. A service has one, in app.Events, and package outbox
// writes nothing that is not in it; docs/events is made from it.
type Catalogue struct {
	service      string
	declarations []Declaration
	byType       map[string]bool
	check        atomic.Pointer[func(*Event) error]
}

// NewCatalogue makes the catalogue of a service. A type that is declared twice, that has another form than
// "<service>.<entity>.<verb>" or that is another service's is a mistake in the program, and panics.
func NewCatalogue(service string, declared ...Declared) *Catalogue {
	c := &Catalogue{service: service, byType: make(map[string]bool, len(declared))}
	for _, one := range declared {
		d := one.declaration()
		if c.byType[d.Type] || checkType(d.Type) != nil || !strings.HasPrefix(d.Type, service+".") {
			panic(fmt.Sprintf("event: %s cannot declare %q", service, d.Type)) //nolint:forbidigo // a table of constants
		}
		c.byType[d.Type] = true
		c.declarations = append(c.declarations, d)
	}
	return c
}

// Service names the publisher; Event.Source is "/nms/" and this.
func (c *Catalogue) Service() string { return c.service }

// Declarations returns what is declared, in order. The slice is the catalogue's own.
func (c *Catalogue) Declarations() []Declaration { return c.declarations }

// Check refuses an event of a type that is not declared with ErrUndeclared; so does a nil catalogue each
// event.
func (c *Catalogue) Check(e *Event) error {
	if c == nil {
		return fmt.Errorf("%w: %s", ErrUndeclared, e.Type)
	}
	if !c.byType[e.Type] {
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
