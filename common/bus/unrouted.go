package bus

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/retry"
)

// unroutedLook is how long a message may still be on its way into nms.unrouted when the subscription's queue has just
// been bound.
const unroutedLook = time.Second

// takeUnrouted moves what lies in nms.unrouted into the subscription's queue. The queue is bound by then, so nothing
// more comes. Each message is confirmed in the one place before it leaves the other.
func (k *consumer) takeUnrouted(ctx context.Context, conn *amqp.Connection) {
	for range 2 {
		moved, err := k.moveUnrouted(ctx, conn)
		if moved > 0 {
			k.conn.log.InfoContext(ctx, "took messages that nobody listened to", "queue", k.Queue, "messages", moved)
		}
		if err != nil && ctx.Err() == nil {
			k.conn.log.WarnContext(ctx, "messages that nobody listened to could not be taken; they stay for the next start",
				"queue", k.Queue, "error", err)
			return
		}
		if !retry.Sleep(ctx, unroutedLook) {
			return
		}
	}
}

func (k *consumer) moveUnrouted(ctx context.Context, conn *amqp.Connection) (moved int, err error) {
	guard := time.AfterFunc(publishTimeout, func() { k.link.abandon(conn) }) // these calls know no deadline
	defer guard.Stop()
	ch, err := conn.Channel()
	if err != nil {
		return 0, fmt.Errorf("open a channel: %w", err)
	}
	defer func() { _ = ch.Close() }() // a message that was not acknowledged stays
	for ; ctx.Err() == nil; moved++ {
		guard.Reset(2 * publishTimeout) // for the next message; sending it has a deadline of its own
		d, found, err := ch.Get(Unrouted, false)
		if err != nil {
			return moved, fmt.Errorf("get from %s: %w", Unrouted, err)
		}
		if !found {
			return moved, nil
		}
		m := Message{ID: d.MessageId, RoutingKey: d.RoutingKey, ContentType: d.ContentType, ContentEncoding: d.ContentEncoding, Body: d.Body}
		if err := k.conn.publisher.Send(ctx, m.forQueue(k.Queue)); err != nil {
			return moved, err
		}
		if err := d.Ack(false); err != nil {
			return moved, fmt.Errorf("acknowledge: %w", err)
		}
	}
	return moved, nil
}
