package gate

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// early is how long before its end an access token is replaced.
	early = 30 * time.Second
	// remembered is how long the successor of a refresh token is kept, for tabs that still send the predecessor: as long as auth
	// answers it itself to another instance (ADR 27).
	remembered = 5 * time.Minute
	// maxRemembered bounds the memory for that; beyond it auth is asked, which answers the same.
	maxRemembered = 10_000
	// refreshPatience bounds one refresh, which goes on when the first of its callers has left.
	refreshPatience = 20 * time.Second
)

// refresher exchanges refresh tokens, each once: whoever comes with one that is being exchanged, or was lately, gets the
// same answer. A token that comes late to auth would end the session as stolen.
type refresher struct {
	exchange func(ctx context.Context, refresh string) (tokens, error)
	now      func() time.Time

	mu    sync.Mutex
	calls map[[sha256.Size]byte]*exchange
}

// exchange is one refresh, under way or done.
type exchange struct {
	done   chan struct{}
	tokens tokens
	err    error
	until  time.Time // the end of its time here; zero while it is under way
}

func newRefresher(do func(ctx context.Context, refresh string) (tokens, error)) *refresher {
	return &refresher{exchange: do, now: time.Now, calls: map[[sha256.Size]byte]*exchange{}}
}

// refresh returns the successors of a session's tokens.
func (r *refresher) refresh(ctx context.Context, old tokens) (tokens, error) {
	id := sha256.Sum256([]byte(old.Refresh)) // so that the map holds no token
	r.mu.Lock()
	call, known := r.calls[id]
	if known && !call.until.IsZero() && r.now().After(call.until) {
		known = false
	}
	if !known {
		call = &exchange{done: make(chan struct{})}
		r.sweep()
		r.calls[id] = call
		go r.run(context.WithoutCancel(ctx), id, call, old.Refresh)
	}
	r.mu.Unlock()
	select {
	case <-call.done:
		return call.tokens, call.err
	case <-ctx.Done():
		return tokens{}, context.Cause(ctx)
	}
}

func (r *refresher) run(ctx context.Context, id [sha256.Size]byte, call *exchange, refresh string) {
	ctx, cancel := context.WithTimeout(ctx, refreshPatience)
	defer cancel()
	call.tokens, call.err = r.exchange(ctx, refresh)
	r.mu.Lock()
	defer r.mu.Unlock()
	if call.err != nil {
		delete(r.calls, id) // the next one asks again
	} else {
		call.until = r.now().Add(remembered)
	}
	close(call.done)
}

// sweep forgets what is over, and, when there is too much, anything that is done.
func (r *refresher) sweep() {
	now, full := r.now(), len(r.calls) >= maxRemembered
	for id, call := range r.calls {
		if !call.until.IsZero() && (full || now.After(call.until)) {
			delete(r.calls, id)
		}
	}
}
