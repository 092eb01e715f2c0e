// Package endpoint keeps how each piece of equipment is reached: its driver, address, secret and administrative state.
package endpoint

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/name"
	"nms.example/common/validator"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
)

// Administrative states (ITU-T X.731).
const (
	Locked       = "locked"        // nothing is sent
	Unlocked     = "unlocked"      // in use
	ShuttingDown = "shutting-down" // what is on its way is finished, nothing new is taken; then locked
)

// Endpoint is how a piece of equipment is reached.
type Endpoint struct {
	EquipmentID int64           `json:"equipment_id" doc:"The equipment, by its id in cfg"`
	Driver      string          `json:"driver" doc:"The protocol: http, scpi, simulator or snmp"`
	Address     string          `json:"address" doc:"host:port; for http the base URL"`
	Options     json.RawMessage `json:"options" doc:"What the driver needs beside the address, an object"`
	Secret      *string         `json:"secret" doc:"Name of the file with the secret in the service's directory of secrets; null for none"`
	AdminState  string          `json:"admin_state" enum:"locked,unlocked,shutting-down" doc:"Administrative state (X.731)"`
	Revision    int64           `json:"revision" doc:"Number of this version"`
	UpdatedAt   time.Time       `json:"updated_at" doc:"When it was changed last"`
}

// Draft is what can be written of an endpoint.
type Draft struct {
	Driver     string
	Address    string
	Options    json.RawMessage
	Secret     *string
	AdminState string // of Put: empty leaves it as it is
}

// Draft returns what can be written of the endpoint.
func (e Endpoint) Draft() Draft {
	return Draft{Driver: e.Driver, Address: e.Address, Options: e.Options, Secret: e.Secret, AdminState: e.AdminState}
}

// The events.
var (
	EventCreated = event.DeclareCreation[Endpoint]("ctrl.endpoint.created", "A piece of equipment can be reached")
	EventUpdated = event.DeclareUpdate[Endpoint]("ctrl.endpoint.updated", "How a piece of equipment is reached was changed, or its administrative state")
	EventDeleted = event.DeclareRemoval[Endpoint]("ctrl.endpoint.deleted", "A piece of equipment can no longer be reached")
)

// Codes of this package's refusals.
var (
	codeAddress = fault.Declare(fault.Invalid, "bad_address", "The driver cannot use the address.")
	codeOptions = fault.Declare(fault.Invalid, "bad_options", "The driver does not know the options, or needs others.")
	codeSecret  = fault.Declare(fault.Invalid, "bad_secret", "The driver cannot use the secret.")
	codeActive  = fault.Declare(fault.Conflict, "commands_active", "Commands are on their way that need it.")
	codeNoReply = fault.Declare(fault.Unavailable, "no_reply", "The equipment does not answer.")
)

// The refusals.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "the equipment has no endpoint")
	ErrNotPolled = fault.At(fault.Target, fault.CodeNotFound, "the equipment is not polled")
	ErrEquipment = fault.At(fault.Target, fault.CodeNotFound, "there is no such equipment, or it is archived")
	ErrActive    = fault.At(fault.Target, codeActive, "commands of the equipment are on their way")
	ErrNoReply   = fault.At(fault.Target, codeNoReply, "the equipment does not answer")
	errDraft     = fault.List(fault.Invalid, "the endpoint is refused")
)

// Condition is asked about the present endpoint before a change, nil when there is none; its error refuses the change.
type Condition func(present *Endpoint) error

// Endpoints are all endpoints.
type Endpoints struct {
	writer  *change.Writer[db.NMS]
	drivers driver.Set
	secrets driver.Secrets
}

// New makes them.
func New(writer *change.Writer[db.NMS], drivers driver.Set, secrets driver.Secrets) *Endpoints {
	return &Endpoints{writer: writer, drivers: drivers, secrets: secrets}
}

// Of reads an endpoint from a row.
func Of(row nmsdb.Endpoint) Endpoint { return Endpoint(row) }

// Get returns the endpoint of a piece of equipment, or ErrNotFound.
func (s *Endpoints) Get(ctx context.Context, equipmentID int64) (Endpoint, error) {
	return get(nmsdb.New(s.writer.Pool()).EndpointGet(ctx, equipmentID))
}

func get(row nmsdb.Endpoint, err error) (Endpoint, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Endpoint{}, ErrNotFound
	}
	return Of(row), db.MapError(err, nil)
}

// Put writes the whole endpoint of a piece of equipment. created says that there was none before.
func (s *Endpoints) Put(ctx context.Context, equipmentID int64, when Condition, d Draft) (e Endpoint, created bool, err error) {
	if err := s.check(d); err != nil {
		return e, false, err
	}
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		if _, err := q.EquipmentLock(ctx, equipmentID); err != nil {
			return missing(err, ErrEquipment)
		}
		row, err := q.EndpointLock(ctx, equipmentID)
		if created = errors.Is(err, pgx.ErrNoRows); err != nil && !created {
			return err
		}
		if created {
			if err := when(nil); err != nil {
				return err
			}
			d.AdminState = cmp.Or(d.AdminState, Unlocked)
			row, err = q.EndpointInsert(ctx, nmsdb.EndpointInsertParams{EquipmentID: equipmentID,
				Driver: d.Driver, Address: d.Address, Options: d.Options, Secret: d.Secret, AdminState: d.AdminState})
			if err != nil {
				return err
			}
			e = Of(row)
			return changes.Record(EventCreated.New(subject(equipmentID), e))
		}
		d.AdminState = cmp.Or(d.AdminState, row.AdminState)
		e, err = s.update(ctx, q, changes, Of(row), when, d)
		return err
	})
	return e, created, db.MapError(err, nil)
}

