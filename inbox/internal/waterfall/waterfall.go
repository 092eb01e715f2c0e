// Package waterfall lays sweeps out over time and frequency.
package waterfall

import (
	"context"
	"math"
	"time"

	"nms.example/common/rf"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/trace"
)

// Gap marks a cell in whose time and band nothing was measured.
const Gap = rf.Missing

// fills is how much longer than the usual interval a sweep stands for the time to its successor; what then is left is a gap.
const fills = 1.5

// Query chooses what to lay out.
type Query struct {
	// Filter holds the time, which must be bounded on both sides, the place and the band. The band of everything means: that of
	// the traces found.
	Filter trace.Filter
	// Unit is that of the values; nil: that of the traces found.
	Unit *rf.Unit
	// Rows and Columns are the size of the grid. There are fewer rows where the traces are gone and only hours are known.
	Rows, Columns int
	// Mean has each cell be the mean of its values, taken in milliwatts, in place of the highest.
	Mean bool
}

// Grid holds one level per cell. Row 0 is the earliest, column 0 the lowest frequency.
type Grid struct {
	// Edges are the beginnings of all rows and the end of the last one: at equal distances, rounded to a whole minute where a row
	// is a minute or longer, to a whole hour where it is an hour.
	Edges   []time.Time
	Band    rf.Band
	Columns int
	Unit    rf.Unit
	Mean    bool
	// Levels holds the rows one after the other; Gap where nothing was measured.
	Levels []rf.Level
	// Sweeps is the number of sweeps that went in, each and every one of the query, Sources that of their receivers.
	Sweeps  int64
	Sources int
	// Receiver is the receiver where there is one alone.
	Receiver rollup.Receiver
}

// Rows returns the number of rows.
func (g *Grid) Rows() int { return len(g.Edges) - 1 }

// From and To bound the time.
func (g *Grid) From() time.Time { return g.Edges[0] }

// To is the end of the last row.
func (g *Grid) To() time.Time { return g.Edges[len(g.Edges)-1] }

// Row returns one row.
func (g *Grid) Row(i int) []rf.Level { return g.Levels[i*g.Columns : (i+1)*g.Columns] }

// Builder reads traces and rollups of the database dwh.
type Builder struct{ reader *rollup.Reader }

// NewBuilder makes a builder.
func NewBuilder(reader *rollup.Reader) *Builder { return &Builder{reader} }

// Build lays out all sweeps chosen. It fails with rollup.ErrEmpty when there is none, and when they are in several units.
func (b *Builder) Build(ctx context.Context, q Query) (g *Grid, err error) {
	err = b.reader.View(ctx, func(ctx context.Context, v *rollup.View) error {
		from, to := v.Whole(q.Filter.From, q.Filter.To)
		edges := edges(from, to, q.Rows, v.Kept)
		query := rollup.Query{Filter: q.Filter, Unit: q.Unit, Edges: edges}
		survey, err := v.Survey(ctx, query)
		if err != nil {
			return err
		}
		query.Want = rollup.WantHighest
		if q.Mean {
			query.Want = rollup.WantPower
		}
		l := newLayout(edges, survey, q.Columns, q.Mean)
		if err := l.before(ctx, v, query); err != nil {
			return err
		}
		if err := v.Read(ctx, query, func(p *rollup.Piece) error { l.add(p); return nil }); err != nil {
			return err
		}
		g = l.finish()
		return nil
	})
	return g, err
}

// edges parts the time into rows. Rows that are long enough begin where rollups do, so that each of those lies in one row. What was
// measured before kept is known by the hour.
func edges(from, to time.Time, rows int, kept time.Time) []time.Time {
	span := to.Sub(from)
	step := time.Duration(1)
	switch each := span / time.Duration(rows); {
	case each >= rollup.Hour || from.Before(kept):
		step = rollup.Hour
	case each >= rollup.Minute:
		step = rollup.Minute
	}
	out := []time.Time{from}
	for row := 1; row < rows; row++ {
		at := from.Add(time.Duration(float64(span) * float64(row) / float64(rows))).Round(step)
		if at.After(out[len(out)-1]) && at.Before(to) {
			out = append(out, at)
		}
	}
	return append(out, to)
}

// lastOf is the latest piece of a grid, laid out.
type lastOf struct {
	row  int
	at   time.Time
	line line
}

// layout fills a grid.
type layout struct {
	grid   *Grid
	usual  map[rollup.Grid]time.Duration
	ranges map[rollup.Grid][]bins
	last   map[rollup.Grid]*lastOf
	power  []sum // of all cells, for their means
}

// sum is a number of values and their sum in milliwatts.
type sum struct {
	mW     float64
	number uint32
}

// line is one row of a grid: the highest levels, or for means the sums.
type line struct {
	levels []rf.Level
	power  []sum
}

// bins are the values first to last of a sweep, those that a column shows; none when last lies below first.
type bins struct{ first, last int }

