package event_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
	"nms.example/common/servicetest"
)

type thing struct {
	ID   int    `json:"id" minimum:"1"`
	Note string `json:"note,omitempty"`
}

var (
	created = event.DeclareCreation[thing]("probe.thing.created", "made")
	updated = event.DeclareUpdate[thing]("probe.thing.updated", "changed")
	deleted = event.DeclareRemoval[thing]("probe.thing.deleted", "gone")
	seen    = event.Declare[thing]("probe.thing.seen", "seen")
)

func thingCatalogue() *event.Catalogue {
	return event.NewCatalogue("probe", created, updated, deleted, seen)
}

func TestOnlyDeclaredEventsOfTheDeclaredForm(t *testing.T) {
	t.Parallel()
	c := thingCatalogue()
	check, err := servicetest.EventCheck(c)
	require.NoError(t, err)
	c.SetCheck(check)
	one, other := thing{ID: 1}, thing{ID: 2, Note: "x"}
	raw := func(data string) event.Event { return seen.Encoded("1", json.RawMessage(data)) }
	for name, x := range map[string]struct {
		make func() (event.Event, error)
		want string
	}{
		"creation":   {func() (event.Event, error) { return created.New("1", one) }, ""},
		"update":     {func() (event.Event, error) { return updated.New("1", one, other) }, ""},
		"removal":    {func() (event.Event, error) { return deleted.New("1", one) }, ""},
		"own shape":  {func() (event.Event, error) { return seen.New("1", one) }, ""},
		"undeclared": {func() (event.Event, error) { return event.Declare[thing]("probe.thing.lost", "").New("1", one) }, "not declared"},
		"one side missing": {func() (event.Event, error) {
			return updated.Encoded("1", json.RawMessage(`{"before":null,"after":{"id":1}}`)), nil
		}, "does not fit"},
		"out of bounds":  {func() (event.Event, error) { return seen.New("1", thing{}) }, "does not fit"},
		"unknown member": {func() (event.Event, error) { return raw(`{"id":1,"colour":"red"}`), nil }, "does not fit"},
		"missing member": {func() (event.Event, error) { return raw(`{"note":"x"}`), nil }, "does not fit"},
		"other type":     {func() (event.Event, error) { return raw(`{"id":"1"}`), nil }, "does not fit"},
		"no JSON":        {func() (event.Event, error) { return raw(`{`), nil }, "no JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := x.make()
			require.NoError(t, err)
			require.NoError(t, e.Complete(t.Context()))
			err = c.Check(&e)
			if x.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, x.want)
		})
	}
	e, err := seen.New("1", one)
	require.NoError(t, err)
	require.NoError(t, e.Complete(t.Context()))
	e.TraceParent = "nonsense"
	require.ErrorContains(t, c.Check(&e), "traceparent")
}

// What a declaration makes is the data alone: the two sides of a change, or the form of its own.
func TestEventsAreMadeOfTheirDeclarations(t *testing.T) {
	t.Parallel()
	one, other := thing{ID: 1}, thing{ID: 2, Note: "x"}
	for want, create := range map[string]func() (event.Event, error){
		`probe.thing.created {"before":null,"after":{"id":1}}`:                func() (event.Event, error) { return created.New("7", one) },
		`probe.thing.updated {"before":{"id":1},"after":{"id":2,"note":"x"}}`: func() (event.Event, error) { return updated.New("7", one, other) },
		`probe.thing.deleted {"before":{"id":2,"note":"x"},"after":null}`:     func() (event.Event, error) { return deleted.New("7", other) },
		`probe.thing.seen {"id":1}`:                                           func() (event.Event, error) { return seen.New("7", one) },
		`probe.thing.seen {"id":3}`:                                           func() (event.Event, error) { return seen.Encoded("7", json.RawMessage(`{"id":3}`)), nil },
	} {
		e, err := create()
		require.NoError(t, err)
		require.Equal(t, "7", e.Subject)
		require.Equal(t, want, e.Type+" "+string(e.Data))
	}
	_, err := event.Declare[any]("probe.thing.seen", "").New("1", func() {})
	require.ErrorContains(t, err, "probe.thing.seen")
}

// Consumers must not refuse what an event may have more of tomorrow.
func TestThePublishedSchemaIsOpen(t *testing.T) {
	t.Parallel()
	c := thingCatalogue()
	for _, d := range c.Declarations() {
		schema, err := c.Schema(d, false)
		require.NoError(t, err)
		require.NotContains(t, string(schema), "additionalProperties")
		require.Contains(t, string(schema), event.Dialect)
		strict, err := c.Schema(d, true)
		require.NoError(t, err)
		require.Contains(t, string(strict), `"additionalProperties":false`)
	}
}

func TestAFaultyCatalogueIsRefused(t *testing.T) {
	t.Parallel()
	for _, types := range [][]string{{"other.thing.made"}, {"probe.thing"}, {"probe.thing.made", "probe.thing.made"}} {
		require.Panics(t, func() {
			var all []event.Declared
			for _, one := range types {
				all = append(all, event.Declare[thing](one, ""))
			}
			event.NewCatalogue("probe", all...)
		})
	}
}
