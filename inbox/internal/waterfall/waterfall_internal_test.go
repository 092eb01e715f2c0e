package waterfall

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
)

func grid(start, stop float64, columns int) *Grid {
	g := &Grid{Band: rf.Band{StartHz: start, StopHz: stop}, Rows: 1, Columns: columns, Levels: make([]rf.Level, columns)}
	for i := range g.Levels {
		g.Levels[i] = Gap
	}
	return g
}

func TestColumnsTakeTheHighestValue(t *testing.T) {
	t.Parallel()
	trace := &rf.Trace{StartHz: 0, StopHz: 90, StepHz: 10, Levels: []rf.Level{1, 9, 2, 3, 4, 8, 5, 6, 7, 0}}
	g := grid(0, 100, 5)
	g.add(0, trace)
	require.Equal(t, []rf.Level{9, 3, 8, 6, 7}, g.Levels)
	g.add(0, &rf.Trace{StartHz: 0, StopHz: 90, StepHz: 90, Levels: []rf.Level{5, 5}})
	require.Equal(t, []rf.Level{9, 5, 8, 6, 7}, g.Levels, "a second trace of the row only raises")
}

func TestFineColumnsTakeTheNearestValue(t *testing.T) {
	t.Parallel()
	g := grid(0, 20, 8)
	g.add(0, &rf.Trace{StartHz: 0, StopHz: 20, StepHz: 10, Levels: []rf.Level{1, 2, 3}})
	require.Equal(t, []rf.Level{1, 1, 2, 2, 2, 2, 3, 3}, g.Levels)
}

func TestWhatTheTraceDoesNotCoverStaysEmpty(t *testing.T) {
	t.Parallel()
	g := grid(0, 100, 5)
	g.add(0, &rf.Trace{StartHz: 40, StopHz: 50, StepHz: 10, Levels: []rf.Level{1, 2}})
	require.Equal(t, []rf.Level{Gap, Gap, 2, Gap, Gap}, g.Levels)
	g.add(0, &rf.Trace{StartHz: 1000, StopHz: 1010, StepHz: 10, Levels: []rf.Level{1, 2}})
	require.Equal(t, []rf.Level{Gap, Gap, 2, Gap, Gap}, g.Levels)
}

func TestABandOfOneFrequency(t *testing.T) {
	t.Parallel()
	g := grid(50, 50, 1)
	g.add(0, &rf.Trace{StartHz: 50, StopHz: 50, StepHz: 10, Levels: []rf.Level{7}})
	require.Equal(t, []rf.Level{7}, g.Levels)
}

func TestAMissingValueIsNone(t *testing.T) {
	t.Parallel()
	g := grid(0, 30, 3)
	g.add(0, &rf.Trace{StartHz: 0, StopHz: 25, StepHz: 5, Levels: []rf.Level{Gap, 1, Gap, Gap, -5, Gap}})
	require.Equal(t, []rf.Level{1, Gap, -5}, g.Levels)
}

func TestColumnsOfAFractionalGrid(t *testing.T) {
	t.Parallel()
	g := grid(0, 146.484375, 2)
	g.add(0, &rf.Trace{StartHz: 0, StopHz: 109.86328125, StepHz: 36.62109375, Levels: []rf.Level{1, 2, 3, 4}})
	require.Equal(t, []rf.Level{2, 4}, g.Levels)
	g = grid(-1e15, 1e15, 1)
	g.add(0, &rf.Trace{StartHz: 0, StopHz: 1e-6, StepHz: 1e-6, Levels: []rf.Level{1, 2}})
	require.Equal(t, []rf.Level{2}, g.Levels)
}
