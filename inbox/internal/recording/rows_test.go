package recording_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/recording"
)

// hop is a row of rtl_power with values first, first−1, …, and the last one twice.
func hop(clock string, low, step, bins, first int) string {
	values := make([]string, bins, bins+1)
	for i := range values {
		values[i] = fmt.Sprintf("%d.00", first-i)
	}
	values = append(values, values[bins-1])
	return fmt.Sprintf("2026-11-29, %s, %d, %d, %d.00, 42, %s", clock, low, low+bins*step, step, strings.Join(values, ", "))
}

func lines(rows ...string) string { return strings.Join(rows, "\n") + "\n" }

func grids(c *collected) []string {
	var out []string
	for _, t := range c.traces {
		missing := 0
		for _, l := range t.Levels {
			if l == recording.Missing {
				missing++
			}
		}
		out = append(out, fmt.Sprintf("%s %g..%g/%d -%d", t.Time.UTC().Format("15:04:05"), t.StartHz, t.StopHz, len(t.Levels), missing))
	}
	return out
}

func TestSweeps(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		text    string
		traces  []string
		refused []string
		notes   []string
	}{
		"hops of different widths": {
			text:   lines(hop("12:00:00", 1000, 10, 10, -50), hop("12:00:00", 1100, 10, 5, -60), hop("12:00:00", 1150, 10, 20, -70)),
			traces: []string{"12:00:00 1000..1350/36 -0"},
		},
		"another grid in the middle": {
			text: lines(hop("12:00:00", 1000, 10, 10, -50), hop("12:00:00", 1100, 10, 10, -50), hop("12:00:01", 1000, 20, 10, -50), hop("12:00:02", 1000, 20, 10, -50),
				hop("12:00:03", 5000, 20, 10, -50)),
			traces: []string{"12:00:00 1000..1200/21 -0", "12:00:01 1000..1200/11 -0", "12:00:02 1000..1200/11 -0", "12:00:03 5000..5200/11 -0"},
		},
		"another step within a sweep": {
			text:   lines(hop("12:00:00", 1000, 10, 10, -50), hop("12:00:00", 1100, 20, 10, -50)),
			traces: []string{"12:00:00 1000..1100/11 -0", "12:00:00 1100..1300/11 -0"},
		},
		"a lost hop is missing": {
			text:   lines(hop("12:00:00", 1000, 10, 10, -50), hop("12:00:00", 1200, 10, 10, -50)),
			traces: []string{"12:00:00 1000..1300/31 -9"},
		},
		"a hole larger than what was measured parts the sweep": {
			text:   lines(hop("12:00:00", 1000, 10, 10, -50), hop("12:00:00", 9000, 10, 10, -50)),
			traces: []string{"12:00:00 1000..1100/11 -0", "12:00:00 9000..9100/11 -0"},
		},
		"two sweeps in one second": {
			text:   lines(hop("12:00:00", 1000, 10, 10, -50), hop("12:00:00", 1000, 10, 10, -60)),
			traces: []string{"12:00:00 1000..1100/11 -0", "12:00:00 1000..1100/11 -0"},
		},
		"a row that is not right is left out": {
			text: lines(hop("12:00:00", 1000, 10, 10, -50), "2026-11-29, 12:00:00, 1100, 1200, 10.00, 42, -50.00, x, -50.00", hop("12:00:00", 1200, 10, 10, -50),
				"2026-11-29, 12:00:01, 1000, 1100, 10.00, 42, -50.00, -51.00", "what is this", "2026-11-29, 12:61:01, 1000, 1100, 10.00, 42, -50.00",
				"2026-02-30, 12:00:01, 1000, 1100, 10.00, 42, -50.00", "2026-11-29, 12:00:02, 1000, 1020, 10.00, 42, -400, -1"),
			traces: []string{"12:00:00 1000..1300/31 -9"},
			refused: []string{
				"2: value 2: not a number", "4: 2 values where low, high and step make about 10", "5: 0 fields before the values, must be 6", "6: the time is not of the form 14:03:10",
				"7: the date is not of the form 2026-03-29", "8: value 1: power is outside -327.67 to 327.67 dBm: -400",
			},
		},
		"absurd numbers are refused": {
			text: lines("2026-11-29, 12:00:00, 0, 1e15, 1e-9, 1, -1", "2026-11-29, 12:00:00, 0, 1e300, 1e298, 1, -1", "2026-11-29, 12:00:00, nan, 10, 1, 1, -1",
				"2026-11-29, 12:00:00, 10, 0, 1, 1, -1", "2026-11-29, 12:00:00, 0, 10, 0, 1, -1", "2026-11-29, 12:00:00, 0, 10, 99, 1, -1"),
			refused: []string{
				"1: the row claims more than 1000000 values", "2: the band is not sound: low, high and step must be finite numbers with low < high and a step above 0 and within them",
				"3: the band is not sound: low, high and step must be finite numbers with low < high and a step above 0 and within them",
				"4: the band is not sound: low, high and step must be finite numbers with low < high and a step above 0 and within them",
				"5: the band is not sound: low, high and step must be finite numbers with low < high and a step above 0 and within them",
				"6: the band is not sound: low, high and step must be finite numbers with low < high and a step above 0 and within them",
			},
		},
		"a sweep without a value": {
			text:    lines("2026-11-29, 12:00:00, 1000, 1020, 10.00, 42, nan, -inf, -nan"),
			refused: []string{"1: the sweep holds no value"},
		},
		"a comma at the end, comments, empty lines": {
			text:   "# made by hand\n\n" + hop("12:00:00", 1000, 10, 10, -50) + ", \n\n",
			traces: []string{"12:00:00 1000..1100/11 -0"},
		},
		"nothing": {text: "\n", refused: []string{"0: there is no row of a sweep"}},
		"a line that is too long": {
			text:    hop("12:00:00", 1000, 10, 10, -50) + "\n" + strings.Repeat("9", 17<<20) + "\n" + hop("12:00:01", 1000, 10, 10, -50) + "\n",
			traces:  []string{"12:00:00 1000..1100/11 -0", "12:00:01 1000..1100/11 -0"},
			refused: []string{"2: the line is longer than 16 MiB"},
		},
		"a row of a million values": {
			text:   hop("12:00:00", 1000, 10, 999_999, 0) + "\n" + hop("12:00:01", 1000, 10, 10, -50) + "\n",
			traces: []string{"12:00:01 1000..1100/11 -0"}, refused: []string{"1: value 329: power is outside -327.67 to 327.67 dBm: -328"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := read(t, write(t, "r.csv", one.text), recording.Options{Format: recording.RTLPower, Zone: time.UTC})
			require.Equal(t, one.traces, grids(c))
			require.Equal(t, one.refused, c.refused)
			require.Equal(t, one.notes, c.notes)
		})
	}
}

