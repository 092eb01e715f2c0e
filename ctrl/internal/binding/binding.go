// Package binding keeps how each command of the catalogue is spoken: the driver's template, the arguments, what has to hold
// before and after, and how to undo it.
package binding

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
)

// Point is how a parameter is read that conditions speak of.
type Point struct {
	Parameter string          `json:"parameter" minLength:"1" maxLength:"50" doc:"Name of the telemetry parameter"`
	Read      json.RawMessage `json:"read" doc:"The driver's template for reading it"`
}

// Condition is what has to hold of a parameter's value.
type Condition struct {
	Parameter string          `json:"parameter" minLength:"1" maxLength:"50" doc:"Name of the telemetry parameter; read by points or, of a verifier, as values of it come in"`
	Op        string          `json:"op" enum:"eq,ne,lt,le,gt,ge" doc:"How it compares with the value: equal, not equal, less, at most, greater, at least"`
	Value     json.RawMessage `json:"value,omitempty" doc:"A number, a text or a truth value"`
	Arg       string          `json:"arg,omitempty" maxLength:"50" doc:"In place of value: the argument with this name"`
	After     float64         `json:"after,omitempty" minimum:"0" maximum:"3600" doc:"Of a verifier: the first look, in seconds after the acceptance"`
	Within    float64         `json:"within,omitempty" minimum:"0" maximum:"3600" doc:"Of a verifier: it has to hold by then, in seconds after the acceptance; 0: at the first look"`
}

// Draft is what can be written of a binding. Times are in seconds.
type Draft struct {
	Driver        string          `json:"driver" minLength:"1" maxLength:"20" doc:"The protocol, that of the equipment's endpoint"`
	Template      json.RawMessage `json:"template" doc:"What the driver sends; {name} stands for an argument"`
	ArgsSchema    json.RawMessage `json:"args_schema" doc:"JSON Schema (2020-12) of the arguments, an object; x-unit names a property's unit (UCUM)"`
	Hazardous     bool            `json:"hazardous" doc:"Whether it can do harm: the sender needs a permission and confirms"`
	HazardReason  *string         `json:"hazard_reason" doc:"What harm; null when it is not hazardous"`
	Approvals     int16           `json:"approvals" minimum:"0" maximum:"1" doc:"How many other people have to approve"`
	TTL           float64         `json:"ttl" minimum:"1" maximum:"604800" doc:"How long it may wait to be sent, in seconds"`
	Timeout       float64         `json:"timeout" minimum:"0.1" maximum:"300" doc:"How long sending it and its answer may take, in seconds"`
	Idempotent    bool            `json:"idempotent" doc:"Whether doing it twice does no harm, so that it may be sent again when an answer was lost"`
	Points        []Point         `json:"points" doc:"How the parameters of the conditions are read"`
	Preconditions []Condition     `json:"preconditions" doc:"What has to hold before it is sent"`
	Verifiers     []Condition     `json:"verifiers" doc:"What has to hold afterwards"`
	UndoArgs      json.RawMessage `json:"undo_args" doc:"Arguments of the catalogue's undo command; {name} stands for an argument of this one; null when it cannot be undone so"`
}

// Binding is how a command of the catalogue is spoken.
type Binding struct {
	CommandID int64 `json:"command_id" doc:"The command, by its id in cfg"`
	Draft
	Revision  int64     `json:"revision" doc:"Number of this version"`
	UpdatedAt time.Time `json:"updated_at" doc:"When it was changed last"`
}

// The events.
var (
	EventCreated = event.DeclareCreation[Binding]("ctrl.binding.created", "A command of the catalogue can be sent")
	EventUpdated = event.DeclareUpdate[Binding]("ctrl.binding.updated", "How a command of the catalogue is sent was changed")
	EventDeleted = event.DeclareRemoval[Binding]("ctrl.binding.deleted", "A command of the catalogue can no longer be sent")
)

// Subject is the subject of the events.
func Subject(commandID int64) string { return strconv.FormatInt(commandID, 10) }

// The refusals.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "the command has no binding")
	ErrCatalogue = fault.At(fault.Target, fault.CodeNotFound, "the catalogue has no such command, or it is archived")
)

// Guard is asked about the present binding before a change, nil when there is none; its error refuses the change.
type Guard func(present *Binding) error

// Bindings are all bindings.
type Bindings struct {
	writer  *change.Writer[db.NMS]
	drivers driver.Set
}

// New makes them.
func New(writer *change.Writer[db.NMS], drivers driver.Set) *Bindings {
	return &Bindings{writer: writer, drivers: drivers}
}

