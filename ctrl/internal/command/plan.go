package command

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/nmsdb"
)

// Plan is how a command is sent as things stand now. It is shared, and nobody changes it.
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

// Plan finds binding, endpoint and driver of a live command of the catalogue.
func (s *Commands) Plan(ctx context.Context, conn db.Conn[db.NMS], commandID int64) (*Plan, error) {
	return s.plan(ctx, nmsdb.New(conn), commandID)
}

// PlanOf is Plan where the revisions of binding and endpoint are known: what was read of them before is not read again. The undo command of what is
// returned may be an earlier one.
func (s *Commands) PlanOf(ctx context.Context, conn db.Conn[db.NMS], commandID, bindingRevision, endpointRevision int64) (*Plan, error) {
	return s.planOf(ctx, nmsdb.New(conn), commandID, bindingRevision, endpointRevision)
}

func (s *Commands) planOf(ctx context.Context, q *nmsdb.Queries, commandID, bindingRevision, endpointRevision int64) (*Plan, error) {
	if p := s.plans.find(commandID); p != nil && p.binding.Revision == bindingRevision && p.endpoint.Revision == endpointRevision {
		return p, nil
	}
	return s.plan(ctx, q, commandID)
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
	if p.Driver, err = s.drivers.Find(p.binding.Driver); err != nil {
		return nil, err
	}
	s.plans.keep(commandID, p)
	return p, nil
}

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

// plans keeps the plan of each command that was read last.
type plans struct {
	mu   sync.Mutex
	kept map[int64]*Plan // by command
}

func (p *plans) find(commandID int64) *Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[commandID]
}

func (p *plans) keep(commandID int64, plan *Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[int64]*Plan{}
	}
	p.kept[commandID] = plan
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
