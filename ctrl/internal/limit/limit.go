// Package limit keeps limits: what values of a telemetry parameter are to raise alarms.
package limit

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

	"nms.example/ctrl/internal/nmsdb"
)

// Level is a bound of the values.
type Level struct {
	Severity string   `json:"severity" enum:"indeterminate,warning,minor,major,critical" doc:"How bad it is to be beyond it"`
	High     *float64 `json:"high,omitempty" doc:"Values above it raise the level; either high or low"`
	Low      *float64 `json:"low,omitempty" doc:"Values below it raise the level"`
	Clear    *float64 `json:"clear,omitempty" doc:"Values at it, or on the good side of it, clear the level again; left out: the bound itself"`
}

// Delay says what it takes until a level is raised, or cleared.
type Delay struct {
	Seconds *float64 `json:"seconds,omitempty" minimum:"0" maximum:"86400" doc:"All values say so for this long; either this, or count and of"`
	Count   *int16   `json:"count,omitempty" minimum:"1" maximum:"64" doc:"So many of the last values say so"`
	Of      *int16   `json:"of,omitempty" minimum:"1" maximum:"64" doc:"How many of the last values are looked at"`
}

// Draft is what can be written of a limit once it is made.
type Draft struct {
	Name          string   `json:"name" minLength:"1" maxLength:"80" doc:"What people call it"`
	Levels        []Level  `json:"levels" maxItems:"10" doc:"The bounds"`
	RaiseAfter    *Delay   `json:"raise_after,omitempty" doc:"What it takes until a level is raised; absent: one value"`
	ClearAfter    *Delay   `json:"clear_after,omitempty" doc:"What it takes until a level is cleared; absent: one value"`
	StaleAfter    *float64 `json:"stale_after" minimum:"1" maximum:"2678400" doc:"Seconds without a usable value after which an alarm of type stale is raised; null: never"`
	StaleSeverity string   `json:"stale_severity" enum:"indeterminate,warning,minor,major,critical" doc:"How bad it is when no values come"`
	Latched       bool     `json:"latched" doc:"Its alarms stay raised until they are acknowledged"`
	Suppresses    bool     `json:"suppresses" doc:"While one of its alarms is raised, alarms of the equipment below are suppressed"`
}

// Limit is a limit.
type Limit struct {
	ID          int64  `json:"id" doc:"Identifier"`
	TelemetryID int64  `json:"telemetry_id" doc:"The parameter, by its id in cfg"`
	EquipmentID *int64 `json:"equipment_id" doc:"The equipment, by its id in cfg; null: all that have no limit of their own for the parameter"`
	Draft
	Revision  int64     `json:"revision" doc:"Number of this version"`
	UpdatedAt time.Time `json:"updated_at" doc:"When it was changed last"`
}

// The events.
var (
	EventCreated = event.DeclareCreation[Limit]("ctrl.limit.created", "Values of a parameter have a limit")
	EventUpdated = event.DeclareUpdate[Limit]("ctrl.limit.updated", "A limit of the values of a parameter was changed")
	EventDeleted = event.DeclareRemoval[Limit]("ctrl.limit.deleted", "Values of a parameter have a limit no longer; its alarms are cleared")
)

// The refusals.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "there is no such limit")
	errEquipment = fault.At(fault.Field("equipment_id"), fault.CodeReferenceMissing, "there is no such equipment, or it is archived")
	errParameter = fault.At(fault.Field("telemetry_id"), fault.CodeReferenceMissing, "there is no such telemetry parameter, or it is archived")
	errDraft     = fault.List(fault.Invalid, "the limit is refused")
)

// Guard is asked about the present limit before a change; its error refuses the change.
type Guard func(present Limit) error

// Limits are all limits.
type Limits struct {
	writer *change.Writer[db.NMS]
	book   *Book
}

// New makes them. The book is brought up to date with each change that is made through them.
func New(writer *change.Writer[db.NMS], book *Book) *Limits {
	return &Limits{writer: writer, book: book}
}

// tell records an event, and brings the book up to date after the commit.
func (s *Limits) tell(changes *change.Changes, e event.Event, err error) error {
	changes.AfterCommit(s.book.catchUp)
	return changes.Record(e, err)
}

// Of reads a limit from a row.
func Of(row *nmsdb.TelemetryLimit) (Limit, error) {
	l := Limit{ID: row.ID, TelemetryID: row.TelemetryID, EquipmentID: row.EquipmentID, Revision: row.Revision, UpdatedAt: row.UpdatedAt, Draft: Draft{
		Name: row.Name, RaiseAfter: delayOf(row.RaiseS, row.RaiseN, row.RaiseOf), ClearAfter: delayOf(row.ClearS, row.ClearN, row.ClearOf),
		StaleAfter: row.StaleS, StaleSeverity: row.StaleSeverity, Latched: row.Latched, Suppresses: row.Suppresses,
	}}
	return l, json.Unmarshal(row.Levels, &l.Levels)
}

func delayOf(seconds *float64, count, of *int16) *Delay {
	if seconds == nil && count == nil {
		return nil
	}
	return &Delay{Seconds: seconds, Count: count, Of: of}
}

