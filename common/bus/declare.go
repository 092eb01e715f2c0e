package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/retry"
)

// topology is what this process knows to be there. Nothing is declared a second time before something of it turns out
// to be missing: a declaration that is needless still waits for every node of the broker's cluster, one that hangs included
// (seen with bindings in RabbitMQ 3.10).
type topology struct {
	generation      atomic.Int64 // goes up when something was missing
	declared, bound atomic.Int64 // the generation for which the common exchanges and queues, and their bindings, are there

	mu      sync.Mutex
	renewed chan struct{} // closed when the generation goes up
}

func newTopology() *topology {
	t := &topology{renewed: make(chan struct{})}
	t.generation.Store(1)
	return t
}

// outdated returns a channel that is closed when something turns out to be missing from now on.
func (t *topology) outdated() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.renewed
}

// holds reports whether a declaration that was made at some generation, 0 for never, still counts.
func (t *topology) holds(at *atomic.Int64) bool { return at.Load() == t.generation.Load() }

// noteMissing has everything be declared anew when the error says that something is not there.
func (t *topology) noteMissing(err error) {
	var refused *amqp.Error
	if errors.As(err, &refused) && refused.Code == amqp.NotFound || errors.Is(err, ErrReturned) || errors.Is(err, errCancelled) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.generation.Add(1)
		close(t.renewed)
		t.renewed = make(chan struct{})
	}
}

// declare makes a declaration unless it stands already.
func (t *topology) declare(ch *amqp.Channel, at *atomic.Int64, declaration func(*amqp.Channel) error) error {
	generation := t.generation.Load()
	if at.Load() == generation {
		return nil
	}
	if err := declaration(ch); err != nil {
		return err
	}
	at.Store(generation)
	return nil
}

// declareBase declares what every service needs, bindings included.
func (t *topology) declareBase(ch *amqp.Channel) error {
	if err := t.declare(ch, &t.declared, declareBase); err != nil {
		return err
	}
	return t.declare(ch, &t.bound, bindBase)
}

// settle makes bindings on a channel of their own, beside everything else on the connection, and tries until they are
// there or ctx or the connection ends; only then it reports false. RabbitMQ answers them only when all nodes of its
// cluster have taken part, or when one that hangs is given up by the others, after a minute (net_ticktime).
func (l *link) settle(ctx context.Context, conn *amqp.Connection, what string, at *atomic.Int64, bind func(*amqp.Channel) error) bool {
	told := false
	for pauses := retry.Growing(redialPause, redialMaxWait); !l.topology.holds(at); {
		err := l.unhurried(ctx, conn, what, func() error { return l.bindOnce(conn, at, bind) })
		if err == nil {
			return true
		}
		if ctx.Err() != nil || conn.IsClosed() {
			return false
		}
		l.topology.noteMissing(err)
		if !told {
			told = true
			l.log.WarnContext(ctx, "bindings could not be made; they are tried again", "for", what, "error", err)
		}
		if !pauses.Wait(ctx) {
			return false
		}
	}
	return true
}

// keep makes bindings as settle does, and anew whenever something turns out to be missing, until ctx or the connection ends.
// made is called each time that they are there.
func (l *link) keep(ctx context.Context, conn *amqp.Connection, what string, at *atomic.Int64, bind func(*amqp.Channel) error, made func()) {
	for {
		outdated := l.topology.outdated()
		if !l.settle(ctx, conn, what, at, bind) {
			return
		}
		made()
		select {
		case <-ctx.Done():
			return
		case <-outdated:
		}
	}
}

func (l *link) bindOnce(conn *amqp.Connection, at *atomic.Int64, bind func(*amqp.Channel) error) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	err = l.topology.declareBase(ch)
	if err == nil {
		err = l.topology.declare(ch, at, bind)
	}
	return errors.Join(err, ch.Close())
}

// unhurried calls f, which may wait for as long as the connection lives: who hangs at its other end is found out by
// heartbeats. When ctx ends, f has closeTimeout left before the connection is dropped.
func (l *link) unhurried(ctx context.Context, conn *amqp.Connection, what string, f func() error) error {
	done := make(chan struct{})
	defer close(done)
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(closeTimeout):
			l.abandon(conn)
		}
	})
	defer stop()
	slow := time.AfterFunc(dialTimeout, func() {
		l.log.WarnContext(ctx, "RabbitMQ does not finish a declaration; a node of its cluster may hang", "for", what)
	})
	defer func() {
		if !slow.Stop() {
			l.log.InfoContext(ctx, "the wait for a declaration is over", "for", what)
		}
	}()
	return f()
}
