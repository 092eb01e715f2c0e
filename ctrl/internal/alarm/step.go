package alarm

import (
	"context"
	"slices"

	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/ctrl/internal/nmsdb"
)

// columns are what an update writes, as the row has it.
func columns(row *nmsdb.Alarm) nmsdb.AlarmUpdateParams {
	return nmsdb.AlarmUpdateParams{
		ID: row.ID, LimitID: row.LimitID, TelemetryID: row.TelemetryID, Severity: row.Severity, IsCleared: row.IsCleared, Present: row.Present,
		OperatorState: row.OperatorState, Text: row.Text, Value: row.Value, Latched: row.Latched, Suppresses: row.Suppresses, Flapping: row.Flapping,
		Recent: row.Recent, RaisedAt: row.RaisedAt, ClearedAt: row.ClearedAt, ShelvedUntil: row.ShelvedUntil, ShelfReason: row.ShelfReason,
		ShelvedBy: row.ShelvedBy,
	}
}

// advance takes an alarm, locked by the caller, along an event. edit, unless it is nil, changes what else changes.
func (s *Alarms) advance(
	ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.Alarm, e Event, detail *string, edit func(*nmsdb.AlarmUpdateParams),
) (nmsdb.Alarm, error) {
	next, err := life(&row).Next(e)
	if err != nil {
		return row, ErrLife.Because(err)
	}
	to := columns(&row)
	to.OperatorState, to.IsCleared = string(next.Operator), next.Cleared
	if next.Operator != Shelved {
		to.ShelvedUntil, to.ShelfReason, to.ShelvedBy = nil, nil, nil
	}
	if edit != nil {
		edit(&to)
	}
	q := nmsdb.New(tx)
	after, err := q.AlarmUpdate(ctx, to)
	if err != nil {
		return row, err
	}
	if err := record(ctx, q, &after, e, detail); err != nil {
		return row, err
	}
	return after, changes.Record(EventUpdated.New(Subject(row.ID), Of(&row), Of(&after)))
}

// told are the events that somebody may have to be told of.
var told = []Event{Raise, Worsen, Clear, Flap, EndShelf}

// record adds a step to the history, and to what somebody may have to be told of.
func record(ctx context.Context, q *nmsdb.Queries, row *nmsdb.Alarm, e Event, detail *string) error {
	if slices.Contains(told, e) && (e != EndShelf || !row.IsCleared) {
		if err := q.NoticeInsert(ctx, nmsdb.NoticeInsertParams{
			AlarmID: row.ID, Version: row.Version, Event: string(e), Severity: row.Severity, Text: row.Text,
		}); err != nil {
			return err
		}
	}
	return q.AlarmStepInsert(ctx, nmsdb.AlarmStepInsertParams{
		AlarmID: row.ID, Version: row.Version, Event: string(e), Severity: row.Severity, IsCleared: row.IsCleared, OperatorState: row.OperatorState,
		Text: row.Text, Value: row.Value, Detail: detail,
	})
}
