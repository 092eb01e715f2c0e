package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/nmsdb"
)

const (
	// remembered is how long a revocation is surely known after it was made: a minute less for clocks that differ, one for the
	// ways from instance to instance.
	remembered = authn.RevocationTTL - 2*time.Minute
	// fresh is the age up to which a command needs no look at all that was revoked since its token was made: half of what
	// revocations are remembered for longer than tokens live.
	fresh = (authn.RevocationTTL - authn.TokenTTL) / 2
	// markEvery is how often it is written down that the senders of what waits were looked at.
	markEvery = 5 * time.Second
	// startPatience is how long a new term waits at most until it is known here what was revoked.
	startPatience = 10 * time.Second
)

// standing is what is known of a sender's permissions.
type standing uint8

const (
	stands    standing = iota
	withdrawn          // blocked or deleted, or the role was changed
	undecided          // nobody knows which API keys there are
)

// standing reports whether the sender of a command may still send it.
func (t *term) standing(holder authn.Holder, hazardous bool) standing {
	need := authn.Mask(authn.CommandsSend)
	if hazardous {
		need |= authn.Mask(authn.CommandsHazardous)
	}
	switch {
	case t.options.Stands(holder, need):
		return stands
	case isKey(holder) && t.options.Known(t.held) != nil:
		return undecided
	default:
		return withdrawn
	}
}

func holderOf(raw json.RawMessage) (holder authn.Holder, err error) {
	return holder, json.Unmarshal(raw, &holder)
}

// isKey reports whether an API key sent it. What a key may is looked up when it is asked for, so that nothing has to be remembered.
func isKey(holder authn.Holder) bool { return holder.KeyID != uuid.Nil }

// informed waits until it is known here what was revoked, so that a new instance sends nothing in the name of somebody who was
// blocked before it started. Without Redis it goes on by what it knows, as the calls do: what waits is bounded by remembered.
func (t *term) informed(ctx context.Context) {
	for begun := time.Now(); t.options.Known(ctx) != nil && ctx.Err() == nil; retry.Sleep(ctx, look) {
		if time.Since(begun) > startPatience {
			t.options.Logger.WarnContext(ctx, "it is not known what was revoked; commands that have waited long are not sent")
			return
		}
	}
}

// withdraw refuses what waits in the name of somebody who may no longer send it, or whom nobody has looked at for longer than
// revocations are remembered. Then it writes down that all were looked at.
func (t *term) withdraw(ctx context.Context) error {
	known := t.options.Known(ctx) == nil // before anything is read: what is revoked later is for the next look
	q := nmsdb.New(t.writer.Pool())
	last, err := q.WatchGet(ctx)
	if err != nil {
		return err
	}
	var after uuid.UUID
	for {
		rows, err := q.CommandsWaiting(ctx, nmsdb.CommandsWaitingParams{After: after, Take: batch})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			after = row.ID
			if err := t.judge(row, last, known); err != nil {
				return err
			}
		}
	}
	if !known || last.WatchedAt != nil && last.Now.Sub(*last.WatchedAt) < markEvery {
		return nil
	}
	return q.WatchMark(ctx, last.Now)
}

// judge refuses one command that waits, if it must.
func (t *term) judge(row nmsdb.CommandsWaitingRow, last nmsdb.WatchGetRow, known bool) error {
	holder, err := holderOf(row.SenderHolder)
	if err != nil {
		return err
	}
	var why refusal
	switch gap := unwatched(row.CreatedAt, last, known); {
	case t.standing(holder, row.Hazardous) == withdrawn:
		if t.isActive(row.ID) {
			return nil // its worker finds it
		}
		why = reasonWithdrawn
	case gap != "" && !isKey(holder):
		why = gap // a worker that is at it finds that it has changed
	default:
		return nil
	}
	_, _, err = t.change(row.ID, command.RefuseRelease, command.Change{Reason: string(why), Detail: string(why)}, waits)
	return err
}

// unwatched says since when nobody knows whether the sender of a command has lost the permission to send it; empty: that is known.
// While it is not known here what was revoked, others may be looking, and a command goes on for as long as a revocation is
// remembered. Once it is known again, what was revoked in a longer gap is forgotten for good, and all that was sent before fails.
func unwatched(created time.Time, last nmsdb.WatchGetRow, known bool) refusal {
	since := created
	if last.WatchedAt != nil && last.WatchedAt.After(since) {
		since = *last.WatchedAt
	}
	gap := last.WatchedAt == nil || last.Now.Sub(*last.WatchedAt) > remembered
	if last.Now.Sub(since) <= remembered && (!known || !gap || last.Now.Sub(created) <= fresh) {
		return ""
	}
	return refusal(fmt.Sprintf("nobody watched the sender's permissions from %s to %s; send it again",
		since.UTC().Format(time.RFC3339), last.Now.UTC().Format(time.RFC3339)))
}