func newLayout(edges []time.Time, s *rollup.Survey, columns int, mean bool) *layout {
	l := &layout{
		grid: &Grid{
			Edges: edges, Band: s.Band, Columns: columns, Unit: s.Unit, Mean: mean, Sweeps: s.Sweeps, Sources: s.Sources, Receiver: s.Receiver,
			Levels: make([]rf.Level, (len(edges)-1)*columns),
		},
		usual: s.Grids, ranges: map[rollup.Grid][]bins{}, last: map[rollup.Grid]*lastOf{},
	}
	for i := range l.grid.Levels {
		l.grid.Levels[i] = Gap
	}
	if mean {
		l.power = make([]sum, len(l.grid.Levels))
	}
	for g := range s.Grids {
		l.ranges[g] = columnsOf(&g, s.Band, columns)
	}
	return l
}

// columnsOf returns which values of a grid fall into each column, or the nearest one where columns are finer than its spacing. Each value in
// the band is in one of them at least.
func columnsOf(g *rollup.Grid, band rf.Band, columns int) []bins {
	const rounding = 1e-9 // of a division of two frequencies, in spacings
	out := make([]bins, columns)
	spacing, width := g.SpacingHz(), band.WidthHz()/float64(columns)
	if width == 0 {
		width = spacing
	}
	at := func(column float64) float64 { return (band.StartHz - g.StartHz + column*width) / spacing }
	end, first := float64(g.Points-1), math.Ceil(at(0)-rounding)
	for c := range out {
		next := math.Ceil(at(float64(c+1)) - rounding)
		if c == columns-1 { // the band's upper edge belongs to it
			next = max(next, math.Floor((band.StopHz-g.StartHz)/spacing+rounding)+1)
		}
		low, high := first, next-1
		if low > high {
			low = math.Round(at(float64(c) + 0.5))
			high = low
		}
		out[c] = bins{int(min(max(low, 0), end+1)), int(max(min(high, end), -1))}
		first = next
	}
	return out
}

// lay puts a piece onto the columns.
func (l *layout) lay(p *rollup.Piece) line {
	out := line{}
	ranges := l.ranges[p.Grid]
	if l.power != nil {
		out.power = make([]sum, len(ranges))
		for c, b := range ranges {
			for i := b.first; i <= b.last; i++ {
				mW, number := p.Power(i)
				out.power[c].mW += mW
				out.power[c].number += number
			}
		}
		return out
	}
	out.levels = make([]rf.Level, len(ranges))
	for c, b := range ranges {
		highest := Gap
		for i := b.first; i <= b.last; i++ {
			highest = max(highest, p.Highest[i]) // a missing one is the lowest
		}
		out.levels[c] = highest
	}
	return out
}

// put adds a line to a row.
func (l *layout) put(row int, from line) {
	for c, level := range from.levels {
		cell := &l.grid.Levels[row*l.grid.Columns+c]
		*cell = max(*cell, level)
	}
	for c, s := range from.power {
		cell := &l.power[row*l.grid.Columns+c]
		cell.mW += s.mW
		cell.number += s.number
	}
}

// before finds the sweeps that reach into the beginning. They are not counted.
func (l *layout) before(ctx context.Context, v *rollup.View, q rollup.Query) error {
	from := l.grid.From()
	var reach time.Duration
	for _, usual := range l.usual {
		reach = max(reach, l.reachOf(usual))
	}
	if reach = min(reach, l.grid.To().Sub(from)); reach <= 0 {
		return nil
	}
	q.Edges = []time.Time{from.Add(-reach), from}
	return v.Read(ctx, q, func(p *rollup.Piece) error {
		if _, ok := l.ranges[p.Grid]; ok {
			l.last[p.Grid] = &lastOf{-1, p.Last, l.lay(p)}
		}
		return nil
	})
}

// reachOf returns how long a sweep stands for what follows.
func (l *layout) reachOf(usual time.Duration) time.Duration {
	return time.Duration(fills * float64(usual))
}

// add puts a piece into its row, and its predecessor into the rows between the two.
func (l *layout) add(p *rollup.Piece) {
	row := l.rowOf(p.First)
	here := &lastOf{row, p.Last, l.lay(p)}
	l.fill(p.Grid, row)
	l.put(row, here.line)
	l.last[p.Grid] = here
}

// rowOf returns the row of a moment.
func (l *layout) rowOf(at time.Time) int {
	low, high := 0, l.grid.Rows()-1
	for low < high {
		if middle := (low + high + 1) / 2; l.grid.Edges[middle].After(at) {
			high = middle - 1
		} else {
			low = middle
		}
	}
	return low
}

// fill puts the latest piece of a grid into the rows from it up to a row, that excluded, as far as it reaches their middle.
func (l *layout) fill(g rollup.Grid, until int) {
	last := l.last[g]
	if last == nil {
		return
	}
	end := last.at.Add(l.reachOf(l.usual[g]))
	for row := last.row + 1; row < until; row++ {
		from, to := l.grid.Edges[row], l.grid.Edges[row+1]
		if from.Add(to.Sub(from) / 2).After(end) {
			return
		}
		l.put(row, last.line)
	}
}

// finish returns the grid.
func (l *layout) finish() *Grid {
	for g := range l.usual {
		l.fill(g, l.grid.Rows())
	}
	for i, s := range l.power {
		if s.number > 0 {
			l.grid.Levels[i] = rollup.MeanLevel(s.mW, uint64(s.number))
		}
	}
	return l.grid
}
