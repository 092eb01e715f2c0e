package rollup

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
)

// pageBytes is about how much is read from the database at a time, and firstPage how many rows before their size is known.
const (
	pageBytes = 8 << 20
	firstPage = 16
	// largestPage bounds rows that are read without their arrays.
	largestPage = 5000
)

// pageFor returns how many rows of a size fit a page.
func pageFor(bytes int) int32 { return int32(min(max(pageBytes/max(bytes, 1), 1), largestPage)) }

// selection is what the statements filter by.
type selection struct {
	trace.Filter

	unit *string
}

// everything selects all.
func everything() selection { return selection{Filter: trace.All()} }

// scanTraces calls visit for the traces of [from, to) in the order of time. The database is read by pages of a few MB.
func scanTraces(ctx context.Context, queries *dwhdb.Queries, s *selection, from, to time.Time, power bool, visit func(*dwhdb.RollupReadTracesRow) error) error {
	p := dwhdb.RollupReadTracesParams{
		WithPower: power, Since: from, Until: to, AfterAt: from.Add(-time.Microsecond), AfterGuid: uuid.Max,
		LowHz: s.Band.StartHz, HighHz: s.Band.StopHz, South: s.Box.South, North: s.Box.North, West: s.Box.West, East: s.Box.East,
		Source: s.Source, EquipmentID: s.EquipmentID, Unit: s.unit, Take: firstPage,
	}
	for {
		rows, err := queries.RollupReadTraces(ctx, p)
		if err != nil {
			return fmt.Errorf("read traces: %w", err)
		}
		size := 100
		for i := range rows {
			if err := visit(&rows[i]); err != nil {
				return err
			}
			size = max(size, len(rows[i].Power))
		}
		if len(rows) < int(p.Take) {
			return nil
		}
		last := &rows[len(rows)-1]
		p.AfterAt, p.AfterGuid, p.Take = last.MeasuredAt, last.Guid, pageFor(size)
	}
}

// scanRollups calls visit for the rollups of a width that begin in [from, to), in the order of time.
func scanRollups(ctx context.Context, queries *dwhdb.Queries, s *selection, width time.Duration, from, to time.Time, want Want, visit func(*dwhdb.RollupReadRow) error) error {
	p := dwhdb.RollupReadParams{
		WidthS: seconds(width), WithHighest: want > WantNothing, WithLowest: want == WantAll, WithTotal: want >= WantPower, WithCells: want == WantAll,
		Since: from, Until: to, AfterAt: from.Add(-time.Microsecond),
		LowHz: s.Band.StartHz, HighHz: s.Band.StopHz, South: s.Box.South, North: s.Box.North, West: s.Box.West, East: s.Box.East,
		Source: s.Source, EquipmentID: s.EquipmentID, Unit: s.unit, Take: firstPage,
	}
	for {
		rows, err := queries.RollupRead(ctx, p)
		if err != nil {
			return fmt.Errorf("read rollups: %w", err)
		}
		size := 200
		for i := range rows {
			row := &rows[i]
			if err := visit(row); err != nil {
				return err
			}
			size = max(size, len(row.Highest)+len(row.Lowest)+len(row.TotalMw)+len(row.Number)+len(row.Cells))
		}
		if len(rows) < int(p.Take) {
			return nil
		}
		last := &rows[len(rows)-1]
		p.AfterAt, p.AfterID, p.Take = last.BeginsAt, last.ID, pageFor(size)
	}
}
