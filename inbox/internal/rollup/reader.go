package rollup

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
)

// Want is how much of the pieces is read.
type Want uint8

// What may be wanted, each with all before it.
const (
	// WantNothing reads grids, times and numbers of sweeps.
	WantNothing Want = iota
	// WantHighest adds Piece.Highest.
	WantHighest
	// WantPower adds Piece.Power.
	WantPower
	// WantAll adds Piece.Lowest and Piece.Above.
	WantAll
)

// Reader reads the database dwh.
type Reader struct{ pool *db.Pool[db.DWH] }

// NewReader makes a reader.
func NewReader(pool *db.Pool[db.DWH]) *Reader { return &Reader{pool} }

// View is the stored traces at one moment. It is for one goroutine and ends with the function that got it.
type View struct {
	queries *dwhdb.Queries
	// Kept is the beginning of the oldest day whose traces may be there. What was measured before is known by the hour;
	// the zero time: all traces may be there.
	Kept time.Time
}

// View runs read on what is committed now: all its reads see the same, whatever is taken in, withdrawn or rolled up meanwhile. As
// in InTx, read may be run again and must then begin afresh.
func (r *Reader) View(ctx context.Context, read func(context.Context, *View) error) error {
	options := db.TxOptions{Isolation: pgx.RepeatableRead, ReadOnly: true}
	return r.pool.InTx(ctx, options, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		v := &View{queries: trace.Planned(tx)}
		partitions, err := v.queries.PartitionList(ctx)
		if err != nil {
			return db.MapError(fmt.Errorf("list partitions: %w", err), nil)
		}
		for _, p := range partitions {
			if !p.DetachPending {
				v.Kept = p.StartsAt
				break
			}
		}
		return read(ctx, v)
	})
}

// Whole widens a range of time to whole hours where its traces are gone, so that no hour is lost at its ends.
func (v *View) Whole(from, to time.Time) (time.Time, time.Time) {
	if from.Before(v.Kept) {
		from = from.Truncate(Hour)
	}
	if whole := to.Truncate(Hour); to.Before(v.Kept) && whole.Before(to) {
		to = whole.Add(Hour)
	}
	return from, to
}

// Query chooses what is read.
type Query struct {
	// Filter chooses receiver, place and band of the traces; its time is not looked at.
	Filter trace.Filter
	// Unit is that of the values; nil: any.
	Unit *rf.Unit
	// Edges are moments in rising order, two at least. What was measured from the first to the last, that excluded, is read; no
	// piece lies on both sides of one.
	Edges []time.Time
	Want  Want
}

// Read calls visit for pieces that hold every committed trace that was chosen exactly once. Those of a grid come in the order of time.
func (v *View) Read(ctx context.Context, q Query, visit func(*Piece) error) error {
	s := selection{Filter: q.Filter}
	if q.Unit != nil {
		s.unit = (*string)(q.Unit)
	}
	since, until := q.Edges[0], q.Edges[len(q.Edges)-1]
	dirty := &marks{map[int64]bool{}, map[int64]bool{}}
	first := since.Truncate(Hour)
	if first.Before(v.Kept) {
		first = v.Kept // a mark before it waits to be removed: there is nothing to read
	}
	rows, err := v.queries.RollupListMarks(ctx, dwhdb.RollupListMarksParams{Since: first, Until: until})
	if err != nil {
		return db.MapError(fmt.Errorf("list what is not rolled up: %w", err), nil)
	}
	for _, row := range rows {
		dirty.add(row.WidthS, row.BeginsAt)
	}
	for _, part := range spans(q.Edges, dirty) {
		if part.width == 0 {
			err = v.traces(ctx, &s, part, q.Want, nil, visit)
		} else {
			err = v.rollups(ctx, &s, part, q.Want, visit)
		}
		if err != nil {
			return db.MapError(err, nil)
		}
	}
	return nil
}

// traces reads a span from the traces, those of one grid only unless it is nil.
func (v *View) traces(ctx context.Context, s *selection, part span, want Want, of *Grid, visit func(*Piece) error) error {
	return scanTraces(ctx, v.queries, s, part.from, part.to, want > WantNothing, func(row *dwhdb.RollupReadTracesRow) error {
		p, err := pieceOfTrace(row)
		if err != nil || of != nil && p.Grid != *of {
			return err
		}
		return visit(p)
	})
}

// rollups reads a span from rollups. One whose sweeps lie partly outside of the box is read from its traces instead.
func (v *View) rollups(ctx context.Context, s *selection, part span, want Want, visit func(*Piece) error) error {
	box := &s.Box
	return scanRollups(ctx, v.queries, s, part.width, part.from, part.to, want, func(row *dwhdb.RollupReadRow) error {
		p, err := pieceOfRow(row)
		if err != nil {
			return err
		}
		if row.South < box.South || row.North > box.North || row.West < box.West || row.East > box.East {
			return v.traces(ctx, s, span{0, row.BeginsAt, row.BeginsAt.Add(part.width)}, want, &p.Grid, visit)
		}
		return visit(p)
	})
}
