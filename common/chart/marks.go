package chart

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// niceStep returns the step of 1, 2 or 5 times a power of ten that divides span into about count parts.
func niceStep(span float64, count int) float64 {
	raw := span / float64(count)
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, factor := range []float64{1, 2, 5} {
		if raw <= factor*base {
			return factor * base
		}
	}
	return 10 * base
}

// Numbers from maxPlain on, and those of more than maxDecimals decimals, are labelled with an exponent.
const (
	maxPlain    = 1e7
	maxDecimals = 6
)

// NiceMarks returns about count marks at nice steps, labelled with as many decimals as the step needs.
func NiceMarks(low, high float64, count int) []Mark {
	step := niceStep(high-low, count)
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	largest := math.Max(math.Abs(low), math.Abs(high))
	digits := 1 + int(math.Ceil(math.Log10(largest/step)))
	var marks []Mark
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		label := strconv.FormatFloat(i*step, 'f', decimals, 64)
		if largest >= maxPlain || decimals > maxDecimals {
			label = strconv.FormatFloat(i*step, 'g', digits, 64)
		}
		if v, err := strconv.ParseFloat(label, 64); err == nil && v == 0 {
			label = strings.TrimPrefix(label, "-")
		}
		marks = append(marks, Mark{i * step, WithMinus(label)})
	}
	return marks
}

// WithMinus writes a number with the minus sign of print.
func WithMinus(number string) string { return strings.Replace(number, "-", "−", 1) }

var clockSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour, 91 * 24 * time.Hour, 364 * 24 * time.Hour,
}

// clockMarks returns up to about count marks at times that are round in the zone; their values are seconds from start.
func clockMarks(start, end time.Time, count int, zone *time.Location) []Mark {
	span := end.Sub(start)
	step := clockSteps[len(clockSteps)-1]
	for _, s := range clockSteps {
		if span/s <= time.Duration(count) {
			step = s
			break
		}
	}
	layout := "15:04:05"
	switch {
	case step >= 24*time.Hour:
		layout = "2006-01-02"
	case span > 20*time.Hour:
		layout = "01-02 15:04"
	case step >= time.Minute:
		layout = "15:04"
	}
	var marks []Mark
	for wall := clockOf(start.In(zone)).Truncate(step); ; wall = wall.Add(step) {
		// The hour that clocks skip is told as the next one.
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
		if at.After(end) {
			return marks
		}
		if !at.Before(start) {
			marks = append(marks, Mark{at.Sub(start).Seconds(), at.Format(layout)})
		}
	}
}

// clockOf is what a clock shows, as if it were in UTC.
func clockOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// Period writes a range of time, with seconds where it is short or begins or ends within a minute.
func Period(from, to time.Time, zone *time.Location) string {
	from, to = from.In(zone), to.In(zone)
	const date = "2006-01-02 "
	clock := "15:04"
	if to.Sub(from) < 10*time.Minute || from.Second() != 0 || to.Second() != 0 {
		clock = "15:04:05"
	}
	last := clock
	if from.Format(date) != to.Format(date) {
		last = date + clock
	}
	return from.Format(date+clock) + " – " + to.Format(last) + " " + to.Format("MST")
}

// NewTimeAxis makes an axis of time from its beginning, in seconds, with up to about count marks that are round in the zone.
func NewTimeAxis(l Language, from, to time.Time, count int, zone *time.Location) Axis {
	name := zone.String()
	if name == "Local" { // nobody has named it
		name = from.In(zone).Format("MST")
	}
	title := "Time"
	if l == Russian {
		title = "Время"
	}
	a := NewAxis(title+", "+name, 0, to.Sub(from).Seconds())
	a.Marks = clockMarks(from, to, count, zone)
	return a
}
