package bus_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/event"
)

// TestBrokerThatDiesAndHangs has a broker of its own, which takes seconds to start; so it walks through
// everything that can befall one.
func TestBrokerThatDiesAndHangs(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	settings := bus.Settings{DSN: server.DSN, PublishTimeout: 2 * time.Second, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	conn := bustest.Dial(t, settings)
	var got recorder
	consume(t, conn, bus.Subscription{Queue: "test.restart", Bindings: []string{"x.#"}, Prefetch: 4, Handler: got.take})
	publish := func(n int) {
		t.Helper()
		e := newEvent(t, "x.y.z", "one", n)
		require.Eventually(t, func() bool { return conn.Publisher().Publish(t.Context(), e) == nil }, patience, 20*time.Millisecond)
	}
	// No management API here: the first event that arrives tells that the binding is there.
	require.Eventually(t, func() bool {
		publish(0)
		return len(got.all()) > 0
	}, patience, 50*time.Millisecond)

	// Killed and started again: what was confirmed arrives. The traffic before it lasts a while, because a
	// broker that is killed within moments of a declaration may come back without it (seen with 3.10).
	for n := 1; n <= 50; n++ {
		publish(n)
		time.Sleep(100 * time.Millisecond)
	}
	server.Kill()
	require.Eventually(t, func() bool { return conn.Check(t.Context()) != nil }, patience, time.Millisecond)
	require.ErrorIs(t, conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "lost", 0)), bus.ErrDown)
	server.Restart()
	for n := 51; n <= 100; n++ {
		publish(n)
	}
	// Hanging: a publisher and a newcomer get their errors in time, and all goes on afterwards.
	server.Pause()
	require.Error(t, conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "hung", 0)))
	_, err := bus.Dial(t.Context(), settings)
	require.ErrorContains(t, err, "does not answer")
	server.Resume()
	for n := 101; n <= 150; n++ {
		publish(n)
	}
	require.Eventually(t, func() bool { return len(distinct(got.all())) == 151 }, patience, 20*time.Millisecond,
		"the last to arrive was %v", got.all()[len(got.all())-1])
	// In order, apart from repetitions.
	highest := 0
	for _, e := range subjects(got.all(), "one") {
		var n int
		_, err := fmt.Sscan(string(e.Data), &n)
		require.NoError(t, err)
		require.LessOrEqual(t, n, highest+1, "an event was overtaken")
		highest = max(highest, n)
	}
}

// distinct returns the numbers of the events about "one".
func distinct(events []event.Event) map[string]bool {
	seen := map[string]bool{}
	for _, e := range subjects(events, "one") {
		seen[string(e.Data)] = true
	}
	return seen
}