func TestTheLaterHopCountsWhereTwoOverlap(t *testing.T) {
	t.Parallel()
	c, _ := read(t, write(t, "r.csv", lines(hop("12:00:00", 1000, 10, 3, -50), hop("12:00:00", 1030, 10, 3, -60))), recording.Options{Zone: time.UTC})
	require.Equal(t, []rf.Level{-5000, -5100, -5200, -6000, -6100, -6200, -6200}, c.traces[0].Levels, "rtl_power closes a hop with a copy of its last value")
}

// TestFineStepsDoNotDrift has a step that two decimals tell badly: 9.1552734375 Hz is printed as 9.16, which is 134 values
// off after one hop.
func TestFineStepsDoNotDrift(t *testing.T) {
	t.Parallel()
	const bins = 1 << 12
	row := func(low, high int, first string) string {
		return fmt.Sprintf("2026-11-29, 12:00:00, %d, %d, 9.16, 1, %s%s", low, high, first, strings.Repeat(", -90.00", bins))
	}
	c, _ := read(t, write(t, "r.csv", lines(row(100_000, 137_500, "-10.00"), row(137_500, 175_000, "-20.00"), row(175_000, 212_500, "-30.00"))), recording.Options{Zone: time.UTC})
	require.Empty(t, c.refused)
	require.Len(t, c.traces, 1)
	trace := c.traces[0]
	require.Len(t, trace.Levels, 3*bins+1)
	require.Equal(t, []rf.Level{-1000, -2000, -3000}, []rf.Level{trace.Levels[0], trace.Levels[bins], trace.Levels[2*bins]})
	require.InDelta(t, 37_500.0/bins, trace.StepHz, 1e-6)
}

