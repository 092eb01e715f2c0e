package bus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/event"
	"nms.example/common/fault"
)

const (
	// publishTimeout is the default bound of one Send: a broker that confirms nothing for so long is given up.
	publishTimeout = 10 * time.Second
	// maxOutstanding bounds the messages that wait for a confirm at once.
	maxOutstanding = 256
)

var (
	errBlocked = fault.New(fault.CodeUnavailable, "the message bus takes no messages at the moment (memory or disk alarm)").After(5 * time.Second)
	// ErrReturned says that the exchange could route a message nowhere, not even to the alternate exchange:
	// the topology was damaged. What is missing is declared anew in the background: try again.
	ErrReturned = errors.New("bus: the message could not be routed")
	errNacked   = fault.New(fault.CodeUnavailable, "the message bus did not take the message").After(time.Second)
	errTimeout  = fault.New(fault.CodeUnavailable, "the message bus did not answer in time").After(time.Second)
)

// Message is an encoded message of one or several events of the same type.
type Message struct {
	// RoutingKey is the type of the events.
	RoutingKey string
	// ID names the message in returns: the id of its first event.
	ID string
	// ContentType is event.ContentTypeEvent or event.ContentTypeBatch, or whatever an outside system sent to an intake.
	ContentType string
	// ContentEncoding is empty but for messages of an intake.
	ContentEncoding string
	Body            []byte

	exchange *string // nil: nms.events
	headers  amqp.Table
}

func (m *Message) addHeaders(headers amqp.Table) {
	if m.headers == nil {
		m.headers = amqp.Table{}
	}
	maps.Copy(m.headers, headers)
}

// forQueue is the message for one queue in place of all that are bound to its key.
func (m Message) forQueue(queue string) Message {
	m.headers = amqp.Table{HeaderRoutingKey: m.RoutingKey}
	m.exchange, m.RoutingKey = new(""), queue
	return m
}

// SendError tells which of the messages (or events) were not taken; the others are confirmed.
type SendError struct {
	// Errs is parallel to what was sent; nil means confirmed.
	Errs []error
}

// Error returns the first failure.
func (e *SendError) Error() string {
	failed, first := 0, error(nil)
	for _, err := range e.Errs {
		if err != nil {
			failed++
			if first == nil {
				first = err
			}
		}
	}
	return fmt.Sprintf("bus: %d of %d not published: %v", failed, len(e.Errs), first)
}

// Unwrap returns all failures.
func (e *SendError) Unwrap() []error {
	return slices.DeleteFunc(slices.Clone(e.Errs), func(err error) bool { return err == nil })
}

// Publisher publishes with confirms. Safe for concurrent use. It keeps no messages: what could not be
// published is the caller's to try again, which package outbox does.
type Publisher struct {
	link     *link
	timeout  time.Duration
	counters *counters

	mu      sync.Mutex
	session *publishSession
}

// publishSession is one channel in confirm mode, dead as soon as anything goes wrong with it.
type publishSession struct {
	conn *amqp.Connection
	ch   *amqp.Channel
	// halted is closed when the broker stops taking messages; a session that met that is not used again.
	halted <-chan struct{}

	mu       sync.Mutex
	returned map[string]struct{} // message ids
	barrier  chan chan struct{}
	gone     chan struct{}
	closed   <-chan *amqp.Error // the broker's reason
}

// Publish sends events and returns when every one of them is confirmed, in messages of neighbours of
// equal type. Events are completed from the context (event.Event.Complete). The error is a *SendError with one
// entry per event.
func (p *Publisher) Publish(ctx context.Context, events ...event.Event) error {
	for i := range events {
		if err := events[i].Complete(ctx); err != nil {
			return err
		}
	}
	encoded, counts := event.Encode(events)
	messages := make([]Message, len(encoded))
	for i, m := range encoded {
		messages[i] = Message{RoutingKey: m.Type, ID: m.ID, ContentType: m.ContentType, Body: m.Body}
	}
	err := p.Send(ctx, messages...)
	var failed *SendError
	if !errors.As(err, &failed) {
		return err
	}
	perEvent := &SendError{Errs: make([]error, 0, len(events))}
	for i, n := range counts {
		perEvent.Errs = append(perEvent.Errs, slices.Repeat(failed.Errs[i:i+1], n)...)
	}
	return perEvent
}

// Send publishes encoded messages in order, without waiting for one before it sends the next, and returns
// when all are confirmed or given up. The error is ErrDown or a *SendError. It takes at most
// Settings.PublishTimeout, whatever the broker does.
func (p *Publisher) Send(ctx context.Context, messages ...Message) error {
	if len(messages) == 0 {
		return nil
	}
	if p.link.blocked() {
		p.counters.refused.Add(int64(len(messages)))
		return errBlocked
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, errTimeout)
	defer cancel()
	s, err := p.open()
	if err != nil {
		p.counters.refused.Add(int64(len(messages)))
		return err
	}
	errs := s.send(ctx, messages)
	failed := int64(0)
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	p.counters.refused.Add(failed)
	p.counters.published.Add(int64(len(errs)) - failed)
	switch {
	case failed == 0:
		return nil
	case isClosed(s.halted):
		// What was sent waits in the broker's socket, and closing the channel would wait behind it. It ends
		// with its connection; after the alarm a new one is opened.
	case errors.Is(context.Cause(ctx), errTimeout):
		p.link.abandon(s.conn)
		p.drop(s)
	default:
		p.drop(s)
		p.link.topology.noteMissing(s.reason())
	}
	sent := &SendError{Errs: errs}
	p.link.topology.noteMissing(sent)
	return sent
}

