package bus_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
)

// lines is a log.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.buf.String(), text)
}

func TestTheNextHostIsTriedWhenOneIsDeadOrHangs(t *testing.T) {
	t.Parallel()
	f := setup(t)
	broker := hostOf(t, f.broker.DSN)
	dead, silent, stuck := "127.0.0.1:1", newProxy(t, ""), newProxy(t, broker, exchangeDeclare)
	failed, unreachable := make(chan error, 1), bus.Settings{DSN: at(t, f.broker.DSN, dead, silent.addr, stuck.addr)}
	go func() {
		_, err := bus.Dial(t.Context(), unreachable)
		failed <- err
	}()
	conn := bustest.Dial(t, bus.Settings{DSN: at(t, f.broker.DSN, dead, silent.addr, stuck.addr, broker)})
	require.NoError(t, conn.Check(t.Context()))
	require.NoError(t, conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", nil)))

	err := <-failed
	require.ErrorContains(t, err, "RabbitMQ at "+dead+" (MQ_DSN) cannot be reached")
	require.ErrorContains(t, err, "RabbitMQ at "+silent.addr+" (MQ_DSN) does not answer within")
	require.ErrorContains(t, err, "RabbitMQ at "+stuck.addr+" (MQ_DSN) does not finish the declaration")
	require.NotContains(t, err.Error(), "\n")
	var network net.Error
	require.ErrorAs(t, err, &network, "a start waits for hosts that cannot be reached")
}

// A binding waits for all nodes of the broker's cluster. While one hangs, what needs no binding goes on.
func TestAHangingBindingHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	f := setup(t)
	subscription := bus.Subscription{Queue: "test.bound", Bindings: []string{"x.#"}}
	var first, got recorder
	subscription.Handler = first.take
	stop := consume(t, f.conn, subscription)
	f.broker.AwaitBinding("test.bound", 1)
	stop()

	stuck := newProxy(t, hostOf(t, f.broker.DSN), queueBind)
	var log lines
	conn := bustest.Dial(t, bus.Settings{DSN: at(t, f.broker.DSN, stuck.addr), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	tap := bus.NewTap(conn, "test.live", "#")
	runTap(t, tap)
	subscription.Handler = got.take
	stop = consume(t, conn, subscription)
	const hangs = "does not finish a declaration"
	for n := 1; log.count(hangs) < 3; n++ { // the common ones, the subscription's, the tap's
		require.NoError(t, conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", nil)))
		got.await(t, n)
		time.Sleep(100 * time.Millisecond)
	}
	require.NoError(t, conn.Check(t.Context()))
	require.Zero(t, conn.Losses(), "the connection is good for everything else")
	require.Equal(t, 3, log.count("level=WARN"), &log.buf)
	stop()
}

// runTap runs a tap until the test ends.
func runTap(t *testing.T, tap *bus.Tap) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- tap.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
}

func TestAReconnectDeclaresNothingAnew(t *testing.T) {
	t.Parallel()
	f := setup(t)
	p := newProxy(t, hostOf(t, f.broker.DSN))
	var log lines
	var got recorder
	conn := bustest.Dial(t, bus.Settings{DSN: at(t, f.broker.DSN, p.addr), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	consume(t, conn, bus.Subscription{Queue: "test.again", Bindings: []string{"x.#"}, Handler: got.take})
	f.broker.AwaitBinding("test.again", 1)
	publish := func() {
		t.Helper()
		before := len(got.all())
		require.Eventually(t, func() bool {
			return conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", nil)) == nil
		}, patience, 20*time.Millisecond)
		got.await(t, before+1)
	}
	publish()
	// The channels that declared, that made the common bindings and that made the queue's are closed when it is known that
	// the broker has done so; a cut before that has it be done again.
	require.Eventually(t, func() bool { return p.called(channelClose) == 3 }, patience, 10*time.Millisecond)
	declared, bound := p.called(exchangeDeclare), p.called(queueBind)
	p.cut()
	require.Eventually(t, func() bool { return conn.Losses() >= 2 }, patience, 10*time.Millisecond)
	publish()
	require.Equal(t, declared, p.called(exchangeDeclare))
	require.Equal(t, bound, p.called(queueBind))

	// What is missing is made again, bindings included.
	f.broker.DeleteQueue("test.again")
	f.broker.AwaitBinding("test.again", 1)
	publish()
	require.Equal(t, 1, strings.Count(log.buf.String(), "the broker cancelled the consumer"))
}
