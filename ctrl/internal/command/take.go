package command

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/name"
	"nms.example/common/request"

	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/nmsdb"
)

const (
	// maxTaken bounds the orders that are taken in one transaction.
	maxTaken = 256
	// takePatience bounds such a transaction.
	takePatience = 30 * time.Second
	// takeAttempts is how often an order is tried together with others, when somebody else is at its queue.
	takeAttempts = 2
)

// taking is an order that is to be taken.
type taking struct {
	ctx   context.Context // of the call, which says who acts, and by which request
	who   *authn.Principal
	order Order
	hash  []byte // of the order

	command Command // once it is taken
	taken   bool
	alone   bool  // it has to be looked at by itself
	err     error // of the transaction
}

// accepted is an order that may be taken, as issued_command_take takes it.
type accepted struct {
	ID              uuid.UUID       `json:"id"`
	CommandID       int64           `json:"command_id"`
	EquipmentID     int64           `json:"equipment_id"`
	Args            json.RawMessage `json:"args"`
	ContentHash     []byte          `json:"content_hash"`
	UndoOf          *uuid.UUID      `json:"undo_of"`
	HazardConfirmed bool            `json:"hazard_confirmed"`
	Hazardous       bool            `json:"hazardous"`
	Approvals       int16           `json:"approvals"`
	Idempotent      bool            `json:"idempotent"`
	BindingRevision int64           `json:"binding_revision"`
	Wire            string          `json:"wire"`
	ExpiresAt       time.Time       `json:"expires_at"`
	Sender          string          `json:"sender"`
	SenderLogin     string          `json:"sender_login"`
	SenderHolder    json.RawMessage `json:"sender_holder"`
	State           State           `json:"state"`
	Actor           string          `json:"actor"`

	ctx context.Context // of the call
}

// takeShared takes an order together with those that come at the same time, and reports whether it did. Whatever is out of the ordinary it leaves
// alone: a refusal, an id that is known, a queue that is not there yet or that somebody else is at.
func (s *Commands) takeShared(ctx context.Context, one *taking) bool {
	for range takeAttempts {
		s.orders.Do(ctx, one)
		if one.taken || one.alone || one.err != nil {
			break
		}
	}
	return one.taken
}

// takeAll takes orders that came at the same time. One that is refused by the database is refused by itself.
func (s *Commands) takeAll(ctx context.Context, batch []*taking) {
	ctx, cancel := context.WithTimeout(request.WithID(context.WithoutCancel(ctx), ""), takePatience)
	defer cancel()
	db.CommitHalving(batch, func(part []*taking) error { return s.takePart(ctx, part) }, func(part []*taking, err error) {
		for _, one := range part {
			one.err = err
		}
	})
}

func (s *Commands) takePart(ctx context.Context, part []*taking) error {
	var taken map[uuid.UUID]Command
	var mine map[uuid.UUID]*taking
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) (err error) {
		q := nmsdb.New(tx)
		mine = make(map[uuid.UUID]*taking, len(part))
		list, err := s.acceptAll(ctx, q, part, mine)
		if err != nil || len(list) == 0 {
			return err
		}
		taken, err = s.insert(ctx, q, changes, list)
		return err
	})
	if err != nil {
		return err
	}
	for id, c := range taken {
		mine[id].command, mine[id].taken = c, true
	}
	return nil
}

