package rf

import (
	"errors"
	"math/bits"
)

// Faults of a trace's frequency axis and of bands that do not fit it.
var (
	ErrAxis    = errors.New("the values do not span start to stop by the step")
	ErrBand    = errors.New("the band's stop lies below its start")
	ErrOutside = errors.New("the band lies outside the trace")
)

// MaxFrequency bounds frequencies in hertz, both signs: 1 PHz, far above radio and safely inside a
// float64's whole numbers.
const MaxFrequency int64 = 1_000_000_000_000_000

// Band is a closed frequency range in hertz.
type Band struct{ StartHz, StopHz int64 }

// WidthHz gives the band's width in hertz.
func (b Band) WidthHz() int64 { return b.StopHz - b.StartHz }

// Contains reports whether the frequency lies in the band, its edges included.
func (b Band) Contains(hz int64) bool { return hz >= b.StartHz && hz <= b.StopHz }

// Overlap gives the part that both bands share; false when they do not even touch.
func (b Band) Overlap(other Band) (Band, bool) {
	o := Band{max(b.StartHz, other.StartHz), min(b.StopHz, other.StopHz)}
	return o, o.StartHz <= o.StopHz
}

// Trace is a row of powers over frequency. Value i belongs to StartHz + i·StepHz.
type Trace struct {
	StartHz, StopHz, StepHz int64
	// NoiseDBm is the noise floor in dBm.
	NoiseDBm float64
	Levels   []Level
}

// Signal is a band of interest inside a trace with its centre (or carrier) frequency.
type Signal struct {
	Band
	F0Hz int64
}

// Check reports whether the axis is sound: a positive step, at least one value and exactly
// (StopHz − StartHz) / StepHz + 1 of them with no remainder. It fails with ErrAxis.
func (t *Trace) Check() error {
	if !SpansAxis(t.StartHz, t.StopHz, t.StepHz, len(t.Levels)) {
		return ErrAxis
	}
	return nil
}

// SpansAxis reports whether points values spaced by step run from start exactly to stop. It does not
// overflow for any input.
func SpansAxis(start, stop, step int64, points int) bool {
	if step <= 0 || stop < start || points < 1 {
		return false
	}
	hi, lo := bits.Mul64(uint64(step), uint64(points-1))
	return hi == 0 && lo == uint64(stop)-uint64(start)
}

// Band gives the range from the first to the last value.
func (t *Trace) Band() Band { return Band{t.StartHz, t.StopHz} }

// FrequencyAt gives the frequency of value i in hertz.
func (t *Trace) FrequencyAt(i int) int64 { return t.StartHz + int64(i)*t.StepHz }

// Gain returns the trace with dB, rounded to hundredths, added to every value and to the noise floor.
// It fails with ErrRange when a value leaves the range, with ErrNotFinite for a gain that is no number.
func (t *Trace) Gain(dB float64) (*Trace, error) {
	// A gain of whole hundredths keeps every sum exact, and a later opposite gain undoes it.
	step, err := LevelOf(dB)
	if err != nil {
		return nil, err
	}
	out := *t
	out.Levels = make([]Level, len(t.Levels))
	for i, l := range t.Levels {
		sum := int32(l) + int32(step)
		if sum > MaxLevel || sum < -MaxLevel {
			return nil, ErrRange
		}
		out.Levels[i] = Level(sum)
	}
	out.NoiseDBm = t.NoiseDBm + DBm(step)
	return &out, nil
}

// Blank returns the trace with every value inside the band set to the noise floor. It fails with
// ErrBand, ErrOutside or, for a noise floor that is no level, ErrRange and ErrNotFinite.
func (t *Trace) Blank(band Band) (*Trace, error) {
	first, last, err := t.within(band)
	if err != nil {
		return nil, err
	}
	floor, err := LevelOf(t.NoiseDBm)
	if err != nil {
		return nil, err
	}
	out := *t
	out.Levels = append([]Level(nil), t.Levels...)
	for i := first; i <= last; i++ {
		out.Levels[i] = floor
	}
	return &out, nil
}

// Shift returns the trace moved along the frequency axis by hz, as after a frequency conversion. It
// fails with ErrOutside when an edge would pass MaxFrequency.
func (t *Trace) Shift(hz int64) (*Trace, error) {
	band, err := t.Band().shift(hz)
	if err != nil {
		return nil, err
	}
	out := *t
	out.StartHz, out.StopHz = band.StartHz, band.StopHz
	return &out, nil
}

// Shift returns the signal moved by hz, its f0 with it. It fails with ErrOutside when an edge would
// pass MaxFrequency.
func (s Signal) Shift(hz int64) (Signal, error) {
	band, err := s.shift(hz)
	if err != nil {
		return Signal{}, err
	}
	return Signal{Band: band, F0Hz: s.F0Hz + hz}, nil
}

func (b Band) shift(hz int64) (Band, error) {
	if hz > 2*MaxFrequency || hz < -2*MaxFrequency {
		return Band{}, ErrOutside
	}
	moved := Band{b.StartHz + hz, b.StopHz + hz}
	if moved.StartHz < -MaxFrequency || moved.StopHz > MaxFrequency {
		return Band{}, ErrOutside
	}
	return moved, nil
}

// within gives the indexes of the values inside the band. Of a band that falls between two values it
// gives the one nearest to the band's middle, the lower of two equally near ones.
func (t *Trace) within(band Band) (first, last int, err error) {
	if band.StopHz < band.StartHz {
		return 0, 0, ErrBand
	}
	part, ok := t.Band().Overlap(band)
	if !ok || len(t.Levels) == 0 || t.StepHz <= 0 {
		return 0, 0, ErrOutside
	}
	first = int((part.StartHz - t.StartHz + t.StepHz - 1) / t.StepHz)
	last = int((part.StopHz - t.StartHz) / t.StepHz)
	if first > last {
		// Twice the distances, so that the middle of an odd width stays a whole number.
		middle := (part.StartHz - t.StartHz) + (part.StopHz - t.StartHz)
		below := int64(last) * t.StepHz * 2
		if above := int64(first) * t.StepHz * 2; above-middle < middle-below {
			last = first
		}
		first = last
	}
	return first, min(last, len(t.Levels)-1), nil
}
