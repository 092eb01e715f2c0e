package ratelimit

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"nms.example/common/cache"
)

// Delays describes how failures slow a key down. After Free attempts without success the next one must
// wait Base, then twice as long each time, up to Max. A key without attempts for Forget starts anew.
type Delays struct {
	Free   int
	Base   time.Duration
	Max    time.Duration
	Forget time.Duration
}

// Backoff is a growing delay per key over all instances, against guessing.
//
// An attempt is counted before its outcome is known, in the same atomic step that admits it: a hundred
// attempts at once pass the door as seldom as a hundred in a row. Succeeded or Forgiven takes it back.
type Backoff struct {
	redis  *cache.Client
	name   string
	delays Delays
	now    func() time.Time

	mu    sync.Mutex
	alone map[string]*failures // what this instance saw last of each key
}

type failures struct {
	count int
	next  time.Time // the earliest next attempt
	last  time.Time
}

// maxAlone bounds the keys remembered in case Redis goes away.
const maxAlone = 50_000

// NewBackoff makes a backoff; name separates its keys. redis may be nil.
func NewBackoff(redis *cache.Client, name string, delays Delays) *Backoff {
	delays.Free = max(delays.Free, 0)
	delays.Max = max(delays.Max, delays.Base)
	delays.Forget = max(delays.Forget, delays.Max)
	return &Backoff{redis: redis, name: name, delays: delays, now: time.Now, alone: map[string]*failures{}}
}

// attemptScript: KEYS[1] hash {n: attempts without success, at: earliest next attempt in ms}.
// ARGV: free, base, max, forget in ms. Answer: ms to wait when refused, else 0 or less; attempts; ms until the next.
var attemptScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local h = redis.call('HMGET', KEYS[1], 'n', 'at')
local n, at = tonumber(h[1] or '0'), tonumber(h[2] or '0')
if at > now then return {at - now, n, at - now} end
n = n + 1
local delay = 0
if n > tonumber(ARGV[1]) then
  delay = math.min(tonumber(ARGV[2]) * 2 ^ math.min(n - ARGV[1] - 1, 40), tonumber(ARGV[3]))
end
redis.call('HSET', KEYS[1], 'n', n, 'at', string.format('%.0f', now + delay))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[4] + delay))
return {0, n, math.ceil(delay)}`)

// Attempt asks to try once. ok false: not before retryAfter. ok true: the attempt counts as failed until
// Succeeded or Forgiven says otherwise, and retryAfter tells how long the next one will have to wait.
func (b *Backoff) Attempt(ctx context.Context, key string) (retryAfter time.Duration, ok bool) {
	var reply []int64
	err := b.do(ctx, func(ctx context.Context, rdb redis.UniversalClient) (err error) {
		reply, err = attemptScript.Run(ctx, rdb, []string{b.key(key)}, b.delays.Free, b.delays.Base.Milliseconds(),
			b.delays.Max.Milliseconds(), b.delays.Forget.Milliseconds()).Int64Slice()
		return err
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if err != nil {
		return b.attemptAlone(key, now)
	}
	wait := time.Duration(reply[2]) * time.Millisecond
	f := b.remember(key, now)
	f.count, f.next = int(reply[1]), now.Add(wait)
	return wait, reply[0] <= 0
}

// Pending tells how long an attempt would have to wait, without counting one.
func (b *Backoff) Pending(ctx context.Context, key string) time.Duration {
	var at, now int64
	err := b.do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error {
		pipe := rdb.Pipeline()
		stored, clock := pipe.HGet(ctx, b.key(key), "at"), pipe.Time(ctx)
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		now = clock.Val().UnixMilli()
		var err error
		at, err = stored.Int64()
		return err
	})
	switch {
	case err == nil:
		return max(0, time.Duration(at-now)*time.Millisecond)
	case errors.Is(err, redis.Nil):
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.alone[key]; f != nil {
		return max(0, f.next.Sub(b.now()))
	}
	return 0
}

// Succeeded forgets all failures of key: for an account whose owner has logged in.
func (b *Backoff) Succeeded(ctx context.Context, key string) {
	_ = b.do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error { return rdb.Del(ctx, b.key(key)).Err() })
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.alone, key)
}

var forgiveScript = redis.NewScript(`
local n = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
if n <= 1 then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'n', n - 1)
if n - 1 <= tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'at', 0) end
return 1`)

// Forgiven takes back one attempt only: for an address, whose other failures stay, since its owner may
// have an account of his own and guess at others'.
func (b *Backoff) Forgiven(ctx context.Context, key string) {
	_ = b.do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error {
		return forgiveScript.Run(ctx, rdb, []string{b.key(key)}, b.delays.Free).Err()
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.alone[key]; f != nil {
		f.count = max(0, f.count-1)
		if f.count <= b.delays.Free {
			f.next = time.Time{}
		}
	}
}

func (b *Backoff) attemptAlone(key string, now time.Time) (time.Duration, bool) {
	f := b.remember(key, now)
	if wait := f.next.Sub(now); wait > 0 {
		return wait, false
	}
	f.count++
	delay := b.delay(f.count)
	f.next = now.Add(delay)
	return delay, true
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

// remember gives the key's local state, new when it has been idle for long. The caller holds mu.
func (b *Backoff) remember(key string, now time.Time) *failures {
	f := b.alone[key]
	if f == nil || now.Sub(f.last) > b.delays.Forget+b.delays.Max {
		if len(b.alone) >= maxAlone {
			b.sweep(now)
		}
		f = &failures{}
		b.alone[key] = f
	}
	f.last = now
	return f
}

// sweep forgets idle keys, and arbitrary ones when that does not free half of the room.
func (b *Backoff) sweep(now time.Time) {
	for _, all := range []bool{false, true} {
		for key, f := range b.alone {
			if all && len(b.alone) <= maxAlone/2 {
				return
			}
			if all || now.Sub(f.last) > b.delays.Forget {
				delete(b.alone, key)
			}
		}
	}
}

func (b *Backoff) key(key string) string { return b.redis.Key("backoff", b.name, key) }

func (b *Backoff) do(ctx context.Context, f func(ctx context.Context, rdb redis.UniversalClient) error) error {
	if b.redis == nil {
		return cache.ErrDown
	}
	return b.redis.Do(ctx, f)
}
