package bus_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/servicetest"
)

type thing struct {
	ID   int    `json:"id" minimum:"1"`
	Note string `json:"note,omitempty"`
}

func thingCatalogue() *bus.Catalogue {
	return bus.NewCatalogue("probe",
		bus.Declare[bus.Creation[thing]]("probe.thing.created", "made"),
		bus.Declare[bus.Update[thing]]("probe.thing.updated", "changed"),
		bus.Declare[bus.Removal[thing]]("probe.thing.deleted", "gone"),
		bus.Declare[thing]("probe.thing.seen", "seen"))
}

func TestOnlyDeclaredEventsOfTheDeclaredForm(t *testing.T) {
	t.Parallel()
	c := thingCatalogue()
	check, err := servicetest.EventCheck(c)
	require.NoError(t, err)
	c.SetCheck(check)
	one, other := thing{ID: 1}, thing{ID: 2, Note: "x"}
	for name, x := range map[string]struct {
		kind string
		data any
		want string
	}{
		"creation":         {"probe.thing.created", bus.Change{After: one}, ""},
		"update":           {"probe.thing.updated", bus.Change{Before: one, After: &other}, ""},
		"removal":          {"probe.thing.deleted", bus.Change{Before: one}, ""},
		"own shape":        {"probe.thing.seen", one, ""},
		"undeclared":       {"probe.thing.lost", one, "not declared"},
		"wrong side":       {"probe.thing.created", bus.Change{Before: one}, "does not fit"},
		"one side missing": {"probe.thing.updated", bus.Change{After: one}, "does not fit"},
		"out of bounds":    {"probe.thing.seen", thing{}, "does not fit"},
		"unknown member":   {"probe.thing.seen", map[string]any{"id": 1, "colour": "red"}, "does not fit"},
		"missing member":   {"probe.thing.seen", map[string]any{"note": "x"}, "does not fit"},
		"other type":       {"probe.thing.seen", map[string]any{"id": "1"}, "does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := bus.NewEvent(x.kind, "1", x.data)
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
	e, err := bus.NewEvent("probe.thing.seen", "1", one)
	require.NoError(t, err)
	require.NoError(t, e.Complete(t.Context()))
	e.TraceParent = "nonsense"
	require.ErrorContains(t, c.Check(&e), "traceparent")
}

// Consumers must not refuse what an event may have more of tomorrow.
func TestThePublishedSchemaIsOpen(t *testing.T) {
	t.Parallel()
	c := thingCatalogue()
	for _, d := range c.Declarations() {
		schema, err := c.Schema(d, false)
		require.NoError(t, err)
		require.NotContains(t, string(schema), "additionalProperties")
		require.Contains(t, string(schema), bus.Dialect)
		strict, err := c.Schema(d, true)
		require.NoError(t, err)
		require.Contains(t, string(strict), `"additionalProperties":false`)
	}
}

func TestAFaultyCatalogueIsRefused(t *testing.T) {
	t.Parallel()
	for _, types := range [][]string{{"other.thing.made"}, {"probe.thing"}, {"probe.thing.made", "probe.thing.made"}} {
		require.Panics(t, func() {
			var all []bus.Declaration
			for _, one := range types {
				all = append(all, bus.Declare[thing](one, ""))
			}
			bus.NewCatalogue("probe", all...)
		})
	}
}

// docs/events/README.md names everything that the topology declares.
func TestTheTopologyIsDocumented(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "events", "README.md"))
	if os.IsNotExist(err) {
		return // the module was taken out of the repository
	}
	require.NoError(t, err)
	for _, name := range []string{
		bus.Exchange, bus.Unrouted, bus.Dead, bus.RetrySuffix, bus.ContentTypeEvent, bus.ContentTypeBatch,
		bus.HeaderAttempts, bus.HeaderQueue, bus.HeaderRoutingKey, bus.HeaderReason, bus.HeaderError, bus.HeaderTime, bus.HeaderUser,
		string(bus.ReasonPermanent), string(bus.ReasonAttempts), string(bus.ReasonUnreadable), string(bus.ReasonDeliveries),
		"`actor`", "`requestid`", "`traceparent`",
	} {
		require.Contains(t, string(content), name)
	}
}
