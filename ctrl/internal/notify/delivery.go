package notify

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"nms.example/common/db"

	"nms.example/ctrl/internal/nmsdb"
)

// Delivery is what was told, or is to be told, to a receiver.
type Delivery struct {
	ID         uuid.UUID  `json:"id" doc:"Identifier, that the receiver sees too: the same one again is a repetition"`
	ReceiverID int64      `json:"receiver_id" doc:"Who is told"`
	RouteID    *int64     `json:"route_id" doc:"The route by which it was begun; null for heartbeats and tests"`
	Kind       string     `json:"kind" enum:"alarms,heartbeat,test" doc:"What is told"`
	State      string     `json:"state" enum:"waiting,delivered,failed" doc:"What has become of it; waiting: it gathers, or is tried again"`
	Alarms     []Item     `json:"alarms" doc:"What is told of alarms"`
	Attempts   int32      `json:"attempts" doc:"How often it was sent"`
	Problem    *string    `json:"problem" doc:"Why the last attempt came to nothing, or did not reach all recipients; null when it did"`
	CreatedAt  time.Time  `json:"created_at" doc:"When it was begun"`
	DueAt      time.Time  `json:"due_at" doc:"When it is, or was, sent next"`
	EndedAt    *time.Time `json:"ended_at" doc:"When it was delivered or given up; null while it waits"`
}

func deliveryOf(row *nmsdb.Delivery) (Delivery, error) {
	d := Delivery{
		ID: row.Guid, ReceiverID: row.ReceiverID, RouteID: row.RouteID, Kind: row.Kind, State: row.State, Attempts: row.Attempts, Problem: row.Problem,
		CreatedAt: row.CreatedAt.UTC(), DueAt: row.DueAt.UTC(), EndedAt: row.EndedAt, Alarms: []Item{},
	}
	return d, json.Unmarshal(row.Items, &d.Alarms)
}

// DeliveryFilter chooses deliveries; what is nil chooses all.
type DeliveryFilter struct {
	ReceiverID *int64
	State      *string
	Kind       *string
	Since      *time.Time // begun at or after it
	Until      *time.Time // begun before it
}

// Place is where a list of deliveries goes on.
type Place struct {
	At time.Time `json:"a"`
	ID int64     `json:"i"`
}

// Placed is a delivery with its place.
type Placed struct {
	Delivery
	Place
}

// Deliveries returns deliveries, the newest first, those behind the place, at most take of them with skip left out before, and how many there are in
// all.
func (n *Notifications) Deliveries(ctx context.Context, f DeliveryFilter, behind *Place, skip int64, take int) (list []Placed, total int64, err error) {
	q := nmsdb.New(n.writer.Pool())
	if total, err = q.DeliveryCount(ctx, nmsdb.DeliveryCountParams(f)); err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	params := nmsdb.DeliveryListParams{
		ReceiverID: f.ReceiverID, State: f.State, Kind: f.Kind, Since: f.Since, Until: f.Until, Skip: skip, Take: int32(take),
	}
	if behind != nil {
		params.AfterAt, params.AfterID = &behind.At, &behind.ID
	}
	rows, err := q.DeliveryList(ctx, params)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	for i := range rows {
		d, err := deliveryOf(&rows[i])
		if err != nil {
			return nil, 0, err
		}
		list = append(list, Placed{d, Place{rows[i].CreatedAt, rows[i].ID}})
	}
	return list, total, nil
}

// Test tells a receiver now that this is a test, and returns what has become of it.
func (n *Notifications) Test(ctx context.Context, id int64) (Delivery, error) {
	r, err := n.Receiver(ctx, id)
	if err != nil {
		return Delivery{}, err
	}
	q := nmsdb.New(n.writer.Pool())
	row, err := q.DeliveryTest(ctx, nmsdb.DeliveryTestParams{ReceiverID: id, LeaseS: lease.Seconds()})
	if err != nil {
		return Delivery{}, db.MapError(err, nil)
	}
	end := nmsdb.DeliveryEndParams{ID: row.ID, Delivered: true, Attempts: row.Attempts}
	row.State = "delivered"
	if err := n.sender.send(ctx, &r, &row); err != nil {
		problem := describe(err)
		end.Problem, row.Problem = &problem, &problem
		if _, partly := errors.AsType[partlyError](err); !partly {
			end.Delivered, row.State = false, "failed"
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout) // whoever asked may be gone
	defer cancel()
	if err := q.DeliveryEnd(last, end); err != nil {
		return Delivery{}, db.MapError(err, nil)
	}
	now := time.Now().UTC()
	row.EndedAt = &now
	return deliveryOf(&row)
}
