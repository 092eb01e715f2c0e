package chart

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func labels(marks []Mark) []string {
	var found []string
	for _, m := range marks {
		found = append(found, m.Label)
	}
	return found
}

func TestMarksAreAtNiceValues(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"−130", "−120", "−110", "−100"}, labels(NiceMarks(-130, -100, 4)))
	require.Equal(t, []string{"−0.5", "0.0", "0.5"}, labels(NiceMarks(-0.7, 0.7, 3)))
	require.Equal(t, []string{"2.4000", "2.4005", "2.4010"}, labels(NiceMarks(2.4, 2.401, 3)))
	for _, low := range []float64{-1e9, -130.25, 0, 7e6, 433.92} {
		for span := 1e-3; span < 1e10; span *= 3.7 {
			marks := NiceMarks(low, low+span, 10)
			require.GreaterOrEqual(t, len(marks), 4, "%g + %g", low, span)
			require.LessOrEqual(t, len(marks), 11, "%g + %g", low, span)
			for _, m := range marks {
				require.InDelta(t, low+span/2, m.Value, span/2*(1+1e-6)+math.Abs(low)*1e-12)
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
		{3650 * 24 * time.Hour, 12, "2027-02-01", "2036-01-21"},
	} {
		found := labels(clockMarks(start, start.Add(c.span), c.count, time.UTC))
		require.NotEmpty(t, found, c.span)
		require.LessOrEqual(t, len(found), c.count+1, c.span)
		require.Equal(t, c.first, found[0], c.span)
		require.Equal(t, c.last, found[len(found)-1], c.span)
	}
	require.Equal(t, []Mark{{0, "12:00:30"}}, clockMarks(start, start, 12, time.UTC), "no span, one mark")
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
			hours = append(hours, m.Value/3600)
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
		require.Equal(t, c.want, Period(start, start.Add(c.span), berlin))
	}
	require.Equal(t, "Time, Europe/Berlin", NewTimeAxis(English, start, start.Add(time.Hour), 12, berlin).Label)
	require.Equal(t, "Время, UTC", NewTimeAxis(Russian, start, start.Add(time.Hour), 12, time.UTC).Label)
}

// Whatever the values are, an axis has a few marks whose labels are short and differ.
func TestMarksOfAnyNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]float64{
		{0, 0}, {1e300, 1e300}, {-1e300, 1e300}, {1e-300, 2e-300}, {1e15, 1e15 + 1}, {123456789, 123456795}, {-1e-7, 1e-7}, {1e300, math.Nextafter(1e300, math.Inf(1))}, {5, 5},
	} {
		a := NewAxis("x", c[0], c[1])
		found := labels(NiceMarks(a.Low, a.High, 8))
		require.GreaterOrEqual(t, len(found), 2, "%v", c)
		require.LessOrEqual(t, len(found), 18, "%v", c)
		seen := map[string]bool{}
		for _, label := range found {
			require.LessOrEqual(t, len(label), 22, "%v", found)
			require.False(t, seen[label], "%v", found)
			seen[label] = true
		}
	}
}
