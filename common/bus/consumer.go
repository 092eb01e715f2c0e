package bus

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/retry"
)

// Consume serves a subscription until ctx ends, over all losses of the connection, and then drains: the events
// that are being handled are finished and acknowledged, the others go back to the queue. It blocks. It returns
// an error only when the queue exists with other properties, which no waiting repairs.
func Consume(ctx context.Context, c *Conn, s Subscription) error {
	if err := s.complete(); err != nil {
		return err
	}
	l, err := c.consumeLink()
	if err != nil {
		return fmt.Errorf("bus: consume %s: %w", s.Queue, err)
	}
	k := &consumer{Subscription: s, conn: c, link: l}
	pauses := retry.Growing(redialPause, redialMaxWait)
	for {
		conn, err := l.wait(ctx)
		if err != nil {
			return nil //nolint:nilerr // stopped
		}
		began := time.Now()
		err = k.session(ctx, conn)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopped
		}
		var refused *amqp.Error
		if errors.As(err, &refused) && refused.Code == amqp.PreconditionFailed && errors.Is(err, errDeclare) {
			return fmt.Errorf("bus: the queue %s exists with other properties: %w", s.Queue, err)
		}
		k.interrupted(ctx, err)
		if !pauses.WaitSince(ctx, began) {
			return nil
		}
	}
}

var (
	errDeclare   = errors.New("declare the subscription")
	errCancelled = errors.New("the broker cancelled the consumer")
)

type consumer struct {
	Subscription
	conn *Conn
	link *link

	declared, bound atomic.Int64 // the generation of link.topology for which the queues and their bindings are there
	told            bool         // the log says that the subscription is interrupted
}

// interrupted tells why a session has ended, once until another one has begun.
func (k *consumer) interrupted(ctx context.Context, err error) {
	k.link.topology.noteMissing(err)
	if !k.told {
		k.told = true
		k.conn.log.WarnContext(ctx, "a subscription was interrupted", "queue", k.Queue, "error", err)
	}
}

// session consumes on one channel until it breaks or ctx ends. Whatever it acknowledges goes to that very
// channel: a delivery tag means nothing on another one.
func (k *consumer) session(ctx context.Context, conn *amqp.Connection) error {
	guard := time.AfterFunc(publishTimeout, func() { k.link.abandon(conn) }) // these calls know no deadline
	ch, deliveries, err := k.begin(conn)
	guard.Stop()
	if err != nil {
		return err
	}
	k.told = false
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	alive, cancel := context.WithCancel(ctx) // ends with the session or the subscription
	defer cancel()
	var workers sync.WaitGroup
	lanes, perLane := k.Workers, 1
	if k.intake != nil { // no order to keep: whoever is free takes the next one
		lanes, perLane = 1, k.Workers
	}
	queues := make([]chan task, lanes)
	for i := range queues {
		queues[i] = make(chan task, k.Prefetch)
		for range perLane {
			workers.Go(func() {
				for t := range queues[i] {
					k.work(alive, t)
				}
			})
		}
	}
	workers.Go(func() {
		bindings := func(ch *amqp.Channel) error { return bindQueue(ch, &k.Subscription) }
		k.link.keep(alive, conn, k.Queue, &k.bound, bindings, func() {
			if k.TakeUnrouted {
				k.takeUnrouted(alive, conn)
			}
		})
	})
	err = k.distribute(alive, deliveries, queues, closed)
	cancel()
	for _, q := range queues {
		close(q)
	}
	workers.Wait()
	closing := time.AfterFunc(closeTimeout, func() { k.link.abandon(conn) })
	defer closing.Stop()
	_ = ch.Close()         // what was not acknowledged goes back to the queue
	for range deliveries { // the library's buffer ends when nobody reads it no more
	}
	return err
}

