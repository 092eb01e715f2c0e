package bus_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/event"
)

// raw opens a channel past the library.
func (f *fixture) raw() *amqp.Connection {
	f.t.Helper()
	conn, err := amqp.Dial(f.broker.DSN.Reveal())
	require.NoError(f.t, err)
	f.t.Cleanup(func() { require.NoError(f.t, conn.Close()) })
	return conn
}

// take gets the first message of a queue, when one is there, and acknowledges it or is lost while it has it.
func take(t *testing.T, conn *amqp.Connection, queue string, acknowledge bool) (message amqp.Delivery, found bool) {
	t.Helper()
	ch, err := conn.Channel()
	require.NoError(t, err)
	message, found, err = ch.Get(queue, acknowledge)
	require.NoError(t, err)
	require.NoError(t, ch.Close())
	return message, found
}

func TestOfEventsThatNobodyWantsTheNewestWait(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const bound, more = 10_000, 3
	messages := make([]bus.Message, bound+more)
	for i := range messages {
		messages[i] = bus.Message{RoutingKey: "nobody.listens.here", ID: strconv.Itoa(i), Body: []byte(strconv.Itoa(i))}
	}
	require.NoError(t, f.conn.Publisher().Send(t.Context(), messages...))
	conn := f.raw()
	require.Eventually(t, func() bool {
		first, found := take(t, conn, bus.Unrouted, true)
		require.True(t, found)
		n, err := strconv.Atoi(string(first.Body))
		require.NoError(t, err)
		if n < more { // before the oldest were dropped
			return false
		}
		require.LessOrEqual(t, int(first.MessageCount), bound)
		return true
	}, patience, 10*time.Millisecond)
}

// A message that takes its consumer down with it does not do so for ever.
func TestAMessageWhoseConsumersAreLostDies(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const queue, limit = "test.deadly", 100
	stop := consume(t, f.conn, bus.Subscription{Queue: queue, Bindings: []string{"x.#"},
		Handler: func(context.Context, event.Event) error { return errors.New("not asked") }})
	f.broker.AwaitBinding(queue, 1)
	stop()
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", nil)))
	letters := make(chan bus.DeadLetter, 1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- bus.ConsumeDead(ctx, f.conn, func(_ context.Context, l bus.DeadLetter) error { letters <- l; return nil })
	}()
	conn, lost := f.raw(), 0
	var letter bus.DeadLetter
	require.Eventually(t, func() bool {
		select {
		case letter = <-letters:
			return true
		default:
		}
		if _, found := take(t, conn, queue, false); found {
			lost++
		}
		return false
	}, patience, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, bus.ReasonDeliveries, letter.Reason)
	require.Equal(t, queue, letter.Queue)
	require.InDelta(t, limit, lost, 1)
}
