package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/template"
)

// job is a command that may be sent, or was.
type job struct {
	row     nmsdb.IssuedCommand
	holder  authn.Holder // of whoever sent it, where it is about to be sent
	plan    *command.Plan
	to      driver.Endpoint
	request driver.Request
	args    template.Args
	before  []command.Reading // what the verifiers look at, read before the first attempt; nil: it was read already, or cannot be
	until   time.Time         // no byte goes out after it
}

// refusal says why a command is not released.
type refusal string

// release looks at everything once more and claims the command. Without a job it was not released: again says whether the queue
// has moved and can be looked at once more.
func (t *term) release(head *nmsdb.QueueDueRow) (j *job, again bool, err error) {
	row := head.IssuedCommand
	if !time.Now().Before(row.ExpiresAt) {
		return nil, true, t.step(row, command.Expire, command.Change{})
	}
	holder, err := holderOf(row.SenderHolder)
	if err != nil {
		return nil, false, err
	}
	var why refusal
	switch t.standing(holder, row.Hazardous) {
	case undecided:
		return nil, false, nil
	case withdrawn:
		why = reasonWithdrawn
	case stands:
		if j, why, err = t.prepare(head, holder); err != nil {
			return nil, false, err
		}
	}
	if why == "" {
		why, err = t.lookBefore(j)
	}
	if err != nil {
		return nil, false, err
	}
	if why != "" {
		return nil, true, t.step(row, command.RefuseRelease, command.Change{Reason: string(why), Detail: string(why)})
	}
	switch made, err := t.claim(j); {
	case err != nil || made == claimBlocked:
		return nil, false, err
	case made == claimOutdated:
		return nil, true, nil
	default:
		return j, true, nil
	}
}

// prepare looks at binding and endpoint, and fills the template.
func (t *term) prepare(head *nmsdb.QueueDueRow, holder authn.Holder) (*job, refusal, error) {
	row := head.IssuedCommand
	plan, err := t.commands.PlanOf(t.held, t.writer.Pool(), row.CommandID, head.BindingRevision, head.EndpointRevision)
	j, why, err := t.reach(row, plan, err)
	if err != nil || why != "" {
		return nil, why, err
	}
	j.holder = holder
	if j.plan.Binding().Revision != row.BindingRevision {
		return nil, "the binding was changed since it was sent", nil
	}
	if j.plan.Endpoint().AdminState == endpoint.Locked {
		return nil, "the endpoint is locked", nil
	}
	j.request, err = j.plan.Driver.Prepare(j.plan.Binding().Template, j.args)
	return j, unfilled(err), nil
}

// unfilled says that a template cannot be filled; the texts of Prepare are for people.
func unfilled(err error) refusal {
	if err == nil {
		return ""
	}
	return refusal("the template cannot be filled: " + err.Error())
}

// plan finds how the equipment of a command is reached now.
func (t *term) plan(row nmsdb.IssuedCommand) (*job, refusal, error) {
	plan, err := t.commands.Plan(t.held, t.writer.Pool(), row.CommandID)
	return t.reach(row, plan, err)
}

// reach is plan with what came of the look for it.
func (t *term) reach(row nmsdb.IssuedCommand, plan *command.Plan, err error) (*job, refusal, error) {
	j := &job{row: row, plan: plan}
	if err != nil {
		if f := fault.As(err); f != nil && f.Kind != fault.Unavailable {
			return nil, refusal(f.Message), nil
		}
		return nil, "", err
	}
	if j.plan.Endpoint().EquipmentID != row.EquipmentID {
		return nil, "the catalogue has moved the command to other equipment since it was sent", nil
	}
	if _, j.to, err = t.endpoints.Reach(j.plan.Endpoint()); err != nil {
		t.options.Logger.WarnContext(t.held, "an endpoint cannot be used", "equipment", row.EquipmentID, "error", err)
		return nil, refusal(fault.As(err).Message), nil
	}
	return j, "", decode(row.Args, &j.args)
}

// reasonWithdrawn is why a command is not sent whose sender may no longer send it.
const reasonWithdrawn refusal = "the sender's permissions were withdrawn or changed since it was sent"

// patienceBefore bounds the wait for values that are read before the sending, where nothing depends on them.
const patienceBefore = 2 * time.Second

