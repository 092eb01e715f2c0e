package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
)

// EventWithdrawn tells of every trace that was withdrawn.
var EventWithdrawn = event.Declare[Withdrawn]("inbox.trace.withdrawn", "A wrong trace was withdrawn, with its signals: it is gone from every answer")

// Withdrawn is what an event tells of a withdrawn trace.
type Withdrawn struct {
	Trace  Received `json:"trace" doc:"The trace as it was"`
	Reason string   `json:"reason" minLength:"1" maxLength:"300" doc:"Why it was withdrawn"`
}

// longestStore is more than a transaction lasts that stores traces: so long after its beginning their events were written.
const longestStore = 5 * time.Minute

// errUnpublished: the event of the withdrawal must not overtake that of the trace.
var errUnpublished = fault.New(fault.CodeBusy, "the event that tells of this trace is not published yet; try again").After(time.Second)

// Withdrawals take wrong traces out.
type Withdrawals struct{ writer *change.Writer[db.DWH] }

// NewWithdrawals makes them on the database of w.
func NewWithdrawals(w *change.Writer[db.DWH]) *Withdrawals { return &Withdrawals{w} }

// Withdraw removes a trace with its signals. The trace's guid stays taken (ErrWithdrawn) until retention removes it, and
// no signal can be added to it. It fails with trace.ErrNotFound, also the second time, and with a fault.Unavailable while
// the trace's own event waits to be published.
func (w *Withdrawals) Withdraw(ctx context.Context, guid uuid.UUID, reason string) error {
	err := w.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.DWH], changes *change.Changes) error {
		queries := dwhdb.New(tx)
		if _, err := queries.TraceKeyWithdraw(ctx, guid); err != nil {
			return absent(err)
		}
		row, err := queries.TraceGet(ctx, guid)
		if err != nil {
			return absent(err) // retention has removed it, but for its guid
		}
		waits, err := queries.TraceEventWaits(ctx, dwhdb.TraceEventWaitsParams{
			ReceivedAt: row.ReceivedAt, Until: row.ReceivedAt.Add(longestStore), Guid: guid.String(),
		})
		switch {
		case err != nil:
			return fmt.Errorf("look for the trace's event: %w", err)
		case waits:
			return errUnpublished
		}
		if err := queries.TraceDelete(ctx, dwhdb.TraceDeleteParams{MeasuredAt: row.MeasuredAt, Guid: guid}); err != nil {
			return fmt.Errorf("remove a trace: %w", err)
		}
		if err := queries.SignalDeleteOfTrace(ctx, guid); err != nil {
			return fmt.Errorf("remove its signals: %w", err)
		}
		return changes.Record(EventWithdrawn.New(guid.String(), Withdrawn{Trace: receivedOf(trace.Of(&row)), Reason: reason}))
	})
	return db.MapError(err, nil)
}

func absent(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return trace.ErrNotFound
	}
	return fmt.Errorf("withdraw a trace: %w", err)
}

func receivedOf(t *trace.Trace) Received {
	return Received{
		GUID: t.GUID, StartHz: t.StartHz, StopHz: t.StopHz, StepHz: t.StepHz, NoiseDBm: t.NoiseDBm, Points: t.Points(), Timestamp: t.Time,
		Location: Location{Lat: t.Lat, Lng: t.Lng, AltM: t.AltM}, Context: t.Context,
	}
}
