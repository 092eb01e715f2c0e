package app_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/spectra"
)

// postScene sends traces of a made-up scene, every two seconds up to end, as one stream.
func (b *bundle) postScene(scene *spectra.Scene, end time.Time, count int) {
	b.t.Helper()
	var body []byte
	for i := range count {
		at := end.Add(-time.Duration(count-1-i) * 2 * time.Second)
		body = append(spectra.AppendBody(body, scene.GUID(at), at, scene.Site, scene.Trace(at)), '\n')
	}
	got := b.call(http.MethodPost, traces, body, "Content-Type", "application/x-ndjson")
	require.Equal(b.t, count, strings.Count(string(got.Body), `"status":201`), "%.300s", got.Body)
}

func TestATraceHasManyForms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	scene := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[0])
	now := time.Now().UTC().Truncate(time.Second)
	b.postScene(scene, now, 1)
	want := scene.Trace(now)
	path := traces + "/" + scene.GUID(now).String()
	guid := uuid.New()
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(guid, scene.GUID(now), 431e6, 432e6, 431.5e6)+"]").Status)

	raw := b.get(path, "Accept", "application/octet-stream")
	require.Equal(t, rf.AppendBytes(nil, want.Levels), raw.Body)
	require.Equal(t, "application/octet-stream", raw.Header.Get("Content-Type"))

	thin := want.Decimate(100)
	var document struct {
		Points      int       `json:"numpoints"`
		Power       []float64 `json:"y_val_dbm"`
		FrequencyHz []float64 `json:"freq_hz"`
	}
	b.get(path + "?points=100").Into(&document)
	require.Equal(t, thin.FrequencyHz, document.FrequencyHz)
	require.Equal(t, rf.Decode(thin.Levels), document.Power)
	require.Equal(t, len(thin.Levels), document.Points)
	require.Equal(t, rf.AppendBytes(nil, thin.Levels), b.get(path+"?points=100&format=raw").Body)

	picture := b.get(path, "Accept", "image/png")
	require.Equal(t, "image/png", picture.Header.Get("Content-Type"))
	_, err := png.Decode(bytes.NewReader(picture.Body))
	require.NoError(t, err)
	dark := b.get(path + "?format=svg&theme=dark&lang=ru")
	require.Equal(t, "image/svg+xml", dark.Header.Get("Content-Type"))
	require.Contains(t, string(dark.Body), "Частота")
	require.Equal(t, http.StatusUnprocessableEntity, b.get(path+"?format=gif").Status)

	archive := tar.NewReader(bytes.NewReader(b.get(path + "?format=sigmf").Body))
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
			require.Equal(t, raw.Body, content)
		} else {
			require.Contains(t, string(content), guid.String())
		}
	}
	require.Equal(t, []string{".sigmf-meta", ".sigmf-data"}, names)
	meta := b.get(path, "Accept", "application/vnd.sigmf-meta+json")
	require.Contains(t, string(meta.Body), `"core:datatype":"ri16_le"`)
}

func TestWaterfall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	scene := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[0])
	elsewhere := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[4])
	end := time.Now().UTC().Truncate(time.Second)
	b.postScene(scene, end, 60)
	b.postScene(elsewhere, end, 5)
	query := url.Values{
		"from": {end.Add(-119 * time.Second).Format(time.RFC3339)}, "to": {end.Add(time.Second).Format(time.RFC3339)},
		"rows": {"60"}, "columns": {"1000"}, "bbox": {"20,50,40,70"},
	}
	var grid struct {
		Rows, Columns, Sweeps int
		StartHz               float64      `json:"start_freq_hz"`
		StopHz                float64      `json:"stop_freq_hz"`
		Power                 [][]*float64 `json:"power_dbm"`
	}
	b.get("/api/v1/inbox/waterfall?"+query.Encode(), "Accept", "application/json").Into(&grid)
	require.Equal(t, 60, grid.Sweeps)
	require.InDelta(t, scene.Axis.StartHz, grid.StartHz, 0)
	require.InDelta(t, scene.Axis.StopHz(), grid.StopHz, 0)
	require.Len(t, grid.Power, 60)
	// The strongest value of each trace must be found again in its row.
	for row, cells := range grid.Power {
		want := rf.Level(-rf.MaxLevel)
		for _, l := range scene.Trace(end.Add(-time.Duration(59-row) * 2 * time.Second)).Levels {
			want = max(want, l)
		}
		got := -1000.0
		for _, cell := range cells {
			require.NotNil(t, cell)
			got = max(got, *cell)
		}
		require.InDelta(t, rf.DBm(want), got, 1e-9, "row %d", row)
	}

	query.Set("start-freq-hz", "431000000")
	query.Set("stop-freq-hz", "432000000")
	picture := b.get("/api/v1/inbox/waterfall?" + query.Encode())
	require.Equal(t, "image/png", picture.Header.Get("Content-Type"), "%.300s", picture.Body)
	_, err := png.Decode(bytes.NewReader(picture.Body))
	require.NoError(t, err)

	require.Equal(t, http.StatusNotFound, b.get("/api/v1/inbox/waterfall?bbox=0,0,1,1").Status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/api/v1/inbox/waterfall?from=2020-01-01T00:00:00Z").Status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/api/v1/inbox/waterfall?rows=0").Status)
	crossing := b.get("/api/v1/inbox/waterfall?bbox=170,-10,-170,10")
	require.Equal(t, http.StatusUnprocessableEntity, crossing.Status)
	require.Contains(t, string(crossing.Body), "meridian")
}

// TestTheStreamShowsWhatAnotherInstanceTookIn follows one instance while traces are sent to another.
func TestTheStreamShowsWhatAnotherInstanceTookIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := servicetest.Start(t, app.Identity, app.Build, b.settings)
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, other.URL+"/api/v1/inbox/stream", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)

	// The tap may still be connecting: events begin at some point, so traces are sent until one is seen.
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for ctx.Err() == nil {
			trace := uuid.New()
			b.post(traces, sample(trace, time.Now()))
			b.post(signals, "["+signalJSON(uuid.New(), trace, 100000, 100200, 100100)+"]")
		}
	}()
	seen := map[string]map[string]any{}
	name := ""
	for len(seen) < 2 && lines.Scan() {
		if after, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = after
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var document map[string]any
			require.NoError(t, json.Unmarshal([]byte(data), &document))
			seen[name] = document
		}
	}
	cancel()
	<-sent
	require.EqualValues(t, 5, seen["trace"]["numpoints"])
	require.EqualValues(t, 100100, seen["signal"]["f0_freq_hz"])
	require.NotContains(t, fmt.Sprint(seen["trace"]), "y_val_dbm")
}

// TestAStopEndsStreams stops an instance that somebody follows.
func TestAStopEndsStreams(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.instance.URL+"/api/v1/inbox/stream", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	b.instance.Stop(t)
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
}
