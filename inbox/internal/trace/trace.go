// Package trace finds stored traces.
package trace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/tracebody"
)

// ErrNotFound says that there is no trace with the guid.
var ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such trace")

// CodeWithdrawn refuses what would bring a withdrawn trace back, or belong to it.
var CodeWithdrawn = fault.Declare(fault.Conflict, "trace_withdrawn", "The trace was withdrawn; its guid stays taken.")

// Trace is a stored trace.
type Trace struct {
	tracebody.Trace
	// ReceivedAt is when it was committed.
	ReceivedAt time.Time
}

// RF returns the trace for the arithmetic of package rf.
func (t *Trace) RF() (*rf.Trace, error) {
	levels, err := rf.FromBytes(t.Power)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", t.GUID, err)
	}
	out := &rf.Trace{StartHz: t.StartHz, StopHz: t.StopHz, StepHz: t.StepHz, NoiseDBm: t.NoiseDBm, Levels: levels}
	if t.Unit != nil {
		out.Unit = rf.Unit(*t.Unit)
	}
	if t.RBWHz != nil {
		out.RBWHz = *t.RBWHz
	}
	if t.ENBWHz != nil {
		out.ENBWHz = *t.ENBWHz
	}
	if err := out.Check(); err != nil {
		return nil, fmt.Errorf("trace %s: %w", t.GUID, err)
	}
	return out, nil
}

// Repository reads traces of the database dwh.
type Repository struct{ queries, planned *dwhdb.Queries }

// NewRepository makes a repository on a pool or a transaction.
func NewRepository(conn db.Conn[db.DWH]) *Repository {
	return &Repository{dwhdb.New(conn), Planned(conn)}
}

// Get returns one trace, or ErrNotFound.
func (r *Repository) Get(ctx context.Context, guid uuid.UUID) (*Trace, error) {
	row, err := r.queries.TraceGet(ctx, guid)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, db.MapError(fmt.Errorf("read a trace: %w", err), nil)
	}
	return Of(&row), nil
}

// Head is what tells a stored trace from all others, and chooses it: what is read without its values.
type Head struct {
	Time, ReceivedAt time.Time
	Place
}

// Place is where a trace was measured, and by which receiver.
type Place struct {
	Lat, Lng    float64
	Source      *string
	EquipmentID *int64
}

// Head returns the head of a trace, or ErrNotFound.
func (r *Repository) Head(ctx context.Context, guid uuid.UUID) (Head, error) {
	row, err := r.queries.TraceHead(ctx, guid)
	if errors.Is(err, pgx.ErrNoRows) {
		return Head{}, ErrNotFound
	}
	if err != nil {
		return Head{}, db.MapError(fmt.Errorf("look for a trace: %w", err), nil)
	}
	return Head{row.MeasuredAt, row.ReceivedAt, Place{row.Lat, row.Lng, row.Source, row.EquipmentID}}, nil
}

// Of makes a trace of its row.
func Of(row *dwhdb.Trace) *Trace {
	return &Trace{
		Trace: tracebody.Trace{
			GUID: row.Guid, StartHz: row.StartFreqHz, StopHz: row.StopFreqHz, StepHz: row.StepFreqHz,
			NoiseDBm: row.NoiseDbm, Time: row.MeasuredAt.UTC(), Lat: row.Lat, Lng: row.Lng, AltM: row.AltM, Power: row.Power,
			Context: tracebody.Context{
				Source: row.Source, EquipmentID: row.EquipmentID, RBWHz: row.RbwHz, ENBWHz: row.EnbwHz, Unit: row.Unit,
				Detector: row.Detector, TraceMode: row.TraceMode, SweepTimeS: row.SweepTimeS, AttenuationDB: row.AttenuationDb,
				GainDB: row.GainDb, Antenna: row.Antenna, AzimuthDeg: row.AzimuthDeg, Overload: row.Overload,
			},
			Meta: row.Meta,
		},
		ReceivedAt: row.ReceivedAt.UTC(),
	}
}
