package deadletter

import (
	"strconv"
	"time"

	"nms.example/common/bus"
	"nms.example/common/event"
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

func snapshotOf(l *Letter) Snapshot {
	return Snapshot{
		ID: l.ID, MessageID: l.MessageID, Queue: l.Queue, RoutingKey: l.RoutingKey, Reason: l.Reason,
		Replays: l.Replays, ReplayedAt: l.ReplayedAt,
	}
}

// What is told of dead letters.
var (
	EventReplayed = event.DeclareUpdate[Snapshot]("admin.deadletter.replayed", "A dead letter was sent again")
	EventDeleted  = event.DeclareRemoval[Snapshot]("admin.deadletter.deleted", "A dead letter was forgotten")
)

// subject is the subject of the letter's events.
func (l *Letter) subject() string { return strconv.FormatInt(l.ID, 10) }
