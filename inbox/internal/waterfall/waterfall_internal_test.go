package waterfall

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
	"nms.example/inbox/internal/rollup"
)

// laid puts levels from start on, step apart, onto columns of a band.
func laid(start, step, low, high float64, columns int, levels ...rf.Level) []rf.Level {
	g := rollup.Grid{StartHz: start, StopHz: start + step*float64(len(levels)-1), Points: len(levels)}
	now := time.Now()
	survey := &rollup.Survey{Grids: map[rollup.Grid]time.Duration{g: 0}, Band: rf.Band{StartHz: low, StopHz: high}}
	l := newLayout([]time.Time{now, now.Add(1)}, survey, columns, false)
	l.add(&rollup.Piece{Grid: g, First: now, Last: now, Sweeps: 1, Highest: levels})
	return l.finish().Levels
}

func TestColumnsTakeTheHighestValue(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rf.Level{9, 3, 8, 6, 7}, laid(0, 10, 0, 100, 5, 1, 9, 2, 3, 4, 8, 5, 6, 7, 0))
}

func TestFineColumnsTakeTheNearestValue(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rf.Level{1, 1, 2, 2, 2, 2, 3, 3}, laid(0, 10, 0, 20, 8, 1, 2, 3))
}

func TestWhatTheTraceDoesNotCoverStaysEmpty(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rf.Level{Gap, Gap, 2, Gap, Gap}, laid(40, 10, 0, 100, 5, 1, 2))
	require.Equal(t, []rf.Level{Gap, Gap, Gap, Gap, Gap}, laid(1000, 10, 0, 100, 5, 1, 2))
	require.Equal(t, []rf.Level{Gap, Gap, Gap, Gap, Gap}, laid(-1000, 10, 0, 100, 5, 1, 2))
}

func TestABandOfOneFrequency(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rf.Level{7}, laid(50, 1, 50, 50, 1, 7))
}

func TestAMissingValueIsNone(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rf.Level{1, Gap, -5}, laid(0, 5, 0, 30, 3, Gap, 1, Gap, Gap, -5, Gap))
}

func TestColumnsOfAFractionalGrid(t *testing.T) {
	t.Parallel()
	require.Equal(t, []rf.Level{2, 4}, laid(0, 36.62109375, 0, 146.484375, 2, 1, 2, 3, 4))
	require.Equal(t, []rf.Level{2}, laid(0, 1e-6, -1e15, 1e15, 1, 1, 2))
}

func TestEveryValueOfTheBandIsInAColumn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		points, columns := rapid.IntRange(1, 300).Draw(t, "points"), rapid.IntRange(1, 300).Draw(t, "columns")
		start, step := rapid.Float64Range(-1e9, 1e9).Draw(t, "start"), rapid.Float64Range(0.001, 1e6).Draw(t, "step")
		levels := make([]rf.Level, points)
		one := rapid.IntRange(0, points-1).Draw(t, "one")
		levels[one] = 100
		require.Contains(t, laid(start, step, start, start+step*float64(points-1), columns, levels...), rf.Level(100))
	})
}
