package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/name"

	"nms.example/ctrl/internal/nmsdb"
)

// Change is what a step changes beside the state; nil leaves as it is.
type Change struct {
	Detail string // of the step
	Reason string // of the state; empty: it says itself
	Edit   func(to *Columns)
}

// Columns are what a step may change of a command, as they are to be. nil is NULL.
type Columns struct {
	State      State           `json:"state"`
	Approver   *string         `json:"approver"`
	Place      *int64          `json:"place"`
	NotBefore  *time.Time      `json:"not_before"`
	Sends      int32           `json:"sends"`
	NotSent    int32           `json:"not_sent"`
	Owner      *uuid.UUID      `json:"owner"`
	Deadline   *time.Time      `json:"deadline"`
	SentAt     *time.Time      `json:"sent_at"`
	Reason     *string         `json:"reason"`
	Reply      *string         `json:"reply"`
	ReadBefore json.RawMessage `json:"read_before"`
	Readback   json.RawMessage `json:"readback"`
}

// Move is a step that a command is to make.
type Move struct {
	Row    nmsdb.IssuedCommand // as it was read, or is after its step before
	Event  Event
	Change Change
}

// step is one as issued_command_advance takes it.
type step struct {
	ID      uuid.UUID `json:"id"`
	Version int32     `json:"version"` // that it was read with
	Event   Event     `json:"event"`
	Detail  *string   `json:"detail"`
	Columns
}

var errChanged = errors.New("somebody else has changed it meanwhile")

// Advance takes a command, locked or claimed by the caller, along an event, within the caller's transaction.
func (s *Commands) Advance(
	ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.IssuedCommand, e Event, c Change,
) (nmsdb.IssuedCommand, error) {
	after, err := s.AdvanceAll(ctx, tx, changes, []Move{{Row: row, Event: e, Change: c}})
	if err != nil {
		return row, err
	}
	next, made := after[row.ID]
	if !made {
		return row, ErrState.Because(errChanged)
	}
	return next, nil
}

// AdvanceAll takes several commands, each along an event of its own, within the caller's transaction, and returns by their ids what they are then.
// Those are missing that have changed since they were read, or that another transaction is at. It waits for no lock.
func (s *Commands) AdvanceAll(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, moves []Move) (map[uuid.UUID]nmsdb.IssuedCommand, error) {
	steps := make([]step, len(moves))
	for i := range moves {
		var err error
		if steps[i], err = moves[i].step(); err != nil {
			return nil, err
		}
	}
	raw, err := json.Marshal(steps)
	if err != nil {
		return nil, err
	}
	rows, err := nmsdb.New(tx).CommandsAdvance(ctx, raw)
	if err != nil {
		return nil, err
	}
	after := make(map[uuid.UUID]nmsdb.IssuedCommand, len(rows))
	for _, row := range rows {
		after[row.ID] = row
	}
	for i := range moves {
		before := &moves[i].Row
		row, made := after[before.ID]
		if !made {
			continue
		}
		if err := s.advanced(ctx, tx, changes, before, &row); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// Found looks at the errors of statements that are sent together and return one row or none. Behind the first error there is nothing more.
type Found struct{ Err error }

// Row reports whether a statement has returned a row.
func (f *Found) Row(err error) bool {
	if f.Err == nil && !errors.Is(err, pgx.ErrNoRows) {
		f.Err = err
	}
	return err == nil
}

// step returns what the database is to write, or ErrState.
func (m *Move) step() (step, error) {
	row := &m.Row
	e, c := kept(row, m.Event, m.Change)
	next, err := State(row.State).Next(e)
	if err != nil {
		return step{}, ErrState.Because(err)
	}
	to := step{ID: row.ID, Version: row.Version, Event: e, Detail: Text(c.Detail), Columns: Columns{
		State: next, Approver: row.Approver, Place: row.Place, NotBefore: row.NotBefore, Sends: row.Sends, NotSent: row.NotSent,
		Owner: row.Owner, Deadline: row.Deadline, SentAt: row.SentAt, Reason: Text(c.Reason), Reply: row.Reply,
		ReadBefore: row.ReadBefore.RawMessage, Readback: row.Readback.RawMessage,
	}}
	if !next.Owned() {
		to.Owner, to.Deadline = nil, nil
	}
	if c.Edit != nil {
		c.Edit(&to.Columns)
	}
	return to, nil
}

// advanced does what follows from a step: the alarm, the metric, the event, and that the queue may go on.
func (s *Commands) advanced(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, before, after *nmsdb.IssuedCommand) error {
	if err := s.raise(ctx, tx, changes, before, after); err != nil {
		return err
	}
	was, is := State(before.State), State(after.State)
	s.count(changes, was, is)
	if was == AwaitingApproval && is == Queued || was == StateUnknown && is.Final() {
		s.goesOn(changes, after.EquipmentID)
	}
	shownBefore, err := Of(*before)
	if err != nil {
		return err
	}
	shownAfter, err := Of(*after)
	if err != nil {
		return err
	}
	return changes.Record(EventUpdated.New(Subject(after.ID), shownBefore, shownAfter))
}

// kept returns the event and the change that take place. An idempotent command of which an earlier attempt got no answer may be under way
// still: what would end it unexecuted makes it unknown, so that its queue waits until somebody knows.
func kept(row *nmsdb.IssuedCommand, e Event, c Change) (Event, Change) {
	lost := row.Sends - row.NotSent
	if State(row.State) == Sending {
		lost-- // the attempt whose outcome this is
	}
	if lost < 1 || !slices.Contains([]Event{Cancel, Expire, RefuseRelease, Refuse}, e) {
		return e, c
	}
	c.Reason = "it may have been executed: an earlier attempt got no answer; " + cmp.Or(c.Reason, string(e))
	c.Detail = string(e) + ": " + cmp.Or(c.Detail, "an earlier attempt got no answer")
	return Lose, c
}

// maxText bounds reasons, details and replies, in characters.
const maxText = 500

// Text bounds a text for a column, nil when it is empty.
func Text(text string) *string {
	text = name.Visible(text) // equipment answers what it likes
	if text == "" {
		return nil
	}
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText])
	}
	return &text
}
