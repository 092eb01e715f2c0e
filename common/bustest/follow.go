package bustest

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"

	"github.com/google/uuid"

	"nms.example/common/bus"
	"nms.example/common/event"
	"nms.example/common/waittest"
)

// Followed collects the events that were published since a moment, each once: who publishes sends an event again when its
// confirmation was late, so that consumers count by id.
type Followed struct {
	b      *Broker
	mu     sync.Mutex
	seen   map[uuid.UUID]bool
	events []event.Event
}

// Follow collects the events of a binding key (cfg.#) from now until the test ends.
func (b *Broker) Follow(binding string) *Followed {
	b.t.Helper()
	f, queue := &Followed{b: b, seen: map[uuid.UUID]bool{}}, "test.followed."+rand.Text()
	conn := b.Dial()
	ctx, stop := context.WithCancel(context.WithoutCancel(b.t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, conn, bus.Subscription{Queue: queue, Bindings: []string{binding}, Handler: f.take})
	}()
	b.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.t.Errorf("bustest: follow %s: %v", binding, err)
		}
	})
	b.AwaitBinding(queue, 1)
	return f
}

func (f *Followed) take(_ context.Context, e event.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.seen[e.ID] {
		f.seen[e.ID] = true
		f.events = append(f.events, e)
	}
	return nil
}

// All returns what has come so far.
func (f *Followed) All() []event.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// Await waits until what has come is enough, and returns it.
func (f *Followed) Await(what string, enough func([]event.Event) bool) []event.Event {
	f.b.t.Helper()
	waittest.Until(f.b.t, what, func() bool { return enough(f.All()) })
	return f.All()
}
