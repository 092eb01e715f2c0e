package deadletter

import (
	"context"
	"strconv"
	"time"

	"nms.example/common/bus"
	"nms.example/common/db"
	"nms.example/common/outbox"
)

// snapshot is a letter in an event. The message itself stays out: it was an event of its own.
type snapshot struct {
	ID         int64      `json:"id"`
	MessageID  string     `json:"message_id"`
	Queue      string     `json:"queue"`
	RoutingKey string     `json:"routing_key"`
	Reason     bus.Reason `json:"reason"`
	Replays    int        `json:"replays"`
	ReplayedAt *time.Time `json:"replayed_at"`
}

func snapshotOf(l *Letter) any {
	if l == nil {
		return nil
	}
	return snapshot{
		ID: l.ID, MessageID: l.MessageID, Queue: l.Queue, RoutingKey: l.RoutingKey, Reason: l.Reason,
		Replays: l.Replays, ReplayedAt: l.ReplayedAt,
	}
}

// announce leaves the event of a change in the outbox.
func announce(ctx context.Context, tx db.Tx[db.ADMIN], kind string, before, after *Letter) error {
	e, err := bus.NewEvent(kind, strconv.FormatInt(before.ID, 10), bus.Change{Before: snapshotOf(before), After: snapshotOf(after)})
	if err != nil {
		return err
	}
	return outbox.Write(ctx, tx, e)
}
