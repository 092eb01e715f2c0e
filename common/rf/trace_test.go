package rf_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
)

// setup gives a trace of 101 values from 100 MHz to 101 MHz by 10 kHz: a floor of −100 dBm with a
// carrier of −40 dBm at 100.5 MHz.
func setup(t *testing.T) *rf.Trace {
	t.Helper()
	trace := &rf.Trace{StartHz: 100e6, StopHz: 101e6, StepHz: 10e3, NoiseDBm: -100, Levels: make([]rf.Level, 101)}
	for i := range trace.Levels {
		trace.Levels[i] = -10000
	}
	trace.Levels[50] = -4000
	require.NoError(t, trace.Check())
	return trace
}

func TestAxis(t *testing.T) {
	t.Parallel()
	require.True(t, rf.SpansAxis(0, 0, 1, 1))
	require.True(t, rf.SpansAxis(-5, 5, 5, 3))
	for name, axis := range map[string][4]int64{
		"step zero":         {0, 10, 0, 1},
		"step negative":     {0, 10, -1, 11},
		"stop below start":  {10, 0, 1, 11},
		"one too few":       {0, 10, 1, 10},
		"one too many":      {0, 10, 1, 12},
		"remainder":         {0, 10, 3, 4},
		"no values":         {0, 0, 1, 0},
		"product overflows": {0, 0, math.MaxInt64, 3},
	} {
		require.False(t, rf.SpansAxis(axis[0], axis[1], axis[2], int(axis[3])), name)
	}
	require.False(t, rf.SpansAxis(math.MinInt64, math.MaxInt64, math.MaxInt64, 3))
	require.ErrorIs(t, (&rf.Trace{StopHz: 5, StepHz: 1}).Check(), rf.ErrAxis)
}

func TestGainMovesValuesAndNoise(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	louder, err := trace.Gain(12.34)
	require.NoError(t, err)
	require.Equal(t, rf.Level(-4000+1234), louder.Levels[50])
	require.InDelta(t, -87.66, louder.NoiseDBm, 1e-12)
	back, err := louder.Gain(-12.34)
	require.NoError(t, err)
	require.Equal(t, trace.Levels, back.Levels)
	require.InDelta(t, trace.NoiseDBm, back.NoiseDBm, 1e-12)

	_, err = trace.Gain(-227.68)
	require.ErrorIs(t, err, rf.ErrRange)
	_, err = trace.Gain(math.NaN())
	require.ErrorIs(t, err, rf.ErrNotFinite)
	require.Equal(t, rf.Level(-4000), trace.Levels[50], "the source must stay as it was")
}

func TestBlankSetsTheBandToTheNoiseFloor(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	blank, err := trace.Blank(rf.Band{StartHz: 100.495e6, StopHz: 100.5e6})
	require.NoError(t, err)
	require.Equal(t, rf.Level(-10000), blank.Levels[50])
	require.Equal(t, rf.Level(-4000), trace.Levels[50])
	_, err = trace.Blank(rf.Band{StartHz: 102e6, StopHz: 103e6})
	require.ErrorIs(t, err, rf.ErrOutside)
	trace.NoiseDBm = -400
	_, err = trace.Blank(trace.Band())
	require.ErrorIs(t, err, rf.ErrRange)
}

func TestShiftMovesTheSignalsF0Too(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	moved, err := trace.Shift(-95e6)
	require.NoError(t, err)
	require.Equal(t, rf.Band{StartHz: 5e6, StopHz: 6e6}, moved.Band())
	require.Equal(t, int64(5.5e6), moved.FrequencyAt(50))
	signal, err := rf.Signal{Band: rf.Band{StartHz: 100.4e6, StopHz: 100.6e6}, F0Hz: 100.5e6}.Shift(-95e6)
	require.NoError(t, err)
	require.Equal(t, rf.Signal{Band: rf.Band{StartHz: 5.4e6, StopHz: 5.6e6}, F0Hz: 5.5e6}, signal)
	for _, hz := range []int64{rf.MaxFrequency, -3 * rf.MaxFrequency, math.MaxInt64, math.MinInt64} {
		_, err = trace.Shift(hz)
		require.ErrorIs(t, err, rf.ErrOutside)
	}
}

