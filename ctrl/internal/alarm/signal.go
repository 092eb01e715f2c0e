package alarm

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/threshold"
)

// Signal says what a condition is like now.
type Signal struct {
	EquipmentID int64
	Type        string
	Qualifier   string
	LimitID     *int64
	TelemetryID *int64
	Severity    threshold.Severity // Cleared: it does not hold
	Text        string             // what is wrong; empty, of one that does not hold: as before
	Value       *float64
	At          time.Time // since when; of a value, when it was measured
	Latched     bool
	Suppresses  bool
}

// Signal raises, changes and clears alarms within the caller's transaction, in the order of the signals of each alarm. Nothing is changed by one that says
// what is so already.
func (s *Alarms) Signal(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, signals []Signal) error {
	// Everybody takes alarms in this order, so that two transactions never wait for each other in a circle.
	slices.SortStableFunc(signals, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(a.EquipmentID, b.EquipmentID), strings.Compare(a.Type, b.Type), strings.Compare(a.Qualifier, b.Qualifier))
	})
	for i := range signals {
		if err := s.signal(ctx, tx, changes, &signals[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Alarms) signal(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, sig *Signal) error {
	row, created, err := s.find(ctx, tx, changes, sig)
	if err != nil || created || row.ID == 0 {
		return err
	}
	if sig.Severity == threshold.Cleared {
		return s.gone(ctx, tx, changes, row, sig)
	}
	return s.holds(ctx, tx, changes, row, sig)
}

// find locks the alarm of a condition. One that is not there is made when the condition holds.
func (s *Alarms) find(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, sig *Signal) (row nmsdb.Alarm, created bool, err error) {
	q := nmsdb.New(tx)
	key := nmsdb.AlarmFindParams{EquipmentID: sig.EquipmentID, Type: sig.Type, Qualifier: sig.Qualifier}
	row, err = q.AlarmFind(ctx, key)
	if !errors.Is(err, pgx.ErrNoRows) {
		return row, false, err
	}
	if sig.Severity == threshold.Cleared {
		return nmsdb.Alarm{}, false, nil
	}
	row, err = q.AlarmInsert(ctx, nmsdb.AlarmInsertParams{
		EquipmentID: sig.EquipmentID, Type: sig.Type, Qualifier: sig.Qualifier, LimitID: sig.LimitID, TelemetryID: sig.TelemetryID,
		Severity: sig.Severity.String(), Text: sig.Text, Value: sig.Value, Latched: sig.Latched, Suppresses: sig.Suppresses,
		Recent: []time.Time{sig.At}, RaisedAt: sig.At,
	})
	if errors.Is(err, pgx.ErrNoRows) { // somebody else was first
		row, err = q.AlarmFind(ctx, key)
		return row, false, err
	}
	if err != nil {
		return row, false, err
	}
	if err := record(ctx, q, &row, Raise, nil); err != nil {
		return row, false, err
	}
	return row, true, changes.Record(EventCreated.New(Subject(row.ID), Of(&row)))
}

// holds takes in that a condition holds.
func (s *Alarms) holds(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.Alarm, sig *Signal) error {
	before, _ := threshold.SeverityOf(row.Severity)
	toggled := !row.Present
	var e Event
	switch {
	case row.IsCleared:
		e = Raise
	case sig.Severity > before:
		e = Worsen
	case toggled && row.Flapping:
		return s.quietly(ctx, tx, row, sig, true)
	case toggled:
		e = Return
	case sig.Severity < before && !row.Flapping:
		e = Ease
	default:
		return nil
	}
	row, err := s.advance(ctx, tx, changes, row, e, nil, func(to *nmsdb.AlarmUpdateParams) {
		sig.describe(to)
		to.Severity, to.Present = sig.Severity.String(), true
		if e == Return {
			to.Severity = max(sig.Severity, before).String()
		}
		if e == Raise {
			to.RaisedAt = sig.At
		}
		if toggled {
			to.Recent = s.toggled(row.Recent, sig.At)
		}
	})
	if err != nil || !toggled {
		return err
	}
	return s.flap(ctx, tx, changes, row)
}

// gone takes in that a condition holds no longer.
func (s *Alarms) gone(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.Alarm, sig *Signal) error {
	if !row.Present {
		return nil
	}
	if row.Flapping {
		return s.quietly(ctx, tx, row, sig, false)
	}
	recent := s.toggled(row.Recent, sig.At)
	if s.flaps(recent) {
		_, err := s.advance(ctx, tx, changes, row, Flap, nil, func(to *nmsdb.AlarmUpdateParams) {
			to.Flapping, to.Present, to.Recent, to.Value = true, false, recent, sig.Value
		})
		return err
	}
	e := Clear
	if row.Latched && row.OperatorState != string(Ack) {
		e = Subside
	}
	_, err := s.advance(ctx, tx, changes, row, e, nil, func(to *nmsdb.AlarmUpdateParams) {
		to.Present, to.Recent, to.Value = false, recent, sig.Value
		if sig.Text != "" {
			to.Text = sig.Text
		}
		if e == Clear {
			to.ClearedAt = &sig.At
		}
	})
	return err
}

// quietly notes that the condition of a flapping alarm comes or goes: it is not told, or the history would be full of it.
func (s *Alarms) quietly(ctx context.Context, tx db.Tx[db.NMS], row nmsdb.Alarm, sig *Signal, present bool) error {
	to := columns(&row)
	to.Present, to.Recent, to.Value = present, s.toggled(row.Recent, sig.At), sig.Value
	_, err := nmsdb.New(tx).AlarmUpdate(ctx, to)
	return err
}

// flap marks an alarm that was just raised once too often.
func (s *Alarms) flap(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.Alarm) error {
	if row.Flapping || !s.flaps(row.Recent) {
		return nil
	}
	_, err := s.advance(ctx, tx, changes, row, Flap, nil, func(to *nmsdb.AlarmUpdateParams) { to.Flapping = true })
	return err
}

// toggled adds a moment to those at which an alarm was raised or cleared, and leaves out those that no longer count.
func (s *Alarms) toggled(recent []time.Time, at time.Time) []time.Time {
	recent = append(slices.Clone(recent), at)
	recent = slices.DeleteFunc(recent, func(t time.Time) bool { return t.Before(at.Add(-s.options.Window)) })
	return recent[max(0, len(recent)-s.options.Changes-1):]
}

// flaps reports whether it was raised and cleared too often.
func (s *Alarms) flaps(recent []time.Time) bool { return len(recent) > s.options.Changes }

// describe writes what a signal says of the condition.
func (sig *Signal) describe(to *nmsdb.AlarmUpdateParams) {
	to.LimitID, to.TelemetryID, to.Value, to.Latched, to.Suppresses = sig.LimitID, sig.TelemetryID, sig.Value, sig.Latched, sig.Suppresses
	if sig.Text != "" {
		to.Text = sig.Text
	}
}
