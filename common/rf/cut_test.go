package rf_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
)

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
	_, err = trace.Cut(trace.Band(), 1e15)
	require.ErrorIs(t, err, rf.ErrOutside)
}

func TestCutInterpolatesExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Int64Range(1, 1e7).Draw(t, "step")
		levels := rapid.SliceOfN(rapid.Int16Range(-rf.MaxLevel, rf.MaxLevel), 3, 40).Draw(t, "levels")
		last := 1e9 + step*int64(len(levels)-1)
		source := &rf.Trace{StartHz: 1e9, StopHz: float64(last), StepHz: float64(step), Levels: levels}
		start := rapid.Int64Range(1e9, last).Draw(t, "start")
		stop := rapid.Int64Range(start, last).Draw(t, "stop")
		cut, err := source.Cut(rf.Band{StartHz: float64(start), StopHz: float64(stop)}, 0)
		require.NoError(t, err)
		require.NoError(t, cut.Check())
		require.InDelta(t, start, cut.StartHz, 0)
		require.LessOrEqual(t, cut.StopHz, float64(stop))
		require.Greater(t, cut.StopHz+float64(step), float64(stop))
		for i, got := range cut.Levels {
			offset := start + int64(i)*step - 1e9
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

func TestCutOfAFractionalGrid(t *testing.T) {
	t.Parallel()
	source := &rf.Trace{StartHz: 400e6, StopHz: 400347222.24, StepHz: 86805.56, NoiseDBm: -110, Unit: rf.UnitDBmPerHz, RBWHz: 9, ENBWHz: 10}
	source.Levels = []rf.Level{-7524, -8050, -6000, -9999, -10112}
	for i := range source.Levels {
		cut, err := source.Cut(rf.Band{StartHz: source.FrequencyAt(i), StopHz: source.StopHz}, 0)
		require.NoError(t, err)
		want := *source
		want.StartHz, want.Levels = source.FrequencyAt(i), source.Levels[i:]
		require.Equal(t, &want, cut, "a cut from a value on copies")
	}
	between, err := source.Cut(rf.Band{StartHz: 400e6 + 43402.78, StopHz: 400.2e6}, 0)
	require.NoError(t, err)
	require.NoError(t, between.Check())
	require.Equal(t, []rf.Level{-7787, -7025}, between.Levels)
	wide, err := source.Cut(rf.Band{StartHz: 400e6, StopHz: 400.1e6}, 86805.56)
	require.NoError(t, err)
	require.Len(t, wide.Levels, 3)

	uneven := &rf.Trace{StartHz: 0, StopHz: 10, StepHz: 4, Levels: []rf.Level{0, 50, 100}}
	cut, err := uneven.Cut(rf.Band{StartHz: 0, StopHz: 5}, 0)
	require.NoError(t, err)
	require.Equal(t, &rf.Trace{StartHz: 0, StopHz: 5, StepHz: 5, Levels: []rf.Level{0, 50}}, cut, "the step is that of the grid")
}

func TestCutBesideWhatIsMissing(t *testing.T) {
	t.Parallel()
	source := &rf.Trace{StartHz: 0, StopHz: 40, StepHz: 10, Levels: []rf.Level{100, 200, rf.Missing, 400, 500}}
	cut, err := source.Cut(rf.Band{StartHz: 5, StopHz: 40}, 0)
	require.NoError(t, err)
	require.Equal(t, []rf.Level{150, rf.Missing, rf.Missing, 450}, cut.Levels)
	cut, err = source.Cut(rf.Band{StartHz: 10, StopHz: 40}, 0)
	require.NoError(t, err)
	require.Equal(t, []rf.Level{200, rf.Missing, 400, 500}, cut.Levels)
}
