package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/groupcommit"
	"nms.example/ctrl/internal/nmsdb"
)

// Commands are all commands that were sent.
type Commands struct {
	writer    *change.Writer[db.NMS]
	drivers   driver.Set
	endpoints *endpoint.Endpoints
	outcomes  *prometheus.CounterVec
	ready     atomic.Pointer[func(equipmentID int64)]
	plans     plans
	schemas   schemas
	orders    *groupcommit.Group[*taking]
	alarms    *alarm.Alarms // nil: none are raised
}

// Follow has f called with a piece of equipment whose queue may go on, behind each commit of this process after which that is so. f
// does not block. nil ends that.
func (s *Commands) Follow(f func(equipmentID int64)) {
	if f == nil {
		s.ready.Store(nil)
		return
	}
	s.ready.Store(&f)
}

// goesOn tells the follower of a queue once the transaction is committed.
func (s *Commands) goesOn(changes *change.Changes, equipmentID int64) {
	changes.AfterCommit(func(context.Context) {
		if f := s.ready.Load(); f != nil {
			(*f)(equipmentID)
		}
	})
}

// New makes them.
func New(writer *change.Writer[db.NMS], drivers driver.Set, endpoints *endpoint.Endpoints) *Commands {
	s := &Commands{writer: writer, drivers: drivers, endpoints: endpoints, outcomes: newOutcomes()}
	s.orders = groupcommit.New(maxTaken, s.takeAll)
	return s
}

// Order is what somebody wants to be sent.
type Order struct {
	ID            uuid.UUID
	CommandID     int64
	Args          json.RawMessage // an object
	ExpiresAt     *time.Time      // nil: by the binding's ttl
	ConfirmHazard bool
	UndoOf        *uuid.UUID
}

// hash recognises a repetition of the order by the same sender, whatever the order of members in its JSON.
func (o Order) hash(sender string) ([]byte, error) {
	var args any
	decoder := json.NewDecoder(bytes.NewReader(o.Args))
	decoder.UseNumber()
	if err := decoder.Decode(&args); err != nil {
		return nil, fault.At(fault.Field("args"), fault.CodeWrongType, "must be an object").Because(err)
	}
	if o.ExpiresAt != nil {
		utc := o.ExpiresAt.UTC()
		o.ExpiresAt = &utc
	}
	content, err := json.Marshal([]any{sender, o.CommandID, args, o.ExpiresAt, o.ConfirmHazard, o.UndoOf})
	sum := sha256.Sum256(content)
	return sum[:], err
}

// Send takes an order of somebody's. created is false when it had been taken before. With dryRun everything is tried and
// nothing kept.
func (s *Commands) Send(ctx context.Context, who *authn.Principal, o Order, dryRun bool) (c Command, created bool, err error) {
	hash, err := o.hash(who.Subject)
	if err != nil {
		return c, false, err
	}
	request := taking{ctx: ctx, who: who, order: o, hash: hash}
	if !dryRun && o.UndoOf == nil && s.takeShared(ctx, &request) {
		return request.command, true, nil
	}
	if errors.Is(request.err, db.ErrOutcomeUnknown) {
		return c, false, db.MapError(request.err, nil)
	}
	for range 2 {
		if c, err = s.repeated(ctx, o.ID, hash); !errors.Is(err, ErrNotFound) {
			return c, false, err
		}
		err = s.writer.DoWith(ctx, change.TxOptions{DryRun: dryRun}, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
			c, err = s.take(ctx, tx, changes, &request)
			return err
		})
		pg, ok := errors.AsType[*pgconn.PgError](err)
		if !errors.Is(err, errTaken) && (!ok || pg.ConstraintName != "issued_command_undo_key") {
			break // else the same order, or another undo, has just been taken
		}
	}
	return c, err == nil, db.MapError(err, nil)
}

// errTaken says that a command with this id has just been taken.
var errTaken = errors.New("command: the id has just been taken")

// repeated returns the command with this id when it is of the same order.
func (s *Commands) repeated(ctx context.Context, id uuid.UUID, hash []byte) (Command, error) {
	row, err := nmsdb.New(s.writer.Pool()).CommandGet(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Command{}, ErrNotFound
	case err != nil:
		return Command{}, db.MapError(err, nil)
	case !bytes.Equal(row.ContentHash, hash):
		return Command{}, ErrTaken
	default:
		return Of(row)
	}
}

// take takes an order by itself: it waits for whoever is at its queue, and makes the queue when there is none.
func (s *Commands) take(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, request *taking) (c Command, err error) {
	q := nmsdb.New(tx)
	plan, err := s.plan(ctx, q, request.order.CommandID)
	if err != nil {
		return c, err
	}
	one, err := s.accept(plan, request)
	if err != nil {
		return c, err
	}
	if err := undoable(ctx, q, request.order.UndoOf); err != nil {
		return c, err
	}
	if err := lockOrMakeQueue(ctx, q, one.EquipmentID); err != nil {
		return c, err
	}
	taken, err := s.insert(ctx, q, changes, []*accepted{one})
	if err != nil {
		return c, err
	}
	c, ok := taken[one.ID]
	if !ok {
		return c, errTaken
	}
	return c, nil
}

// undoable refuses to undo a command that another one undoes.
func undoable(ctx context.Context, q *nmsdb.Queries, undone *uuid.UUID) error {
	if undone == nil {
		return nil
	}
	other, err := q.CommandUndoing(ctx, *undone)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	default:
		return fault.At(fault.Target, codeUndone, "the command "+other.String()+" undoes it")
	}
}

// lockOrMakeQueue locks a queue, which is made when there is none.
func lockOrMakeQueue(ctx context.Context, q *nmsdb.Queries, equipmentID int64) error {
	_, err := q.QueueLock(ctx, equipmentID)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if err := q.QueueEnsure(ctx, equipmentID); err != nil {
		return err
	}
	_, err = q.QueueLock(ctx, equipmentID)
	return err
}

func errPrepare(err error) error {
	if fault.As(err) != nil {
		return err
	}
	return fault.At(fault.Field("args"), fault.CodeInvalid, err.Error())
}

func expiry(given *time.Time, ttl float64) (time.Time, error) {
	now := time.Now()
	latest := now.Add(seconds(ttl))
	if given == nil {
		return latest, nil
	}
	if !given.After(now) || given.After(latest) {
		return latest, ErrExpired
	}
	return *given, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
