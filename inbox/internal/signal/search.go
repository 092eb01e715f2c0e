package signal

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"nms.example/common/db"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
)

// Repository finds signals in the database dwh.
type Repository struct{ queries, planned *dwhdb.Queries }

// NewRepository makes a repository on a pool or a transaction.
func NewRepository(conn db.Conn[db.DWH]) *Repository {
	return &Repository{dwhdb.New(conn), trace.Planned(conn)}
}

// Position returns a listed signal's place in the list: the time of its trace and its own guid.
func (s *Signal) Position() trace.Position { return trace.Position{At: *s.MeasuredAt, GUID: s.GUID} }

// Search returns up to take signals whose trace is there, by its time, newest first: after the first skip ones, or after a
// position. The filter's band is that of the signal, all else its trace's.
func (r *Repository) Search(ctx context.Context, f trace.Filter, after *trace.Position, skip, take int) ([]Signal, error) {
	if after == nil {
		after = &trace.Start
	}
	var rows []dwhdb.Signal
	var err error
	if f.Anywhere() {
		rows, err = r.queries.SignalSearch(ctx, dwhdb.SignalSearchParams{
			Since: f.From, Latest: f.Last(after.At), BeforeAt: after.At, BeforeGuid: after.GUID,
			HighHz: f.Band.StopHz, LowHz: f.Band.StartHz, Skip: int32(skip), Take: int32(take),
		})
	} else {
		box, other := halves(f.Box)
		rows, err = r.planned.SignalSearchOfTraces(ctx, dwhdb.SignalSearchOfTracesParams{
			Since: f.From, Latest: f.Last(after.At), BeforeAt: after.At, BeforeGuid: after.GUID,
			HighHz: f.Band.StopHz, LowHz: f.Band.StartHz, South: box.South, North: box.North, West: box.West, East: box.East,
			OtherWest: other.West, OtherEast: other.East, Source: f.Source, EquipmentID: f.EquipmentID,
			Skip: int32(skip), Take: int32(take),
		})
	}
	if err != nil {
		return nil, db.MapError(fmt.Errorf("search signals: %w", err), nil)
	}
	found := make([]Signal, len(rows))
	for i := range rows {
		found[i] = signalOf(&rows[i])
	}
	return found, nil
}

// Count tells how many signals there are, up to trace.CountBound.
func (r *Repository) Count(ctx context.Context, f trace.Filter) (total int64, err error) {
	if f.Anywhere() {
		total, err = r.queries.SignalCount(ctx, dwhdb.SignalCountParams{
			Since: f.From, Latest: f.Last(trace.Start.At), HighHz: f.Band.StopHz, LowHz: f.Band.StartHz, Bound: trace.CountBound,
		})
	} else {
		box, other := halves(f.Box)
		total, err = r.planned.SignalCountOfTraces(ctx, dwhdb.SignalCountOfTracesParams{
			Since: f.From, Latest: f.Last(trace.Start.At), HighHz: f.Band.StopHz, LowHz: f.Band.StartHz,
			South: box.South, North: box.North, West: box.West, East: box.East, OtherWest: other.West, OtherEast: other.East,
			Source: f.Source, EquipmentID: f.EquipmentID, Bound: trace.CountBound,
		})
	}
	if err != nil {
		return 0, db.MapError(fmt.Errorf("count signals: %w", err), nil)
	}
	return total, nil
}

// halves returns the two boxes that one across the 180th meridian consists of, any other one twice.
func halves(b trace.Box) (box, other trace.Box) {
	boxes := b.Split()
	return boxes[0], boxes[len(boxes)-1]
}

// Heads returns a signal and the head of its trace, without the values. It fails with ErrNotFound or ErrNoTrace.
func (s *Signals) Heads(ctx context.Context, guid uuid.UUID) (*Signal, trace.Head, error) {
	sig, err := s.Get(ctx, guid)
	if err != nil {
		return nil, trace.Head{}, err
	}
	head, err := s.traces.Head(ctx, sig.TraceGUID)
	return sig, head, missing(err)
}
