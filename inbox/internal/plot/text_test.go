package plot

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/sfnt"

	"nms.example/inbox/internal/rollup"
)

func labels(marks []mark) []string {
	var found []string
	for _, m := range marks {
		found = append(found, m.label)
	}
	return found
}

func TestMarksAreAtNiceValues(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"−130", "−120", "−110", "−100"}, labels(niceMarks(-130, -100, 4)))
	require.Equal(t, []string{"−0.5", "0.0", "0.5"}, labels(niceMarks(-0.7, 0.7, 3)))
	require.Equal(t, []string{"2.4000", "2.4005", "2.4010"}, labels(niceMarks(2.4, 2.401, 3)))
	for _, low := range []float64{-1e9, -130.25, 0, 7e6, 433.92} {
		for span := 1e-3; span < 1e10; span *= 3.7 {
			marks := niceMarks(low, low+span, 10)
			require.GreaterOrEqual(t, len(marks), 4, "%g + %g", low, span)
			require.LessOrEqual(t, len(marks), 11, "%g + %g", low, span)
			for _, m := range marks {
				require.InDelta(t, low+span/2, m.value, span/2*(1+1e-6)+math.Abs(low)*1e-12)
			}
		}
	}
}

func TestMarksAreAtRoundTimes(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 6, 1, 12, 0, 30, 0, time.UTC)
	for _, c := range []struct {
		span        time.Duration
		count       int
		first, last string
	}{
		{10 * time.Second, 12, "12:00:30", "12:00:40"},
		{15 * time.Minute, 12, "12:02", "12:14"},
		{time.Hour, 4, "12:15", "13:00"},
		{24 * time.Hour, 12, "06-01 14:00", "06-02 12:00"},
		{60 * 24 * time.Hour, 12, "2026-06-08", "2026-07-27"},
	} {
		found := labels(clockMarks(start, start.Add(c.span), c.count, time.UTC))
		require.NotEmpty(t, found, c.span)
		require.LessOrEqual(t, len(found), c.count+1, c.span)
		require.Equal(t, c.first, found[0], c.span)
		require.Equal(t, c.last, found[len(found)-1], c.span)
	}
	require.Equal(t, []mark{{0, "12:00:30"}}, clockMarks(start, start, 12, time.UTC), "no span, one mark")
}

func TestTimesAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	start := time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC)
	marks := clockMarks(start, start.Add(12*time.Hour), 5, berlin)
	require.Equal(t, []string{"00:00", "03:00", "06:00", "09:00"}, labels(marks))
	require.Equal(t, []float64{2, 6, 9, 12}, func() (hours []float64) {
		for _, m := range marks {
			hours = append(hours, m.value/3600)
		}
		return hours
	}(), "the hour that comes twice lasts two")
	require.Equal(t, []string{"02:00", "03:00"}, labels(clockMarks(start, start.Add(2*time.Hour), 3, kolkata)), "round in the zone")
	for _, c := range []struct {
		span time.Duration
		want string
	}{
		{9 * time.Minute, "2026-10-24 22:00:00 – 22:09:00 CEST"}, {time.Hour, "2026-10-24 22:00 – 23:00 CEST"},
		{time.Hour + time.Second, "2026-10-24 22:00:00 – 23:00:01 CEST"}, {6 * time.Hour, "2026-10-24 22:00 – 2026-10-25 03:00 CET"},
	} {
		require.Equal(t, c.want, period(start, start.Add(c.span), berlin))
	}
	w := English.words()
	require.Equal(t, "Time, Europe/Berlin", timeAxis(w, start, start.Add(time.Hour), 12, berlin).label)
	require.Equal(t, "1 sweep of 1 source", w.measured(1, 1, rollup.Receiver{}))
	require.Equal(t, "2 sweeps of mast-1", w.measured(2, 1, rollup.Receiver{Source: "mast-1", EquipmentID: 7}))
	require.Equal(t, "2 sweeps of equipment 7", w.measured(2, 1, rollup.Receiver{EquipmentID: 7}))
	require.Equal(t, "развёрток: 2, "+strings.Repeat("ж", 29)+"…", Russian.words().measured(2, 1, rollup.Receiver{Source: strings.Repeat("ж", 31)}))
}

// A letter that the font lacks would be drawn as a box.
func TestTheFontHasAllLetters(t *testing.T) {
	t.Parallel()
	face, err := liberationSans()
	require.NoError(t, err)
	var buffer sfnt.Buffer
	for _, language := range []Language{English, Russian} {
		w := language.words()
		text := fmt.Sprint("0123456789−.,:–·°≥≤%", w, w.counts(2, 2, "x…"), w.place(-1, -1, nil), w.place(1, 1, new(float64)))
		for _, letter := range text {
			glyph, err := face.GlyphIndex(&buffer, letter)
			require.NoError(t, err)
			require.NotZero(t, glyph, "%q", letter)
		}
	}
}
