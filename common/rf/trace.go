package rf

import "errors"

// Faults of a trace's frequency axis and of bands that do not fit it.
var (
	ErrAxis    = errors.New("the values do not span start to stop by the step")
	ErrBand    = errors.New("the band's stop lies below its start")
	ErrOutside = errors.New("the band lies outside the trace")
)

// MaxFrequency bounds frequencies in hertz, both signs: 1 PHz, far above radio and safely inside a
// float64's whole numbers.
const MaxFrequency = 1e15

// Band is a closed frequency range in hertz.
type Band struct{ StartHz, StopHz float64 }

// WidthHz returns the band's width in hertz.
func (b Band) WidthHz() float64 { return b.StopHz - b.StartHz }

// Contains reports whether the frequency lies in the band, its edges included.
func (b Band) Contains(hz float64) bool { return hz >= b.StartHz && hz <= b.StopHz }

// Overlap returns the part that both bands share; false when they do not even touch.
func (b Band) Overlap(other Band) (Band, bool) {
	o := Band{max(b.StartHz, other.StartHz), min(b.StopHz, other.StopHz)}
	return o, o.StartHz <= o.StopHz
}

// Trace is a row of powers over frequency. Its values lie evenly from StartHz to StopHz, see FrequencyAt.
type Trace struct {
	StartHz, StopHz float64
	// StepHz is the nominal distance of two values; it may miss StopHz by up to half of itself.
	StepHz float64
	// NoiseDBm is the noise floor in Unit.
	NoiseDBm float64
	Levels   []Level
	// Unit is what the levels are hundredths of; empty means DBm.
	Unit Unit
	// RBWHz is the receiver's resolution bandwidth (−3 dB) and ENBWHz its equivalent noise bandwidth, in
	// hertz; 0 where they are not known.
	RBWHz, ENBWHz float64
}

// Signal is a band of interest inside a trace with its centre (or carrier) frequency.
type Signal struct {
	Band
	F0Hz float64
}

// Check reports whether the axis is sound, see SpansAxis. It fails with ErrAxis.
func (t *Trace) Check() error {
	if !SpansAxis(t.StartHz, t.StopHz, t.StepHz, len(t.Levels)) {
		return ErrAxis
	}
	return nil
}

// Band returns the range from the first to the last value.
func (t *Trace) Band() Band { return Band{t.StartHz, t.StopHz} }

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
		if l == Missing {
			out.Levels[i] = Missing
			continue
		}
		sum := int32(l) + int32(step)
		if sum > MaxLevel || sum < -MaxLevel {
			return nil, ErrRange
		}
		out.Levels[i] = Level(sum)
	}
	out.NoiseDBm = t.NoiseDBm + DBm(step)
	return &out, nil
}

// Blank returns the trace with every value inside the band set to the noise floor; what is missing stays
// missing. It fails with ErrBand, ErrOutside or, for a noise floor that is no level, ErrRange and
// ErrNotFinite.
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
		if out.Levels[i] != Missing {
			out.Levels[i] = floor
		}
	}
	return &out, nil
}

// Shift returns the trace moved along the frequency axis by hz, as after a frequency conversion. It
// fails with ErrOutside when an edge would pass MaxFrequency.
func (t *Trace) Shift(hz float64) (*Trace, error) {
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
func (s Signal) Shift(hz float64) (Signal, error) {
	band, err := s.shift(hz)
	if err != nil {
		return Signal{}, err
	}
	return Signal{Band: band, F0Hz: s.F0Hz + hz}, nil
}

func (b Band) shift(hz float64) (Band, error) {
	moved := Band{b.StartHz + hz, b.StopHz + hz}
	if !(moved.StartHz >= -MaxFrequency && moved.StopHz <= MaxFrequency) { // NaN too
		return Band{}, ErrOutside
	}
	return moved, nil
}
