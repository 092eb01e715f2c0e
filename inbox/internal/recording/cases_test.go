package recording_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/recording"
)

// TestBodiesOfRealFiles compares whole bodies; the tests below say what is right about them.
func TestBodiesOfRealFiles(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]recording.Format{
		"rtl_power": recording.RTLPower, "hackrf_sweep": recording.HackRF, "analyser": recording.Analyser,
	} {
		c, found := read(t, name+".csv", recording.Options{})
		require.Equal(t, format, found)
		require.Empty(t, c.refused)
		want, err := os.ReadFile(filepath.Join("testdata", name+".ndjson"))
		require.NoError(t, err)
		var got strings.Builder
		for _, trace := range c.traces {
			text := body(trace)
			require.True(t, json.Valid([]byte(text)), text)
			got.WriteString(text + "\n")
		}
		require.Equal(t, string(want), got.String())

		named, _ := read(t, name+".csv", recording.Options{Format: format})
		require.Equal(t, c, named, "auto and by name")
	}
}

func TestRTLPowerJoinsTheHopsOfASweep(t *testing.T) {
	t.Parallel()
	c, _ := read(t, "rtl_power.csv", recording.Options{})
	require.Len(t, c.traces, 3)
	for i, trace := range c.traces {
		require.Equal(t, [3]float64{400_000_000, 408_333_332, 86805.56}, [3]float64{trace.StartHz, trace.StopHz, trace.StepHz})
		require.Len(t, trace.Levels, 97, "4 hops of 25 values, of which 3 are the first of the next hop")
		require.EqualValues(t, -3826, trace.Levels[24])
		require.EqualValues(t, -6246, trace.Levels[25])
		require.Equal(t, 1+4*i, trace.Line)
		missing := 0
		for at, level := range trace.Levels {
			if level == recording.Missing {
				missing++
				require.Contains(t, []int{53, 54}, at)
			}
		}
		require.Equal(t, map[int]int{0: 0, 1: 2, 2: 0}[i], missing)
	}
	// Clocks go forward between the second and the third sweep.
	require.Equal(t, moment(t, "2026-03-29T00:59:50Z"), c.traces[0].Time.UTC())
	require.Equal(t, 8*time.Second, c.traces[1].Time.Sub(c.traces[0].Time))
	require.Equal(t, 8*time.Second, c.traces[2].Time.Sub(c.traces[1].Time))
}

func TestHackRFSortsThePiecesOfASweep(t *testing.T) {
	t.Parallel()
	c, _ := read(t, "hackrf_sweep.csv", recording.Options{})
	require.Len(t, c.traces, 2)
	const width = 5e6 / 51
	for i, want := range []rf.Level{-4068, -4047} {
		trace := c.traces[i]
		require.Len(t, trace.Levels, 4*51)
		require.Equal(t, want, trace.Levels[51+25], "the strongest value is in the middle of the second piece")
		require.InDelta(t, 2_400_000_000+width/2, trace.StartHz, 0.001, "the bin's centre, not its edge")
		require.InDelta(t, 2_420_000_000-width/2, trace.StopHz, 0.001)
		at := trace.StartHz + 76*(trace.StopHz-trace.StartHz)/203
		require.InDelta(t, 2_407_500_000, at, 0.001)
		require.Equal(t, "dBFS", trace.Unit)
	}
	require.Equal(t, moment(t, "2026-03-29T12:03:10.104321Z"), c.traces[0].Time.UTC())
	require.Equal(t, moment(t, "2026-03-29T12:03:10.612999Z"), c.traces[1].Time.UTC())
}

func TestAnalyserReadsTheHeader(t *testing.T) {
	t.Parallel()
	c, _ := read(t, "analyser.csv", recording.Options{Start: moment(t, "2026-03-29T14:03:10+02:00")})
	require.Len(t, c.traces, 1)
	trace := c.traces[0]
	require.Equal(t, [3]float64{99_500_000, 100_500_000, 100_000}, [3]float64{trace.StartHz, trace.StopHz, trace.StepHz})
	require.Equal(t, []rf.Level{-9000, -9000, -9000, -9000, -9000, -5000, -9000, -9000, -9000, -9000, -9000}, trace.Levels)
	require.InDelta(t, 30_000, trace.RBWHz, 0)
	require.Equal(t, "rms", trace.Detector)
	require.Equal(t, moment(t, "2026-03-29T12:03:10Z"), trace.Time.UTC())
	require.Empty(t, c.notes)

	dated, _ := read(t, "analyser.csv", recording.Options{})
	require.Equal(t, moment(t, "2026-03-28T23:00:00Z"), dated.traces[0].Time.UTC())
	require.Equal(t, []string{"2: the header has a date without a time of day; taken as 00:00 in the zone"}, dated.notes)
}
