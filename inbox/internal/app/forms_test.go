package app_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/spectra"
)

// sendScene sends traces of a made-up scene, every two seconds up to end, as one stream.
func (b *bundle) sendScene(scene *spectra.Scene, end time.Time, count int) {
	b.t.Helper()
	var body []byte
	for i := range count {
		at := end.Add(-time.Duration(count-1-i) * 2 * time.Second)
		body = append(spectra.AppendBody(body, scene.GUID(at), at, scene.Site, scene.Trace(at)), '\n')
	}
	b.sendLines(string(body))
}

// requirePNG asserts that an answer is a picture.
func requirePNG(t *testing.T, header http.Header, body []byte) {
	t.Helper()
	require.Equal(t, "image/png", header.Get("Content-Type"), "%.300s", body)
	_, err := png.Decode(bytes.NewReader(body))
	require.NoError(t, err)
}

func TestTracesAndCutsHaveManyForms(t *testing.T) {
	t.Parallel()
	b := setup(t, "TZ=Asia/Tokyo")
	t.Run("a trace", func(t *testing.T) {
		t.Parallel()
		formsOfATrace(t, b.in(t))
	})
	t.Run("a cut", func(t *testing.T) {
		t.Parallel()
		formsOfACut(t, b.in(t))
	})
}

func formsOfATrace(t *testing.T, b *bundle) {
	t.Helper()
	scene := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[0])
	now := time.Now().UTC().Truncate(time.Second)
	b.sendScene(scene, now, 1)
	want := scene.Trace(now)
	path := of(traces, scene.GUID(now))
	signal := b.signal(scene.GUID(now), 431e6, 432e6, 431.5e6)
	t.Run("as bytes, the values as they are stored", func(t *testing.T) {
		t.Parallel()
		raw := b.in(t).Get(path, "Accept: application/octet-stream").Is(http.StatusOK)
		require.Equal(t, "application/octet-stream", raw.Header.Get("Content-Type"))
		require.Equal(t, rf.AppendBytes(nil, want.Levels), raw.Body)
	})
	t.Run("thinned, in JSON with the frequency of each value, and as bytes", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		thin := want.Decimate(100)
		var document struct {
			Points      int       `json:"numpoints"`
			Power       []float64 `json:"y_val_dbm"`
			FrequencyHz []float64 `json:"freq_hz"`
		}
		b.Get(path + "?points=100").Is(http.StatusOK).Into(&document)
		require.Equal(t, thin.FrequencyHz, document.FrequencyHz)
		require.Equal(t, rf.Decode(thin.Levels), document.Power)
		require.Equal(t, len(thin.Levels), document.Points)
		require.Equal(t, rf.AppendBytes(nil, thin.Levels), b.Get(path+"?points=100&format=raw").Is(http.StatusOK).Body)
	})
	t.Run("drawn, in PNG", func(t *testing.T) {
		t.Parallel()
		picture := b.in(t).Get(path, "Accept: image/png").Is(http.StatusOK)
		requirePNG(t, picture.Header, picture.Body)
	})
	t.Run("drawn, in SVG, in either language and the zone of TZ", func(t *testing.T) {
		t.Parallel()
		dark := b.in(t).Get(path + "?format=svg&theme=dark&lang=ru").Is(http.StatusOK)
		require.Equal(t, "image/svg+xml", dark.Header.Get("Content-Type"))
		require.Contains(t, string(dark.Body), "Частота")
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		require.NoError(t, err)
		require.Contains(t, string(b.in(t).Get(path+"?format=svg").Is(http.StatusOK).Body), now.In(tokyo).Format("2006-01-02 15:04:05 MST"))
	})
	t.Run("in SigMF, with the signals that were found in it", func(t *testing.T) {
		t.Parallel()
		archive := tar.NewReader(bytes.NewReader(b.in(t).Get(path + "?format=sigmf").Is(http.StatusOK).Body))
		var names []string
		for {
			header, err := archive.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			names = append(names, header.Name[strings.IndexByte(header.Name, '/')+1+36:])
			content, err := io.ReadAll(archive)
			require.NoError(t, err)
			if strings.HasSuffix(header.Name, "-data") {
				require.Equal(t, rf.AppendBytes(nil, want.Levels), content)
			} else {
				require.Contains(t, string(content), signal.String())
			}
		}
		require.Equal(t, []string{".sigmf-meta", ".sigmf-data"}, names)
	})
	t.Run("in SigMF, what is known of it alone", func(t *testing.T) {
		t.Parallel()
		meta := b.in(t).Get(path, "Accept: application/vnd.sigmf-meta+json").Is(http.StatusOK)
		require.Contains(t, string(meta.Body), `"core:datatype":"ri16_le"`)
	})
	t.Run("and in no other", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get(path+"?format=gif").Refused(unprocessable, "query.format", "not_one_of")
	})
}

