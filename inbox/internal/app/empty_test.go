package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A parameter without a value counts as not given, each one of each operation that reads.
func TestAParameterWithoutAValueIsNotGiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace, sig := uuid.New(), uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, sample(trace, time.Now())).Status)
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(sig, trace, 100000, 100200, 100100)+"]").Status)
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	b.get("/openapi.json").Into(&document)
	tried := 0
	for path, operations := range document.Paths {
		if operations["get"] == nil || !strings.HasPrefix(path, "/api/") || strings.HasSuffix(path, "/stream") {
			continue
		}
		var operation struct {
			Parameters []struct {
				Name, In string
				Required bool
			}
		}
		require.NoError(t, json.Unmarshal(operations["get"], &operation))
		guid := trace
		if strings.Contains(path, "/signals/{guid}") {
			guid = sig
		}
		path = strings.Replace(path, "{guid}", guid.String(), 1)
		without := b.get(path)
		for _, p := range operation.Parameters {
			if p.In != "query" || p.Required {
				continue
			}
			tried++
			for _, query := range []string{p.Name + "=", p.Name} {
				got := b.get(path + "?" + query)
				require.Equal(t, without.Status, got.Status, "%s?%s: %s", path, query, got.Body)
				require.Equal(t, without.Header.Get("Content-Type"), got.Header.Get("Content-Type"), "%s?%s", path, query)
				if !strings.HasSuffix(path, "/waterfall") && !strings.HasSuffix(path, "/statistics") { // they end now
					require.Equal(t, string(without.Body), string(got.Body), "%s?%s", path, query)
				}
			}
			if p.Name == "bbox" || p.Name == "source" { // what is no value but looks like none
				got := b.get(path + "?" + p.Name + "=" + url.QueryEscape("\x00"))
				require.Equal(t, http.StatusUnprocessableEntity, got.Status)
			}
		}
	}
	require.Greater(t, tried, 30)
}
