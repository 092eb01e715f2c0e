package bus_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
)

// Senders have to know that a service which has never run is no returned message: the exchange of an intake comes with
// its consumer.
func TestAnIntakeIsThereFromItsConsumersFirstStart(t *testing.T) {
	t.Parallel()
	f := setup(t) // another service has declared all that every service needs
	conn, err := amqp.Dial(f.broker.DSN.Reveal())
	require.NoError(t, err)
	defer conn.Close()
	publish := func() (returned *amqp.Return, refused *amqp.Error) {
		ch, err := conn.Channel()
		require.NoError(t, err)
		defer ch.Close()
		require.NoError(t, ch.Confirm(false))
		returns, closed := ch.NotifyReturn(make(chan amqp.Return, 1)), ch.NotifyClose(make(chan *amqp.Error, 1))
		confirm, err := ch.PublishWithDeferredConfirm("x.intake", "", true, false, amqp.Publishing{Body: []byte("{}")})
		require.NoError(t, err)
		select {
		case e := <-closed:
			return nil, e
		case <-confirm.Done():
		case <-t.Context().Done():
			require.NoError(t, t.Context().Err())
		}
		select {
		case r := <-returns: // the broker sends it before the confirm
			return &r, nil
		default:
			return nil, nil
		}
	}
	_, refused := publish()
	require.NotNil(t, refused)
	require.Equal(t, http.StatusNotFound, refused.Code)

	taken := make(chan struct{})
	stop := intake(t, f.conn, bus.Intake{Queue: "x.intake", Handler: func(context.Context, *bus.Incoming) error {
		close(taken)
		return nil
	}})
	f.broker.AwaitBindingOf("x.intake", "x.intake", 1)
	returned, refused := publish()
	require.Nil(t, refused)
	require.Nil(t, returned)
	<-taken
	stop()

	// It stays, whoever is away.
	returned, refused = publish()
	require.Nil(t, refused)
	require.Nil(t, returned)
	f.broker.DeleteQueue("x.intake")
	returned, refused = publish()
	require.Nil(t, refused)
	require.NotNil(t, returned, "the exchange is there, its queue is not")
}

// intake runs an intake until the test ends or stop is called; stop waits for it.
func intake(t *testing.T, conn *bus.Conn, in bus.Intake) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- bus.ConsumeIntake(ctx, conn, in) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return stop
}
