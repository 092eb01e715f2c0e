package trace

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"nms.example/common/db"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/tracebody"
)

// Box is a range of places, in degrees. West above East crosses the 180th meridian.
type Box struct{ West, South, East, North float64 }

// World is the box of all places.
var World = Box{West: -180, South: -90, East: 180, North: 90}

// contains reports whether a place lies in the box.
func (b Box) contains(lat, lng float64) bool {
	if lat < b.South || lat > b.North {
		return false
	}
	if b.West <= b.East {
		return b.West <= lng && lng <= b.East
	}
	return lng >= b.West || lng <= b.East
}

// Split returns one box, or the two that a box across the 180th meridian consists of.
func (b Box) Split() []Box {
	if b.West <= b.East {
		return []Box{b}
	}
	return []Box{{b.West, b.South, 180, b.North}, {-180, b.South, b.East, b.North}}
}

// Everything is the band of all frequencies.
var Everything = rf.Band{StartHz: -rf.MaxFrequency, StopHz: rf.MaxFrequency}

// Filter chooses traces. Start from All.
type Filter struct {
	// From and To bound the time of measurement, To excluded.
	From, To time.Time
	// Band is what a trace has to overlap.
	Band rf.Band
	Box  Box
	// Source and EquipmentID are the receiver's name and its id in cfg; nil: any, or none.
	Source      *string
	EquipmentID *int64
}

// OfReceiver reports whether the filter names a receiver.
func (f *Filter) OfReceiver() bool { return f.Source != nil || f.EquipmentID != nil }

// Anywhere reports whether the filter asks for neither a place nor a receiver.
func (f *Filter) Anywhere() bool { return f.Box == World && !f.OfReceiver() }

// Overlaps reports whether the filter takes a band; edges that touch are enough.
func (f *Filter) Overlaps(startHz, stopHz float64) bool {
	return startHz <= f.Band.StopHz && stopHz >= f.Band.StartHz
}

// Admits reports whether the filter takes a trace of this place and receiver.
func (f *Filter) Admits(p *Place) bool {
	return f.Box.contains(p.Lat, p.Lng) && (f.Source == nil || p.Source != nil && *p.Source == *f.Source) &&
		(f.EquipmentID == nil || p.EquipmentID != nil && *p.EquipmentID == *f.EquipmentID)
}

// The range of times that PostgreSQL and this system have in common.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// All chooses every trace.
func All() Filter { return Filter{From: earliest, To: latest, Band: Everything, Box: World} }

// Position is a place in a list of traces or signals, newest first.
type Position struct {
	At   time.Time `json:"t"`
	GUID uuid.UUID `json:"g"`
}

// Start comes before every trace.
var Start = Position{At: latest, GUID: uuid.Max}

// Summary is a trace without its values.
type Summary struct {
	GUID                    uuid.UUID
	StartHz, StopHz, StepHz float64
	NoiseDBm                float64
	Points                  int
	Time, ReceivedAt        time.Time
	Lat, Lng                float64
	AltM                    *float64
	tracebody.Context
}

// Position returns the summary's place in the list.
func (s *Summary) Position() Position { return Position{s.Time, s.GUID} }

// CountBound is where counting stops.
const CountBound = 10000

// Search returns up to take traces, newest first: after the first skip ones, or after a position.
func (r *Repository) Search(ctx context.Context, f Filter, after *Position, skip, take int) ([]Summary, error) {
	if after == nil {
		after = &Start
	}
	boxes := f.Box.Split()
	var found []Summary
	for _, box := range boxes {
		params := dwhdb.TraceSearchParams{
			Since: f.From, Latest: f.Last(after.At), BeforeAt: after.At, BeforeGuid: after.GUID,
			LowHz: f.Band.StartHz, HighHz: f.Band.StopHz,
			South: box.South, North: box.North, West: box.West, East: box.East,
			Skip: int32(skip), Take: int32(take),
		}
		if len(boxes) > 1 {
			params.Skip, params.Take = 0, params.Skip+params.Take // skipped after the merge
		}
		rows, err := r.search(ctx, &f, params)
		if err != nil {
			return nil, db.MapError(fmt.Errorf("search traces: %w", err), nil)
		}
		for i := range rows {
			found = append(found, summaryOf(&rows[i]))
		}
	}
	if len(boxes) == 1 {
		return found, nil
	}
	slices.SortFunc(found, func(a, b Summary) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return bytes.Compare(b.GUID[:], a.GUID[:])
	})
	return found[min(skip, len(found)):min(skip+take, len(found))], nil
}

