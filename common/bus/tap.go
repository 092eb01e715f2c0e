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

// Tap shows this instance every event of its bindings as it passes, for live views, and what has passed a while ago to
// those who missed it. All instances read one stream of the broker, in one order, so that a place in it means the same to
// each of them. Nobody waits for a tap.
type Tap struct {
	conn     *Conn
	name     string
	bindings []string

	mu        sync.Mutex
	readers   map[*TapReader]struct{} // those that follow
	replaying map[*TapReader]struct{} // those that read what they missed
	last      int64                   // offset of the newest message that has passed; -1 before the first one
	lastID    string                  // its id
	seen      repeated
	closed    bool
	ready     chan struct{} // closed when the stream is read for the first time
	replays   sync.WaitGroup
	slots     chan struct{} // one for each replay under way
}

// ErrSlowReader ends a TapReader whose buffer was full, ErrTapClosed one whose tap has ended, ErrReplay one that could not
// read on what it had missed.
var (
	ErrSlowReader = errors.New("bus: the reader was too slow")
	ErrTapClosed  = errors.New("bus: the tap is closed")
	ErrReplay     = errors.New("bus: the replay was interrupted")
)

// What the broker keeps of a tap's events. It drops whole segments, so that at least TapBytes less one segment are there.
const (
	tapAge     = "1h"
	tapBytes   = int64(256 << 20)
	tapSegment = int64(16 << 20)
	// TapBound says how far back a replay reaches.
	TapBound = "of the last hour, or the newest 240 MiB of events where that is less"
)

// NewTap makes a tap on the stream of this name, "<service>.live"; Run must be running for anything to come.
func NewTap(c *Conn, name string, bindings ...string) *Tap {
	return &Tap{
		conn: c, name: name, bindings: bindings, readers: map[*TapReader]struct{}{}, replaying: map[*TapReader]struct{}{}, last: -1,
		ready: make(chan struct{}), slots: make(chan struct{}, maxReplays),
	}
}

// Ready is closed when the tap has been connected for the first time: what is published from then on is shown.
func (t *Tap) Ready() <-chan struct{} { return t.ready }

// Shown is what a TapReader receives: an event with its place, or, without one, that events were lost.
type Shown struct {
	// Event is shared with other readers and must not be changed; nil when events are missing here.
	Event *event.Event

	offset int64
	index  int
}

// Place names the event's place in the stream, for Tap.ReaderAfter: the same one at every instance.
func (s Shown) Place() string { return placeOf(s.offset, s.index, s.Event.ID) }

// TapReader is one view of the tap.
type TapReader struct {
	// Events holds the events and is closed at the end; then Err says why.
	Events <-chan Shown

	tap    *Tap
	events chan Shown
	after  int64 // what passes up to this offset came from the replay
	err    error // set before events is closed
	gone   bool
	stop   context.CancelFunc
}

func (t *Tap) newReader(buffer int) *TapReader {
	events := make(chan Shown, max(buffer, 1))
	return &TapReader{Events: events, tap: t, events: events, after: -1, stop: func() {}}
}

// Reader adds a reader of the events from now on, with room for buffer events. One that does not keep up is dropped.
// Close it.
func (t *Tap) Reader(buffer int) *TapReader {
	r := t.newReader(buffer)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.follow(r)
	return r
}

// follow has a reader receive what passes from now on; t.mu is held.
func (t *Tap) follow(r *TapReader) {
	if t.closed {
		r.err = ErrTapClosed
	}
	if t.closed || r.gone {
		close(r.events)
		return
	}
	t.readers[r] = struct{}{}
}

// Err tells why Events was closed: ErrSlowReader, ErrReplay, ErrTapClosed, or nil after Close.
func (r *TapReader) Err() error {
	r.tap.mu.Lock()
	defer r.tap.mu.Unlock()
	return r.err
}

// Close ends the reader. It may be called more than once.
func (r *TapReader) Close() {
	r.tap.mu.Lock()
	defer r.tap.mu.Unlock()
	r.gone = true
	r.stop()
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
	t.closed = true
	for r := range t.readers {
		t.remove(r, ErrTapClosed)
	}
	for r := range t.replaying {
		r.stop()
	}
	t.mu.Unlock()
	t.replays.Wait()
}

