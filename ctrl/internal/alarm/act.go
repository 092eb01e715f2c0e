package alarm

import (
	"context"
	"errors"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/nmsdb"
)

// Guard is asked about the present alarm before a step; its error refuses it.
type Guard func(present Alarm) error

// maxShelf is how long an alarm may be shelved at once.
const maxShelf = 30 * 24 * time.Hour

// act makes one step that somebody asks for. detail says what he says of it; empty: nothing.
func (s *Alarms) act(ctx context.Context, id int64, when Guard, e Event, detail string, edit func(*nmsdb.AlarmUpdateParams)) (ShownAlarm, error) {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		row, err := nmsdb.New(tx).AlarmLock(ctx, id)
		if err != nil {
			return absent(err, ErrNotFound)
		}
		if err := when(Of(&row)); err != nil {
			return err
		}
		if row, err = s.advance(ctx, tx, changes, row, e, text(detail), edit); err != nil {
			return err
		}
		return s.release(ctx, tx, changes, row)
	})
	if err != nil {
		return ShownAlarm{}, db.MapError(err, nil)
	}
	return s.Get(ctx, id)
}

// release clears a latched alarm whose condition has gone, now that it is acknowledged.
func (s *Alarms) release(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.Alarm) error {
	if row.IsCleared || row.Present || row.Flapping || row.Latched && row.OperatorState != string(Ack) {
		return nil
	}
	_, err := s.advance(ctx, tx, changes, row, Clear, nil, cleared)
	return err
}

func cleared(to *nmsdb.AlarmUpdateParams) {
	now := time.Now()
	to.ClearedAt = &now
}

// text returns nil for an empty one.
func text(detail string) *string {
	if detail == "" {
		return nil
	}
	return &detail
}

// Acknowledge says that somebody has seen an alarm. A latched one whose condition has gone is cleared with it.
func (s *Alarms) Acknowledge(ctx context.Context, id int64, when Guard, comment string) (ShownAlarm, error) {
	return s.act(ctx, id, when, Acknowledge, comment, nil)
}

// Unacknowledge takes an acknowledgement back.
func (s *Alarms) Unacknowledge(ctx context.Context, id int64, when Guard, comment string) (ShownAlarm, error) {
	return s.act(ctx, id, when, Unacknowledge, comment, nil)
}

// Close says that a cleared alarm is dealt with.
func (s *Alarms) Close(ctx context.Context, id int64, when Guard, comment string) (ShownAlarm, error) {
	return s.act(ctx, id, when, Close, comment, nil)
}

// Comment adds what somebody says to the history.
func (s *Alarms) Comment(ctx context.Context, id int64, when Guard, comment string) (ShownAlarm, error) {
	return s.act(ctx, id, when, Comment, comment, nil)
}

// Shelve puts an alarm aside until a moment, at most 30 days ahead.
func (s *Alarms) Shelve(ctx context.Context, id int64, actor string, until time.Time, reason string) (ShownAlarm, error) {
	if now := time.Now(); !until.After(now) || until.After(now.Add(maxShelf)) {
		return ShownAlarm{}, ErrUntil
	}
	anyway := func(Alarm) error { return nil }
	shown, err := s.act(ctx, id, anyway, Shelve, reason, func(to *nmsdb.AlarmUpdateParams) {
		to.ShelvedUntil, to.ShelfReason, to.ShelvedBy = &until, &reason, &actor
	})
	if errors.Is(err, ErrNotFound) {
		return shown, ErrAlarm
	}
	return shown, fault.Move(err, func(p fault.Place) fault.Place {
		if p == fault.Target {
			return fault.Field("alarm_id")
		}
		return p
	})
}

// Unshelve takes an alarm from its shelf, acknowledged: whoever does it has seen it.
func (s *Alarms) Unshelve(ctx context.Context, id int64, when Guard) error {
	_, err := s.act(ctx, id, func(present Alarm) error {
		if present.OperatorState != Shelved {
			return ErrNoShelf
		}
		return when(present)
	}, Unshelve, "", nil)
	return err
}
