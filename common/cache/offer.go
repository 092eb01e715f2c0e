package cache

import (
	"context"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// offerLinger is how long offers that nobody waits for gather: together they cost a fraction.
	offerLinger = 5 * time.Millisecond
	// One pipeline takes so many offers and, but for the last, bytes. While more than offerBacklog bytes wait,
	// Redis does not keep up, and further entries are not shared.
	offerMost    = 256
	offerBytes   = 1 << 20
	offerBacklog = 32 << 20
)

// offer is a filled entry on its way to Redis, nil when the fill failed, with the fill's lock to be released.
type offer struct {
	flight *flight
	entry  *Entry
	locked bool
	sent   chan<- struct{} // set in place of all others by who wants to know when the offers before are sent
}

func (o offer) size() int {
	if o.entry == nil {
		return 0
	}
	return len(o.entry.Body) + len(o.entry.Gzip)
}

// offers are what waits to be put into Redis. A goroutine sends them while there are any.
type offers struct {
	mu      sync.Mutex
	list    []offer
	bytes   int
	sending bool
	hurry   chan struct{} // holds a token when somebody waits
}

// offer puts an entry on its way. The caller counts among fills, as the goroutine that it starts does.
func (s *Store) offer(ctx context.Context, o offer) {
	q := &s.offers
	q.mu.Lock()
	defer q.mu.Unlock()
	if o.size() > sharedMax || q.bytes > offerBacklog || o.entry != nil && o.entry.unkept {
		o.entry = nil
	}
	if o.entry == nil && !o.locked {
		return
	}
	q.list = append(q.list, o)
	q.bytes += o.size()
	if o.locked {
		q.wake()
	}
	if !q.sending {
		q.sending = true
		s.fills.Add(1)
		// Beyond the fill's own deadline: a lock left behind would keep the others waiting.
		go s.sendOffers(context.WithoutCancel(ctx))
	}
}

func (q *offers) wake() {
	select {
	case q.hurry <- struct{}{}:
	default:
	}
}

// flush returns when everything offered so far has been sent, or ctx ends.
func (q *offers) flush(ctx context.Context) {
	sent := make(chan struct{})
	q.mu.Lock()
	sending := q.sending
	if sending {
		q.list = append(q.list, offer{sent: sent})
		q.wake()
	}
	q.mu.Unlock()
	if !sending {
		return
	}
	select {
	case <-sent:
	case <-ctx.Done():
	}
}

// sendOffers puts offers into Redis until none are left.
func (s *Store) sendOffers(ctx context.Context) {
	defer s.fills.Done()
	for more := false; ; {
		if !more {
			s.offers.gather()
		}
		var batch []offer
		if batch, more = s.offers.take(); len(batch) == 0 {
			return
		}
		s.sendBatch(ctx, batch)
	}
}

func (q *offers) gather() {
	timer := time.NewTimer(offerLinger)
	defer timer.Stop()
	select {
	case <-q.hurry:
	case <-timer.C:
	}
}

// take returns the next offers and whether more are waiting. When it returns none, the sender is done.
func (q *offers) take() (batch []offer, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < min(len(q.list), offerMost) && size < offerBytes {
		size += q.list[n].size()
		n++
	}
	batch, q.list = q.list[:n:n], q.list[n:]
	q.bytes -= size
	q.sending = n > 0
	return batch, len(q.list) > 0
}

// sendBatch puts entries into Redis and releases locks. An older entry may overwrite a newer one; then
// somebody fills once more.
func (s *Store) sendBatch(ctx context.Context, batch []offer) {
	var waiting []chan<- struct{}
	// An entry that is not shared is filled once more elsewhere, a lock runs out, and the health check tells of Redis.
	_ = s.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		waiting = waiting[:0]
		_, err := rdb.Pipelined(ctx, func(p goredis.Pipeliner) error {
			var latest *offer
			for i, o := range batch {
				if o.sent != nil {
					waiting = append(waiting, o.sent)
					continue
				}
				if o.entry != nil {
					p.Set(ctx, s.sharedKey(o.flight), o.entry.encode(), sharedTTL)
					if latest == nil || latest.entry.asOf <= o.entry.asOf {
						latest = &batch[i]
					}
				}
				if o.locked {
					p.Eval(ctx, unlockSource, []string{s.lockKey(o.flight)}, s.lockValue(o.flight))
				}
			}
			if latest != nil {
				p.Set(ctx, s.latestKey(latest.flight.epoch), latest.entry.asOf, sharedTTL)
			}
			return nil
		})
		return err //nolint:wrapcheck // Do wraps it
	})
	for _, sent := range waiting {
		close(sent)
	}
}
