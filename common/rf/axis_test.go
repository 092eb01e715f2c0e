package rf_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
)

func TestAxis(t *testing.T) {
	t.Parallel()
	for name, axis := range map[string][4]float64{
		"one value": {0, 0, 1, 1}, "below zero": {-5, 5, 5, 3}, "a fractional step": {400e6, 400347222.24, 86805.56, 5},
		"half a step short": {0, 10, 4, 3}, "half a step long": {0, 10, 10.0 / 3, 4}, "the widest": {-1e15, 1e15, 1, 2e15 + 1},
		"half a step, as decimals": {0, 0.3, 0.2, 2}, "an FFT's bins": {7e6, 7e6 + 1023*36.62109375, 36.62109375, 1024},
	} {
		require.True(t, rf.SpansAxis(axis[0], axis[1], axis[2], int(axis[3])), name)
	}
	for name, axis := range map[string][4]float64{
		"step zero": {0, 10, 0, 1}, "step negative": {0, 10, -1, 11}, "stop below start": {10, 0, 1, 11}, "one too few": {0, 10, 1, 10},
		"one too many": {0, 10, 1, 12}, "more than half a step": {0, 10, 3.99, 3}, "no values": {0, 0, 1, 0}, "one value, far from stop": {0, 0.6, 1, 1},
		"endless": {0, 0, math.Inf(1), 3}, "from end to end": {math.Inf(-1), math.Inf(1), 1, 3}, "no number": {math.NaN(), 1, 1, 2},
		"step no number": {0, 1, math.NaN(), 2}, "too fine": {0, 1e-7, 1e-7, 2}, "too fine so high up": {1e15, 1e15 + 1, 0.5, 3},
	} {
		require.False(t, rf.SpansAxis(axis[0], axis[1], axis[2], int(axis[3])), name)
	}
	require.ErrorIs(t, (&rf.Trace{StopHz: 5, StepHz: 1}).Check(), rf.ErrAxis)
}

// TestAxisAgreesWithExactSums: away from the very edge of half a step the verdict is that of exact arithmetic.
func TestAxisAgreesWithExactSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.Float64Range(-1e10, 1e10).Draw(t, "start")
		step := rapid.Float64Range(0.01, 1e7).Draw(t, "step")
		points := rapid.IntRange(1, 100_000).Draw(t, "points")
		part := rapid.Float64Range(-1, 1).Draw(t, "part") // of a step, by which stop is missed
		stop := start + step*(float64(points-1)+part)
		if stop < start {
			return
		}
		missed := new(big.Rat).Mul(new(big.Rat).SetFloat64(step), big.NewRat(int64(points-1), 1))
		missed.Add(missed, new(big.Rat).SetFloat64(start))
		missed.Sub(missed, new(big.Rat).SetFloat64(stop))
		by, _ := missed.Quo(missed, new(big.Rat).SetFloat64(step)).Float64()
		if math.Abs(math.Abs(by)-0.5) > 1e-2 {
			require.Equal(t, math.Abs(by) < 0.5, rf.SpansAxis(start, stop, step, points))
		}
	})
}

func TestFrequencies(t *testing.T) {
	t.Parallel()
	frequencies := func(start, stop, step float64, points int) []float64 {
		trace := &rf.Trace{StartHz: start, StopHz: stop, StepHz: step, Levels: make([]rf.Level, points)}
		require.NoError(t, trace.Check())
		for i, hz := range trace.Frequencies() {
			require.InDelta(t, hz, trace.FrequencyAt(i), 0)
		}
		return trace.Frequencies()
	}
	require.Equal(t, []float64{400e6, 400086805.56, 400173611.12, 400260416.68, 400347222.24}, frequencies(400e6, 400347222.24, 86805.56, 5))
	require.Equal(t, []float64{0, 36.62109375, 73.2421875}, frequencies(0, 73.2421875, 36.62109375, 3))
	require.Equal(t, []float64{0, 5, 10}, frequencies(0, 10, 4, 3), "start, stop and the number of values are what counts")
	require.Equal(t, []float64{7}, frequencies(7, 7, 4, 1))
	require.Equal(t, []float64{-1e15, -1e15 + 1, -1e15 + 2}, frequencies(-1e15, -1e15+2, 1, 3))
	require.Equal(t, "400086805.56", string(rf.AppendHz(nil, 400086805.56)))
	require.Equal(t, "1000000000000000", string(rf.AppendHz(nil, rf.MaxFrequency)))
}
