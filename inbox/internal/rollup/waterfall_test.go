package rollup_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/statistics"
	"nms.example/inbox/internal/waterfall"
)

func (b *bundle) grid(q waterfall.Query) *waterfall.Grid {
	b.t.Helper()
	g, err := b.waterfall.Build(b.t.Context(), q)
	require.NoError(b.t, err)
	return g
}

// bursts are sweeps a second apart, each with one burst in a bin of its own.
func bursts(at time.Time, count int) []sweep {
	all := make([]sweep, count)
	for i := range all {
		levels := make([]rf.Level, count)
		for k := range levels {
			levels[k] = -10000
		}
		levels[i] = -4000
		all[i] = sweep{at: at.Add(time.Duration(i) * time.Second), source: "RX7", levels: levels}
	}
	return all
}

func TestEveryBurstIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(bursts(noon(), 60)...)
	q := waterfall.Query{Filter: between(noon().Add(-7*time.Minute), noon().Add(8*time.Minute)), Rows: 1, Columns: 60}
	for _, when := range []string{"from the traces", "from rollups"} {
		g := b.grid(q)
		require.EqualValues(t, 60, g.Sweeps, when)
		require.Equal(t, 1, g.Sources, when)
		seen := 0
		for _, l := range g.Row(0) {
			if l == -4000 {
				seen++
			}
		}
		require.Equal(t, 60, seen, when)
		q.Mean = true
		want := 1000 * math.Log10((rf.Milliwatts(-4000)+59*rf.Milliwatts(-10000))/60)
		for _, l := range b.grid(q).Row(0) {
			require.InDelta(t, want, float64(l), 0.51, when)
		}
		q.Mean = false
		b.settle()
	}
}

// TestTheHoleAloneIsAGap has sweeps every 10 s with a hole of 5 minutes.
func TestTheHoleAloneIsAGap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	from := noon()
	hole, end := from.Add(5*time.Minute), from.Add(10*time.Minute)
	for at := from.Add(-time.Hour).Add(3 * time.Second); at.Before(from.Add(15 * time.Minute)); at = at.Add(10 * time.Second) {
		if at.Before(hole) || !at.Before(end) {
			b.add(sweep{at: at, levels: []rf.Level{-9000, -8000}})
		}
	}
	last, next := hole.Add(-7*time.Second), end.Add(3*time.Second)
	check := func(rows int, from time.Time) {
		t.Helper()
		g := b.grid(waterfall.Query{Filter: between(from, noon().Add(15*time.Minute)), Rows: rows, Columns: 2})
		gaps := 0
		for row := range g.Rows() {
			start, stop := g.Edges[row], g.Edges[row+1]
			middle := start.Add(stop.Sub(start) / 2)
			empty := middle.After(last.Add(15*time.Second)) && !stop.After(next)
			require.Equal(t, empty, g.Row(row)[0] == waterfall.Gap, "%v", start)
			if empty {
				gaps++
			}
		}
		require.Positive(t, gaps)
	}
	for range 2 {
		check(400, from)                // rows of 2.25 s, from the traces
		check(15, from)                 // rows of a minute
		check(50, from.Add(-time.Hour)) // of one minute or two
		b.settle()
	}
}

func TestASweepBeforeTheBeginningReachesIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 4 {
		b.add(sweep{at: noon().Add(time.Duration(10*i-5) * time.Second), levels: []rf.Level{rf.Level(i)}})
	}
	g := b.grid(waterfall.Query{Filter: between(noon(), noon().Add(50*time.Second)), Rows: 50, Columns: 1})
	require.EqualValues(t, 3, g.Sweeps)
	require.Equal(t, []rf.Level{0, 0, 0, 0, 0, 1, 1}, g.Levels[:7])
	require.Equal(t, []rf.Level{3, 3, 3, waterfall.Gap}, g.Levels[37:41], "and the last one 15 s on")
}

func TestReceiversAreTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 30 {
		at := noon().Add(time.Duration(i) * time.Second)
		b.add(sweep{at: at, source: "RX7", levels: []rf.Level{-9000}}, sweep{at: at.Add(500 * time.Millisecond), source: "RX8", levels: []rf.Level{-6000}})
	}
	q := waterfall.Query{Filter: between(noon(), noon().Add(30*time.Second)), Rows: 60, Columns: 1}
	g := b.grid(q)
	require.Equal(t, 2, g.Sources)
	require.EqualValues(t, 60, g.Sweeps)
	for i, l := range g.Levels[1:] {
		require.EqualValues(t, -6000, l, "row %d is no stripe", i)
	}
	q.Filter.Source = new("RX7")
	g = b.grid(q)
	require.Equal(t, 1, g.Sources)
	require.EqualValues(t, 30, g.Sweeps)
	for _, l := range g.Levels {
		require.EqualValues(t, -9000, l)
	}
}

func TestRowsBeginWhereRollupsDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	from := noon().Add(17*time.Minute + 23*time.Second)
	b.add(sweep{at: from, levels: []rf.Level{1}})
	for _, c := range []struct {
		span time.Duration
		rows int
		step time.Duration
	}{{time.Hour, 100, time.Nanosecond}, {7 * time.Hour, 400, time.Minute}, {5 * 24 * time.Hour, 100, time.Hour}} {
		g := b.grid(waterfall.Query{Filter: between(from, from.Add(c.span)), Rows: c.rows, Columns: 1})
		require.Equal(t, c.rows, g.Rows())
		require.Equal(t, from, g.From())
		require.Equal(t, from.Add(c.span), g.To())
		for _, edge := range g.Edges[1:c.rows] {
			require.Equal(t, edge.Truncate(c.step), edge)
		}
	}
}

func TestUnitsAreNotMixed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(sweep{at: noon(), levels: []rf.Level{1}}, sweep{at: noon(), unit: new("dBm"), levels: []rf.Level{2}},
		sweep{at: noon(), unit: new("dBuV"), levels: []rf.Level{3}})
	filter, unit := between(noon(), noon().Add(time.Minute)), rf.UnitDBm
	for range 2 {
		_, err := b.waterfall.Build(t.Context(), waterfall.Query{Filter: filter, Rows: 1, Columns: 1})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		got, err := b.statistics.Build(t.Context(), statistics.Query{Filter: filter, Unit: &unit})
		require.NoError(t, err)
		require.EqualValues(t, 2, got.Sweeps, "dBm is what a trace without a unit is in")
		b.settle()
	}
	filter.To = filter.From.Add(-time.Hour)
	filter.From = filter.To.Add(-time.Hour)
	_, err := b.waterfall.Build(t.Context(), waterfall.Query{Filter: filter, Rows: 1, Columns: 1})
	require.ErrorIs(t, err, rollup.ErrEmpty)
}
