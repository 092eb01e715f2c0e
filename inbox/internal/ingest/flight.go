package ingest

import (
	"sync"

	"github.com/google/uuid"
)

// flight is what the committers are committing. A guid that comes once more meanwhile must not overtake: its
// batch stays on the ground until the one before it has landed, so that traces of one guid are judged in the
// order in which they were queued.
type flight struct {
	mu    sync.Mutex
	guids map[uuid.UUID]struct{}
	// landed holds a token after a batch has landed.
	landed chan struct{}
}

func newFlight() *flight {
	return &flight{guids: map[uuid.UUID]struct{}{}, landed: make(chan struct{}, 1)}
}

// takeOff notes the guids of a batch, of which none may be in the air, and returns them for land. The items
// themselves belong to others again once they are answered.
func (f *flight) takeOff(batch []*Item) []uuid.UUID {
	guids := make([]uuid.UUID, len(batch))
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, item := range batch {
		guids[i] = item.Trace.GUID
		f.guids[guids[i]] = struct{}{}
	}
	return guids
}

func (f *flight) land(guids []uuid.UUID) {
	f.mu.Lock()
	for _, guid := range guids {
		delete(f.guids, guid)
	}
	f.mu.Unlock()
	select {
	case f.landed <- struct{}{}:
	default:
	}
}

// carries reports whether the guid of any of the items is in the air.
func (f *flight) carries(items ...*Item) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, item := range items {
		if _, ok := f.guids[item.Trace.GUID]; ok {
			return true
		}
	}
	return false
}