// open returns the session, a new one when there is none on the present connection.
func (p *Publisher) open() (*publishSession, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn, err := p.link.current()
	if err != nil {
		return nil, err
	}
	if s := p.session; s != nil && s.conn == conn && !s.ch.IsClosed() && !isClosed(s.halted) {
		return s, nil
	}
	// These calls know no deadline.
	guard := time.AfterFunc(p.timeout, func() { p.link.abandon(conn) })
	defer guard.Stop()
	// Nothing is declared here, whatever was found missing: that may wait for each node of the broker's cluster.
	ch, err := conn.Channel()
	if err == nil {
		err = ch.Confirm(false)
	}
	if err != nil {
		if ch != nil {
			_ = ch.Close()
		}
		return nil, ErrDown.Because(err)
	}
	s := &publishSession{
		conn: conn, ch: ch, halted: p.link.halted(), returned: map[string]struct{}{},
		barrier: make(chan chan struct{}), gone: make(chan struct{}), closed: ch.NotifyClose(make(chan *amqp.Error, 1)),
	}
	go s.watchReturns(ch.NotifyReturn(make(chan amqp.Return))) // ends when the channel is closed
	p.session = s
	return s, nil
}

// reason returns why the broker has closed the channel of a dropped session, nil when it was not the broker.
func (s *publishSession) reason() error {
	select {
	case reason, ok := <-s.closed:
		if ok && reason != nil {
			return reason
		}
	default:
	}
	return nil
}

// drop closes a session, so that the next Send begins with a new one.
func (p *Publisher) drop(s *publishSession) {
	p.mu.Lock()
	if p.session == s {
		p.session = nil
	}
	p.mu.Unlock()
	guard := time.AfterFunc(closeTimeout, func() { p.link.abandon(s.conn) })
	defer guard.Stop()
	_ = s.ch.Close()
	<-s.gone
}

// wait returns when the last session's goroutine has ended, after the connection was closed.
func (p *Publisher) wait() {
	p.mu.Lock()
	s := p.session
	p.mu.Unlock()
	if s != nil {
		<-s.gone
	}
}

// watchReturns notes which messages came back. The library delivers a return before the confirm of the
// same message, and through an unbuffered channel, so whoever has the confirm and then passes the barrier
// sees the return.
func (s *publishSession) watchReturns(returns <-chan amqp.Return) {
	defer close(s.gone)
	for {
		select {
		case r, ok := <-returns:
			if !ok {
				return
			}
			s.mu.Lock()
			s.returned[r.MessageId] = struct{}{}
			s.mu.Unlock()
		case passed := <-s.barrier:
			close(passed)
		}
	}
}

func (s *publishSession) send(ctx context.Context, messages []Message) []error {
	errs := make([]error, len(messages))
	confirms := make([]*amqp.DeferredConfirmation, len(messages))
	waited := 0
	for i := range messages {
		if i-waited >= maxOutstanding {
			errs[waited] = s.wait(ctx, confirms[waited])
			waited++
		}
		if errs[i] = ctx.Err(); errs[i] == nil {
			confirms[i], errs[i] = s.publish(&messages[i])
		}
		if errs[i] != nil { // nothing may overtake a failed one
			for j := i; j < len(messages); j++ {
				errs[j] = errs[i]
			}
			break
		}
	}
	for i := waited; i < len(messages) && confirms[i] != nil; i++ {
		errs[i] = s.wait(ctx, confirms[i])
	}
	s.collectReturned(messages, errs)
	return errs
}

func (s *publishSession) publish(m *Message) (*amqp.DeferredConfirmation, error) {
	exchange := Exchange
	if m.exchange != nil {
		exchange = *m.exchange
	}
	confirm, err := s.ch.PublishWithDeferredConfirm(exchange, m.RoutingKey, true, false, amqp.Publishing{
		Headers: m.headers, ContentType: m.ContentType, ContentEncoding: m.ContentEncoding, DeliveryMode: amqp.Persistent, MessageId: m.ID,
		Timestamp: time.Now(), Body: m.Body,
	})
	if err != nil {
		return nil, ErrDown.Because(err)
	}
	return confirm, nil
}

func (s *publishSession) wait(ctx context.Context, confirm *amqp.DeferredConfirmation) error {
	select {
	case <-confirm.Done():
	case <-s.halted:
		return errBlocked
	case <-ctx.Done():
		return fmt.Errorf("bus: wait for the confirm: %w", context.Cause(ctx))
	}
	switch {
	case confirm.Acked():
		return nil
	case s.ch.IsClosed():
		return ErrDown // the library refuses what was under way when the channel broke
	default:
		return errNacked
	}
}

func (s *publishSession) collectReturned(messages []Message, errs []error) {
	passed := make(chan struct{})
	select {
	case s.barrier <- passed:
		<-passed
	case <-s.gone:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.returned) == 0 {
		return
	}
	for i := range messages {
		if _, ok := s.returned[messages[i].ID]; ok {
			delete(s.returned, messages[i].ID)
			errs[i] = ErrReturned
		}
	}
}