func TestPowerWithinTheBandAlone(t *testing.T) {
	t.Parallel()
	trace := setup(t)

	p, err := trace.Power(rf.Band{StartHz: 100.6e6, StopHz: 101e6})
	require.NoError(t, err)
	require.Equal(t, 41, p.Points)
	require.InDelta(t, -100, p.MaxDBm, 1e-12, "the carrier lies outside this band")
	require.InDelta(t, -100, p.MeanDBm, 1e-9)
	require.InDelta(t, -100+10*math.Log10(41), p.ChannelDBm, 1e-9)

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

func TestCutOnTheGridCopies(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	cut, err := trace.Cut(rf.Band{StartHz: 100.48e6, StopHz: 100.52e6}, 0)
	require.NoError(t, err)
	require.Equal(t, &rf.Trace{
		StartHz: 100.48e6, StopHz: 100.52e6, StepHz: 10e3, NoiseDBm: -100,
		Levels: []rf.Level{-10000, -10000, -4000, -10000, -10000},
	}, cut)
	whole, err := trace.Cut(trace.Band(), 0)
	require.NoError(t, err)
	require.Equal(t, trace, whole)
}

func TestCutRoundsTheWidthUp(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	cut, err := trace.Cut(rf.Band{StartHz: 100.48e6, StopHz: 100.52e6}, 25e3)
	require.NoError(t, err)
	require.Equal(t, rf.Band{StartHz: 100.48e6, StopHz: 100.53e6}, cut.Band())
	cut, err = trace.Cut(rf.Band{StartHz: 100.48e6, StopHz: 100.48e6}, 25e3)
	require.NoError(t, err)
	require.Len(t, cut.Levels, 3, "a width of nothing becomes one multiple: 0, 10 and 20 kHz")
}

func TestCutRefusesWhatTheTraceDoesNotHold(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	for name, band := range map[string]rf.Band{
		"before": {StartHz: 99.99e6, StopHz: 100.5e6},
		"past":   {StartHz: 100.5e6, StopHz: 101.000001e6},
	} {
		_, err := trace.Cut(band, 0)
		require.ErrorIs(t, err, rf.ErrOutside, name)
	}
	_, err := trace.Cut(rf.Band{StartHz: 100.9e6, StopHz: 100.95e6}, 400e3)
	require.ErrorIs(t, err, rf.ErrOutside, "widened past the end")
	_, err = trace.Cut(rf.Band{StartHz: 100.5e6, StopHz: 100.4e6}, 0)
	require.ErrorIs(t, err, rf.ErrBand)
	_, err = trace.Cut(trace.Band(), -1)
	require.ErrorIs(t, err, rf.ErrBand)
	_, err = trace.Cut(trace.Band(), math.MaxInt64)
	require.ErrorIs(t, err, rf.ErrOutside)
}

func TestCutInterpolatesExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Int64Range(1, 1e7).Draw(t, "step")
		levels := rapid.SliceOfN(rapid.Int16Range(-rf.MaxLevel, rf.MaxLevel), 3, 40).Draw(t, "levels")
		source := &rf.Trace{StartHz: 1e9, StepHz: step, Levels: levels}
		source.StopHz = source.FrequencyAt(len(levels) - 1)
		start := rapid.Int64Range(source.StartHz, source.StopHz).Draw(t, "start")
		stop := rapid.Int64Range(start, source.StopHz).Draw(t, "stop")
		cut, err := source.Cut(rf.Band{StartHz: start, StopHz: stop}, 0)
		require.NoError(t, err)
		require.NoError(t, cut.Check())
		require.Equal(t, start, cut.StartHz)
		require.LessOrEqual(t, cut.StopHz, stop)
		require.Greater(t, cut.StopHz+step, stop)
		for i, got := range cut.Levels {
			offset := cut.FrequencyAt(i) - source.StartHz
			at := offset / step
			exact := new(big.Rat).SetInt64(int64(levels[at]))
			if offset%step != 0 {
				slope := big.NewRat(offset%step, step)
				slope.Mul(slope, new(big.Rat).SetInt64(int64(levels[at+1])-int64(levels[at])))
				exact.Add(exact, slope)
			}
			exact.Quo(exact, big.NewRat(100, 1))
			require.Equal(t, roundExactly(exact.RatString()).Int64(), int64(got))
		}
	})
}

func TestDecimateKeepsEveryExtreme(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfN(rapid.Int16Range(-rf.MaxLevel, rf.MaxLevel), 1, 300).Draw(t, "levels")
		points := rapid.IntRange(0, 310).Draw(t, "points")
		source := &rf.Trace{StartHz: 5, StepHz: 3, Levels: levels}
		thin := source.Decimate(points)
		require.LessOrEqual(t, len(thin.Levels), max(points, 2))
		require.Len(t, thin.FrequencyHz, len(thin.Levels))
		lowest, highest := levels[0], levels[0]
		for _, l := range levels {
			lowest, highest = min(lowest, l), max(highest, l)
		}
		require.Contains(t, thin.Levels, lowest)
		require.Contains(t, thin.Levels, highest)
		for i, hz := range thin.FrequencyHz {
			require.Equal(t, levels[(hz-5)/3], thin.Levels[i], "a value keeps its frequency")
			require.True(t, i == 0 || thin.FrequencyHz[i-1] < hz, "frequencies rise")
		}
	})
}

func TestDecimateBuckets(t *testing.T) {
	t.Parallel()
	source := &rf.Trace{StepHz: 1, Levels: []rf.Level{5, 1, 9, 3, 7, 7, 7, 7}}
	thin := source.Decimate(4)
	require.Equal(t, rf.Thinned{FrequencyHz: []int64{1, 2, 4}, Levels: []rf.Level{1, 9, 7}}, thin)
	require.Equal(t, source.Levels, source.Decimate(8).Levels)
}
