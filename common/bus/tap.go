package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/event"
	"nms.example/common/retry"
)

// Tap shows this instance every event of its bindings as it passes, for live views. It has a transient
// queue of its own: nothing is kept while it is not connected, and nobody waits for it.
type Tap struct {
	conn     *Conn
	bindings []string

	mu      sync.Mutex
	readers map[*TapReader]struct{}
	closed  bool
	ready   chan struct{} // closed when the queue is bound for the first time
}

// ErrSlowReader ends a TapReader whose buffer was full, ErrTapClosed one whose tap has ended.
var (
	ErrSlowReader = errors.New("bus: the reader was too slow")
	ErrTapClosed  = errors.New("bus: the tap is closed")
)

// tapLength bounds what the broker keeps for an instance that does not keep up.
const tapLength = 10_000

// NewTap makes a tap; Run must be running for anything to come.
func NewTap(c *Conn, bindings ...string) *Tap {
	return &Tap{conn: c, bindings: bindings, readers: map[*TapReader]struct{}{}, ready: make(chan struct{})}
}

// Ready is closed when the tap has been connected for the first time.
func (t *Tap) Ready() <-chan struct{} { return t.ready }

// TapReader is one view of the tap.
type TapReader struct {
	// Events returns the channel of the events from now on and is closed at the end; then Err says why.
	Events <-chan *event.Event

	tap    *Tap
	events chan *event.Event
	err    error // set before events is closed
}

// Reader adds a reader with room for buffer events. One that does not keep up is dropped. Close it. The
// events are shared with other readers and must not be changed.
func (t *Tap) Reader(buffer int) *TapReader {
	events := make(chan *event.Event, max(buffer, 1))
	r := &TapReader{Events: events, tap: t, events: events}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		r.err = ErrTapClosed
		close(events)
		return r
	}
	t.readers[r] = struct{}{}
	return r
}

// Err tells why Events was closed: ErrSlowReader, ErrTapClosed, or nil after Close.
func (r *TapReader) Err() error {
	r.tap.mu.Lock()
	defer r.tap.mu.Unlock()
	return r.err
}

// Close ends the reader. It may be called more than once.
func (r *TapReader) Close() {
	r.tap.mu.Lock()
	defer r.tap.mu.Unlock()
	r.tap.remove(r, nil)
}

func (t *Tap) remove(r *TapReader, err error) {
	if _, ok := t.readers[r]; ok {
		delete(t.readers, r)
		r.err = err
		close(r.events)
	}
}

// Run feeds the readers until ctx ends, over all losses of the connection. It blocks and returns nil.
func (t *Tap) Run(ctx context.Context) error {
	defer t.close()
	l, err := t.conn.consumeLink()
	if err != nil {
		return fmt.Errorf("bus: tap: %w", err)
	}
	told := false
	for pauses := retry.Growing(redialPause, redialMaxWait); ; {
		conn, err := l.wait(ctx)
		if err != nil {
			return nil
		}
		began := time.Now()
		err = t.session(ctx, conn, func() { told = false })
		if ctx.Err() != nil {
			return nil
		}
		t.conn.consume.topology.noteMissing(err)
		if !told {
			told = true
			t.conn.log.WarnContext(ctx, "a tap was interrupted", "error", err)
		}
		if !pauses.WaitSince(ctx, began) {
			return nil
		}
	}
}

func (t *Tap) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for r := range t.readers {
		t.remove(r, ErrTapClosed)
	}
}

// session feeds the readers from one channel until it breaks or ctx ends; begun is called when it has begun.
func (t *Tap) session(ctx context.Context, conn *amqp.Connection, begun func()) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer func() {
		closing := time.AfterFunc(closeTimeout, func() { t.conn.consume.abandon(conn) })
		defer closing.Stop()
		_ = ch.Close()
	}()
	var deliveries <-chan amqp.Delivery
	// The connection is everybody's: it must not be given up for want of a tap.
	err = t.conn.consume.unhurried(ctx, conn, "a tap", func() error {
		deliveries, err = t.begin(ch)
		return err
	})
	if err != nil {
		return err
	}
	begun()
	t.mu.Lock()
	if !isClosed(t.ready) {
		close(t.ready)
	}
	t.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			return nil
		case d, ok := <-deliveries:
			if !ok {
				return ErrDown
			}
			if t.Readers() > 0 { // without any, nothing needs to be parsed
				if events, err := event.Parse(d.ContentType, d.Body); err == nil {
					t.show(events)
				}
			}
			if err := d.Ack(false); err != nil {
				return fmt.Errorf("acknowledge: %w", err)
			}
		}
	}
}

func (t *Tap) begin(ch *amqp.Channel) (<-chan amqp.Delivery, error) {
	queue, err := declareTap(ch, t.bindings, tapLength)
	if err != nil {
		return nil, err
	}
	// Acknowledged one by one, so that the broker and not this process keeps what waits, within its bound.
	if err := ch.Qos(256, 0, false); err != nil {
		return nil, fmt.Errorf("set the prefetch: %w", err)
	}
	deliveries, err := ch.Consume(queue, "", false, true, false, false, nil)
	if err != nil {
		return nil, fmt.Errorf("consume: %w", err)
	}
	return deliveries, nil
}

// Readers returns the number of readers that have been neither closed nor dropped.
func (t *Tap) Readers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.readers)
}

func (t *Tap) show(events []event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range events {
		for r := range t.readers {
			select {
			case r.events <- &events[i]:
			default:
				t.remove(r, ErrSlowReader)
			}
		}
	}
}
