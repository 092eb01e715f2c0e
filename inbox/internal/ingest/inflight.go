package ingest

import (
	"sync"

	"github.com/google/uuid"
)

// inFlight is what the committers are committing. A guid that comes once more meanwhile must not overtake: its
// batch waits until the one before it is done, so that traces of one guid are judged in the order in which they
// were queued.
type inFlight struct {
	mu    sync.Mutex
	guids map[uuid.UUID]struct{}
	// freed holds a token after a batch is done.
	freed chan struct{}
}

func newInFlight() *inFlight {
	return &inFlight{guids: map[uuid.UUID]struct{}{}, freed: make(chan struct{}, 1)}
}

// add notes the guids of a batch, of which none may be in flight, and returns them for done. The items themselves
// belong to others again once they are answered.
func (f *inFlight) add(batch []*Item) []uuid.UUID {
	guids := make([]uuid.UUID, len(batch))
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, item := range batch {
		guids[i] = item.Trace.GUID
		f.guids[guids[i]] = struct{}{}
	}
	return guids
}

func (f *inFlight) done(guids []uuid.UUID) {
	f.mu.Lock()
	for _, guid := range guids {
		delete(f.guids, guid)
	}
	f.mu.Unlock()
	select {
	case f.freed <- struct{}{}:
	default:
	}
}

// contains reports whether the guid of any of the items is in flight.
func (f *inFlight) contains(items ...*Item) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, item := range items {
		if _, ok := f.guids[item.Trace.GUID]; ok {
			return true
		}
	}
	return false
}
