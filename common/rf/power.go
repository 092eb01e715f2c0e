package rf

import (
	"errors"
	"math"
)

// ErrUnmeasured says that a band holds missing values alone.
var ErrUnmeasured = errors.New("nothing was measured within the band")

// gaussianENBW is the equivalent noise bandwidth of a Gaussian filter per hertz of its −3 dB bandwidth B:
// ∫ 2^−(2f/B)² df / B = √(π / ln 2) / 2.
const gaussianENBW = 1.0645

// occupiedShare is the part of a band's power that the occupied bandwidth leaves out on either side, β/2 of
// ITU-R SM.443 and SM.328.
const occupiedShare = 0.005

// Power holds what a band of a trace measures.
type Power struct {
	// MaxDBm is the highest value in the band, in the trace's unit (dBm or dBm/Hz).
	MaxDBm float64
	// MeanDBm is the mean of the values, taken in milliwatts, in the trace's unit.
	MeanDBm float64
	// ChannelDBm is the power of the whole band, dBm.
	ChannelDBm float64
	// NoiseBandwidthHz is the bandwidth that one value stands for, hertz; 1 for a density. Assumed says that
	// the receiver did not tell any bandwidth, and that the step stands for it.
	NoiseBandwidthHz float64
	Assumed          bool
	// OccupiedHz is the bandwidth that holds 99 % of the band's power, hertz.
	OccupiedHz float64
	// SNRdB is the signal's power over that of the noise floor in the same band, dB; −∞ for a band that does
	// not rise above the noise floor.
	SNRdB float64
	// Points is the number of measured values that went in, at least one.
	Points int
}

// NoiseBandwidth returns the bandwidth in hertz that one value of the trace stands for: 1 for a density, else
// ENBWHz, else 1.0645 · RBWHz, the equivalent noise bandwidth of a Gaussian filter, the usual form of a
// spectrum analyser's; else the step, which is an assumption. It fails with ErrUnit.
func (t *Trace) NoiseBandwidth() (hz float64, assumed bool, err error) {
	switch t.Unit.OrDBm() {
	case UnitDBmPerHz:
		return 1, false, nil
	case UnitDBm:
	default:
		return 0, false, ErrUnit
	}
	switch {
	case t.ENBWHz > 0:
		return t.ENBWHz, false, nil
	case t.RBWHz > 0:
		return gaussianENBW * t.RBWHz, false, nil
	default:
		return t.SpacingHz(), true, nil
	}
}

// Power measures the band, or that part of it that the trace covers, from the values that are not missing. It
// fails with ErrUnit, ErrBand, ErrUnmeasured and, when band and trace share nothing, with ErrOutside.
//
// The mean is 10·lg(1/N · Σ 10^(pᵢ/10)). The channel power is 10·lg(Σ 10^(pᵢ/10) · s/Bn) with the step s and the
// noise bandwidth Bn of one value, see NoiseBandwidth: N values stand for the channel's width Bs = N·s in
// 10·lg((Bs/Bn) · 1/N · Σ 10^(pᵢ/10)) of Agilent (Keysight) Technologies, "Spectrum Analysis Basics",
// Application Note 150, section on channel power.
//
// The signal-to-noise ratio is 10·lg((Σ 10^(pᵢ/10) − N·10^(n/10)) / (N·10^(n/10))) with the noise floor n: what was
// measured is signal and noise together, so that the noise is taken off.
func (t *Trace) Power(band Band) (Power, error) {
	bandwidth, assumed, err := t.NoiseBandwidth()
	if err != nil {
		return Power{}, err
	}
	first, last, err := t.within(band)
	if err != nil {
		return Power{}, err
	}
	levels := t.Levels[first : last+1]
	highest, total, n := Missing, 0.0, 0
	for _, l := range levels {
		if l != Missing {
			highest = max(highest, l)
			total += Milliwatts(l)
			n++
		}
	}
	if n == 0 {
		return Power{}, ErrUnmeasured
	}
	noise := float64(n) * math.Pow(10, t.NoiseDBm/10)
	return Power{
		MaxDBm:     DBm(highest),
		MeanDBm:    10 * math.Log10(total/float64(n)),
		ChannelDBm: 10 * math.Log10(total*t.SpacingHz()/bandwidth), NoiseBandwidthHz: bandwidth, Assumed: assumed,
		OccupiedHz: occupied(levels, total) * t.SpacingHz(),
		SNRdB:      10 * math.Log10(max(total-noise, 0)/noise),
		Points:     n,
	}, nil
}

// occupied returns the occupied bandwidth of the levels in steps: below its lower and above its upper edge lie
// 0.5 % of total each, the sum of the levels in milliwatts (ITU Radio Regulations 1.153; ITU-R SM.443, the
// β/2 method on a spectrum). Each value stands for one step around its frequency, in which its power is spread
// evenly.
func occupied(levels []Level, total float64) float64 {
	share := total * occupiedShare
	return float64(len(levels)) - stepsBefore(levels, share, false) - stepsBefore(levels, share, true)
}

// stepsBefore returns how many steps from the first value, or from the last one, hold a power of share milliwatts.
func stepsBefore(levels []Level, share float64, fromLast bool) float64 {
	sum := 0.0
	for i, level := range levels {
		if fromLast {
			level = levels[len(levels)-1-i]
		}
		if level == Missing {
			continue
		}
		power := Milliwatts(level)
		if sum+power >= share {
			return float64(i) + (share-sum)/power
		}
		sum += power
	}
	return float64(len(levels))
}

// Milliwatts returns a level's power in milliwatts: 10^(dBm/10).
func Milliwatts(level Level) float64 { return math.Pow(10, float64(level)/1000) }
