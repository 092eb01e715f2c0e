package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// queryParameters reads from the OpenAPI document which optional parameters each operation takes that reads: those of
// "/traces/{guid}", and of all others but the stream.
func (b *bundle) queryParameters() map[string][]string {
	b.t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	b.Outside().Get("/openapi.json").Is(http.StatusOK).Into(&document)
	names := map[string][]string{}
	for path, operations := range document.Paths {
		path, ours := strings.CutPrefix(path, base)
		if operations["get"] == nil || !ours || path == "/stream" {
			continue
		}
		var operation struct {
			Parameters []struct {
				Name, In string
				Required bool
			}
		}
		require.NoError(b.t, json.Unmarshal(operations["get"], &operation))
		for _, p := range operation.Parameters {
			if p.In == "query" && !p.Required {
				names[path] = append(names[path], p.Name)
			}
		}
	}
	return names
}

// few asks for a waterfall of few cells, by other parameters than the one.
func few(operation, parameter string) string {
	switch {
	case operation != waterfall:
		return ""
	case parameter == "rows":
		return "columns=1&"
	case parameter == "columns":
		return "rows=1&"
	default:
		return "rows=1&columns=1&"
	}
}

// A parameter without a value counts as not given, each one of each operation that reads.
func TestAParameterWithoutAValueIsNotGiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace := b.trace(time.Now())
	signal := b.signal(trace, 100000, 100200, 100100)
	tried := 0
	for operation, names := range b.queryParameters() {
		tried += len(names)
		t.Run("GET "+operation, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			guid := trace
			if strings.HasPrefix(operation, signals) {
				guid = signal
			}
			path := strings.Replace(operation, "{guid}", guid.String(), 1)
			const form = "Accept: application/json" // which every operation has, and is made sooner than a picture
			for _, name := range names {
				path := path + "?" + few(operation, name)
				without := b.Get(path, form)
				for _, query := range []string{name + "=", name} {
					got := b.Get(path+query, form).Is(without.Status)
					require.Equal(t, without.Header.Get("Content-Type"), got.Header.Get("Content-Type"), query)
					if operation != waterfall && operation != statistics { // they end now
						require.Equal(t, string(without.Body), string(got.Body), query)
					}
				}
				if name == "bbox" || name == "source" { // what is no value but looks like none
					b.Get(path + name + "=" + url.QueryEscape("\x00")).Problem(unprocessable)
				}
			}
		})
	}
	require.Greater(t, tried, 30)
}
