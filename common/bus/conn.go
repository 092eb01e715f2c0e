package bus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/config"
)

// Settings tell where the broker is.
type Settings struct {
	DSN config.AMQPDSN
	// Name is shown in the broker's list of connections, usually "<service>/<instance>".
	Name string
	// PublishTimeout is how long a broker may keep a publisher waiting for its confirm; default 10 s.
	PublishTimeout time.Duration
	// Logger reports lost and regained connections and refused messages.
	Logger *slog.Logger
}

// Conn is a service's access to the broker. It holds one connection for publishing and, as soon as
// something is consumed, another one: a broker short of memory stops reading from connections that
// publish, and acknowledgements must not wait behind that. Lost connections come back by themselves.
type Conn struct {
	log       *slog.Logger
	publish   *link
	consume   *link
	publisher *Publisher
	counters  counters

	ctx    context.Context //nolint:containedctx // ends the owned goroutines
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu        sync.Mutex
	consuming bool
	closed    bool
}

// Dial connects and declares the common topology. When no host of the DSN can be reached or takes us, its error
// says why in one sentence for each, without secrets. Later losses are survived: until Close the connection is
// restored for ever, with whichever host answers.
func Dial(ctx context.Context, s Settings) (*Conn, error) {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&s.PublishTimeout, publishTimeout)
	urls, common := s.DSN.PerHost(), newTopology()
	c := &Conn{
		log:     s.Logger,
		publish: newLink(urls, s.Name+" publish", common, s.Logger),
		consume: newLink(urls, s.Name+" consume", common, s.Logger),
	}
	c.publish.bound = make(chan struct{})
	conn, socket, err := c.publish.dial(ctx)
	if err != nil {
		return nil, err
	}
	c.publisher = &Publisher{link: c.publish, timeout: s.PublishTimeout, counters: &c.counters}
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.tasks.Go(func() { c.publish.run(c.ctx, conn, socket) })
	// Return only when the connection is on offer.
	if _, err := c.publish.wait(ctx); err != nil {
		c.cancel()
		c.tasks.Wait()
		return nil, fmt.Errorf("connect to RabbitMQ: %w", err)
	}
	// On a new broker what is published before would come back. On one that has a hanging node there is no sense in waiting.
	select {
	case <-c.publish.bound:
	case <-time.After(dialTimeout):
	case <-ctx.Done():
	}
	return c, nil
}

// Publisher returns the connection's publisher; all callers share it.
func (c *Conn) Publisher() *Publisher { return c.publisher }

// Check reports what keeps the bus from working, for the health bit Bus.
func (c *Conn) Check(context.Context) error {
	if _, err := c.publish.current(); err != nil {
		return err
	}
	if c.publish.blocked() {
		return errBlocked
	}
	c.mu.Lock()
	consuming := c.consuming
	c.mu.Unlock()
	if consuming {
		if _, err := c.consume.current(); err != nil {
			return err
		}
	}
	return nil
}

// Losses tells how many connections have been lost since Dial.
func (c *Conn) Losses() int64 { return c.publish.losses.Load() + c.consume.losses.Load() }

// consumeLink starts the second connection when it is needed first.
func (c *Conn) consumeLink() (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, amqp.ErrClosed
	}
	if !c.consuming {
		c.consuming = true
		c.tasks.Go(func() { c.consume.run(c.ctx, nil, nil) })
	}
	return c.consume, nil
}

// Close ends both connections. Stop the subscriptions first (they drain when their context ends); what is
// unacknowledged then goes back to its queue.
func (c *Conn) Close(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	done := make(chan struct{})
	go func() { // ends with the links, which are bounded by closeTimeout
		defer close(done)
		c.tasks.Wait()
		c.publisher.wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the message bus: %w", context.Cause(ctx))
	}
}

// connectError says in one sentence why there is no connection. The DSN's secrets stay out of it.
func connectError(url string, err error) error {
	uri, parseErr := amqp.ParseURI(url)
	if parseErr != nil {
		return errors.New("MQ_DSN is no AMQP address that can be used")
	}
	where := net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
	var refused *amqp.Error
	var netErr net.Error
	switch {
	case errors.Is(err, errUnfinished):
		return &dialError{fmt.Sprintf("RabbitMQ at %s (MQ_DSN) does not finish the declaration of exchanges and queues within %v", where, dialTimeout),
			[]error{context.DeadlineExceeded}}
	case errors.Is(err, errDeclaring):
		return fmt.Errorf("RabbitMQ at %s (MQ_DSN): %w", where, err)
	case errors.Is(err, amqp.ErrCredentials), errors.Is(err, amqp.ErrSASL),
		errors.As(err, &refused) && refused.Code == amqp.AccessRefused:
		return fmt.Errorf("RabbitMQ at %s refuses the user or password in MQ_DSN", where)
	case errors.Is(err, amqp.ErrVhost), errors.As(err, &refused) && (refused.Code == amqp.NotAllowed || refused.Code == amqp.NotFound):
		return fmt.Errorf("RabbitMQ at %s has no virtual host %q for the user in MQ_DSN", where, uri.Vhost)
	case errors.As(err, &refused) && refused.Server:
		return fmt.Errorf("RabbitMQ at %s refuses the connection (code %d)", where, refused.Code)
	case errors.As(err, &netErr) && netErr.Timeout(), errors.Is(err, context.DeadlineExceeded),
		refused != nil && strings.Contains(refused.Reason, "timeout"):
		return &dialError{fmt.Sprintf("RabbitMQ at %s (MQ_DSN) does not answer within %v", where, dialTimeout), []error{context.DeadlineExceeded}}
	case refused != nil && strings.Contains(refused.Reason, "tls: "): // as of a server that asks for a certificate
		return fmt.Errorf("RabbitMQ at %s (MQ_DSN) refuses TLS as it is: %s", where, refused.Reason)
	case refused != nil && strings.Contains(refused.Reason, io.EOF.Error()): // as of a proxy whose server does not listen yet
		return &dialError{fmt.Sprintf("what listens at %s (MQ_DSN) does not speak AMQP 0-9-1", where), []error{io.EOF}}
	case refused != nil:
		return fmt.Errorf("what listens at %s (MQ_DSN) does not speak AMQP 0-9-1", where)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("RabbitMQ at %s (MQ_DSN) cannot be reached: %w", where, op.Err)
	}
	return fmt.Errorf("RabbitMQ at %s (MQ_DSN) cannot be reached: %w", where, err)
}

// joinReasons makes one error of those of all hosts. Equal ones, as of a load balancer's two names, are told once.
func joinReasons(reasons []error) error {
	if len(reasons) == 0 {
		return errors.New("MQ_DSN names no host")
	}
	var texts []string
	for _, reason := range reasons {
		if !slices.Contains(texts, reason.Error()) {
			texts = append(texts, reason.Error())
		}
	}
	if len(texts) == 1 {
		return reasons[0]
	}
	return &dialError{strings.Join(texts, "; "), reasons}
}

// dialError is a sentence about a failed connection that keeps its causes, for those who ask whether waiting may help.
type dialError struct {
	sentence string
	causes   []error
}

func (e *dialError) Error() string   { return e.sentence }
func (e *dialError) Unwrap() []error { return e.causes }
