// Package waterfall lays traces out over time and frequency.
package waterfall

import (
	"context"
	"fmt"
	"math"
	"time"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
)

const (
	// perRow is how many traces one row takes at most, the earliest of its time.
	perRow = 16
	// extentBound is how many of the newest traces tell the band when none was asked for.
	extentBound = 1000
	// chunkBytes bounds the values that are read at a time, about.
	chunkBytes = 16 << 20
)

// Gap marks a cell that no trace covers.
const Gap = rf.Missing

// ErrEmpty says that there is nothing to show.
var ErrEmpty = fault.At(fault.Input, codeNoTraces, "no trace lies in this range")

var codeNoTraces = fault.Declare(fault.NotFound, "no_traces", "No trace lies in the range asked for.")

// Query chooses what to lay out.
type Query struct {
	// Filter gives the time, which must be bounded on both sides, the place and the band. The band of
	// everything means: that of the traces found.
	Filter trace.Filter
	// Rows and Columns are the size of the grid.
	Rows, Columns int
}

// Grid is the maximum power per cell. Row 0 is the earliest, column 0 the lowest frequency.
type Grid struct {
	From, To      time.Time
	Band          rf.Band
	Rows, Columns int
	// Levels holds the rows one after the other; Gap where nothing was measured.
	Levels []rf.Level
	// Traces is the number of traces that went in.
	Traces int
}

// Row gives one row.
func (g *Grid) Row(i int) []rf.Level { return g.Levels[i*g.Columns : (i+1)*g.Columns] }

// Builder reads traces of the database dwh.
type Builder struct{ queries, planned *dwhdb.Queries }

// NewBuilder makes a builder on a pool or a transaction.
func NewBuilder(conn db.Conn[db.DWH]) *Builder { return &Builder{dwhdb.New(conn), trace.Planned(conn)} }

// queriesFor returns the queries that suit a filter.
func (b *Builder) queriesFor(f *trace.Filter) *dwhdb.Queries {
	if f.OfReceiver() {
		return b.planned
	}
	return b.queries
}

// Build lays out the traces chosen. It reads at most 16 per row, whatever their number, and fails with
// ErrEmpty when there is none.
func (b *Builder) Build(ctx context.Context, q Query) (*Grid, error) {
	f := q.Filter
	extent, err := b.queriesFor(&f).TraceExtent(ctx, dwhdb.TraceExtentParams{
		Since: f.From, Latest: f.To.Add(-time.Microsecond), WithinLowHz: f.Band.StartHz, WithinHighHz: f.Band.StopHz,
		South: f.Box.South, North: f.Box.North, West: f.Box.West, East: f.Box.East, Bound: extentBound,
		Source: f.Source, EquipmentID: f.EquipmentID,
	})
	if err != nil {
		return nil, db.MapError(fmt.Errorf("find the band: %w", err), nil)
	}
	if extent.Traces == 0 {
		return nil, ErrEmpty
	}
	g := &Grid{From: f.From, To: f.To, Band: f.Band, Rows: q.Rows, Columns: q.Columns}
	if g.Band.StartHz == trace.Everything.StartHz {
		g.Band.StartHz = extent.LowHz
	}
	if g.Band.StopHz == trace.Everything.StopHz {
		g.Band.StopHz = extent.HighHz
	}
	g.Levels = make([]rf.Level, g.Rows*g.Columns)
	for i := range g.Levels {
		g.Levels[i] = Gap
	}
	chunk := min(max(chunkBytes/(perRow*max(int(extent.Bytes), 1)), 1), 64)
	for row := 0; row < g.Rows; row += chunk {
		if err := b.fill(ctx, g, &f, row, min(row+chunk, g.Rows)); err != nil {
			return nil, err
		}
	}
	if g.Traces == 0 {
		return nil, ErrEmpty
	}
	return g, nil
}

// startOf gives the moment at which a row begins.
func (g *Grid) startOf(row int) time.Time {
	return g.From.Add(time.Duration(float64(g.To.Sub(g.From)) * float64(row) / float64(g.Rows)))
}

// fill reads the traces of the rows [from, to).
func (b *Builder) fill(ctx context.Context, g *Grid, f *trace.Filter, from, to int) error {
	box := f.Box
	params := dwhdb.TraceWaterfallParams{
		LowHz: g.Band.StartHz, HighHz: g.Band.StopHz,
		South: box.South, North: box.North, West: box.West, East: box.East, PerRow: perRow,
		Source: f.Source, EquipmentID: f.EquipmentID,
	}
	for row := from; row < to; row++ {
		params.RowNumbers = append(params.RowNumbers, int32(row))
		params.Starts = append(params.Starts, g.startOf(row))
		params.Ends = append(params.Ends, g.startOf(row+1))
	}
	rows, err := b.queriesFor(f).TraceWaterfall(ctx, params)
	if err != nil {
		return db.MapError(fmt.Errorf("read traces: %w", err), nil)
	}
	for i := range rows {
		levels, err := rf.FromBytes(rows[i].Power)
		if err != nil {
			return err
		}
		t := rf.Trace{StartHz: rows[i].StartFreqHz, StopHz: rows[i].StopFreqHz, StepHz: rows[i].StepFreqHz, Levels: levels}
		g.add(int(rows[i].RowNumber), &t)
		g.Traces++
	}
	return nil
}

// add puts a trace into a row: each column takes the highest of the values that fall into it, or the
// nearest one where columns are finer than the trace's step.
func (g *Grid) add(row int, t *rf.Trace) {
	cells := g.Row(row)
	step, width := t.SpacingHz(), g.Band.WidthHz()/float64(g.Columns)
	if width == 0 {
		width = step
	}
	for c := range cells {
		low := g.Band.StartHz - t.StartHz + float64(c)*width
		first, last := math.Ceil(low/step), math.Ceil((low+width)/step)-1
		if first > last {
			first = math.Round((low + width/2) / step)
			last = first
		}
		end := float64(len(t.Levels) - 1)
		if last < 0 || first > end {
			continue
		}
		for _, level := range t.Levels[int(max(first, 0)) : int(min(last, end))+1] {
			cells[c] = max(cells[c], level) // a missing one is the lowest
		}
	}
}
