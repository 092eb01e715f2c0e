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

// Trace is a stored trace.
type Trace struct {
	tracebody.Trace
	// ReceivedAt is when it was committed.
	ReceivedAt time.Time
}

// RF gives the trace to the arithmetic of package rf.
func (t *Trace) RF() (*rf.Trace, error) {
	levels, err := rf.FromBytes(t.Power)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", t.GUID, err)
	}
	out := &rf.Trace{StartHz: t.StartHz, StopHz: t.StopHz, StepHz: t.StepHz, NoiseDBm: t.NoiseDBm, Levels: levels}
	if err := out.Check(); err != nil {
		return nil, fmt.Errorf("trace %s: %w", t.GUID, err)
	}
	return out, nil
}

// Repository reads traces of the database dwh.
type Repository struct{ queries *dwhdb.Queries }

// NewRepository makes a repository on a pool or a transaction.
func NewRepository(conn db.Conn[db.DWH]) *Repository { return &Repository{dwhdb.New(conn)} }

// Get gives one trace, or ErrNotFound.
func (r *Repository) Get(ctx context.Context, guid uuid.UUID) (*Trace, error) {
	row, err := r.queries.TraceGet(ctx, guid)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, db.MapError(fmt.Errorf("read a trace: %w", err), nil)
	}
	return &Trace{
		Trace: tracebody.Trace{
			GUID: row.Guid, StartHz: row.StartFreqHz, StopHz: row.StopFreqHz, StepHz: row.StepFreqHz,
			NoiseDBm: row.NoiseDbm, Time: row.MeasuredAt.UTC(), Lat: row.Lat, Lng: row.Lng, Power: row.Power,
		},
		ReceivedAt: row.ReceivedAt.UTC(),
	}, nil
}
