package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
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
	"nms.example/common/name"

	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/template"
)

// Commands are all commands that were sent.
type Commands struct {
	writer    *change.Writer[db.NMS]
	drivers   driver.Set
	endpoints *endpoint.Endpoints
	outcomes  *prometheus.CounterVec
	ready     atomic.Pointer[func(equipmentID int64)]
	schemas   schemas
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
	return &Commands{writer: writer, drivers: drivers, endpoints: endpoints, outcomes: newOutcomes()}
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
	for range 2 {
		if c, err = s.repeated(ctx, o.ID, hash); !errors.Is(err, ErrNotFound) {
			return c, false, err
		}
		err = s.writer.DoWith(ctx, change.TxOptions{DryRun: dryRun}, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
			row, err := s.take(ctx, tx, who, o, hash)
			if err != nil {
				return err
			}
			if c, err = Of(row); err != nil {
				return err
			}
			if c.State == Queued {
				s.goesOn(changes, c.EquipmentID)
			}
			return changes.Record(EventCreated.New(Subject(c.ID), c))
		})
		pg, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || pg.ConstraintName != "issued_command_pkey" && pg.ConstraintName != "issued_command_undo_key" {
			break // else the same order, or another undo, has just been taken
		}
	}
	return c, err == nil, db.MapError(err, nil)
}

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

func (s *Commands) take(ctx context.Context, tx db.Tx[db.NMS], who *authn.Principal, o Order, hash []byte) (row nmsdb.IssuedCommand, err error) {
	q := nmsdb.New(tx)
	plan, err := s.plan(ctx, q, o.CommandID)
	if err != nil {
		return row, err
	}
	if plan.endpoint.AdminState != endpoint.Unlocked {
		return row, ErrLocked
	}
	schema, err := s.schemas.of(&plan.binding)
	if err != nil {
		return row, err
	}
	args, err := schema.Args(o.Args)
	if err != nil {
		return row, err
	}
	if plan.binding.Approvals > 0 && who.Kind == authn.APIKey {
		return row, errNoSender // nobody knows whose it is, so that its holder could approve it
	}
	if plan.binding.Hazardous {
		if err := authn.Authorize(who, authn.CommandsHazardous); err != nil {
			return row, err
		}
		if !o.ConfirmHazard {
			return row, ErrHazard
		}
	}
	expires, err := expiry(o.ExpiresAt, plan.binding.TTL)
	if err != nil {
		return row, err
	}
	request, err := plan.Driver.Prepare(plan.binding.Template, args)
	if err != nil {
		return row, errPrepare(err)
	}
	kept, err := json.Marshal(args)
	if err != nil {
		return row, err
	}
	holder, err := json.Marshal(who.Holder())
	if err != nil {
		return row, err
	}
	if err := undoable(ctx, q, o.UndoOf); err != nil {
		return row, err
	}
	state, place, err := s.enqueue(ctx, q, plan)
	if err != nil {
		return row, err
	}
	row, err = q.CommandInsert(ctx, nmsdb.CommandInsertParams{
		ID: o.ID, CommandID: o.CommandID, EquipmentID: plan.endpoint.EquipmentID, Args: kept, ContentHash: hash, UndoOf: o.UndoOf,
		HazardConfirmed: o.ConfirmHazard, Hazardous: plan.binding.Hazardous, Approvals: plan.binding.Approvals,
		Idempotent: plan.binding.Idempotent, BindingRevision: plan.binding.Revision, Wire: name.Visible(request.Wire), ExpiresAt: expires,
		Sender: who.Subject, SenderLogin: who.Login, SenderHolder: holder, State: string(state), Place: place,
	})
	if err != nil {
		return row, err
	}
	return row, q.CommandStepInsert(ctx, nmsdb.CommandStepInsertParams{
		IssuedCommand: row.ID, Version: row.Version, State: row.State, Event: string(Create),
	})
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

// enqueue takes the place of a new command in its queue.
func (s *Commands) enqueue(ctx context.Context, q *nmsdb.Queries, plan *Plan) (state State, place *int64, err error) {
	if plan.binding.Approvals > 0 {
		return AwaitingApproval, nil, q.QueueEnsure(ctx, plan.endpoint.EquipmentID)
	}
	next, err := nextPlace(ctx, q, plan.endpoint.EquipmentID)
	return Queued, next, err
}

// nextPlace returns the place behind all others, under the queue's lock. It makes the queue when there is none.
func nextPlace(ctx context.Context, q *nmsdb.Queries, equipmentID int64) (*int64, error) {
	place, err := q.QueueNextPlace(ctx, equipmentID)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := q.QueueEnsure(ctx, equipmentID); err != nil {
			return nil, err
		}
		place, err = q.QueueNextPlace(ctx, equipmentID)
	}
	return &place, err
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

// Plan is how a command is sent as things stand now.
type Plan struct {
	Driver   driver.Driver
	binding  binding.Binding
	endpoint endpoint.Endpoint
	undo     *int64
}

// Binding returns the binding.
func (p *Plan) Binding() binding.Binding { return p.binding }

// Endpoint returns the endpoint.
func (p *Plan) Endpoint() endpoint.Endpoint { return p.endpoint }

// schemas keeps the compiled schema of each command's present binding: to compile one takes longer than all else of an order.
type schemas struct {
	mu   sync.Mutex
	kept map[int64]compiled // by command
}

type compiled struct {
	revision int64
	schema   *binding.Schema
}

func (s *schemas) of(b *binding.Binding) (*binding.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.kept[b.CommandID]; ok && one.revision == b.Revision {
		return one.schema, nil
	}
	schema, err := binding.CompileSchema(b.ArgsSchema)
	if err != nil {
		return nil, err
	}
	if s.kept == nil {
		s.kept = map[int64]compiled{}
	}
	s.kept[b.CommandID] = compiled{b.Revision, schema}
	return schema, nil
}

// Plan finds binding, endpoint and driver of a live command of the catalogue.
func (s *Commands) Plan(ctx context.Context, conn db.Conn[db.NMS], commandID int64) (*Plan, error) {
	return s.plan(ctx, nmsdb.New(conn), commandID)
}

func (s *Commands) plan(ctx context.Context, q *nmsdb.Queries, commandID int64) (*Plan, error) {
	row, err := q.PlanGet(ctx, commandID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, missing(ctx, q, commandID)
	}
	if err != nil {
		return nil, err
	}
	p := &Plan{endpoint: endpoint.Of(row.Endpoint), undo: row.UndoCmdID}
	if p.binding, err = binding.Of(row.CommandBinding); err != nil {
		return nil, err
	}
	if p.binding.Driver != p.endpoint.Driver {
		return nil, ErrEndpoint
	}
	p.Driver, err = s.drivers.Find(p.binding.Driver)
	return p, err
}

// missing says what a command lacks that cannot be sent.
func missing(ctx context.Context, q *nmsdb.Queries, commandID int64) error {
	if _, err := q.CatalogueCommandGet(ctx, commandID); err != nil {
		return absent(err, ErrCatalogue)
	}
	if _, err := q.BindingGet(ctx, commandID); err != nil {
		return absent(err, ErrUnbound)
	}
	return ErrEndpoint
}

func absent(err error, refusal *fault.Error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return refusal
	}
	return err
}