// lookBefore reads what has to hold before a command is sent, and what its verifiers look at. A stop breaks it off: its error is then
// context.Canceled.
func (t *term) lookBefore(j *job) (refusal, error) {
	b := j.plan.Binding()
	conditions, timeout := b.Preconditions, seconds(b.Timeout)
	first := j.row.Sends == j.row.NotSent // else an attempt may be under way, and what is read now is perhaps its effect
	if first {
		conditions = slices.Concat(b.Preconditions, b.Verifiers)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	if len(b.Preconditions) == 0 {
		timeout = min(timeout, patienceBefore)
	}
	ctx, cancel := t.within(timeout)
	defer cancel()
	readings, err := j.read(ctx, conditions)
	if t.ended() {
		return "", context.Canceled
	}
	if err != nil {
		t.options.Logger.InfoContext(t.held, "equipment cannot be read before a command", "equipment", j.row.EquipmentID, "error", err)
	}
	if first {
		j.before = slices.Concat(readings, t.arrivedBefore(ctx, j, readings))
	}
	for _, c := range b.Preconditions {
		if err != nil && find(readings, c.Parameter) == nil {
			return refusal("a precondition cannot be read: " + driver.Describe(err)), nil
		}
		if holds, why := met(c, readings, j.args); !holds {
			return refusal("a precondition does not hold: " + why), nil
		}
	}
	return "", nil
}

// claim is what came of the attempt to claim a command.
type claim uint8

const (
	claimBlocked  claim = iota // the queue is held, or somebody was first, or it is not known whether the sender may still send it
	claimOutdated              // what the release was decided by has changed, so that it is to be decided anew
	claimMade
)

// claim commits that the command is about to be sent, by this owner. What the release was decided by is still so: whoever
// changes it, such as by locking the endpoint, is answered before the claim, which then is not made, or after it.
func (t *term) claim(j *job) (made claim, err error) {
	timeout, begun := seconds(j.plan.Binding().Timeout), time.Now()
	send, err := t.sending(j)
	if err != nil {
		return claimBlocked, err
	}
	if t.together(j, true, send) {
		j.until = begun.Add(timeout)
		return claimMade, nil
	}
	begun = time.Now()
	made, err = t.claimAlone(j, send)
	j.until = begun.Add(timeout)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "issued_command_in_flight_key" {
		return claimBlocked, nil
	}
	return made, err
}

// sending returns the step by which a command is about to be sent.
func (t *term) sending(j *job) (command.Move, error) {
	before := j.row.ReadBefore.RawMessage
	if j.before != nil {
		var err error
		if before, err = json.Marshal(j.before); err != nil {
			return command.Move{}, err
		}
	}
	timeout, sends := seconds(j.plan.Binding().Timeout), j.row.Sends+1
	return command.Move{Event: command.Send, Change: command.Change{Edit: func(to *command.Columns) {
		now := time.Now()
		deadline := now.Add(timeout + margin)
		to.Owner, to.Deadline, to.SentAt, to.Sends, to.NotBefore, to.ReadBefore = &t.owner, &deadline, &now, sends, nil, before
	}}}, nil
}

// claimAlone claims a command by itself. It waits for whoever is at its queue.
func (t *term) claimAlone(j *job, send command.Move) (made claim, err error) {
	err = t.writer.Do(t.held, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		made = claimBlocked
		q := nmsdb.New(tx)
		queue, err := q.QueueLock(ctx, j.row.EquipmentID)
		if err != nil || queue.Held {
			return err
		}
		first, err := q.QueueHead(ctx, j.row.EquipmentID)
		if err != nil || first.ID != j.row.ID || first.Version != j.row.Version {
			return ignore(err, pgx.ErrNoRows)
		}
		if made, err = t.stays(ctx, q, j); err != nil || made != claimMade {
			return err
		}
		made = claimBlocked
		after, err := t.commands.Advance(ctx, tx, changes, first, send.Event, send.Change)
		if err != nil {
			return err
		}
		j.row, made = after, claimMade
		return nil
	})
	return made, err
}

// stays returns claimMade when what a release was decided by is as it was, however long the preconditions took. Binding and endpoint
// then stay so until the transaction ends.
func (t *term) stays(ctx context.Context, q *nmsdb.Queries, j *job) (claim, error) {
	if !t.stillReleased(j) {
		return claimOutdated, nil
	}
	now, err := q.ReleaseShare(ctx, nmsdb.ReleaseShareParams{
		CreatedAt: j.row.CreatedAt, Remembered: remembered.Seconds(), CommandID: j.row.CommandID, EquipmentID: j.row.EquipmentID,
	})
	if err != nil {
		return claimOutdated, ignore(err, pgx.ErrNoRows)
	}
	return j.decided(now.BindingRevision, now.EndpointRevision, now.Watched), nil
}

// stillReleased reports whether the command is in time, and its sender still holds what is needed.
func (t *term) stillReleased(j *job) bool {
	return time.Now().Before(j.row.ExpiresAt) && t.standing(j.holder, j.row.Hazardous) == stands
}

// decided says what comes of a claim, by what is so at its moment: the revisions of binding and endpoint, and whether the sender's permissions were
// watched.
func (j *job) decided(bindingRevision, endpointRevision int64, watched bool) claim {
	switch {
	case bindingRevision != j.plan.Binding().Revision || endpointRevision != j.plan.Endpoint().Revision:
		return claimOutdated
	case !watched && !isKey(j.holder):
		return claimBlocked // the next look refuses it
	default:
		return claimMade
	}
}

// step makes a step of a command that is as it was read, and leaves it to others when it is not.
func (t *term) step(row nmsdb.IssuedCommand, e command.Event, c command.Change) error {
	return ignore(t.writer.Do(t.held, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		present, err := command.Lock(ctx, tx, row.ID)
		if err != nil {
			return err
		}
		if present.Version != row.Version {
			return command.ErrState
		}
		_, err = t.commands.Advance(ctx, tx, changes, present, e, c)
		return err
	}), command.ErrState)
}

// ignore drops an error that is one of the expected ones.
func ignore(err error, expected ...error) error {
	for _, e := range expected {
		if errors.Is(err, e) {
			return nil
		}
	}
	return err
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
