package recording_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/inbox/internal/recording"
)

// collected is a Report that keeps all of it.
type collected struct {
	traces  []recording.Trace
	refused []string
	notes   []string
}

func (c *collected) Trace(t *recording.Trace) error {
	kept := *t
	kept.Levels = slices.Clone(t.Levels)
	c.traces = append(c.traces, kept)
	return nil
}

func (c *collected) Refuse(line int, reason string) {
	c.refused = append(c.refused, fmt.Sprintf("%d: %s", line, reason))
}

func (c *collected) Note(line int, text string) {
	c.notes = append(c.notes, fmt.Sprintf("%d: %s", line, text))
}

func (c *collected) Read(int64) {}

// berlin is the zone of the recordings in testdata.
func berlin(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := recording.ParseZone("Europe/Berlin")
	require.NoError(tb, err)
	return zone
}

// read reads a file of testdata, or of another folder when the path has one.
func read(t *testing.T, name string, options recording.Options) (*collected, recording.Format) {
	t.Helper()
	if filepath.Base(name) == name {
		name = filepath.Join("testdata", name)
	}
	if options.Zone == nil {
		options.Zone = berlin(t)
	}
	var c collected
	format, err := recording.Read(t.Context(), name, options, &c)
	require.NoError(t, err)
	return &c, format
}

// write makes a file that holds content.
func write(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	require.NoError(tb, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// body returns the trace's body as the command sends it, with a place.
func body(t recording.Trace) string {
	noise, lat, lng := t.Floor(), 52.52, 13.4
	t.Noise, t.Lat, t.Lng = &noise, &lat, &lng
	t.Identify(nil)
	return string(t.AppendBody(nil))
}

func moment(tb testing.TB, text string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(tb, err)
	return at
}
