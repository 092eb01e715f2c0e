// Package equipment shows a piece of equipment as it stands in operation.
package equipment

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/nmsdb"
)

// Equipment is a piece of equipment in operation.
type Equipment struct {
	ID               int64              `json:"id" doc:"Identifier, that of cfg"`
	Name             string             `json:"name" doc:"Short name"`
	NameFull         string             `json:"name_full" doc:"Full name"`
	OperationalState string             `json:"operational_state" enum:"enabled,disabled" doc:"Whether it can be commanded (X.731): it has an endpoint that is not locked"`
	Endpoint         *endpoint.Shown    `json:"endpoint,omitempty" doc:"How it is reached, and polled; absent when nobody has said"`
	Values           []Value            `json:"values" doc:"Its newest values, by the names of the parameters"`
	Alarms           []alarm.ShownAlarm `json:"alarms" doc:"Its alarms that are raised, or that nobody has acknowledged or closed, what was raised last first; at most 1,000"`
	Queue            *command.Queue     `json:"queue,omitempty" doc:"Its queue; absent when it was never commanded"`
}

// Reader reads equipment.
type Reader struct {
	pool      *db.Pool[db.NMS]
	endpoints *endpoint.Endpoints
	commands  *command.Commands
	catalogue *catalogue.Catalogue
	frames    *frame.Reader
	limits    *limit.Book
	alarms    *alarm.Alarms
}

// NewReader makes a reader.
func NewReader(
	pool *db.Pool[db.NMS], endpoints *endpoint.Endpoints, commands *command.Commands, c *catalogue.Catalogue, frames *frame.Reader,
	limits *limit.Book, alarms *alarm.Alarms,
) *Reader {
	return &Reader{pool: pool, endpoints: endpoints, commands: commands, catalogue: c, frames: frames, limits: limits, alarms: alarms}
}

// Get returns a live piece of equipment, or endpoint.ErrEquipment.
func (r *Reader) Get(ctx context.Context, id int64) (Equipment, error) {
	row, err := nmsdb.New(r.pool).EquipmentGet(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Equipment{}, endpoint.ErrEquipment
	}
	if err != nil {
		return Equipment{}, db.MapError(err, nil)
	}
	e := Equipment{ID: row.ID, Name: row.Name, NameFull: row.NameFull, OperationalState: "disabled"}
	switch reached, err := r.endpoints.Show(ctx, id); {
	case err == nil:
		e.Endpoint = &reached
		if reached.AdminState != endpoint.Locked {
			e.OperationalState = "enabled"
		}
	case !errors.Is(err, endpoint.ErrNotFound):
		return e, err
	}
	switch queue, err := r.commands.Queue(ctx, id); {
	case err == nil:
		e.Queue = &queue
	case !errors.Is(err, command.ErrNoQueue):
		return e, err
	}
	if e.Alarms, err = r.alarms.Active(ctx, id); err != nil {
		return e, err
	}
	e.Values, err = r.values(ctx, id, nil, e.Alarms)
	return e, err
}
