package rf_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
)

func TestPowerWithinTheBandAlone(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	trace.Levels[70] = rf.Missing

	p, err := trace.Power(rf.Band{StartHz: 100.6e6, StopHz: 101e6})
	require.NoError(t, err)
	require.Equal(t, 40, p.Points, "a missing value is none")
	require.InDelta(t, -100, p.MaxDBm, 1e-12, "the carrier lies outside this band")
	require.InDelta(t, -100, p.MeanDBm, 1e-9)
	require.InDelta(t, -100+10*math.Log10(40), p.ChannelDBm, 1e-9)

	p, err = trace.Power(rf.Band{StartHz: 100.45e6, StopHz: 100.55e6})
	require.NoError(t, err)
	require.Equal(t, 11, p.Points)
	require.InDelta(t, -40, p.MaxDBm, 1e-12)
	// One value of 1e-4 mW and ten of 1e-10 mW: 1.00001e-4 mW together.
	require.InDelta(t, 10*math.Log10(1.00001e-4), p.ChannelDBm, 1e-9)
	require.InDelta(t, 10*math.Log10(1.00001e-4/11), p.MeanDBm, 1e-9)

	p, err = trace.Power(rf.Band{StartHz: 100.501e6, StopHz: 100.502e6})
	require.NoError(t, err)
	require.Equal(t, 1, p.Points, "between two values the nearest one counts")
	require.InDelta(t, -40, p.MaxDBm, 1e-12)

	p, err = trace.Power(rf.Band{StartHz: 100.95e6, StopHz: 200e6})
	require.NoError(t, err)
	require.Equal(t, 6, p.Points, "past the trace's end only the covered part counts")

	_, err = trace.Power(rf.Band{StartHz: 101.001e6, StopHz: 102e6})
	require.ErrorIs(t, err, rf.ErrOutside)
	_, err = trace.Power(rf.Band{StartHz: 100.6e6, StopHz: 100.5e6})
	require.ErrorIs(t, err, rf.ErrBand)
}

// gaussian is a carrier of −30 dBm at 100.5 MHz through a Gaussian filter of 100 kHz (−3 dB), at a step of 10 kHz.
func gaussian() *rf.Trace {
	trace := &rf.Trace{StartHz: 100e6, StopHz: 101e6, StepHz: 10e3, NoiseDBm: -120, Levels: make([]rf.Level, 101), RBWHz: 100e3}
	for i := range trace.Levels {
		offset := float64(i-50) * trace.StepHz
		part := 2 * offset / trace.RBWHz
		level := -30 - 10*math.Log10(2)*part*part
		trace.Levels[i] = rf.Level(math.RoundToEven(100 * max(level, -120)))
	}
	return trace
}

func TestChannelPowerThroughTheReceiversFilter(t *testing.T) {
	t.Parallel()
	trace := gaussian()
	p, err := trace.Power(trace.Band())
	require.NoError(t, err)
	require.InDelta(t, -30, p.ChannelDBm, 0.005)
	require.InDelta(t, 106_450, p.NoiseBandwidthHz, 1e-6)
	require.False(t, p.Assumed)

	trace.ENBWHz = 100e3
	p, err = trace.Power(trace.Band())
	require.NoError(t, err)
	require.InDelta(t, -30+10*math.Log10(1.0645), p.ChannelDBm, 0.005, "what the receiver says itself comes first")

	trace.ENBWHz, trace.RBWHz = 0, 0
	p, err = trace.Power(trace.Band())
	require.NoError(t, err)
	require.InDelta(t, -19.73, p.ChannelDBm, 0.005)
	require.InDelta(t, 10e3, p.NoiseBandwidthHz, 0)
	require.True(t, p.Assumed)
}

func TestChannelPowerOfADensity(t *testing.T) {
	t.Parallel()
	trace := &rf.Trace{StartHz: 100e6, StopHz: 109.984e6, StepHz: 16e3, NoiseDBm: -174, Unit: rf.UnitDBmPerHz, RBWHz: 3000}
	for range 625 {
		trace.Levels = append(trace.Levels, -17000)
	}
	p, err := trace.Power(trace.Band())
	require.NoError(t, err)
	require.InDelta(t, -100, p.ChannelDBm, 1e-9)
	require.InDelta(t, 1, p.NoiseBandwidthHz, 0)
	require.False(t, p.Assumed)
	require.InDelta(t, 0.99*10e6, p.OccupiedHz, 1e-6, "an even density fills the band")
	require.InDelta(t, 10*math.Log10(math.Pow(10, 0.4)-1), p.SNRdB, 1e-9, "4 dB of signal and noise over noise")
}

// TestOccupiedBandwidth: 99 % of the power of a normal distribution lie within ±2.5758 standard deviations.
func TestOccupiedBandwidth(t *testing.T) {
	t.Parallel()
	trace := gaussian()
	p, err := trace.Power(trace.Band())
	require.NoError(t, err)
	deviation := 100e3 / (2 * math.Sqrt(2*math.Ln2))
	require.InDelta(t, 2*2.5758*deviation, p.OccupiedHz, 0.01*p.OccupiedHz)

	narrow := &rf.Trace{StartHz: 0, StopHz: 1000, StepHz: 100, NoiseDBm: -200, Levels: []rf.Level{
		rf.Missing, -20000, -20000, -20000, -20000, -3000, -20000, -20000, -20000, -20000, rf.Missing,
	}}
	p, err = narrow.Power(narrow.Band())
	require.NoError(t, err)
	require.InDelta(t, 99, p.OccupiedHz, 1e-6, "one value stands for one step")
	require.Equal(t, 9, p.Points)
}

func TestNoSignalAboveTheNoise(t *testing.T) {
	t.Parallel()
	trace := gaussian()
	trace.NoiseDBm = 0
	p, err := trace.Power(trace.Band())
	require.NoError(t, err)
	require.True(t, math.IsInf(p.SNRdB, -1))
}

func TestWhatIsNoPower(t *testing.T) {
	t.Parallel()
	for _, unit := range []rf.Unit{rf.UnitDBuV, rf.UnitDBuVPerM, rf.UnitDBFS} {
		trace := gaussian()
		trace.Unit = unit
		require.True(t, unit.Valid())
		_, err := trace.Power(trace.Band())
		require.ErrorIs(t, err, rf.ErrUnit, unit)
	}
	require.False(t, rf.Unit("dBW").Valid())
	trace := gaussian()
	for i := 10; i < 20; i++ {
		trace.Levels[i] = rf.Missing
	}
	_, err := trace.Power(rf.Band{StartHz: 100.1e6, StopHz: 100.19e6})
	require.ErrorIs(t, err, rf.ErrUnmeasured)
}
