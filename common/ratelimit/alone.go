package ratelimit

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// maxAlone bounds the keys remembered in case Redis goes away. A flood of others cannot displace a key that has failed
// more often than they: see sweep.
const maxAlone = 50_000

// failures is what this instance knows of one key. Backoff.mu guards it.
type failures struct {
	shared  int       // attempts that Redis has counted, by its last answer
	untold  int       // attempts admitted alone of which Redis has not been told
	telling int       // of which it is being told
	asking  int       // attempts that are being asked for
	next    time.Time // the earliest next attempt
	last    time.Time // of the last attempt
	heard   time.Time // of Redis's last answer
}

// call is one question to Redis.
type call struct {
	begun time.Time
	// told are the attempts of which Redis is told with it, wait how long the next one would have to wait.
	told int
	wait time.Duration
}

func (f *failures) count() int { return f.shared + f.untold + f.telling }

// begin notes that Redis is being asked for an attempt.
func (b *Backoff) begin(key string) (*failures, call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	f := b.remember(key, now)
	c := call{begun: now, told: f.untold, wait: max(0, f.next.Sub(now))}
	f.asking++
	f.telling += c.told
	f.untold = 0
	return f, c
}

// failed notes that a question was not answered in time. Redis may have counted the attempt all the same; then it counts twice.
func (f *failures) failed(c call) {
	f.asking--
	f.telling -= c.told
	f.untold += c.told
}

// answered notes Redis's answer. Of answers to questions that were asked at once the strictest holds, for they come in any
// order.
func (f *failures) answered(c call, shared int, next, now time.Time) {
	f.asking--
	f.telling -= c.told
	if c.begun.After(f.heard) {
		f.shared, f.next = shared, next
	} else {
		f.shared = max(f.shared, shared)
		if next.After(f.next) {
			f.next = next
		}
	}
	f.heard = now
}

// attemptAlone decides without Redis. Questions to Redis that are still open count as if it had admitted them.
func (b *Backoff) attemptAlone(f *failures, now time.Time) (time.Duration, bool) {
	if wait := f.next.Sub(now); wait > 0 {
		return wait, false
	}
	if f.asking > 0 {
		if b.delay(f.count()+f.asking) > 0 {
			return b.delays.Base, false
		}
	}
	f.untold++
	delay := b.delay(f.count())
	f.next = now.Add(delay)
	return delay, true
}

// forgivenAlone takes back one attempt. Where this instance has admitted one of which Redis does not know, it is that one,
// and Redis need not be told.
func (b *Backoff) forgivenAlone(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.alone[key]
	if f == nil {
		return false
	}
	wasAlone := f.untold > 0
	if wasAlone {
		f.untold--
	} else {
		f.shared = max(0, f.shared-1)
	}
	if f.count() <= b.delays.Free {
		f.next = time.Time{}
	}
	return wasAlone
}

func (b *Backoff) delay(count int) time.Duration {
	over := count - b.delays.Free
	if over <= 0 {
		return 0
	}
	d := b.delays.Base
	for range min(over-1, 40) {
		if d >= b.delays.Max {
			break
		}
		d *= 2
	}
	return min(d, b.delays.Max)
}

// remember returns the key's local state, new when it has been idle for long. The caller holds mu.
func (b *Backoff) remember(key string, now time.Time) *failures {
	f := b.alone[key]
	if f == nil || f.asking == 0 && now.Sub(f.last) > b.delays.Forget+b.delays.Max {
		if len(b.alone) >= maxAlone {
			b.sweep(now)
		}
		f = &failures{}
		b.alone[key] = f
	}
	f.last = now
	return f
}

// sweep forgets idle keys. When that does not free half of the room, those follow of which the fewest attempts are known,
// of equals the ones longest ago: whoever would have a key forgotten has to try half as many others more often than it.
func (b *Backoff) sweep(now time.Time) {
	maps.DeleteFunc(b.alone, func(_ string, f *failures) bool { return f.asking == 0 && now.Sub(f.last) > b.delays.Forget })
	if len(b.alone) <= maxAlone/2 {
		return
	}
	keys := slices.SortedFunc(maps.Keys(b.alone), func(one, other string) int {
		f, g := b.alone[one], b.alone[other]
		return cmp.Or(cmp.Compare(f.count(), g.count()), f.last.Compare(g.last))
	})
	for _, key := range keys {
		if len(b.alone) <= maxAlone/2 {
			return
		}
		if b.alone[key].asking == 0 {
			delete(b.alone, key)
		}
	}
}
