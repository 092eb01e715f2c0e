// Package source keeps where the value of a telemetry parameter of a piece of equipment comes from: how it is polled, or which series of
// Prometheus it is.
package source

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

// Prometheus is the driver of series that Prometheus sends.
const Prometheus = "prometheus"

// Rate says that the parameter is a counter, and where its rate goes.
type Rate struct {
	TelemetryID int64 `json:"telemetry_id" minimum:"1" doc:"The parameter that takes the rate, per second, times scale"`
	Bits        int16 `json:"bits" enum:"32,64" doc:"Width of the counter: where it wraps"`
	UptimeID    int64 `json:"uptime_id" minimum:"1" doc:"A parameter polled together with it that rises as long as the counter was not set back, such as sysUpTime"`
}

// Draft is what can be written of a binding.
type Draft struct {
	Driver   string          `json:"driver" minLength:"1" maxLength:"20" doc:"The protocol, that of the equipment's endpoint; prometheus: a series that is sent by remote write"`
	Read     json.RawMessage `json:"read" doc:"The driver's template for reading it; for prometheus {\"metric\": name, \"labels\": {name: value}}, the labels that have to be equal"`
	Scale    float64         `json:"scale" doc:"What is kept of a number is number · scale + offset"`
	Offset   float64         `json:"offset" doc:"See scale"`
	Interval *float64        `json:"interval" minimum:"0.5" maximum:"86400" doc:"How often it is polled, in seconds, a multiple of the equipment's shortest; null for prometheus"`
	Rate     *Rate           `json:"rate,omitempty" doc:"Of a counter: where its rate goes; absent for none. The counter is kept as it is"`
}

// Source is where a value comes from.
type Source struct {
	EquipmentID int64 `json:"equipment_id" doc:"The equipment, by its id in cfg"`
	TelemetryID int64 `json:"telemetry_id" doc:"The parameter, by its id in cfg"`
	Draft
	Revision  int64     `json:"revision" doc:"Number of this version"`
	UpdatedAt time.Time `json:"updated_at" doc:"When it was changed last"`
}

// The events.
var (
	EventCreated = event.DeclareCreation[Source]("ctrl.source.created", "It is known where a value of telemetry comes from")
	EventUpdated = event.DeclareUpdate[Source]("ctrl.source.updated", "A value of telemetry comes from elsewhere, or otherwise")
	EventDeleted = event.DeclareRemoval[Source]("ctrl.source.deleted", "A value of telemetry is no longer read")
)

// Codes of this package's refusals.
var (
	codeTemplate = fault.Declare(fault.Invalid, "bad_read", "The driver cannot read by the template.")
	codeSecond   = fault.Declare(fault.Invalid, "second_source", "A parameter of a piece of equipment has one source: a binding, or the rate of one.")
)

// The refusals.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "nothing says where this value comes from")
	ErrEquipment = fault.At(fault.Target, fault.CodeNotFound, "there is no such equipment, or it is archived")
	ErrParameter = fault.At(fault.Target, fault.CodeNotFound, "there is no such telemetry parameter, or it is archived")
	errDraft     = fault.List(fault.Invalid, "the binding is refused")
)

// Key names a binding.
type Key struct{ EquipmentID, TelemetryID int64 }

func (k Key) subject() string {
	return strconv.FormatInt(k.EquipmentID, 10) + "." + strconv.FormatInt(k.TelemetryID, 10)
}

// Guard is asked about the present binding before a change, nil when there is none; its error refuses the change.
type Guard func(present *Source) error

// Sources are all bindings.
type Sources struct {
	writer  *change.Writer[db.NMS]
	drivers driver.Set
}

// New makes them.
func New(writer *change.Writer[db.NMS], drivers driver.Set) *Sources {
	return &Sources{writer: writer, drivers: drivers}
}

// Of reads a binding from a row.
func Of(row nmsdb.TelemetryBinding) Source {
	b := Source{EquipmentID: row.EquipmentID, TelemetryID: row.TelemetryID, Revision: row.Revision, UpdatedAt: row.UpdatedAt, Draft: Draft{
		Driver: row.Driver, Read: row.Read, Scale: row.Scale, Offset: row.Zero, Interval: row.IntervalS,
	}}
	if row.RateID != nil && row.RateBits != nil && row.UptimeID != nil {
		b.Rate = &Rate{TelemetryID: *row.RateID, Bits: *row.RateBits, UptimeID: *row.UptimeID}
	}
	return b
}

func found(row nmsdb.TelemetryBinding, err error) (Source, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Source{}, ErrNotFound
	}
	return Of(row), db.MapError(err, nil)
}

