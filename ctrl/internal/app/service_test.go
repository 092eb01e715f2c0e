package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authntest"
	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/event"
	"nms.example/common/waittest"
	"nms.example/hostile"
)

func TestEveryOperationAsksForItsCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t)
	authntest.CheckService(t, b.instance, b.settings)
}

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	b := setup(t)
	hostile.Check(t, b.instance, b.settings)
}

func TestMetricsAreListed(t *testing.T) {
	t.Parallel()
	setup(t).instance.CheckMetrics(t)
}

// Every change is told, with the thing before and after. (That each event fits its schema is checked when it is written.)
func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	broker := bustest.New(t)
	b.settings["MQ_DSN"] = broker.DSN.Reveal()
	var mu sync.Mutex
	var told []event.Event
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	conn := broker.Dial()
	go func() {
		done <- bus.Consume(ctx, conn, bus.Subscription{Queue: "test.told", Bindings: []string{"ctrl.#"}, Handler: func(_ context.Context, e event.Event) error {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e)
			return nil
		}})
	}()
	t.Cleanup(func() { stop(); require.NoError(t, <-done) })
	broker.AwaitBinding("test.told", 1)
	b.start()
	b.bound(nil)
	c := b.sent(b.order(1))
	b.becomes(c.ID, "succeeded")
	b.patch(path("/queues/", b.equipment), map[string]any{"held": true}).is(http.StatusOK)
	b.patch(path("/command-bindings/", b.gain), map[string]any{"ttl": 61}).is(http.StatusOK)
	b.patch(path("/endpoints/", b.equipment), map[string]any{"admin_state": "locked"}).is(http.StatusOK)
	b.delete(path("/command-bindings/", b.gain)).is(http.StatusNoContent)
	b.delete(path("/endpoints/", b.equipment)).is(http.StatusNoContent)

	want := map[string]int{
		"ctrl.endpoint.created": 1, "ctrl.endpoint.updated": 1, "ctrl.endpoint.deleted": 1, "ctrl.binding.created": 2, "ctrl.binding.updated": 1,
		"ctrl.binding.deleted": 1, "ctrl.command.created": 1, "ctrl.command.updated": 4, "ctrl.queue.updated": 1,
	}
	counts := func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		got := map[string]int{}
		for _, e := range told {
			got[e.Type]++
		}
		return got
	}
	total := func(counts map[string]int) (n int) {
		for _, c := range counts {
			n += c
		}
		return n
	}
	waittest.Until(t, "all is told", func() bool { return total(counts()) >= total(want) })
	require.Equal(t, want, counts())
	mu.Lock()
	defer mu.Unlock()
	var states []string
	for _, e := range told {
		if e.Type != "ctrl.command.updated" {
			continue
		}
		var data event.Change[struct{ State string }]
		require.NoError(t, json.Unmarshal(e.Data, &data))
		states = append(states, data.Before.State+" "+data.After.State)
		require.Equal(t, "service:ctrl", e.Actor)
	}
	require.Equal(t, []string{"queued sending", "sending accepted", "accepted verifying", "verifying succeeded"}, states)
}
