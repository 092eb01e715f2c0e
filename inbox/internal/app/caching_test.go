package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
)

// cachedForms are the paths of every form of a trace, of a cut and of a signal's power: true for those that show signals, so
// that they change when more are found.
func cachedForms(trace, signal uuid.UUID) map[string]bool {
	ofTrace, cut := of(traces, trace), of(signals, signal)+"/cut"
	forms := map[string]bool{cut + "?min-bandwidth-hz=300": false, of(signals, signal) + "/power": false}
	for _, query := range []string{"", "?points=2", "?points=3", "?format=raw", "?format=raw&points=2", "?format=csv"} {
		forms[ofTrace+query], forms[cut+query] = false, false
	}
	for _, query := range []string{"?format=png", "?format=svg", "?format=svg&theme=dark", "?format=svg&lang=ru", "?format=sigmf", "?format=sigmf-meta"} {
		forms[ofTrace+query], forms[cut+query] = true, false
	}
	return forms
}

//nolint:paralleltest,tparallel // what clients hold, while what they hold changes
func TestTracesAreCachedByTheirClients(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace := b.trace(time.Now())
	signal := b.signal(trace, 100000, 100200, 100100)
	forms, tags := cachedForms(trace, signal), map[string]string{}
	answers, whose := map[string]*servicetest.Answer{}, map[string]string{}
	for path := range forms {
		answers[path] = b.Get(path).Is(http.StatusOK)
		tags[path] = answers[path].Header.Get("ETag")
	}
	t.Run("every form has a tag of its own", func(t *testing.T) {
		for path, tag := range tags {
			require.Regexp(t, `^"[A-Za-z0-9_-]{16}"$`, tag, path)
			require.Empty(t, whose[tag], "the tag of %s", path)
			whose[tag] = path
		}
	})
	t.Run("however it was chosen", func(t *testing.T) {
		got := b.in(t).Get(of(traces, trace), "Accept: text/csv").Is(http.StatusOK)
		require.Equal(t, tags[of(traces, trace)+"?format=csv"], got.Header.Get("ETag"))
	})
	t.Run("it says for how long it may be shown without asking, and what it depends on", func(t *testing.T) {
		for path, got := range answers {
			require.Equal(t, cacheControl(forms[path]), got.Header.Get("Cache-Control"), path)
			vary := strings.Join(got.Header.Values("Vary"), ", ")
			for _, name := range []string{"Accept-Encoding", "Authorization", "X-API-Key"} {
				require.Contains(t, vary, name, path)
			}
			require.Equal(t, strings.HasSuffix(path, "/power"), !strings.Contains(vary+",", "Accept,"), path)
		}
	})
	t.Run("who has it is answered that it has not changed", func(t *testing.T) {
		b := b.in(t)
		for path, tag := range tags {
			for _, held := range []string{tag, `"other", ` + tag, "W/" + tag, "*"} {
				unchanged := b.Get(path, "If-None-Match: "+held).Is(http.StatusNotModified)
				require.Empty(t, unchanged.Body)
				require.Contains(t, unchanged.Header.Get("ETag"), tag)
				require.Equal(t, cacheControl(forms[path]), unchanged.Header.Get("Cache-Control"))
				require.Equal(t, answers[path].Header.Values("Vary"), unchanged.Header.Values("Vary"))
			}
		}
	})
	t.Run("who has something else gets it, the same byte for byte", func(t *testing.T) {
		b := b.in(t)
		for path, got := range answers {
			require.Equal(t, got.Body, b.Get(path, `If-None-Match: "other"`).Is(http.StatusOK).Body, path)
		}
	})
	t.Run("the values are not read for it: they are gone, and nobody notices", func(t *testing.T) {
		b := b.in(t)
		_, err := b.pool.Exec(t.Context(), `UPDATE trace SET power = '\x0000', stop_freq_hz = start_freq_hz`)
		require.NoError(t, err)
		for path, tag := range tags {
			b.Get(path, "If-None-Match: "+tag).Is(http.StatusNotModified)
		}
	})
	t.Run("a signal more changes what shows signals, and nothing else", func(t *testing.T) {
		b := b.in(t)
		b.signal(trace, 100000, 100200, 100100)
		for path, tag := range tags {
			b.Get(path, "If-None-Match: "+tag).Is(map[bool]int{true: http.StatusOK, false: http.StatusNotModified}[forms[path]])
		}
	})
	t.Run("what is not there is not found, whatever who asks has", func(t *testing.T) {
		b.in(t).Get(of(traces, uuid.New()), "If-None-Match: *").Refused(notFound, "path.guid", "not_found")
	})
}

func cacheControl(showsSignals bool) string {
	if showsSignals {
		return "private, no-cache"
	}
	return "private, max-age=3600, immutable"
}
