package servicetest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

// checked holds the catalogues whose events are compared with their schemas already.
var checked sync.Map

// checkEvents has every event of a catalogue compared with its schema, for the life of the process.
// Benchmarks are let off: it takes longer than what they measure.
func checkEvents(t testing.TB, published *event.Catalogue) {
	t.Helper()
	if _, test := t.(*testing.T); !test || published == nil {
		return
	}
	if _, done := checked.LoadOrStore(published, true); done {
		return
	}
	check, err := EventCheck(published)
	require.NoError(t, err)
	published.SetCheck(check)
}

// EventCheck compares events with the strict schemas of a catalogue: a missing member is an error and so is
// one that the schema does not know.
func EventCheck(published *event.Catalogue) (func(*event.Event) error, error) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schemas := map[string]*jsonschema.Schema{}
	for _, d := range published.Declarations() {
		raw, err := published.Schema(d, true)
		if err != nil {
			return nil, err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", d.Type, err)
		}
		if err := compiler.AddResource(d.Type, document); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", d.Type, err)
		}
		if schemas[d.Type], err = compiler.Compile(d.Type); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", d.Type, err)
		}
	}
	return func(e *event.Event) error {
		schema := schemas[e.Type]
		if schema == nil {
			return fmt.Errorf("%w: %s", event.ErrUndeclared, e.Type)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(e.AppendJSON(nil)))
		if err != nil {
			return fmt.Errorf("event %s is no JSON: %w", e.Type, err)
		}
		if err := schema.Validate(document); err != nil {
			return fmt.Errorf("event %s does not fit its schema: %w", e.Type, err)
		}
		return nil
	}, nil
}