// columns returns the draft as the generated queries take it.
func (d *Draft) columns(id int64) (c nmsdb.LimitUpdateParams, err error) {
	c = nmsdb.LimitUpdateParams{
		ID: id, Name: d.Name, StaleS: d.StaleAfter, StaleSeverity: d.StaleSeverity, Latched: d.Latched, Suppresses: d.Suppresses,
	}
	if d.RaiseAfter != nil {
		c.RaiseS, c.RaiseN, c.RaiseOf = d.RaiseAfter.Seconds, d.RaiseAfter.Count, d.RaiseAfter.Of
	}
	if d.ClearAfter != nil {
		c.ClearS, c.ClearN, c.ClearOf = d.ClearAfter.Seconds, d.ClearAfter.Count, d.ClearAfter.Of
	}
	c.Levels, err = json.Marshal(d.Levels)
	return c, err
}

func found(row nmsdb.TelemetryLimit, err error) (Limit, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Limit{}, ErrNotFound
	}
	if err != nil {
		return Limit{}, db.MapError(err, nil)
	}
	return Of(&row)
}

// Get returns a limit, or ErrNotFound.
func (s *Limits) Get(ctx context.Context, id int64) (Limit, error) {
	return found(nmsdb.New(s.writer.Pool()).LimitGet(ctx, id))
}

// List returns limits by id, those behind after, at most take of them with skip left out before, and how many there are in all. telemetryID and
// equipmentID, unless they are nil, say whose are listed.
func (s *Limits) List(ctx context.Context, telemetryID, equipmentID *int64, after, skip int64, take int) ([]Limit, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.LimitCount(ctx, nmsdb.LimitCountParams{TelemetryID: telemetryID, EquipmentID: equipmentID})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.LimitList(ctx, nmsdb.LimitListParams{After: after, TelemetryID: telemetryID, EquipmentID: equipmentID, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Limit, len(rows))
	for i := range rows {
		if list[i], err = Of(&rows[i]); err != nil {
			return nil, 0, err
		}
	}
	return list, total, nil
}

// Create makes a limit of a live parameter, and of live equipment.
func (s *Limits) Create(ctx context.Context, telemetryID int64, equipmentID *int64, d Draft) (l Limit, err error) {
	d.complete()
	if err := d.Check(); err != nil {
		return l, err
	}
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		if err := checkReferences(ctx, q, telemetryID, equipmentID); err != nil {
			return err
		}
		c, err := d.columns(0)
		if err != nil {
			return err
		}
		row, err := q.LimitInsert(ctx, nmsdb.LimitInsertParams{
			Name: c.Name, TelemetryID: telemetryID, EquipmentID: equipmentID, Levels: c.Levels, RaiseS: c.RaiseS, RaiseN: c.RaiseN, RaiseOf: c.RaiseOf,
			ClearS: c.ClearS, ClearN: c.ClearN, ClearOf: c.ClearOf, StaleS: c.StaleS, StaleSeverity: c.StaleSeverity, Latched: c.Latched, Suppresses: c.Suppresses,
		})
		if err != nil {
			return err
		}
		if l, err = Of(&row); err != nil {
			return err
		}
		e, err := EventCreated.New(subject(l.ID), l)
		return s.tell(changes, e, err)
	})
	return l, db.MapError(err, nil)
}

// Proposed returns a limit of the values of one piece of equipment that is not made, if Create would make it.
func (s *Limits) Proposed(ctx context.Context, telemetryID, equipmentID int64, d Draft) (Limit, error) {
	d.complete()
	if err := d.Check(); err != nil {
		return Limit{}, err
	}
	if err := checkReferences(ctx, nmsdb.New(s.writer.Pool()), telemetryID, &equipmentID); err != nil {
		return Limit{}, db.MapError(err, nil)
	}
	return Limit{TelemetryID: telemetryID, EquipmentID: &equipmentID, Draft: d}, nil
}

// checkReferences refuses a parameter and equipment that are not there, or archived. In a transaction they stay until it ends.
func checkReferences(ctx context.Context, q *nmsdb.Queries, telemetryID int64, equipmentID *int64) error {
	live, err := q.TelemetryShare(ctx, []int64{telemetryID})
	if err != nil {
		return err
	}
	if len(live) == 0 {
		return errParameter
	}
	if equipmentID == nil {
		return nil
	}
	if live, err = q.EquipmentShare(ctx, *equipmentID); err == nil && len(live) == 0 {
		return errEquipment
	}
	return err
}

// Patch changes a limit.
func (s *Limits) Patch(ctx context.Context, id int64, when Guard, edit func(*Draft)) (l Limit, err error) {
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := found(q.LimitLock(ctx, id))
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		d := present.Draft
		edit(&d)
		d.complete()
		if err := d.Check(); err != nil {
			return err
		}
		c, err := d.columns(id)
		if err != nil {
			return err
		}
		row, err := q.LimitUpdate(ctx, c)
		if err != nil {
			return err
		}
		if l, err = Of(&row); err != nil {
			return err
		}
		e, err := EventUpdated.New(subject(id), present, l)
		return s.tell(changes, e, err)
	})
	return l, db.MapError(err, nil)
}

// Delete removes a limit. Its alarms are cleared by whoever evaluates it.
func (s *Limits) Delete(ctx context.Context, id int64, when Guard) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := found(q.LimitLock(ctx, id))
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		if err := q.LimitDelete(ctx, id); err != nil {
			return err
		}
		e, err := EventDeleted.New(subject(id), present)
		return s.tell(changes, e, err)
	})
	return db.MapError(err, nil)
}

func subject(id int64) string { return strconv.FormatInt(id, 10) }
