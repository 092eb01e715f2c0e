package dispatch

import (
	"context"
	"errors"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
)

const (
	// maxSends bounds how often a command is sent that may be sent twice.
	maxSends = 3
	// firstPause and longestPause are between attempts to reach equipment, while the queue waits.
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// errLate says that sending would begin later than it may: the process or the machine stood still.
const errLate driver.PlainError = "the time for sending was over before the first byte"

// send sends a claimed command, once, and writes what is known of it.
func (t *term) send(j *job) {
	ctx, cancel := context.WithDeadline(t.held, j.until)
	defer cancel()
	outcome, reply, err := driver.NotSent, driver.Reply{}, error(errLate)
	this := attempt{j.row.ID, j.row.Sends}
	t.note(this, true)
	if time.Now().Before(j.until) { // else others may have found it overdue by now
		outcome, reply, err = j.plan.Driver.Send(ctx, j.to, j.request)
	}
	if err != nil {
		t.options.Logger.InfoContext(t.held, "a command was not taken", "command", j.row.ID, "outcome", outcome.String(), "error", err)
	}
	if !t.record(j, outcome, reply, err) {
		return // what is still noted is found by the next look, as unknown
	}
	t.note(this, false)
	switch command.State(j.row.State) {
	case command.Verifying:
		t.verify(j)
	case command.StateUnknown:
		t.investigate(j)
	default:
	}
}

// record writes the outcome, however long the database is away, as long as the lock is held. It reports whether the command
// is still this instance's.
func (t *term) record(j *job, outcome driver.Outcome, reply driver.Reply, cause error) bool {
	if outcome == driver.Accepted && t.together(j, false, t.accepted(j, reply)...) {
		return true
	}
	return t.persist(j, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.IssuedCommand) (nmsdb.IssuedCommand, error) {
		if row.Version != j.row.Version { // it was overdue, and others said that it is unknown
			if command.State(row.State) != command.StateUnknown {
				return row, command.ErrState
			}
			return t.commands.Advance(ctx, tx, changes, row, command.ReadBack, command.Change{
				Reason: text(row.Reason), Detail: "its outcome came too late: " + outcome.String() + spaced(reply.Text),
			})
		}
		return t.outcome(ctx, tx, changes, j, row, outcome, reply, cause)
	})
}

// persist runs a step of a command again and again while the database is away. It reports whether the step was made: not when
// the lock is lost, somebody else was first, or the database refuses it.
func (t *term) persist(j *job, step func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.IssuedCommand) (nmsdb.IssuedCommand, error)) bool {
	pauses := retry.Growing(50*time.Millisecond, 2*time.Second)
	for {
		var after nmsdb.IssuedCommand
		err := t.writer.Do(t.held, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
			row, err := command.LockOf(ctx, tx, j.row.EquipmentID, j.row.ID)
			if err != nil {
				return err
			}
			after, err = step(ctx, tx, changes, row)
			return err
		})
		switch {
		case err == nil:
			j.row = after
			return true
		case errors.Is(err, command.ErrState):
			t.options.Logger.WarnContext(t.held, "a command was changed by somebody else meanwhile", "command", j.row.ID)
			return false
		case fault.KindOf(db.MapError(err, nil)) != fault.Unavailable:
			t.options.Logger.ErrorContext(t.held, "the database does not take the step of a command", "command", j.row.ID, "error", err)
			return false
		case !pauses.Wait(t.held):
			return false
		}
		t.options.Logger.WarnContext(t.held, "the step of a command cannot be written yet", "command", j.row.ID, "error", err)
	}
}

// outcome makes the steps that follow from an outcome.
func (t *term) outcome(
	ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, j *job, row nmsdb.IssuedCommand, outcome driver.Outcome,
	reply driver.Reply, cause error,
) (nmsdb.IssuedCommand, error) {
	answered := func(to *command.Columns) { to.Reply = command.Text(reply.Text) }
	switch outcome {
	case driver.NotSent:
		return t.commands.Advance(ctx, tx, changes, row, command.NotSent, command.Change{
			Reason: "it could not be sent yet: " + driver.Describe(cause), Detail: driver.Describe(cause), Edit: func(to *command.Columns) {
				to.NotSent, to.NotBefore = row.NotSent+1, pause(row.NotSent)
			},
		})
	case driver.Refused:
		return t.commands.Advance(ctx, tx, changes, row, command.Refuse, command.Change{
			Reason: "the equipment refuses" + spaced(reply.Text), Detail: reply.Text, Edit: answered,
		})
	case driver.Accepted:
		for _, move := range t.accepted(j, reply) {
			var err error
			if row, err = t.commands.Advance(ctx, tx, changes, row, move.Event, move.Change); err != nil {
				return row, err
			}
		}
		return row, nil
	default:
		if row.Idempotent && row.Sends < maxSends {
			return t.commands.Advance(ctx, tx, changes, row, command.Repeat, command.Change{
				Reason: "its outcome is not known; it is sent again, which does no harm", Detail: driver.Describe(cause),
				Edit: func(to *command.Columns) { to.NotBefore = pause(row.Sends - 1) },
			})
		}
		return t.commands.Advance(ctx, tx, changes, row, command.Lose, command.Change{
			Reason: "it may have been executed: " + driver.Describe(cause), Detail: driver.Describe(cause), Edit: answered,
		})
	}
}

// accepted returns the steps that follow when the equipment has taken a command.
func (t *term) accepted(j *job, reply driver.Reply) []command.Move {
	accept := command.Move{Event: command.Accept, Change: command.Change{Detail: reply.Text, Edit: func(to *command.Columns) {
		deadline := t.verifiedBy(j)
		to.Reply, to.Deadline = command.Text(reply.Text), &deadline
	}}}
	if len(j.plan.Binding().Verifiers) == 0 {
		return []command.Move{accept, {Event: command.Complete}}
	}
	return []command.Move{accept, {Event: command.Verify}}
}

// pause returns when the next attempt may be made, after some that came to nothing.
func pause(attempts int32) *time.Time {
	wait := firstPause << min(max(attempts, 0), 5)
	next := time.Now().Add(min(wait, longestPause))
	return &next
}

func spaced(reply string) string {
	if reply == "" {
		return ""
	}
	return ": " + reply
}

func text(t *string) string {
	if t == nil {
		return ""
	}
	return *t
}
