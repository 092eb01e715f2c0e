package command

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/ctrl/internal/nmsdb"
)

// Guard is asked about the present command before a step; its error refuses it.
type Guard func(present Command) error

// Get returns a command, or ErrNotFound.
func (s *Commands) Get(ctx context.Context, id uuid.UUID) (Command, error) {
	row, err := nmsdb.New(s.writer.Pool()).CommandGet(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Command{}, ErrNotFound
	}
	if err != nil {
		return Command{}, db.MapError(err, nil)
	}
	return Of(row)
}

// Steps returns the steps of a command in order.
func (s *Commands) Steps(ctx context.Context, id uuid.UUID) ([]Step, error) {
	rows, err := nmsdb.New(s.writer.Pool()).CommandSteps(ctx, id)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		steps[i] = Step{Version: r.Version, At: r.At, State: State(r.State), Event: Event(r.Event), Actor: r.Actor, Detail: r.Detail}
	}
	return steps, nil
}

// Filter chooses commands; what is nil chooses all.
type Filter struct {
	EquipmentID *int64
	CommandID   *int64
	State       *string
	Sender      *string
	Since       *time.Time // taken at or after it
	Until       *time.Time // taken before it
}

// Place is where a list goes on.
type Place struct {
	At time.Time `json:"a"`
	ID uuid.UUID `json:"i"`
}

// List returns commands, the newest first, those behind the place, at most take of them with skip left out before, and how many
// there are in all.
func (s *Commands) List(ctx context.Context, f Filter, behind *Place, skip int64, take int) ([]Command, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.CommandCount(ctx, nmsdb.CommandCountParams(f))
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	params := nmsdb.CommandListParams{
		EquipmentID: f.EquipmentID, CommandID: f.CommandID, State: f.State, Sender: f.Sender, Since: f.Since, Until: f.Until,
		Skip: skip, Take: int32(take),
	}
	if behind != nil {
		params.AfterAt, params.AfterID = &behind.At, &behind.ID
	}
	rows, err := q.CommandList(ctx, params)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Command, len(rows))
	for i, row := range rows {
		if list[i], err = Of(row); err != nil {
			return nil, 0, err
		}
	}
	return list, total, nil
}

// Lock locks a command for a step, behind the lock of its queue: whoever takes both takes them in this order.
func Lock(ctx context.Context, tx db.Tx[db.NMS], id uuid.UUID) (row nmsdb.IssuedCommand, err error) {
	row, err = nmsdb.New(tx).CommandGet(ctx, id)
	if err != nil {
		return row, absent(err, ErrNotFound)
	}
	return LockOf(ctx, tx, row.EquipmentID, id)
}

// LockOf is Lock for a command whose equipment is known.
func LockOf(ctx context.Context, tx db.Tx[db.NMS], equipmentID int64, id uuid.UUID) (row nmsdb.IssuedCommand, err error) {
	q := nmsdb.New(tx)
	if _, err := q.QueueLock(ctx, equipmentID); err != nil {
		return row, err
	}
	return q.CommandLock(ctx, id)
}

// act makes one step that somebody asks for.
func (s *Commands) act(
	ctx context.Context, id uuid.UUID, when Guard, e Event,
	of func(ctx context.Context, tx db.Tx[db.NMS], row nmsdb.IssuedCommand) (Change, error),
) (c Command, err error) {
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		row, err := Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		present, err := Of(row)
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		if _, err := present.State.Next(e); err != nil {
			return ErrState.Because(err)
		}
		what, err := of(ctx, tx, row)
		if err != nil {
			return err
		}
		after, err := s.Advance(ctx, tx, changes, row, e, what)
		if err != nil {
			return err
		}
		c, err = Of(after)
		return err
	})
	return c, db.MapError(err, nil)
}

// Approve lets a command that waits for it into its queue. The sender cannot, and no API key: whose it is nobody knows.
func (s *Commands) Approve(ctx context.Context, who *authn.Principal, id uuid.UUID, when Guard) (Command, error) {
	return s.act(ctx, id, when, Approve, func(ctx context.Context, tx db.Tx[db.NMS], row nmsdb.IssuedCommand) (Change, error) {
		if row.Sender == who.Subject {
			return Change{}, ErrSelf
		}
		if who.Kind == authn.APIKey {
			return Change{}, ErrNoPerson
		}
		place, err := nmsdb.New(tx).QueueNextPlace(ctx, row.EquipmentID)
		return Change{Edit: func(to *Columns) { to.Approver, to.Place = &who.Subject, &place }}, err
	})
}

// checkReason refuses a reason with characters that nobody sees.
func checkReason(reason string) error { return name.CheckVisibleAt(fault.Field("reason"), reason) }

// Reject refuses the approval. The sender cannot; a sender cancels.
func (s *Commands) Reject(ctx context.Context, who *authn.Principal, id uuid.UUID, when Guard, reason string) (Command, error) {
	if err := checkReason(reason); err != nil {
		return Command{}, err
	}
	return s.act(ctx, id, when, Reject, func(_ context.Context, _ db.Tx[db.NMS], row nmsdb.IssuedCommand) (Change, error) {
		if row.Sender == who.Subject {
			return Change{}, ErrSelf
		}
		return Change{Reason: reason, Detail: reason}, nil
	})
}

// Cancel takes back what was not sent yet.
func (s *Commands) Cancel(ctx context.Context, id uuid.UUID, when Guard, reason string) (Command, error) {
	if err := checkReason(reason); err != nil {
		return Command{}, err
	}
	return s.act(ctx, id, when, Cancel, func(context.Context, db.Tx[db.NMS], nmsdb.IssuedCommand) (Change, error) {
		return Change{Reason: reason, Detail: reason}, nil
	})
}

// Resolve says what became of a command that may have been executed, and so lets its queue go on.
func (s *Commands) Resolve(ctx context.Context, id uuid.UUID, when Guard, succeeded bool, reason string) (Command, error) {
	if err := checkReason(reason); err != nil {
		return Command{}, err
	}
	e := ResolveFailed
	if succeeded {
		e = ResolveDone
	}
	return s.act(ctx, id, when, e, func(context.Context, db.Tx[db.NMS], nmsdb.IssuedCommand) (Change, error) {
		return Change{Reason: reason, Detail: reason}, nil
	})
}
