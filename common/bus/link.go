package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/config"
	"nms.example/common/fault"
	"nms.example/common/retry"
)

// ErrDown says that there is no usable connection to RabbitMQ right now. It is a fault.Unavailable.
var ErrDown = fault.New(fault.CodeUnavailable, "the message bus is not available").After(time.Second)

const (
	dialTimeout   = 5 * time.Second
	heartbeat     = 5 * time.Second // a dead peer is noticed after three
	writeTimeout  = 5 * time.Second // a broker that reads no more holds a writer no longer than this
	closeTimeout  = 2 * time.Second
	redialPause   = 200 * time.Millisecond
	redialMaxWait = 3 * time.Second
)

// link keeps one connection alive: it dials anew whenever the connection is lost. Every connection is a
// new object with new channels, so nothing of a lost one can be used by mistake.
type link struct {
	urls     []string // one per host
	name     string
	topology *topology
	bound    chan struct{} // closed when the common bindings are there; nil for a link that does not see to them
	log      *slog.Logger
	next     int // the url that is tried next; of the one goroutine that dials

	mu      sync.Mutex
	conn    *amqp.Connection
	socket  net.Conn
	up      chan struct{} // closed while conn is there
	halt    chan struct{} // closed while the broker takes no messages
	lastErr error
	losses  atomic.Int64
}

func newLink(urls []string, name string, t *topology, log *slog.Logger) *link {
	return &link{
		urls: urls, next: rand.N(max(len(urls), 1)), name: name, topology: t, log: log,
		up: make(chan struct{}), halt: make(chan struct{}), lastErr: ErrDown,
	}
}

// deadlineConn bounds every write: the client library sets no deadline of its own for them.
type deadlineConn struct{ net.Conn }

func (c deadlineConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err //nolint:wrapcheck // stands for net.Conn
	}
	return c.Conn.Write(b) //nolint:wrapcheck // stands for net.Conn
}

var (
	errDeclaring  = errors.New("declare the exchanges and queues of all services")
	errUnfinished = errors.New("a declaration is not finished in time")
)

