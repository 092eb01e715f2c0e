package rf

import (
	"math"
	"strconv"
)

// MinStep is the smallest step of an axis in hertz.
const MinStep = 1e-6

// SpansAxis reports whether points values spaced by step lead from start to stop: there is at least one, and
// the last step misses stop by at most half a step. The step must be at least MinStep and wide enough to tell
// neighbours apart in a float64, which at MaxFrequency takes 1 Hz. It holds for any input, NaN included.
func SpansAxis(start, stop, step float64, points int) bool {
	if !(step >= MinStep && stop >= start && points >= 1) || math.IsInf(stop-start, 0) || math.IsInf(step, 0) {
		return false
	}
	slack := slackAt(start, stop)
	last := start + float64(step*float64(points-1)) // no fused multiply-add: the same on every processor
	return step >= 2*slack && math.Abs(last-stop) <= step/2+slack
}

// slackAt returns how far two sums of frequencies up to these may differ although the same is meant: four
// units in the last place of a float64. Whole frequencies differ by less than this only when they are equal.
func slackAt(start, stop float64) float64 {
	highest := max(math.Abs(start), math.Abs(stop))
	return 4 * (math.Nextafter(highest, math.Inf(1)) - highest)
}

func (t *Trace) slack() float64 { return slackAt(t.StartHz, t.StopHz) }

// SpacingHz returns the distance of two values in hertz: that of len(Levels) values laid evenly from StartHz to
// StopHz, which is StepHz where that leads exactly to StopHz.
func (t *Trace) SpacingHz() float64 {
	n := float64(len(t.Levels) - 1)
	if n < 1 || math.Abs(t.StartHz+float64(t.StepHz*n)-t.StopHz) <= t.slack() {
		return t.StepHz
	}
	return (t.StopHz - t.StartHz) / n
}

// FrequencyAt returns the frequency of value i in hertz, with 15 significant digits where it is not whole.
func (t *Trace) FrequencyAt(i int) float64 {
	return tidy(t.StartHz + float64(float64(i)*t.SpacingHz()))
}

// Frequencies returns the frequency of every value, see FrequencyAt.
func (t *Trace) Frequencies() []float64 {
	out := make([]float64, len(t.Levels))
	for i, spacing := 0, t.SpacingHz(); i < len(out); i++ {
		out[i] = tidy(t.StartHz + float64(float64(i)*spacing))
	}
	return out
}

// tidy takes the last digits from a sum of decimals, which no decimal of them had: 400086805.56000006 becomes
// 400086805.56. Whole numbers up to MaxFrequency stay as they are.
func tidy(hz float64) float64 {
	if hz == math.Trunc(hz) {
		return hz
	}
	var buffer [32]byte
	short, err := strconv.ParseFloat(string(strconv.AppendFloat(buffer[:0], hz, 'g', 15, 64)), 64)
	if err != nil {
		return hz
	}
	return short
}

// AppendHz appends a frequency in hertz as a JSON number with the fewest digits and no exponent.
func AppendHz(dst []byte, hz float64) []byte { return strconv.AppendFloat(dst, hz, 'f', -1, 64) }

// Within returns the indexes of the first and the last value inside the band; false when there is none.
func (t *Trace) Within(band Band) (first, last int, ok bool) {
	part, ok := t.Band().Overlap(band)
	if !ok || t.Check() != nil {
		return 0, 0, false
	}
	spacing, slack, end := t.SpacingHz(), t.slack(), float64(len(t.Levels)-1)
	low := max(math.Ceil((part.StartHz-t.StartHz-slack)/spacing), 0)
	high := min(math.Floor((part.StopHz-t.StartHz+slack)/spacing), end)
	return int(low), int(high), low <= high
}

// within is Within, but of a band that falls between two values it returns the one nearest to the band's middle,
// the lower of two equally near ones. It fails with ErrBand or ErrOutside.
func (t *Trace) within(band Band) (first, last int, err error) {
	if !(band.StopHz >= band.StartHz) {
		return 0, 0, ErrBand
	}
	first, last, ok := t.Within(band)
	if ok {
		return first, last, nil
	}
	part, overlaps := t.Band().Overlap(band)
	if !overlaps || t.Check() != nil {
		return 0, 0, ErrOutside
	}
	middle := (part.StartHz - t.StartHz + part.StopHz - t.StartHz) / 2
	nearest := int(math.Ceil(middle/t.SpacingHz() - 0.5))
	nearest = min(max(nearest, 0), len(t.Levels)-1)
	return nearest, nearest, nil
}
