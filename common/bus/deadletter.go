package bus

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/retry"
)

// DeadLetter is a message that a subscription could not handle.
type DeadLetter struct {
	// ID is the message's id: that of its first event, empty when it was none of ours.
	ID string
	// Queue is where it came from and where Replay sends it again.
	Queue string
	// RoutingKey is its key in nms.events, the type of its events.
	RoutingKey string
	Reason     Reason
	// Error is the public text of the last refusal.
	Error string
	// Attempts counts how often a handler had it.
	Attempts int
	// Time is when it became a dead letter.
	Time time.Time
	// ContentType, ContentEncoding and Body are the message itself.
	ContentType     string
	ContentEncoding string
	Body            []byte
}

// ConsumeDead hands every dead letter to handler, one at a time, and removes it from nms.dead when handler
// returned nil; otherwise it comes again after a pause, in its order. It blocks until ctx ends. One service
// (admin) does this and keeps the letters in its database, by ID and Queue.
func ConsumeDead(ctx context.Context, c *Conn, handler func(ctx context.Context, letter DeadLetter) error) error {
	l, err := c.consumeLink()
	if err != nil {
		return fmt.Errorf("bus: consume dead letters: %w", err)
	}
	for pauses := retry.Growing(redialPause, redialMaxWait); ; {
		conn, err := l.wait(ctx)
		if err != nil {
			return nil //nolint:nilerr // stopped
		}
		began := time.Now()
		err = consumeDead(ctx, c, conn, handler)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopped
		}
		c.log.WarnContext(ctx, "reading dead letters was interrupted", "error", err)
		if !pauses.WaitSince(ctx, began) {
			return nil
		}
	}
}

func consumeDead(ctx context.Context, c *Conn, conn *amqp.Connection, handler func(ctx context.Context, letter DeadLetter) error) error {
	guard := time.AfterFunc(publishTimeout, func() { c.consume.abandon(conn) }) // these calls know no deadline
	defer guard.Stop()
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer func() {
		closing := time.AfterFunc(closeTimeout, func() { c.consume.abandon(conn) })
		defer closing.Stop()
		_ = ch.Close()
	}()
	if err := ch.Qos(1, 0, false); err != nil {
		return fmt.Errorf("set the prefetch: %w", err)
	}
	deliveries, err := ch.Consume(Dead, "", false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	guard.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case d, ok := <-deliveries:
			if !ok {
				return ErrDown
			}
			letter := letterOf(&d)
			for pauses := retry.Growing(unavailableMinPause, unavailableMaxPause); ; {
				err := handleLetter(ctx, handler, letter)
				if err == nil {
					break
				}
				c.log.WarnContext(ctx, "a dead letter was not taken", "message", letter.ID, "queue", letter.Queue, "error", err)
				if !pauses.Wait(ctx) {
					return nil
				}
			}
			if err := d.Ack(false); err != nil {
				return fmt.Errorf("acknowledge: %w", err)
			}
		}
	}
}

func handleLetter(ctx context.Context, handler func(ctx context.Context, letter DeadLetter) error, letter DeadLetter) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	defer handlePanic(&err)
	return handler(ctx, letter)
}

func letterOf(d *amqp.Delivery) DeadLetter {
	text := func(header string) string {
		s, _ := d.Headers[header].(string)
		return s
	}
	l := DeadLetter{
		ID: d.MessageId, Queue: text(HeaderQueue), RoutingKey: text(HeaderRoutingKey),
		Reason: Reason(text(HeaderReason)), Error: text(HeaderError), Attempts: attemptsOf(d.Headers),
		ContentType: d.ContentType, ContentEncoding: d.ContentEncoding, Body: d.Body,
	}
	l.Time, _ = time.Parse(time.RFC3339, text(HeaderTime))
	// Put here by the broker itself; the other headers may then be an outside system's.
	if _, byBroker := d.Headers["x-death"]; byBroker || l.Reason == "" {
		l.Reason, l.Queue = ReasonDeliveries, d.RoutingKey
		l.Error = "its consumers were lost again and again while they had it"
		l.Time = d.Timestamp
		if deaths, ok := d.Headers["x-death"].([]any); ok && len(deaths) > 0 {
			if death, ok := deaths[0].(amqp.Table); ok {
				if at, ok := death["time"].(time.Time); ok {
					l.Time = at
				}
				if keys, ok := death["routing-keys"].([]any); ok && len(keys) > 0 && l.RoutingKey == "" {
					l.RoutingKey, _ = keys[0].(string)
				}
			}
		}
	}
	return l
}

// Replay sends a dead letter to the queue that it came from, with its attempts forgotten.
func (p *Publisher) Replay(ctx context.Context, letter DeadLetter) error {
	m := Message{
		ID: letter.ID, RoutingKey: letter.RoutingKey, ContentType: letter.ContentType, ContentEncoding: letter.ContentEncoding, Body: letter.Body,
	}
	return p.Send(ctx, m.forQueue(letter.Queue))
}