// session feeds the readers from one channel until it breaks or ctx ends; begun is called when it has begun.
func (t *Tap) session(ctx context.Context, conn *amqp.Connection, begun func()) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer t.closeChannel(conn, ch)
	var deliveries <-chan amqp.Delivery
	from, resuming := t.next()
	// The connection is everybody's: it must not be given up for want of a tap.
	err = t.conn.consume.unhurried(ctx, conn, "a tap", func() error {
		if err := declareTap(ch, t.name, t.bindings); err != nil {
			return err
		}
		deliveries, err = t.consume(ch, from)
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
	var missing <-chan time.Time
	if resuming {
		missing = time.After(replayWait) // it is there or never comes
	}
	for first := true; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-missing:
			t.forget()
			return errOtherStream
		case d, ok := <-deliveries:
			if !ok {
				return ErrDown
			}
			if !first || !t.resumes(&d) {
				t.pass(&d)
			}
			first, missing = false, nil
			if err := d.Ack(false); err != nil {
				return fmt.Errorf("acknowledge: %w", err)
			}
		}
	}
}

// closeChannel closes a channel within closeTimeout, or gives its connection up.
func (t *Tap) closeChannel(conn *amqp.Connection, ch *amqp.Channel) {
	closing := time.AfterFunc(closeTimeout, func() { t.conn.consume.abandon(conn) })
	defer closing.Stop()
	_ = ch.Close()
}

// next returns where a session begins: with the newest message that has passed, at first with what comes next.
func (t *Tap) next() (from any, resuming bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last < 0 {
		return "next", false
	}
	return t.last, true
}

// errOtherStream: the stream does not hold the last message that passed.
var errOtherStream = errors.New("the stream was made anew")

// forget has the next session begin with what comes next.
func (t *Tap) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lose()
	t.last = -1
}

// lose tells the readers that events are missing; t.mu is held.
func (t *Tap) lose() {
	t.seen = repeated{}
	for r := range t.readers {
		r.after = -1
		t.offer(r, Shown{})
	}
}

// consume reads the stream from an offset, or from one of the places that the broker has names for.
func (t *Tap) consume(ch *amqp.Channel, from any) (<-chan amqp.Delivery, error) {
	// Acknowledging asks for more: so the broker and not this process keeps what waits.
	if err := ch.Qos(256, 0, false); err != nil {
		return nil, fmt.Errorf("set the prefetch: %w", err)
	}
	deliveries, err := ch.Consume(t.name, "", false, false, false, false, amqp.Table{offsetHeader: from})
	if err != nil {
		return nil, fmt.Errorf("consume: %w", err)
	}
	return deliveries, nil
}

// offsetHeader is the broker's name of a message's place in a stream, and of the place where reading begins.
const offsetHeader = "x-stream-offset"

func offsetOf(d *amqp.Delivery) int64 {
	offset, _ := d.Headers[offsetHeader].(int64)
	return offset
}

// Readers returns the number of readers that have been neither closed nor dropped.
func (t *Tap) Readers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.readers)
}

// resumes reports whether the first message of a session is the last one of the session before, as it has to be. Else the
// stream was made anew, or has dropped what came meanwhile, and the readers are told so.
func (t *Tap) resumes(d *amqp.Delivery) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last < 0 {
		return false
	}
	if offsetOf(d) == t.last && d.MessageId == t.lastID {
		return true
	}
	t.lose()
	return false
}

// pass shows a message to the readers.
func (t *Tap) pass(d *amqp.Delivery) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last, t.lastID = offsetOf(d), d.MessageId
	if again := t.seen.again(d.MessageId); again || len(t.readers) == 0 { // nothing needs to be parsed
		return
	}
	events, err := event.Parse(d.ContentType, d.Body)
	if err != nil {
		return
	}
	for i := range events {
		for r := range t.readers {
			if t.last > r.after {
				t.offer(r, Shown{Event: &events[i], offset: t.last, index: i})
			}
		}
	}
}

// offer gives a reader what is shown, or drops it when it has no room.
func (t *Tap) offer(r *TapReader, s Shown) {
	select {
	case r.events <- s:
	default:
		t.remove(r, ErrSlowReader)
	}
}

// repeated recognises messages that a relay published twice, because it ended between the confirm and its note of it.
type repeated struct {
	ids  map[string]struct{}
	ring []string
	at   int
}

// repeatedWithin is how many messages may lie between the two.
const repeatedWithin = 4096

// again notes a message and reports whether it came before.
func (r *repeated) again(id string) bool {
	if id == "" {
		return false
	}
	if _, ok := r.ids[id]; ok {
		return true
	}
	if r.ids == nil {
		r.ids = make(map[string]struct{}, repeatedWithin)
	}
	if len(r.ring) < repeatedWithin {
		r.ring = append(r.ring, id)
	} else {
		delete(r.ids, r.ring[r.at])
		r.ring[r.at] = id
		r.at = (r.at + 1) % repeatedWithin
	}
	r.ids[id] = struct{}{}
	return false
}