// Patch changes an endpoint.
func (s *Endpoints) Patch(ctx context.Context, equipmentID int64, when Condition, edit func(*Draft)) (e Endpoint, err error) {
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := get(q.EndpointLock(ctx, equipmentID))
		if err != nil {
			return err
		}
		d := present.Draft()
		edit(&d)
		if err := s.check(d); err != nil {
			return err
		}
		e, err = s.update(ctx, q, changes, present, when, d)
		return err
	})
	return e, db.MapError(err, nil)
}

func (s *Endpoints) update(
	ctx context.Context, q *nmsdb.Queries, changes *change.Changes, present Endpoint, when Condition, d Draft,
) (Endpoint, error) {
	if err := when(&present); err != nil {
		return present, err
	}
	row, err := q.EndpointUpdate(ctx, nmsdb.EndpointUpdateParams{EquipmentID: present.EquipmentID,
		Driver: d.Driver, Address: d.Address, Options: d.Options, Secret: d.Secret, AdminState: d.AdminState})
	if err != nil {
		return present, err
	}
	if err := q.PollAnew(ctx, present.EquipmentID); err != nil { // what was wrong may be mended
		return present, err
	}
	after := Of(row)
	return after, changes.Record(EventUpdated.New(subject(present.EquipmentID), present, after))
}

// Delete removes an endpoint, unless commands are on their way to it.
func (s *Endpoints) Delete(ctx context.Context, equipmentID int64, when Condition) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := get(q.EndpointLock(ctx, equipmentID))
		if err != nil {
			return err
		}
		if err := when(&present); err != nil {
			return err
		}
		switch active, err := q.EquipmentActive(ctx, equipmentID); {
		case err != nil:
			return err
		case active:
			return ErrActive
		}
		if err := q.EndpointDelete(ctx, equipmentID); err != nil {
			return err
		}
		return changes.Record(EventDeleted.New(subject(equipmentID), present))
	})
	return db.MapError(err, nil)
}

// ShutDown locks the endpoints that were shutting down and have nothing left to do.
func (s *Endpoints) ShutDown(ctx context.Context) error {
	ready, err := nmsdb.New(s.writer.Pool()).EndpointShutDown(ctx)
	if err != nil {
		return err
	}
	for _, id := range ready {
		_, err := s.Patch(ctx, id, func(present *Endpoint) error {
			if present.AdminState != ShuttingDown {
				return ErrActive
			}
			return nil
		}, func(d *Draft) { d.AdminState = Locked })
		if err != nil && !errors.Is(err, ErrActive) && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// Test connects to a piece of equipment and waits for some answer, at most until ctx ends. It returns how long that took.
func (s *Endpoints) Test(ctx context.Context, equipmentID int64) (time.Duration, error) {
	e, err := s.Get(ctx, equipmentID)
	if err != nil {
		return 0, err
	}
	d, to, err := s.Reach(e)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if _, err := d.Poll(ctx, to, nil); err != nil {
		if errors.Is(err, driver.ErrNotAllowed) {
			return 0, driver.ErrNotAllowed.Because(err)
		}
		return 0, ErrNoReply.Because(err)
	}
	took := time.Since(begun)
	return took, db.MapError(nmsdb.New(s.writer.Pool()).PollAnew(ctx, equipmentID), nil)
}

// Reach returns the driver and what it needs, the secret read.
func (s *Endpoints) Reach(e Endpoint) (driver.Driver, driver.Endpoint, error) { return s.Reacher()(&e) }

// Reacher returns Reach for many endpoints at one moment: it reads each secret once, and is to be forgotten then.
func (s *Endpoints) Reacher() func(e *Endpoint) (driver.Driver, driver.Endpoint, error) {
	type secret struct {
		text config.Secret
		err  error
	}
	read := map[string]secret{}
	return func(e *Endpoint) (driver.Driver, driver.Endpoint, error) {
		d, err := s.drivers.Find(e.Driver)
		if err != nil {
			return nil, driver.Endpoint{}, err
		}
		to := driver.Endpoint{Address: e.Address, Options: e.Options}
		if e.Secret == nil {
			return d, to, nil
		}
		one, known := read[*e.Secret]
		if !known {
			one.text, one.err = s.secrets.Read(e.Secret)
			read[*e.Secret] = one
		}
		to.Secret = one.text
		return d, to, one.err
	}
}

// maxOptions bounds the options, in bytes.
const maxOptions = 8 << 10

// check lists everything that is wrong with a draft.
func (s *Endpoints) check(d Draft) error {
	var details []fault.Detail
	add := func(err error, field string, code *fault.Code) {
		if err == nil {
			return
		}
		if f := fault.As(err); f != nil {
			details = append(details, f.Details...)
			return
		}
		details = append(details, fault.NewDetail(fault.Field(field), code, err.Error()))
	}
	of, err := s.drivers.Find(d.Driver)
	if err != nil {
		return err
	}
	add(cmp.Or(name.CheckVisibleAt(fault.Field("address"), d.Address), of.CheckAddress(d.Address)), "address", codeAddress)
	if code, problem := validator.Bound(d.Options, maxOptions); code != nil {
		add(errors.New(problem), "options", code)
	} else {
		add(of.CheckOptions(d.Options), "options", codeOptions)
	}
	secret, err := s.secrets.Read(d.Secret)
	add(err, "secret", nil)
	if len(details) == 0 {
		add(of.CheckSecret(d.Options, secret), "secret", codeSecret)
	}
	if len(details) == 0 {
		return nil
	}
	return errDraft.With(details...)
}

func missing(err error, refusal *fault.Error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return refusal
	}
	return err
}

func subject(id int64) string { return strconv.FormatInt(id, 10) }
