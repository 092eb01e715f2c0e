package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/event"
)

const (
	// maxReplays bounds the replays of an instance that read at a time; further ones wait.
	maxReplays = 16
	// replayWait is how long the broker may take to show the message that a reader saw last: it is there or never comes.
	replayWait = 10 * time.Second
	// catchUpPause is how often a replay that waits for its reader looks whether there is room.
	catchUpPause = 20 * time.Millisecond
)

// place is a place in a tap's stream: of an event, in a message that may hold several.
type place struct {
	offset int64
	index  int
	event  uuid.UUID
}

func placeOf(offset int64, index int, id uuid.UUID) string {
	return strconv.FormatInt(offset, 10) + "." + strconv.Itoa(index) + "." + id.String()
}

// parsePlace reads what placeOf writes.
func parsePlace(text string) (p place, ok bool) {
	offset, rest, _ := strings.Cut(text, ".")
	index, id, _ := strings.Cut(rest, ".")
	var errs [3]error
	p.offset, errs[0] = strconv.ParseInt(offset, 10, 64)
	p.index, errs[1] = strconv.Atoi(index)
	p.event, errs[2] = uuid.Parse(id)
	return p, errors.Join(errs[:]...) == nil && placeOf(p.offset, p.index, p.event) == text && p.offset >= 0 && p.index >= 0
}

// ReaderAfter adds a reader of the events behind a place, as Shown.Place named it at any instance, each once and in their
// order: first those that were missed, then the ones to come. When the place is none, or lies further back than TapBound
// says, the reader first receives a Shown without an event, and then what passes from now on. While it is behind, the replay
// waits for the reader; afterwards it is dropped when it does not keep up, as every reader. It ends with ctx too. Close it.
func (t *Tap) ReaderAfter(ctx context.Context, buffer int, after string) *TapReader {
	from, ok := parsePlace(after)
	if !ok {
		r := t.newReader(buffer + 1)
		r.events <- Shown{}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.follow(r)
		return r
	}
	r := t.newReader(buffer)
	ctx, r.stop = context.WithCancel(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		r.stop()
		t.follow(r)
		return r
	}
	t.replaying[r] = struct{}{}
	t.replays.Go(func() { t.replay(ctx, r, from) })
	return r
}

// replay reads the stream for one reader until it has caught up, and then hands it over to the tap.
func (t *Tap) replay(ctx context.Context, r *TapReader, from place) {
	defer r.stop()
	c := catcher{tap: t, reader: r, from: from, at: -1, idle: func() {}}
	select {
	case t.slots <- struct{}{}:
		c.idle = sync.OnceFunc(func() { <-t.slots })
	case <-ctx.Done():
	}
	err := c.run(ctx)
	c.idle()
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.replaying, r)
	switch {
	case err == nil: // the tap has it
		return
	case t.closed:
		r.err = ErrTapClosed
	case ctx.Err() == nil:
		r.err = fmt.Errorf("%w: %w", ErrReplay, err)
	}
	close(r.events)
}

// catcher is a replay under way.
type catcher struct {
	tap    *Tap
	reader *TapReader
	from   place
	at     int64 // offset of the newest message that the reader has; -1 before the first one
	seen   repeated
	idle   func() // makes room for another replay
}

// run returns nil when the tap has taken the reader over.
func (c *catcher) run(ctx context.Context) error {
	t := c.tap
	l, err := t.conn.consumeLink()
	if err != nil {
		return err
	}
	conn, err := l.wait(ctx)
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer t.closeChannel(conn, ch)
	var deliveries <-chan amqp.Delivery
	err = l.unhurried(ctx, conn, "a replay", func() error {
		deliveries, err = t.consume(ch, c.from.offset)
		return err
	})
	if err != nil {
		return err
	}
	return c.read(ctx, deliveries)
}

func (c *catcher) read(ctx context.Context, deliveries <-chan amqp.Delivery) error {
	missing := time.After(replayWait)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-missing:
			if c.at < 0 {
				return c.lose(ctx)
			}
		case <-time.After(catchUpPause):
			c.idle()
		case d, open := <-deliveries:
			if !open {
				return ErrDown
			}
			events, there := c.accept(&d)
			if !there {
				return c.lose(ctx)
			}
			if err := c.give(ctx, events); err != nil {
				return err
			}
			if err := d.Ack(false); err != nil {
				return fmt.Errorf("acknowledge: %w", err)
			}
		}
		if c.handOver() {
			return nil
		}
	}
}

// offsetSlack is by how much offsets of neighbours may differ: the broker writes notes of its own into a stream, a
// segment that it has dropped holds very many more.
const offsetSlack = 8

// accept returns what a message holds for the reader; false when messages before it are missing.
func (c *catcher) accept(d *amqp.Delivery) (events []Shown, there bool) {
	offset, first := offsetOf(d), c.at < 0
	parsed, err := event.Parse(d.ContentType, d.Body)
	begins := 0
	switch {
	case !first && offset > c.at+offsetSlack:
		return nil, false
	case first && (err != nil || offset != c.from.offset || c.from.index >= len(parsed) || parsed[c.from.index].ID != c.from.event):
		return nil, false
	case first:
		begins = c.from.index + 1
	}
	c.at = offset
	if err != nil || c.seen.again(d.MessageId) {
		return nil, true
	}
	for i := begins; i < len(parsed); i++ {
		events = append(events, Shown{Event: &parsed[i], offset: offset, index: i})
	}
	return events, true
}

// give waits until the reader has room.
func (c *catcher) give(ctx context.Context, events []Shown) error {
	for _, e := range events {
		select {
		case c.reader.events <- e:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// lose tells the reader that events are missing, and has the tap go on with it from now on.
func (c *catcher) lose(ctx context.Context) error {
	if err := c.give(ctx, []Shown{{}}); err != nil {
		return err
	}
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.reader.after = -1
	if c.tap.closed || c.reader.gone {
		return context.Canceled
	}
	c.tap.readers[c.reader] = struct{}{}
	return nil
}

// handOver gives the reader to the tap if it has all that has passed there, and room for what comes.
func (c *catcher) handOver() bool {
	t, r := c.tap, c.reader
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || r.gone || c.at < 0 || t.last < 0 || c.at < t.last || len(r.events) > cap(r.events)/2 {
		return false
	}
	r.after = c.at
	t.readers[r] = struct{}{}
	return true
}
