package dispatch

import (
	"context"

	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/nmsdb"
)

const (
	// maxTogether bounds what is asked, or written, of the commands of different equipment at once.
	maxTogether = 256
	// sharedAttempts is how often a step is tried together with others: somebody may be at the queue for a moment.
	sharedAttempts = 2
)

// question is one for the first command of a queue, which is asked together with those for others.
type question struct {
	equipment int64
	head      *nmsdb.QueueDueRow // nil: nothing can go on
	err       error
}

// answerAll answers questions in one round trip.
func (t *term) answerAll(_ context.Context, batch []*question) {
	equipment := make([]int64, len(batch))
	for i, one := range batch {
		equipment[i] = one.equipment
	}
	var found command.Found
	nmsdb.New(t.writer.Pool()).QueueDue(t.held, equipment).QueryRow(func(i int, row nmsdb.QueueDueRow, err error) {
		if found.Row(err) {
			batch[i].head = &row
		}
	})
	for _, one := range batch {
		one.err = found.Err
	}
}

// writing is what is to be written of a command in a transaction that it shares with those of other equipment: that it is about to be sent, or what
// became of it. Such a transaction waits for nobody: what somebody else is at is left out, and so is what is no longer as it was read.
type writing struct {
	job   *job
	claim bool           // it is about to be sent: what its release was decided by has to be so still
	steps []command.Move // one behind the other; their rows are filled in

	made  bool
	alone bool // it makes no sense to try it once more
}

// together writes steps of a command together with those of others, and reports whether it did, with the command in the job as it is then. If it
// did not, nothing of it is written, or nobody knows; who tries it by itself finds out.
func (t *term) together(j *job, claim bool, steps ...command.Move) bool {
	w := &writing{job: j, claim: claim, steps: steps}
	for range sharedAttempts {
		t.writings.Do(t.held, w)
		if w.made || w.alone {
			break
		}
	}
	return w.made
}

// writeAll writes what came at the same time. One that the database refuses keeps no other from being written.
func (t *term) writeAll(_ context.Context, batch []*writing) {
	db.CommitHalving(batch, t.writePart, func(part []*writing, err error) {
		for _, w := range part {
			w.alone = w.alone || err != nil
		}
	})
}

func (t *term) writePart(part []*writing) error {
	var made map[*writing]nmsdb.IssuedCommand
	err := t.writer.Do(t.held, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		ready, err := t.unchanged(ctx, nmsdb.New(tx), part)
		if err != nil {
			return err
		}
		made, err = t.advance(ctx, tx, changes, ready)
		return err
	})
	if err != nil {
		return err
	}
	for w, row := range made {
		w.job.row, w.made = row, true
	}
	return nil
}

// unchanged returns what may be written: of the commands that are about to be sent those whose release would be decided in the same way now. Their
// queues, bindings and endpoints stay as they are until the transaction ends.
func (t *term) unchanged(ctx context.Context, q *nmsdb.Queries, part []*writing) ([]*writing, error) {
	ready := make([]*writing, 0, len(part))
	var claims []*writing
	var params []nmsdb.ReleaseTryParams
	for _, w := range part {
		if !w.claim {
			ready = append(ready, w)
			continue
		}
		claims = append(claims, w)
		params = append(params, nmsdb.ReleaseTryParams{
			EquipmentID: w.job.row.EquipmentID, ID: w.job.row.ID, Version: w.job.row.Version, Remembered: remembered.Seconds(),
		})
	}
	if len(claims) == 0 {
		return ready, nil
	}
	var found command.Found
	q.ReleaseTry(ctx, params).QueryRow(func(i int, row nmsdb.ReleaseTryRow, err error) {
		if !found.Row(err) {
			return
		}
		w := claims[i]
		if w.alone = !t.stillReleased(w.job) || w.job.decided(row.BindingRevision, row.EndpointRevision, row.Watched) != claimMade; !w.alone {
			ready = append(ready, w)
		}
	})
	return ready, found.Err
}

// advance makes the first steps of all, then the second ones, and so on.
func (t *term) advance(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, ready []*writing) (map[*writing]nmsdb.IssuedCommand, error) {
	made := map[*writing]nmsdb.IssuedCommand{}
	for round := 0; ; round++ {
		var moves []command.Move
		for _, w := range ready {
			row, on := made[w]
			if round == 0 {
				row, on = w.job.row, true
			}
			if on && round < len(w.steps) {
				move := w.steps[round]
				move.Row = row
				moves = append(moves, move)
			}
		}
		if len(moves) == 0 {
			return made, nil
		}
		after, err := t.commands.AdvanceAll(ctx, tx, changes, moves)
		if err != nil {
			return nil, err
		}
		if round > 0 && len(after) < len(moves) {
			return nil, command.ErrState // nothing of a command is written, or everything
		}
		for _, w := range ready {
			if row, ok := after[w.job.row.ID]; ok {
				made[w] = row
			}
		}
	}
}
