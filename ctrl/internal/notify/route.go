package notify

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/nmsdb"
)

// RouteDraft is what can be written of a route.
type RouteDraft struct {
	Name      string   `json:"name" minLength:"1" maxLength:"80" doc:"What people call it"`
	Receivers []int64  `json:"receivers" minItems:"1" maxItems:"100" doc:"Who is told"`
	Severity  string   `json:"severity" enum:"indeterminate,warning,minor,major,critical" doc:"Only of alarms that are so bad or worse"`
	Below     *int64   `json:"below" doc:"Only of this piece of equipment and all below it in the tree; null: of all"`
	Types     []string `json:"types" maxItems:"10" doc:"Only of alarms of these types; empty: of all"`
	Group     float64  `json:"group" minimum:"0" maximum:"3600" doc:"Seconds in which what happens is told together"`
	Repeat    *float64 `json:"repeat" minimum:"1" maximum:"2678400" doc:"Seconds after which it is told again that an alarm is raised that nobody has acknowledged; null: never"`
}

// Route says which alarms are told to whom.
type Route struct {
	ID int64 `json:"id" doc:"Identifier"`
	RouteDraft
	Revision  int64     `json:"revision" doc:"Number of this version"`
	UpdatedAt time.Time `json:"updated_at" doc:"When it was changed last"`
}

// The events of routes.
var (
	EventRouteCreated = event.DeclareCreation[Route]("ctrl.route.created", "Somebody is told of certain alarms")
	EventRouteUpdated = event.DeclareUpdate[Route]("ctrl.route.updated", "Who is told of certain alarms was changed")
	EventRouteDeleted = event.DeclareRemoval[Route]("ctrl.route.deleted", "Certain alarms are told to nobody by this route any more")
)

// The refusals of routes.
var (
	ErrRoute     = fault.At(fault.Target, fault.CodeNotFound, "there is no such route")
	errReceivers = fault.At(fault.Field("receivers"), fault.CodeReferenceMissing, "names a receiver that is not there")
	errBelow     = fault.At(fault.Field("below"), fault.CodeReferenceMissing, "there is no such equipment, or it is archived")
	errRoute     = fault.List(fault.Invalid, "the route is refused")
)

// RouteGuard is asked about the present route before a change; its error refuses the change.
type RouteGuard func(present Route) error

func routeOf(row *nmsdb.Route) Route {
	r := Route{ID: row.ID, Revision: row.Revision, UpdatedAt: row.UpdatedAt, RouteDraft: RouteDraft{
		Name: row.Name, Receivers: row.Receivers, Severity: row.Severity, Below: row.Below, Types: row.Types, Group: row.GroupS, Repeat: row.RepeatS,
	}}
	if r.Types == nil {
		r.Types = []string{}
	}
	return r
}

func (d *RouteDraft) columns(id int64) nmsdb.RouteUpdateParams {
	c := nmsdb.RouteUpdateParams{
		ID: id, Name: d.Name, Receivers: d.Receivers, Severity: d.Severity, Below: d.Below, GroupS: d.Group, RepeatS: d.Repeat,
	}
	if len(d.Types) > 0 {
		c.Types = d.Types
	}
	return c
}

func foundRoute(row nmsdb.Route, err error) (Route, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Route{}, ErrRoute
	}
	return routeOf(&row), db.MapError(err, nil)
}

// Route returns a route, or ErrRoute.
func (n *Notifications) Route(ctx context.Context, id int64) (Route, error) {
	return foundRoute(nmsdb.New(n.writer.Pool()).RouteGet(ctx, id))
}

// Routes returns routes by id, those behind after, at most take of them with skip left out before, and how many there are in all.
func (n *Notifications) Routes(ctx context.Context, after, skip int64, take int) ([]Route, int64, error) {
	q := nmsdb.New(n.writer.Pool())
	total, err := q.RouteCount(ctx)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.RouteList(ctx, nmsdb.RouteListParams{After: after, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Route, len(rows))
	for i := range rows {
		list[i] = routeOf(&rows[i])
	}
	return list, total, nil
}

// checkReferences refuses receivers and equipment that are not there. They stay until the transaction ends.
func checkReferences(ctx context.Context, q *nmsdb.Queries, d *RouteDraft) error {
	live, err := q.ReceiversShare(ctx, d.Receivers)
	if err != nil {
		return err
	}
	if len(live) != len(d.Receivers) {
		return errReceivers
	}
	if d.Below == nil {
		return nil
	}
	equipment, err := q.EquipmentShare(ctx, *d.Below)
	if err == nil && len(equipment) == 0 {
		err = errBelow
	}
	return err
}

// CreateRoute makes a route.
func (n *Notifications) CreateRoute(ctx context.Context, d RouteDraft) (r Route, err error) {
	if err := checkRoute(&d); err != nil {
		return r, err
	}
	err = n.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		if err := checkReferences(ctx, q, &d); err != nil {
			return err
		}
		c := d.columns(0)
		row, err := q.RouteInsert(ctx, nmsdb.RouteInsertParams{
			Name: c.Name, Receivers: c.Receivers, Severity: c.Severity, Below: c.Below, Types: c.Types, GroupS: c.GroupS, RepeatS: c.RepeatS,
		})
		if err != nil {
			return err
		}
		r = routeOf(&row)
		return changes.Record(EventRouteCreated.New(subject(r.ID), r))
	})
	return r, db.MapError(err, nil)
}

// PatchRoute changes a route. Whoever was told by it before is told of what is cleared all the same.
func (n *Notifications) PatchRoute(ctx context.Context, id int64, when RouteGuard, edit func(*RouteDraft)) (r Route, err error) {
	err = n.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := foundRoute(q.RouteLock(ctx, id))
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		d := present.RouteDraft
		edit(&d)
		if err := checkRoute(&d); err != nil {
			return err
		}
		if err := checkReferences(ctx, q, &d); err != nil {
			return err
		}
		row, err := q.RouteUpdate(ctx, d.columns(id))
		if err != nil {
			return err
		}
		r = routeOf(&row)
		return changes.Record(EventRouteUpdated.New(subject(id), present, r))
	})
	return r, db.MapError(err, nil)
}

// DeleteRoute removes a route. Whoever was told by it is told of what is cleared all the same.
func (n *Notifications) DeleteRoute(ctx context.Context, id int64, when RouteGuard) error {
	err := n.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := foundRoute(q.RouteLock(ctx, id))
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		if err := q.RouteDelete(ctx, id); err != nil {
			return err
		}
		return changes.Record(EventRouteDeleted.New(subject(id), present))
	})
	return db.MapError(err, nil)
}
