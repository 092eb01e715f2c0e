package rf_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

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

	trace.Levels[7] = rf.Missing
	for _, dB := range []float64{0.01, -0.01} {
		moved, err := trace.Gain(dB)
		require.NoError(t, err)
		require.Equal(t, rf.Missing, moved.Levels[7], "what is missing has no gain")
	}
}

func TestBlankSetsTheBandToTheNoiseFloor(t *testing.T) {
	t.Parallel()
	trace := setup(t)
	trace.Levels[49] = rf.Missing
	blank, err := trace.Blank(rf.Band{StartHz: 100.485e6, StopHz: 100.5e6})
	require.NoError(t, err)
	require.Equal(t, rf.Missing, blank.Levels[49])
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
	require.InDelta(t, 5.5e6, moved.FrequencyAt(50), 0)
	signal, err := rf.Signal{Band: rf.Band{StartHz: 100.4e6, StopHz: 100.6e6}, F0Hz: 100.5e6}.Shift(-95e6)
	require.NoError(t, err)
	require.Equal(t, rf.Signal{Band: rf.Band{StartHz: 5.4e6, StopHz: 5.6e6}, F0Hz: 5.5e6}, signal)
	for _, hz := range []float64{rf.MaxFrequency, -3 * rf.MaxFrequency, math.Inf(1), math.NaN()} {
		_, err = trace.Shift(hz)
		require.ErrorIs(t, err, rf.ErrOutside)
	}
}