// dial makes a connection with the first host that answers and has the common exchanges and queues. Each host has
// dialTimeout for it; the next call begins with the host behind.
func (l *link) dial(ctx context.Context) (conn *amqp.Connection, socket net.Conn, err error) {
	var reasons []error
	for range l.urls {
		address := l.urls[l.next]
		l.next = (l.next + 1) % len(l.urls)
		if conn, socket, err = l.dialHost(ctx, address); err == nil {
			return conn, socket, nil
		}
		reasons = append(reasons, connectError(address, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, nil, joinReasons(reasons)
}

// dialHost connects with one host. When it returns, its deadline is off the socket.
func (l *link) dialHost(ctx context.Context, address string) (conn *amqp.Connection, socket net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(l.name)
	secured, err := clientTLS(address)
	if err != nil {
		return nil, nil, err
	}
	conn, err = amqp.DialConfig(address, amqp.Config{
		Heartbeat:       heartbeat,
		Properties:      properties,
		TLSClientConfig: secured,
		Dial: func(network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err //nolint:wrapcheck // told apart by connectError
			}
			if err := c.SetDeadline(time.Now().Add(dialTimeout)); err != nil { // the library lifts it after the handshake
				return nil, err //nolint:wrapcheck // as above
			}
			socket = c
			return deadlineConn{c}, nil
		},
	})
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // told apart by connectError
	}
	if l.topology.holds(&l.topology.declared) {
		return conn, socket, nil
	}
	late := context.AfterFunc(ctx, func() { _ = socket.Close() }) // these calls know no deadline
	ch, err := conn.Channel()
	if err == nil {
		err = l.topology.declare(ch, &l.topology.declared, declareBase)
	}
	if err == nil {
		err = ch.Close()
	}
	if !late() {
		err = errUnfinished
	}
	if err != nil {
		_ = conn.CloseDeadline(time.Now().Add(closeTimeout))
		return nil, nil, fmt.Errorf("%w: %w", errDeclaring, err)
	}
	return conn, socket, nil
}

// clientTLS reads the files that an address names, anew for each connection; nil without TLS.
func clientTLS(address string) (*tls.Config, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "amqps" {
		return nil, nil //nolint:nilerr,nilnil // the library refuses what is no address
	}
	return config.TLSOf(u.Query()).Client()
}

// run serves conn and its successors until ctx ends. It logs a loss, the first failure to make up for it and each
// failure of another kind, and the end of it.
func (l *link) run(ctx context.Context, conn *amqp.Connection, socket net.Conn) {
	pauses := retry.Growing(redialPause, redialMaxWait)
	for told := ""; ; {
		if conn != nil {
			began := time.Now()
			err := l.serve(ctx, conn, socket)
			if ctx.Err() != nil {
				return
			}
			l.losses.Add(1)
			l.log.WarnContext(ctx, "the connection to RabbitMQ was lost", "connection", l.name, "error", err)
			if time.Since(began) > redialMaxWait {
				pauses.Reset()
			}
		}
		if !pauses.Wait(ctx) {
			return
		}
		var err error
		if conn, socket, err = l.dial(ctx); err != nil {
			l.mu.Lock()
			l.lastErr = err
			l.mu.Unlock()
			if ctx.Err() == nil && err.Error() != told {
				told = err.Error()
				l.log.WarnContext(ctx, "RabbitMQ cannot be reached; it is tried until it can", "connection", l.name, "error", err)
			}
			continue
		}
		told = ""
		l.log.InfoContext(ctx, "connected to RabbitMQ", "connection", l.name, "server", socket.RemoteAddr().String())
	}
}

// serve offers conn until it is lost or ctx ends.
func (l *link) serve(ctx context.Context, conn *amqp.Connection, socket net.Conn) error {
	closed := conn.NotifyClose(make(chan *amqp.Error, 1))
	blocked := conn.NotifyBlocked(make(chan amqp.Blocking, 4))
	l.mu.Lock()
	l.conn, l.socket = conn, socket
	close(l.up)
	l.mu.Unlock()
	serving, stop := context.WithCancel(ctx)
	var bindings sync.WaitGroup
	if l.bound != nil {
		bindings.Go(func() {
			l.keep(serving, conn, "all services", &l.topology.bound, bindBase, func() {
				if !isClosed(l.bound) {
					close(l.bound)
				}
			})
		})
	}
	defer func() {
		l.mu.Lock()
		l.conn, l.socket, l.up = nil, nil, make(chan struct{})
		l.mu.Unlock()
		l.setBlocked(false)
		stop()
		bindings.Wait() // ends with the connection
	}()
	for {
		select {
		case <-ctx.Done():
			_ = conn.CloseDeadline(time.Now().Add(closeTimeout))
			return nil
		case b, ok := <-blocked:
			if !ok {
				blocked = nil
				continue
			}
			l.setBlocked(b.Active)
			l.log.WarnContext(ctx, "RabbitMQ changed its mind about taking messages", "blocked", b.Active, "reason", b.Reason)
		case reason := <-closed:
			l.setError(reason)
			if reason != nil {
				return reason
			}
			return ErrDown
		}
	}
}

func (l *link) setBlocked(active bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case active && !isClosed(l.halt):
		close(l.halt)
	case !active && isClosed(l.halt):
		l.halt = make(chan struct{})
	}
}

// halted returns a channel that is closed while the broker takes no messages.
func (l *link) halted() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.halt
}

func (l *link) blocked() bool { return isClosed(l.halted()) }

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

func (l *link) setError(reason *amqp.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastErr = ErrDown
	if reason != nil {
		l.lastErr = ErrDown.Because(reason)
	}
}

// current returns the connection, or why there is none, at once.
func (l *link) current() (*amqp.Connection, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		if errors.Is(l.lastErr, ErrDown) {
			return nil, l.lastErr
		}
		return nil, ErrDown.Because(l.lastErr)
	}
	return l.conn, nil
}

// wait returns the connection as soon as there is one.
func (l *link) wait(ctx context.Context) (*amqp.Connection, error) {
	for {
		l.mu.Lock()
		conn, up := l.conn, l.up
		l.mu.Unlock()
		if conn != nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-up:
		}
	}
}

// abandon drops the connection if it is still this one: the broker does not answer on it.
func (l *link) abandon(conn *amqp.Connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == conn && l.socket != nil {
		_ = l.socket.Close()
	}
}
