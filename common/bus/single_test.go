package bus_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
)

func TestOneOfSeveralInstancesIsActive(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var first, second recorder
	subscription := bus.Subscription{Queue: "test.single", Bindings: []string{"cfg.#"}, SingleActive: true}
	send := func(n int) {
		for range n {
			require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "cfg.thing.made", "1", nil)))
		}
	}
	subscription.Handler = first.take
	stop := consume(t, f.conn, subscription)
	require.Eventually(t, func() bool { // until the queue is bound
		send(1)
		return len(first.all()) > 0
	}, patience, 50*time.Millisecond)
	subscription.Handler = second.take
	consume(t, f.broker.Dial(), subscription)
	before := len(first.all())
	send(20)
	first.await(t, before+20)
	require.Empty(t, second.all())
	stop()
	send(5)
	second.await(t, 5)
}