// acceptAll returns the orders that may be taken, which are in mine by their ids.
func (s *Commands) acceptAll(ctx context.Context, q *nmsdb.Queries, part []*taking, mine map[uuid.UUID]*taking) ([]*accepted, error) {
	ids := make([]int64, len(part))
	for i, one := range part {
		ids[i] = one.order.CommandID
	}
	var found Found
	present := make([]*nmsdb.PlanTryRow, len(part))
	q.PlanTry(ctx, ids).QueryRow(func(i int, row nmsdb.PlanTryRow, err error) {
		if found.Row(err) {
			present[i] = &row
		}
	})
	if found.Err != nil {
		return nil, found.Err
	}
	list := make([]*accepted, 0, len(part))
	for i, one := range part {
		if one.alone = present[i] == nil || mine[one.order.ID] != nil; one.alone {
			continue
		}
		plan, err := s.planOf(ctx, q, ids[i], present[i].BindingRevision, present[i].EndpointRevision)
		if err != nil && fault.As(err) == nil {
			return nil, err
		}
		var order *accepted
		if err == nil {
			order, err = s.accept(plan, one)
		}
		if one.alone = err != nil; one.alone {
			continue
		}
		mine[order.ID] = one
		list = append(list, order)
	}
	return list, nil
}

// accept looks at an order as things stand: whether the endpoint takes commands, the arguments, the permissions, the time.
func (s *Commands) accept(plan *Plan, one *taking) (*accepted, error) {
	if plan.endpoint.AdminState != endpoint.Unlocked {
		return nil, ErrLocked
	}
	schema, err := s.schemas.of(&plan.binding)
	if err != nil {
		return nil, err
	}
	o := &one.order
	args, err := schema.Args(o.Args)
	if err != nil {
		return nil, err
	}
	if err := permitted(plan, one.who, o); err != nil {
		return nil, err
	}
	expires, err := expiry(o.ExpiresAt, plan.binding.TTL)
	if err != nil {
		return nil, err
	}
	filled, err := plan.Driver.Prepare(plan.binding.Template, args)
	if err != nil {
		return nil, errPrepare(err)
	}
	kept, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	holder, err := json.Marshal(one.who.Holder())
	if err != nil {
		return nil, err
	}
	state := Queued
	if plan.binding.Approvals > 0 {
		state = AwaitingApproval
	}
	return &accepted{
		ID: o.ID, CommandID: o.CommandID, EquipmentID: plan.endpoint.EquipmentID, Args: kept, ContentHash: one.hash, UndoOf: o.UndoOf,
		HazardConfirmed: o.ConfirmHazard, Hazardous: plan.binding.Hazardous, Approvals: plan.binding.Approvals, Idempotent: plan.binding.Idempotent,
		BindingRevision: plan.binding.Revision, Wire: name.Visible(filled.Wire), ExpiresAt: expires, Sender: one.who.Subject,
		SenderLogin: one.who.Login, SenderHolder: holder, State: state, Actor: request.Actor(one.ctx), ctx: one.ctx,
	}, nil
}

// permitted refuses what somebody may not send, or has not confirmed.
func permitted(plan *Plan, who *authn.Principal, o *Order) error {
	if plan.binding.Approvals > 0 && who.Kind == authn.APIKey {
		return errNoSender // nobody knows whose it is, so that its holder could approve it
	}
	if !plan.binding.Hazardous {
		return nil
	}
	if err := authn.Authorize(who, authn.CommandsHazardous); err != nil {
		return err
	}
	if !o.ConfirmHazard {
		return ErrHazard
	}
	return nil
}

// insert takes orders, and returns by their ids the commands that they are now. Those are missing whose id is taken, or whose queue is not there or
// is another's.
func (s *Commands) insert(ctx context.Context, q *nmsdb.Queries, changes *change.Changes, list []*accepted) (map[uuid.UUID]Command, error) {
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	rows, err := q.CommandsTake(ctx, raw)
	if err != nil {
		return nil, err
	}
	taken := make(map[uuid.UUID]Command, len(rows))
	for _, row := range rows {
		if taken[row.ID], err = Of(row); err != nil {
			return nil, err
		}
	}
	for _, one := range list {
		c, ok := taken[one.ID]
		if !ok {
			continue
		}
		created, err := EventCreated.New(Subject(c.ID), c)
		if err == nil {
			err = created.Complete(one.ctx)
		}
		if err := changes.Record(created, err); err != nil {
			return nil, err
		}
		if c.State == Queued {
			s.goesOn(changes, c.EquipmentID)
		}
	}
	return taken, nil
}