// search reads traces in a single box.
func (r *Repository) search(ctx context.Context, f *Filter, p dwhdb.TraceSearchParams) ([]dwhdb.TraceSearchRow, error) {
	if !f.OfReceiver() {
		return r.queries.TraceSearch(ctx, p)
	}
	found, err := r.planned.TraceSearchOfReceiver(ctx, dwhdb.TraceSearchOfReceiverParams{
		Source: f.Source, EquipmentID: f.EquipmentID, Since: p.Since, Latest: p.Latest, BeforeAt: p.BeforeAt, BeforeGuid: p.BeforeGuid,
		HighHz: p.HighHz, LowHz: p.LowHz, South: p.South, North: p.North, West: p.West, East: p.East, Skip: p.Skip, Take: p.Take,
	})
	rows := make([]dwhdb.TraceSearchRow, len(found))
	for i := range found {
		rows[i] = dwhdb.TraceSearchRow(found[i])
	}
	return rows, err
}

// Last returns the newest time that can still be found. Stated as a bound of the partition key it also
// spares the partitions that lie after a cursor.
func (f Filter) Last(after time.Time) time.Time {
	if exclusive := f.To.Add(-time.Microsecond); exclusive.Before(after) {
		return exclusive
	}
	return after
}

// Count tells how many traces there are, up to CountBound.
func (r *Repository) Count(ctx context.Context, f Filter) (int64, error) {
	var total int64
	for _, box := range f.Box.Split() {
		n, err := r.count(ctx, &f, dwhdb.TraceCountParams{
			Since: f.From, Latest: f.Last(Start.At), LowHz: f.Band.StartHz, HighHz: f.Band.StopHz,
			South: box.South, North: box.North, West: box.West, East: box.East, Bound: CountBound,
		})
		if err != nil {
			return 0, db.MapError(fmt.Errorf("count traces: %w", err), nil)
		}
		total += n
	}
	return min(total, CountBound), nil
}

// count tells how many traces there are in a single box.
func (r *Repository) count(ctx context.Context, f *Filter, p dwhdb.TraceCountParams) (int64, error) {
	if !f.OfReceiver() {
		return r.queries.TraceCount(ctx, p)
	}
	return r.planned.TraceCountOfReceiver(ctx, dwhdb.TraceCountOfReceiverParams{
		Source: f.Source, EquipmentID: f.EquipmentID, Since: p.Since, Latest: p.Latest, HighHz: p.HighHz, LowHz: p.LowHz,
		South: p.South, North: p.North, West: p.West, East: p.East, Bound: p.Bound,
	})
}

func summaryOf(row *dwhdb.TraceSearchRow) Summary {
	return Summary{
		GUID: row.Guid, StartHz: row.StartFreqHz, StopHz: row.StopFreqHz, StepHz: row.StepFreqHz, NoiseDBm: row.NoiseDbm,
		Points: int(row.Points), Time: row.MeasuredAt.UTC(), ReceivedAt: row.ReceivedAt.UTC(), Lat: row.Lat, Lng: row.Lng,
		AltM: row.AltM, Context: tracebody.Context{
			Source: row.Source, EquipmentID: row.EquipmentID, RBWHz: row.RbwHz, ENBWHz: row.EnbwHz, Unit: row.Unit,
			Detector: row.Detector, TraceMode: row.TraceMode, SweepTimeS: row.SweepTimeS, AttenuationDB: row.AttenuationDb,
			GainDB: row.GainDb, Antenna: row.Antenna, AzimuthDeg: row.AzimuthDeg, Overload: row.Overload,
		},
	}
}