func formsOfACut(t *testing.T, b *bundle) {
	t.Helper()
	trace := uuid.New()
	e := withContext(t)
	b.send(e.body(t, trace, time.Now()))
	signal := b.signal(trace, 100.1e6, 100.35e6, 100.2e6)
	path := of(signals, signal) + "/cut"
	values := rf.AppendBytes(nil, []rf.Level{-8050, -6000, -9999})
	t.Run("in JSON, with what was known of the trace, which is true of its part", func(t *testing.T) {
		t.Parallel()
		whole := numbers(t, b.in(t).Get(path).Is(http.StatusOK).Body)
		require.Equal(t, signal.String(), whole["guid"])
		require.Equal(t, "RX7", whole["source"])
		require.Equal(t, []any{json.Number("-80.5"), json.Number("-60"), json.Number("-99.99")}, whole["y_val_dbm"])
	})
	t.Run("as bytes, whole and thinned", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		require.Equal(t, values, b.Get(path, "Accept: application/octet-stream").Is(http.StatusOK).Body)
		require.Equal(t, rf.AppendBytes(nil, []rf.Level{-6000, -9999}), b.Get(path+"?format=raw&points=2").Is(http.StatusOK).Body)
	})
	t.Run("as a table", func(t *testing.T) {
		t.Parallel()
		table := b.in(t).Get(path, "Accept: text/csv").Is(http.StatusOK)
		require.Equal(t, "text/csv", table.Header.Get("Content-Type"))
		require.Contains(t, string(table.Body), "# guid,"+signal.String()+"\n")
		require.Contains(t, string(table.Body), "freq_hz,value\n100100000,-80.5\n100200000,-60\n100300000,-99.99\n")
	})
	for _, pictures := range []string{"image/png", "image/svg+xml"} {
		t.Run("drawn, in "+pictures, func(t *testing.T) {
			t.Parallel()
			got := b.in(t).Get(path, "Accept: "+pictures).Is(http.StatusOK)
			require.Equal(t, pictures, got.Header.Get("Content-Type"))
			require.Contains(t, got.Header.Values("Vary"), "Accept, Authorization, X-API-Key")
		})
	}
	t.Run("drawn, in either language", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, string(b.in(t).Get(path+"?format=svg&lang=ru").Is(http.StatusOK).Body), "Спектр")
	})
	t.Run("in SigMF, the signal marked in it", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		meta := string(b.Get(path + "?format=sigmf-meta").Is(http.StatusOK).Body)
		require.Contains(t, meta, `"nms:source":"RX7"`)
		require.Contains(t, meta, `"core:uuid":"`+signal.String()+`"`)
		archive := b.Get(path, "Accept: application/vnd.sigmf+tar").Is(http.StatusOK)
		require.Contains(t, string(archive.Body), string(values))
		require.Contains(t, archive.Header.Get("Content-Disposition"), signal.String())
	})
}