func (k *consumer) begin(conn *amqp.Connection) (*amqp.Channel, <-chan amqp.Delivery, error) {
	ch, err := conn.Channel()
	if err != nil {
		return nil, nil, fmt.Errorf("open a channel: %w", err)
	}
	t := k.link.topology
	err = t.declare(ch, &t.declared, declareBase)
	if err == nil {
		err = t.declare(ch, &k.declared, func(ch *amqp.Channel) error { return declareQueues(ch, &k.Subscription) })
	}
	if err != nil {
		_ = ch.Close()
		return nil, nil, fmt.Errorf("%w: %w", errDeclare, err)
	}
	if err := ch.Qos(k.Prefetch, 0, false); err != nil {
		_ = ch.Close()
		return nil, nil, fmt.Errorf("set the prefetch: %w", err)
	}
	deliveries, err := ch.Consume(k.Queue, "", false, false, false, false, nil)
	if err != nil {
		_ = ch.Close()
		return nil, nil, fmt.Errorf("consume: %w", err)
	}
	return ch, deliveries, nil
}

// task is one event of a delivery on its way to a worker.
type task struct {
	event    event.Event
	delivery *delivery
}

// delivery is acknowledged when the last of its events is done with. One that never is goes back to the
// queue when the channel is closed.
type delivery struct {
	amqp.Delivery
	left atomic.Int64
}

func (d *delivery) finish() {
	if d.left.Add(-1) == 0 {
		_ = d.Ack(false) // an error means that the channel is gone; then the broker delivers the message again
	}
}

// distribute reads deliveries and hands their events to the workers. Prefetch bounds what it can read.
func (k *consumer) distribute(ctx context.Context, deliveries <-chan amqp.Delivery, queues []chan task, closed <-chan *amqp.Error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case reason := <-closed:
			if reason != nil {
				return reason
			}
			return ErrDown
		case raw, ok := <-deliveries:
			if !ok {
				return errCancelled
			}
			d := &delivery{Delivery: raw}
			var events []event.Event
			var err error
			if k.intake != nil {
				events = make([]event.Event, 1) // stands for the message
			} else {
				events, err = event.Parse(raw.ContentType, raw.Body)
			}
			if err != nil {
				d.left.Store(1)
				k.bury(ctx, d, Message{ID: raw.MessageId, ContentType: raw.ContentType, Body: raw.Body}, ReasonUnreadable, err)
				continue
			}
			d.left.Store(int64(len(events)))
			for i := range events {
				q := queues[workerOf(&events[i], len(queues))]
				select {
				case q <- task{events[i], d}:
				case <-ctx.Done():
					return nil
				case reason := <-closed:
					if reason != nil {
						return reason
					}
					return ErrDown
				}
			}
		}
	}
}

func workerOf(e *event.Event, workers int) int {
	if workers == 1 {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.Entity())) // a hash never fails
	return int(h.Sum32() % uint32(workers))
}

const (
	unavailableMinPause = 250 * time.Millisecond
	unavailableMaxPause = 10 * time.Second
)

// work handles one event to its end. When the session ends first, nothing is acknowledged.
func (k *consumer) work(ctx context.Context, t task) {
	pauses, told := retry.Growing(unavailableMinPause, unavailableMaxPause), false
	for {
		if ctx.Err() != nil {
			return
		}
		err := k.handle(ctx, &t)
		switch {
		case err == nil:
			k.conn.counters.handled.Add(1)
			t.delivery.finish()
			return
		case isPermanent(err):
			k.bury(ctx, t.delivery, k.message(&t), ReasonPermanent, err)
			return
		case fault.KindOf(err) == fault.Unavailable:
			k.conn.counters.waited.Add(1)
			if !told {
				told = true
				k.conn.log.WarnContext(ctx, "an event waits for what its handler needs", "queue", k.Queue, "event", k.idOf(&t), "error", err)
			}
			if !pauses.Wait(ctx) {
				return
			}
		default:
			k.postpone(ctx, t, err)
			return
		}
	}
}

// handle calls the handler. Stopping the service does not break it off; its own time limit does.
func (k *consumer) handle(ctx context.Context, t *task) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.HandlerTimeout)
	defer cancel()
	defer handlePanic(&err)
	if k.intake != nil {
		m := incomingOf(&t.delivery.Delivery)
		return k.intake.Handler(m.context(ctx), m)
	}
	return k.Handler(t.event.Context(ctx), t.event)
}

