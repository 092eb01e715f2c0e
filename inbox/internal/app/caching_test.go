package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Every form of a trace, of a cut and of a signal's power has a tag of its own, and is answered 304 to who has it.
func TestTracesAreCachedByTheirClients(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace, sig := uuid.New(), uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, sample(trace, time.Now())).Status)
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(sig, trace, 100000, 100200, 100100)+"]").Status)
	ofTrace, cut := traces+"/"+trace.String(), signals+"/"+sig.String()+"/cut"
	own := []string{"", "?points=2", "?points=3", "?format=raw", "?format=raw&points=2", "?format=csv"}
	showing := []string{"?format=png", "?format=svg", "?format=svg&theme=dark", "?format=svg&lang=ru", "?format=sigmf", "?format=sigmf-meta"}
	tags, shows := map[string]string{cut + "?min-bandwidth-hz=300": "", signals + "/" + sig.String() + "/power": ""}, map[string]bool{}
	for _, query := range append(own, showing...) {
		tags[ofTrace+query], tags[cut+query] = "", ""
	}
	for _, query := range showing {
		shows[ofTrace+query] = true
	}
	whose := map[string]string{}
	for path := range tags {
		got := b.get(path)
		require.Equal(t, http.StatusOK, got.Status, path)
		tag := got.Header.Get("ETag")
		require.Regexp(t, `^"[A-Za-z0-9_-]{16}"$`, tag, path)
		require.Empty(t, whose[tag], "the tag of %s", path)
		whose[tag], tags[path] = path, tag
		want := "private, max-age=3600, immutable"
		if shows[path] {
			want = "private, no-cache"
		}
		require.Equal(t, want, got.Header.Get("Cache-Control"), path)
		vary := strings.Join(got.Header.Values("Vary"), ", ")
		for _, name := range []string{"Accept-Encoding", "Authorization", "X-API-Key"} {
			require.Contains(t, vary, name, path)
		}
		require.Equal(t, strings.HasSuffix(path, "/power"), !strings.Contains(vary+",", "Accept,"), path)

		for _, held := range []string{tag, `"other", ` + tag, "W/" + tag, "*"} {
			unchanged := b.get(path, "If-None-Match", held)
			require.Equal(t, http.StatusNotModified, unchanged.Status, path)
			require.Empty(t, unchanged.Body)
			require.Contains(t, unchanged.Header.Get("ETag"), tag)
			require.Equal(t, want, unchanged.Header.Get("Cache-Control"))
			require.Equal(t, got.Header.Values("Vary"), unchanged.Header.Values("Vary"))
		}
		require.Equal(t, http.StatusOK, b.get(path, "If-None-Match", `"other"`).Status)
		require.Equal(t, got.Body, b.get(path).Body, "%s is the same byte for byte", path)
	}
	require.Equal(t, tags[ofTrace+"?format=csv"], b.get(ofTrace, "Accept", "text/csv").Header.Get("ETag"), "however it was chosen")

	// The values are not read for it: they are gone, and nobody notices.
	_, err := b.pool.Exec(t.Context(), `UPDATE trace SET power = '\x0000', stop_freq_hz = start_freq_hz`)
	require.NoError(t, err)
	for path, tag := range tags {
		require.Equal(t, http.StatusNotModified, b.get(path, "If-None-Match", tag).Status, path)
	}

	// A signal more changes what shows signals, and nothing else.
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(uuid.New(), trace, 100000, 100200, 100100)+"]").Status)
	for path, tag := range tags {
		want := http.StatusNotModified
		if shows[path] {
			want = http.StatusOK
		}
		require.Equal(t, want, b.get(path, "If-None-Match", tag).Status, path)
	}
	require.Equal(t, http.StatusNotFound, b.get(traces+"/"+uuid.NewString(), "If-None-Match", "*").Status)
}