// Of reads a binding from a row.
func Of(row nmsdb.CommandBinding) (Binding, error) {
	b := Binding{CommandID: row.CommandID, Revision: row.Revision, UpdatedAt: row.UpdatedAt, Draft: Draft{
		Driver: row.Driver, Template: row.Template, ArgsSchema: row.ArgsSchema, Hazardous: row.Hazardous, HazardReason: row.HazardReason,
		Approvals: row.Approvals, TTL: row.Ttl, Timeout: row.Timeout, Idempotent: row.Idempotent,
	}}
	if row.UndoArgs.Valid {
		b.UndoArgs = row.UndoArgs.RawMessage
	}
	err := errors.Join(json.Unmarshal(row.Points, &b.Points), json.Unmarshal(row.Preconditions, &b.Preconditions),
		json.Unmarshal(row.Verifiers, &b.Verifiers))
	return b, err
}

func get(row nmsdb.CommandBinding, err error) (Binding, error) {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Binding{}, ErrNotFound
	case err != nil:
		return Binding{}, db.MapError(err, nil)
	default:
		return Of(row)
	}
}

// Get returns the binding of a command, or ErrNotFound.
func (s *Bindings) Get(ctx context.Context, commandID int64) (Binding, error) {
	return get(nmsdb.New(s.writer.Pool()).BindingGet(ctx, commandID))
}

// List returns bindings by command, those behind the one of after, at most take of them with skip left out before, and how many
// there are in all. equipmentID, unless it is nil, is whose commands are listed.
func (s *Bindings) List(ctx context.Context, equipmentID *int64, after, skip int64, take int) ([]Binding, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.BindingCount(ctx, equipmentID)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.BindingList(ctx, nmsdb.BindingListParams{EquipmentID: equipmentID, After: after, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Binding, len(rows))
	for i, row := range rows {
		if list[i], err = Of(row); err != nil {
			return nil, 0, err
		}
	}
	return list, total, nil
}

// Put writes the whole binding of a live command, as what makes it of the present one says, or of nil. created says that there
// was none before.
func (s *Bindings) Put(ctx context.Context, commandID int64, when Guard, of func(present *Binding) Draft) (b Binding, created bool, err error) {
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		if err := live(ctx, q, commandID); err != nil {
			return err
		}
		present, err := get(q.BindingLock(ctx, commandID))
		if created = errors.Is(err, ErrNotFound); err != nil && !created {
			return err
		}
		if !created {
			b, err = s.update(ctx, q, changes, present, when, of(&present))
			return err
		}
		d := of(nil)
		if err := s.check(ctx, q, &d); err != nil {
			return err
		}
		if err := when(nil); err != nil {
			return err
		}
		columns, err := d.columns(commandID)
		if err != nil {
			return err
		}
		row, err := q.BindingInsert(ctx, nmsdb.BindingInsertParams(columns))
		if err != nil {
			return err
		}
		if b, err = Of(row); err != nil {
			return err
		}
		return changes.Record(EventCreated.New(Subject(commandID), b))
	})
	return b, created, db.MapError(err, nil)
}

// Patch changes a binding. Commands that are on their way were sent by the one before, and fail at their release.
func (s *Bindings) Patch(ctx context.Context, commandID int64, when Guard, edit func(*Draft)) (b Binding, err error) {
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		if err := live(ctx, q, commandID); err != nil {
			return err
		}
		present, err := get(q.BindingLock(ctx, commandID))
		if err != nil {
			return err
		}
		d := present.Draft
		edit(&d)
		b, err = s.update(ctx, q, changes, present, when, d)
		return err
	})
	return b, db.MapError(err, nil)
}

// live locks a command of the catalogue, which has to be live.
func live(ctx context.Context, q *nmsdb.Queries, commandID int64) error {
	_, err := q.CatalogueCommandLock(ctx, commandID)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrCatalogue
	}
	return err
}

// check completes a draft and lists what is wrong with it.
func (s *Bindings) check(ctx context.Context, q *nmsdb.Queries, d *Draft) error {
	d.complete()
	if err := s.Check(*d); err != nil {
		return err
	}
	return checkParameters(ctx, q, *d)
}

func (s *Bindings) update(ctx context.Context, q *nmsdb.Queries, changes *change.Changes, present Binding, when Guard, d Draft) (Binding, error) {
	if err := s.check(ctx, q, &d); err != nil {
		return present, err
	}
	if err := when(&present); err != nil {
		return present, err
	}
	columns, err := d.columns(present.CommandID)
	if err != nil {
		return present, err
	}
	row, err := q.BindingUpdate(ctx, columns)
	if err != nil {
		return present, err
	}
	after, err := Of(row)
	if err != nil {
		return present, err
	}
	return after, changes.Record(EventUpdated.New(Subject(present.CommandID), present, after))
}

// Delete removes a binding. Commands that are on their way fail at their release.
func (s *Bindings) Delete(ctx context.Context, commandID int64, when Guard) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := get(q.BindingLock(ctx, commandID))
		if err != nil {
			return err
		}
		if err := when(&present); err != nil {
			return err
		}
		if err := q.BindingDelete(ctx, commandID); err != nil {
			return err
		}
		return changes.Record(EventDeleted.New(Subject(commandID), present))
	})
	return db.MapError(err, nil)
}