// message is what replaces a refused event, or message of an intake.
func (k *consumer) message(t *task) Message {
	if k.intake != nil {
		return incomingOf(&t.delivery.Delivery).message()
	}
	return single(&t.event)
}

func (k *consumer) idOf(t *task) string {
	if k.intake != nil {
		return incomingOf(&t.delivery.Delivery).ID
	}
	return t.event.ID.String()
}

func single(e *event.Event) Message {
	return Message{ID: e.ID.String(), ContentType: event.ContentTypeEvent, Body: e.AppendJSON(nil)}
}

// postpone puts a refused event into the retry queue, or among the dead when its attempts are used up.
func (k *consumer) postpone(ctx context.Context, t task, cause error) {
	attempts := attemptsOf(ownHeaders(&t.delivery.Delivery)) + 1
	m := k.message(&t)
	if attempts >= k.MaxAttempts {
		k.bury(ctx, t.delivery, m, ReasonAttempts, cause)
		return
	}
	k.conn.counters.retried.Add(1)
	k.conn.log.WarnContext(ctx, "an event will be tried again", "queue", k.Queue, "event", m.ID,
		"type", t.event.Type, "attempt", attempts, "error", cause)
	m.exchange, m.RoutingKey = new(""), retryQueue(k.Queue, k.RetryDelay)
	m.addHeaders(amqp.Table{
		HeaderAttempts: int32(attempts), HeaderQueue: k.Queue, HeaderRoutingKey: originalKey(&t.delivery.Delivery),
	})
	k.park(ctx, t.delivery, m)
}

// bury makes a message a dead letter.
func (k *consumer) bury(ctx context.Context, d *delivery, m Message, reason Reason, cause error) {
	attempts := attemptsOf(ownHeaders(&d.Delivery)) + 1
	k.conn.counters.buried.Add(1)
	k.conn.log.ErrorContext(ctx, "a message became a dead letter", "queue", k.Queue, "message", m.ID,
		"reason", reason, "attempts", attempts, "error", cause)
	text := publicText(cause)
	if reason == ReasonUnreadable {
		text = event.ErrEvent.Error()
	}
	m.exchange, m.RoutingKey = new(Dead), k.Queue
	m.addHeaders(amqp.Table{
		HeaderAttempts: int32(attempts), HeaderQueue: k.Queue, HeaderRoutingKey: originalKey(&d.Delivery),
		HeaderReason: string(reason), HeaderError: text, HeaderTime: time.Now().UTC().Format(time.RFC3339),
	})
	k.park(ctx, d, m)
}

// park publishes what replaces an event of d, and only then counts the event as done. It tries until the
// session ends; then the whole message comes again: nothing is lost, something may be repeated.
func (k *consumer) park(ctx context.Context, d *delivery, m Message) {
	told := false
	for pauses := retry.Growing(unavailableMinPause, unavailableMaxPause); ; {
		err := k.conn.publisher.Send(context.WithoutCancel(ctx), m)
		if err == nil {
			d.finish()
			return
		}
		if !told {
			told = true
			k.conn.log.WarnContext(ctx, "a refused message cannot be put aside yet", "queue", k.Queue, "message", m.ID, "error", err)
		}
		if !pauses.Wait(ctx) {
			return
		}
	}
}

func attemptsOf(headers amqp.Table) int {
	switch n := headers[HeaderAttempts].(type) {
	case int32:
		return int(n)
	case int64:
		return int(n)
	default:
		return 0
	}
}

// originalKey is the routing key in nms.events, also after a round through the retry queue.
func originalKey(d *amqp.Delivery) string {
	if key, ok := ownHeaders(d)[HeaderRoutingKey].(string); ok {
		return key
	}
	return d.RoutingKey
}

// ownHeaders returns the headers when they are ours. Only we send through the default exchange: what comes by
// another one may have been made up by an outside system.
func ownHeaders(d *amqp.Delivery) amqp.Table {
	if d.Exchange != "" {
		return nil
	}
	return d.Headers
}
