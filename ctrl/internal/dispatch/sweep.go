package dispatch

import (
	"context"
	"time"

	"github.com/google/uuid"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/nmsdb"
)

// batch is how many commands one look takes.
const batch = 500

// sweep looks for what nobody else does: commands that have expired or whose sender lost the permission, commands of
// instances that are gone, endpoints that have shut down.
func (t *term) sweep(ctx context.Context) {
	for ctx.Err() == nil {
		for what, do := range map[string]func(context.Context) error{
			"expiry": t.expire, "permissions": t.withdraw, "recovery": t.recover, "unknown outcomes": t.lookAgain,
			"shutting down": t.endpoints.ShutDown, "backlog": t.measure,
		} {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				t.options.Logger.WarnContext(ctx, "a look at the commands failed", "what", what, "error", err)
			}
		}
		retry.Sleep(ctx, sweepPause)
	}
}

// change makes a step of a command that is still in one of the states.
func (t *term) change(id uuid.UUID, e command.Event, c command.Change, still func(row nmsdb.IssuedCommand) bool) (row nmsdb.IssuedCommand, done bool, err error) {
	err = t.writer.Do(t.held, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		done = false
		present, err := command.Lock(ctx, tx, id)
		if err != nil || !still(present) {
			return err
		}
		row, err = t.commands.Advance(ctx, tx, changes, present, e, c)
		done = err == nil
		return err
	})
	return row, done && err == nil, ignore(err, command.ErrState)
}

func waits(row nmsdb.IssuedCommand) bool {
	state := command.State(row.State)
	return state == command.AwaitingApproval || state == command.Queued
}

func (t *term) expire(ctx context.Context) error {
	ids, err := nmsdb.New(t.writer.Pool()).CommandsExpired(ctx, batch)
	for _, id := range ids {
		if t.isActive(id) {
			continue // its worker finds it
		}
		if _, _, err := t.change(id, command.Expire, command.Change{}, waits); err != nil {
			return err
		}
	}
	return err
}

// recover takes care of what is in flight under owners that are gone, or beyond its deadline.
func (t *term) recover(ctx context.Context) error {
	rows, err := nmsdb.New(t.writer.Pool()).CommandsInFlight(ctx)
	if err != nil {
		return err
	}
	held := map[uuid.UUID]bool{t.owner: true}
	for _, row := range rows {
		if t.isActive(row.ID) {
			continue
		}
		lives, known := held[row.Owner]
		if !known {
			if lives, err = t.writer.Pool().Locked(ctx, lockName(row.Owner)); err != nil {
				return err
			}
			held[row.Owner] = lives
		}
		// One of this instance's own at which no worker is: the answer to the commit that claimed it was lost, so that it
		// was never sent; or its outcome could not be written.
		if own := row.Owner == t.owner; own || !lives || row.Overdue {
			t.work(row.EquipmentID, func() { t.adopt(row.ID, own) })
		}
	}
	return nil
}

// lookAgain looks, every now and then, at commands of unknown outcome: the equipment may answer by now, and the instance that
// was looking may be gone. At most Workers are watched at a time.
func (t *term) lookAgain(ctx context.Context) error {
	rows, err := nmsdb.New(t.writer.Pool()).CommandsUnknown(ctx)
	if err != nil {
		return err
	}
	looked, watching := make(map[uuid.UUID]time.Time, len(rows)), t.watchers()
	for _, row := range rows {
		last, known := t.looked[row.ID]
		switch {
		case !known: // whoever made it unknown looks first
			last = time.Now()
		case time.Since(last) >= lookAgain && !t.isActive(row.ID) && watching < t.options.Workers:
			last = time.Now()
			watching++
			t.work(row.EquipmentID, func() { t.reconsider(row.ID) })
		}
		looked[row.ID] = last
	}
	t.looked = looked
	return nil
}

// reconsider investigates a command that is unknown still.
func (t *term) reconsider(id uuid.UUID) {
	defer t.begin(id)()
	row, err := nmsdb.New(t.writer.Pool()).CommandGet(t.held, id)
	if err != nil || command.State(row.State) != command.StateUnknown {
		return // the next look finds it again
	}
	if j, _, err := t.plan(row); err == nil && j != nil {
		t.investigate(j)
	}
}

// adopt goes on with a command that nobody is at.
func (t *term) adopt(id uuid.UUID, own bool) {
	defer t.begin(id)()
	row, err := nmsdb.New(t.writer.Pool()).CommandGet(t.held, id)
	if err != nil {
		return // the next look finds it again
	}
	unchanged := func(present nmsdb.IssuedCommand) bool { return present.Version == row.Version }
	state := command.State(row.State)
	e, c := command.TakeOver, command.Change{}
	switch {
	case !state.Owned():
		return
	case state == command.Sending && own && !t.hasBegun(attempt{id, row.Sends}):
		e, c.Detail = command.NotSent, "nothing was sent: the database did not confirm that it might be"
		c.Edit = func(to *command.Columns) { to.NotSent = row.NotSent + 1 }
	case state == command.Sending:
		e, c.Detail = command.Lose, "the instance that was sending it is gone or has stood still, or its outcome could not be written"
		c.Reason = "it may have been executed: " + c.Detail
	}
	j, why, err := t.plan(row)
	if e == command.TakeOver {
		if err != nil {
			return
		}
		deadline := time.Now().Add(margin)
		if j != nil {
			deadline = t.verifiedBy(j)
		}
		c.Edit = func(to *command.Columns) { to.Owner, to.Deadline = &t.owner, &deadline }
	}
	after, done, err := t.change(id, e, c, unchanged)
	if err != nil || !done {
		return
	}
	t.note(attempt{id, row.Sends}, false)
	if j == nil {
		t.abandon(after, string(why))
		return
	}
	j.row = after
	switch command.State(after.State) {
	case command.StateAccepted:
		t.finish(j)
	case command.Verifying:
		t.verify(j)
	case command.StateUnknown:
		t.investigate(j)
	default:
	}
}

// finish goes on behind an acceptance.
func (t *term) finish(j *job) {
	e := command.Verify
	if len(j.plan.Binding().Verifiers) == 0 {
		e = command.Complete
	}
	after, done, err := t.change(j.row.ID, e, command.Change{}, func(present nmsdb.IssuedCommand) bool { return present.Version == j.row.Version })
	if err == nil && done && e == command.Verify {
		j.row = after
		t.verify(j)
	}
}

// abandon ends a verification for which the binding or the endpoint is gone.
func (t *term) abandon(row nmsdb.IssuedCommand, why string) {
	unchanged := func(version int32) func(nmsdb.IssuedCommand) bool {
		return func(present nmsdb.IssuedCommand) bool { return present.Version == version }
	}
	c := command.Change{Reason: "its effect could not be seen: " + why, Detail: why}
	if command.State(row.State) == command.StateAccepted {
		after, done, err := t.change(row.ID, command.Verify, command.Change{}, unchanged(row.Version))
		if err != nil || !done {
			return
		}
		row = after
	}
	if command.State(row.State) == command.Verifying {
		if _, _, err := t.change(row.ID, command.GiveUp, c, unchanged(row.Version)); err != nil && t.held.Err() == nil {
			t.options.Logger.WarnContext(t.held, "a verification cannot be ended yet", "command", row.ID, "error", err)
		}
	}
}