// Undo sends the catalogue's undo command of a command that was executed, with the same checks as any other.
func (s *Commands) Undo(ctx context.Context, who *authn.Principal, undone uuid.UUID, when Guard, o Order) (c Command, created bool, err error) {
	before, err := s.Get(ctx, undone)
	if err != nil {
		return c, false, err
	}
	if err := when(before); err != nil {
		return c, false, err
	}
	if before.State != Succeeded && before.State != Unverified {
		return c, false, ErrState
	}
	plan, err := s.Plan(ctx, s.writer.Pool(), before.CommandID)
	if err != nil {
		return c, false, fault.Move(err, func(fault.Place) fault.Place { return fault.Target })
	}
	if plan.undo == nil || plan.binding.UndoArgs == nil {
		return c, false, ErrNoUndo
	}
	if o.Args, err = undoArgs(plan.binding.UndoArgs, before.Args); err != nil {
		return c, false, err
	}
	o.CommandID, o.UndoOf = *plan.undo, &undone
	c, created, err = s.Send(ctx, who, o, false)
	return c, created, fault.Move(err, func(p fault.Place) fault.Place {
		switch p.Name() {
		case "", "id", "confirm_hazard", "expires_at":
			return p
		default:
			return fault.Target // what is wrong with the undo command is not in the call
		}
	})
}

func undoArgs(tmpl, args json.RawMessage) (json.RawMessage, error) {
	var form any
	var given template.Args
	for raw, to := range map[*json.RawMessage]any{&tmpl: &form, &args: &given} {
		decoder := json.NewDecoder(bytes.NewReader(*raw))
		decoder.UseNumber()
		if err := decoder.Decode(to); err != nil {
			return nil, err
		}
	}
	filled, err := template.Value(form, given)
	if err != nil {
		return nil, ErrNoUndo.Because(err)
	}
	return json.Marshal(filled)
}
