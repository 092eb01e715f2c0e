package deadletter

import (
	"context"
	"strconv"
	"time"

	"nms.example/common/bus"
	"nms.example/common/db"
	"nms.example/common/outbox"
)

// Snapshot is a letter in an event. The message itself stays out: it was an event of its own.
type Snapshot struct {
	ID         int64      `json:"id" doc:"Number of the dead letter"`
	MessageID  string     `json:"message_id" doc:"Id of the message's first event; empty when it was no event"`
	Queue      string     `json:"queue" doc:"Where it came from and where a replay sends it"`
	RoutingKey string     `json:"routing_key" doc:"Type of its events"`
	Reason     bus.Reason `json:"reason" enum:"permanent,attempts,unreadable,deliveries" doc:"Why it died"`
	Replays    int        `json:"replays" doc:"How often it was sent again"`
	ReplayedAt *time.Time `json:"replayed_at" doc:"When last; null for never"`
}

func snapshotOf(l *Letter) any {
	if l == nil {
		return nil
	}
	return Snapshot{
		ID: l.ID, MessageID: l.MessageID, Queue: l.Queue, RoutingKey: l.RoutingKey, Reason: l.Reason,
		Replays: l.Replays, ReplayedAt: l.ReplayedAt,
	}
}

// announce leaves the event of a change in the outbox.
func announce(ctx context.Context, tx db.Tx[db.ADMIN], published *bus.Catalogue, kind string, before, after *Letter) error {
	e, err := bus.NewEvent(kind, strconv.FormatInt(before.ID, 10), bus.Change{Before: snapshotOf(before), After: snapshotOf(after)})
	if err != nil {
		return err
	}
	return outbox.Write(ctx, tx, published, e)
}