func TestOtherEndsOfLines(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "rtl_power.csv"))
	require.NoError(t, err)
	want, _ := read(t, "rtl_power.csv", recording.Options{})
	for name, changed := range map[string]string{
		"crlf": strings.ReplaceAll(string(text), "\n", "\r\n"),
		"bom":  "\xef\xbb\xbf" + string(text), "no end": strings.TrimRight(string(text), "\n"),
	} {
		c, format := read(t, write(t, name+".csv", changed), recording.Options{})
		require.Equal(t, recording.RTLPower, format)
		require.Equal(t, want, c, name)
	}
}

// TestAnInterruptedRecording cuts the file at every byte of its last row.
func TestAnInterruptedRecording(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "rtl_power.csv"))
	require.NoError(t, err)
	text := strings.TrimRight(string(content), "\n")
	whole, _ := read(t, "rtl_power.csv", recording.Options{})
	for end := strings.LastIndex(text, "\n") + 2; end < len(text); end++ {
		c, _ := read(t, write(t, "cut.csv", text[:end]), recording.Options{})
		require.Equal(t, []string{"12: the last row is cut off and left out: the recording was interrupted"}, c.notes, "%q", text[end-5:end])
		require.Empty(t, c.refused)
		require.Equal(t, whole.traces[:2], c.traces[:2])
		require.Equal(t, whole.traces[2].Levels[:72], c.traces[2].Levels[:72], "the hops before it are taken")
		require.Len(t, c.traces[2].Levels, 73)
	}
}

func TestClocks(t *testing.T) {
	t.Parallel()
	row := func(clock string) string {
		return clock + ", 1000, 1020, 10.00, 42, -50.00, -51.00, -51.00"
	}
	moments := func(t *testing.T, zone string, clocks ...string) ([]string, *collected) {
		t.Helper()
		rows := make([]string, len(clocks))
		for i, clock := range clocks {
			rows[i] = row(clock)
		}
		location, err := recording.ParseZone(zone)
		require.NoError(t, err)
		c, _ := read(t, write(t, "r.csv", lines(rows...)), recording.Options{Format: recording.RTLPower, Zone: location})
		var out []string
		for _, trace := range c.traces {
			out = append(out, trace.Time.UTC().Format("15:04:05.999"))
		}
		return out, c
	}
	t.Run("clocks go back", func(t *testing.T) {
		t.Parallel()
		got, c := moments(t, "Europe/Berlin", "2026-10-25, 01:59:58", "2026-10-25, 02:00:06", "2026-10-25, 02:59:58", "2026-10-25, 02:00:06", "2026-10-25, 02:59:58", "2026-10-25, 03:00:06")
		require.Equal(t, []string{"23:59:58", "00:00:06", "00:59:58", "01:00:06", "01:59:58", "02:00:06"}, got)
		require.Empty(t, c.notes)
	})
	t.Run("a little back is no change of clocks", func(t *testing.T) {
		t.Parallel()
		got, _ := moments(t, "Europe/Berlin", "2026-10-25, 02:30:00.200", "2026-10-25, 02:30:00.100", "2026-10-25, 02:00:00", "2026-10-25, 02:00:00.3", "2026-10-25, 02:00:00.2")
		require.Equal(t, []string{"00:30:00.2", "00:30:00.1", "01:00:00", "01:00:00.3", "01:00:00.2"}, got)
	})
	t.Run("a file that begins in the hour that comes twice", func(t *testing.T) {
		t.Parallel()
		got, c := moments(t, "Europe/Berlin", "2026-10-25, 02:30:00")
		require.Equal(t, []string{"00:30:00"}, got)
		require.Len(t, c.notes, 1)
		require.Contains(t, c.notes[0], "comes twice")
		got, c = moments(t, "+01:00", "2026-10-25, 02:30:00")
		require.Equal(t, []string{"01:30:00"}, got)
		require.Empty(t, c.notes)
	})
	t.Run("an hour that does not exist", func(t *testing.T) {
		t.Parallel()
		got, c := moments(t, "Europe/Berlin", "2026-03-29, 01:59:59", "2026-03-29, 02:30:00", "2026-03-29, 03:00:00")
		require.Equal(t, []string{"00:59:59", "01:00:00"}, got)
		require.Equal(t, []string{"2: this time does not exist in the zone: clocks were put forward over it"}, c.refused)
	})
	t.Run("half an hour", func(t *testing.T) {
		t.Parallel()
		got, _ := moments(t, "Australia/Lord_Howe", "2026-04-05, 01:59:00", "2026-04-05, 01:31:00")
		require.Equal(t, []string{"14:59:00", "15:01:00"}, got)
	})
	t.Run("zones", func(t *testing.T) {
		t.Parallel()
		for _, wrong := range []string{"", "Mars/Base", "+1", "+25:00x"} {
			_, err := recording.ParseZone(wrong)
			require.Error(t, err, wrong)
		}
	})
}

func TestFormatsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"empty.csv": "", "text.txt": "hello\nworld\n", "binary": "\x00\x01\x02\x03", "page.html": "<html>1,2"} {
		_, err := recording.Read(t.Context(), write(t, name, content), recording.Options{Zone: time.UTC}, new(collected))
		require.ErrorIs(t, err, recording.ErrFormat, name)
	}
	_, err := recording.Read(t.Context(), write(t, "x", "1"), recording.Options{Format: "mp3"}, new(collected))
	require.ErrorIs(t, err, recording.ErrFormat)
	_, err = recording.Read(t.Context(), filepath.Join(t.TempDir(), "none"), recording.Options{}, new(collected))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = recording.Read(t.Context(), filepath.Join("testdata", "rtl_power.csv"), recording.Options{}, new(collected))
	require.ErrorIs(t, err, recording.ErrZone)
}

func TestGUIDs(t *testing.T) {
	t.Parallel()
	at := moment(t, "2026-11-29T12:00:00Z")
	same := recording.Trace{StartHz: 1, StopHz: 2, StepHz: 1, Levels: []rf.Level{-1, -2}, Time: at}
	same.Identify(nil)
	require.Equal(t, "RFC4122", same.GUID.Variant().String())
	require.EqualValues(t, 5, same.GUID.Version())
	seen := map[string]bool{same.GUID.String(): true}
	for _, other := range []recording.Trace{
		{StartHz: 1, StopHz: 2, Levels: []rf.Level{-1, -3}, Time: at}, {StartHz: 1, StopHz: 3, Levels: []rf.Level{-1, -2}, Time: at},
		{StartHz: 0, StopHz: 2, Levels: []rf.Level{-1, -2}, Time: at}, {StartHz: 1, StopHz: 2, Levels: []rf.Level{-1, -2}, Time: at.Add(time.Microsecond)},
		{StartHz: 1, StopHz: 2, Levels: []rf.Level{-1, -2}, Time: at, Source: "A"}, {StartHz: 1, StopHz: 2, Levels: []rf.Level{-1, -2}, Time: at, Unit: "A"},
	} {
		other.Identify(nil)
		require.False(t, seen[other.GUID.String()])
		seen[other.GUID.String()] = true
	}
	placed := recording.Trace{StartHz: 1, StopHz: 2, Levels: []rf.Level{-1, -2}, Time: at.In(time.FixedZone("", 3600)), RBWHz: 3}
	placed.Identify(nil)
	require.Equal(t, same.GUID, placed.GUID, "what is said of the sweep is no part of it")
}

func TestNoiseFloorIsTheMedian(t *testing.T) {
	t.Parallel()
	for want, levels := range map[float64][]rf.Level{
		-90: {-9000}, -95: {-9000, -9500}, -100: {-5000, -10000, -10000}, 327.67: {32767}, -327.67: {-32767}, -1: {recording.Missing, -100, recording.Missing},
		-64.04: {-6404, -6405, -6300, -6200, -7000},
	} {
		trace := recording.Trace{Levels: levels}
		require.InDelta(t, want, trace.Floor(), 1e-9)
	}
}

func BenchmarkRTLPower(b *testing.B) {
	var text strings.Builder
	for second := range 60 {
		for h := range 8 {
			text.WriteString(hop(fmt.Sprintf("12:00:%02d", second), 400_000_000+h*2_000_000, 15_625, 128, -60) + "\n")
		}
	}
	path := write(b, "r.csv", text.String())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		bodies := discard{}
		_, err := recording.Read(b.Context(), path, recording.Options{Zone: time.UTC}, &bodies)
		require.NoError(b, err)
		require.Equal(b, 60, bodies.traces)
	}
}

// discard makes the body of every trace and keeps none.
type discard struct {
	collected
	traces int
	text   []byte
}

func (d *discard) Trace(t *recording.Trace) error {
	noise, lat, lng := t.Floor(), 1.0, 2.0
	t.Noise, t.Lat, t.Lng = &noise, &lat, &lng
	d.text = t.Identify(d.text)
	d.text = t.AppendBody(d.text[:0])
	d.traces++
	return nil
}
