package rf

import "math"

// Power holds what a band of a trace measures, in dBm.
type Power struct {
	// MaxDBm is the highest value in the band.
	MaxDBm float64
	// MeanDBm is the mean of the values, taken in milliwatts.
	MeanDBm float64
	// ChannelDBm is the power of the whole band.
	ChannelDBm float64
	// Points is the number of values that went in, at least one.
	Points int
}

// Power measures the band, or that part of it that the trace covers. It fails with ErrBand and, when
// they share nothing, with ErrOutside.
//
// The mean is M = 10·lg(1/N · Σ 10^(pᵢ/10)). The channel power is 10·lg((Bs/Bn) · 1/N · Σ 10^(pᵢ/10))
// with the channel's width Bs and the noise bandwidth Bn of one value, after Agilent (Keysight)
// Technologies, "Spectrum Analysis Basics", Application Note 150, section on channel power. A trace
// does not tell the receiver's resolution bandwidth, so Bn is its step and Bs the N steps that the
// values stand for, which leaves 10·lg(Σ 10^(pᵢ/10)).
func (t *Trace) Power(band Band) (Power, error) {
	first, last, err := t.within(band)
	if err != nil {
		return Power{}, err
	}
	highest := t.Levels[first]
	var total float64
	for _, l := range t.Levels[first : last+1] {
		highest = max(highest, l)
		total += Milliwatts(l)
	}
	n := last - first + 1
	return Power{
		MaxDBm:     DBm(highest),
		MeanDBm:    10 * math.Log10(total/float64(n)),
		ChannelDBm: 10 * math.Log10(total),
		Points:     n,
	}, nil
}

// Milliwatts gives a level's power in milliwatts: 10^(dBm/10).
func Milliwatts(level Level) float64 { return math.Pow(10, float64(level)/1000) }