// Get returns a binding, or ErrNotFound.
func (s *Sources) Get(ctx context.Context, k Key) (Source, error) {
	return found(nmsdb.New(s.writer.Pool()).SourceGet(ctx, nmsdb.SourceGetParams(k)))
}

// List returns bindings by equipment and parameter, those behind after, at most take of them with skip left out before, and how many there
// are in all. equipmentID, unless it is nil, is whose are listed.
func (s *Sources) List(ctx context.Context, equipmentID *int64, after Key, skip int64, take int) ([]Source, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.SourceCount(ctx, equipmentID)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.SourceList(ctx, nmsdb.SourceListParams{
		AfterEquipment: after.EquipmentID, AfterTelemetry: after.TelemetryID, EquipmentID: equipmentID, Skip: skip, Take: int32(take),
	})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Source, len(rows))
	for i, row := range rows {
		list[i] = Of(row)
	}
	return list, total, nil
}

// change runs one change of a binding, alone among those of its equipment: to returns the binding as it is to be, nil for none.
func (s *Sources) change(ctx context.Context, k Key, to func(present *Source) (*Draft, error)) (b Source, created bool, err error) {
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		created = false
		live, err := q.SourceLock(ctx, k.EquipmentID)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrEquipment
		}
		if err != nil {
			return err
		}
		var present *Source
		before, err := found(q.SourceGet(ctx, nmsdb.SourceGetParams(k)))
		if err == nil {
			present = &before
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		d, err := to(present)
		if err != nil {
			return err
		}
		if d == nil {
			if err := q.SourceDelete(ctx, nmsdb.SourceDeleteParams(k)); err != nil {
				return err
			}
			if err := changes.Record(EventDeleted.New(k.subject(), before)); err != nil {
				return err
			}
			return schedule(ctx, q, k.EquipmentID)
		}
		if !live {
			return ErrEquipment
		}
		if b, err = s.write(ctx, q, k, present, *d, changes); err != nil {
			return err
		}
		created = present == nil
		return schedule(ctx, q, k.EquipmentID)
	})
	return b, created, db.MapError(err, nil)
}

// schedule sets when the equipment is polled.
func schedule(ctx context.Context, q *nmsdb.Queries, equipmentID int64) error {
	if err := q.PollRefresh(ctx, equipmentID); err != nil {
		return err
	}
	return q.PollForget(ctx, equipmentID)
}

func (s *Sources) write(ctx context.Context, q *nmsdb.Queries, k Key, present *Source, d Draft, changes *change.Changes) (Source, error) {
	if err := s.Check(k, d); err != nil {
		return Source{}, err
	}
	if err := checkParameters(ctx, q, k, d); err != nil {
		return Source{}, err
	}
	columns := nmsdb.SourceUpdateParams{
		Driver: d.Driver, Read: d.Read, Scale: d.Scale, Zero: d.Offset, IntervalS: d.Interval, EquipmentID: k.EquipmentID, TelemetryID: k.TelemetryID,
	}
	if d.Rate != nil {
		columns.RateID, columns.RateBits, columns.UptimeID = &d.Rate.TelemetryID, &d.Rate.Bits, &d.Rate.UptimeID
	}
	if present == nil {
		row, err := q.SourceInsert(ctx, nmsdb.SourceInsertParams(columns))
		if err != nil {
			return Source{}, err
		}
		return Of(row), changes.Record(EventCreated.New(k.subject(), Of(row)))
	}
	row, err := q.SourceUpdate(ctx, columns)
	if err != nil {
		return Source{}, err
	}
	return Of(row), changes.Record(EventUpdated.New(k.subject(), *present, Of(row)))
}

// Put writes the whole binding of a live parameter of live equipment. created says that there was none before.
func (s *Sources) Put(ctx context.Context, k Key, when Guard, d Draft) (b Source, created bool, err error) {
	return s.change(ctx, k, func(present *Source) (*Draft, error) { return &d, when(present) })
}

// Patch changes a binding.
func (s *Sources) Patch(ctx context.Context, k Key, when Guard, edit func(*Draft)) (Source, error) {
	b, _, err := s.change(ctx, k, func(present *Source) (*Draft, error) {
		if present == nil {
			return nil, ErrNotFound
		}
		d := present.Draft
		edit(&d)
		return &d, when(present)
	})
	return b, err
}

// Delete removes a binding. What was read stays.
func (s *Sources) Delete(ctx context.Context, k Key, when Guard) error {
	_, _, err := s.change(ctx, k, func(present *Source) (*Draft, error) {
		if present == nil {
			return nil, ErrNotFound
		}
		return nil, when(present)
	})
	return err
}
