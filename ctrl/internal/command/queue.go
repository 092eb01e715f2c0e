package command

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/nmsdb"
)

// Queue is the queue of a piece of equipment.
type Queue struct {
	EquipmentID      int64      `json:"equipment_id" doc:"The equipment"`
	Held             bool       `json:"held" doc:"Whether somebody holds it: nothing is sent meanwhile"`
	Reason           *string    `json:"reason" doc:"Why it is held"`
	Revision         int64      `json:"revision" doc:"Number of this version of what somebody has set"`
	Queued           int64      `json:"queued" doc:"Commands that wait to be sent"`
	AwaitingApproval int64      `json:"awaiting_approval" doc:"Commands that wait for an approval"`
	InFlight         *uuid.UUID `json:"in_flight" nullable:"true" doc:"The command that is being sent or verified, or whose outcome is unknown; null for none"`
	InFlightState    string     `json:"in_flight_state" doc:"State of the command in flight, empty for none; unknown: nothing is sent until it is resolved, although held is false"`
}

// Setting is what somebody has set of a queue.
type Setting struct {
	EquipmentID int64     `json:"equipment_id" doc:"The equipment"`
	Held        bool      `json:"held" doc:"Whether it is held"`
	Reason      *string   `json:"reason" doc:"Why it is held"`
	Revision    int64     `json:"revision" doc:"Number of this version"`
	UpdatedAt   time.Time `json:"updated_at" doc:"When it was changed last"`
}

// EventQueueUpdated goes out when a queue is held or let go on.
var EventQueueUpdated = event.DeclareUpdate[Setting]("ctrl.queue.updated", "The queue of a piece of equipment was held, or let go on")

// ErrNoQueue says that nothing was ever sent to the equipment, and its queue never held.
var ErrNoQueue = fault.At(fault.Target, fault.CodeNotFound, "the equipment has no queue yet")

// Queues returns queues by equipment, those behind the one of after, at most take of them with skip left out before, and how
// many there are in all. equipmentID, unless it is nil, is the only one.
func (s *Commands) Queues(ctx context.Context, equipmentID *int64, after, skip int64, take int) ([]Queue, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.QueueCount(ctx, equipmentID)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.QueueList(ctx, nmsdb.QueueListParams{EquipmentID: equipmentID, After: after, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Queue, len(rows))
	for i, row := range rows {
		list[i] = Queue(row)
	}
	return list, total, nil
}

// Queue returns the queue of a piece of equipment, or ErrNoQueue.
func (s *Commands) Queue(ctx context.Context, equipmentID int64) (Queue, error) {
	list, _, err := s.Queues(ctx, &equipmentID, 0, 0, 1)
	if err != nil {
		return Queue{}, err
	}
	if len(list) == 0 {
		return Queue{}, ErrNoQueue
	}
	return list[0], nil
}

// Hold holds the queue of a live piece of equipment, with a reason, or lets it go on; endpoint.ErrEquipment when there is none
// such. when is asked with the revision, 0 where nothing was ever sent or held.
func (s *Commands) Hold(ctx context.Context, equipmentID int64, when func(revision int64) error, held bool, reason *string) (Queue, error) {
	if reason != nil {
		if err := checkReason(*reason); err != nil {
			return Queue{}, err
		}
	}
	if !held {
		reason = nil
	}
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		before, err := s.lockQueue(ctx, q, equipmentID, when)
		if err != nil {
			return err
		}
		after, err := q.QueueUpdate(ctx, nmsdb.QueueUpdateParams{EquipmentID: equipmentID, Held: held, Reason: reason})
		if err != nil {
			return err
		}
		if !held {
			s.goesOn(changes, equipmentID)
		}
		return changes.Record(EventQueueUpdated.New(strconv.FormatInt(equipmentID, 10), setting(before), setting(after)))
	})
	if err != nil {
		return Queue{}, db.MapError(err, nil)
	}
	return s.Queue(ctx, equipmentID)
}

// lockQueue locks a queue, which is made when there is none.
func (s *Commands) lockQueue(ctx context.Context, q *nmsdb.Queries, equipmentID int64, when func(revision int64) error) (row nmsdb.CommandQueue, err error) {
	if row, err = q.QueueLock(ctx, equipmentID); !errors.Is(err, pgx.ErrNoRows) {
		if err == nil {
			err = when(row.Revision)
		}
		return row, err
	}
	if _, err := q.EquipmentLock(ctx, equipmentID); err != nil {
		return row, absent(err, endpoint.ErrEquipment)
	}
	if err := when(0); err != nil {
		return row, err
	}
	if err := q.QueueEnsure(ctx, equipmentID); err != nil {
		return row, err
	}
	return q.QueueLock(ctx, equipmentID)
}

func setting(row nmsdb.CommandQueue) Setting { return Setting(row) }
