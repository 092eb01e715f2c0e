// Package ratelimit bounds how often something may happen over all instances of a service: a token bucket
// for requests (Limiter) and a growing delay after failures (Backoff).
//
// Both keep their state in Redis, read its clock, and change it in one atomic step. Both go on alone while
// Redis is away: then each instance grants the full rate by itself, and delays continue from what this
// instance saw last.
package ratelimit

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/redis"
)

// Rate is the size of a token bucket.
type Rate struct {
	// PerSecond is how many tokens come back each second.
	PerSecond float64
	// Burst is how many may be taken at once after a pause, at least 1.
	Burst int
}

// Limiter is a token bucket per key, shared by all instances. An instance leases a few tokens at a time from
// Redis, so that a busy key costs a network call only once per lease, and an exhausted one once per refusal
// period. Leased tokens count as taken: over all instances no more than the rate is ever granted, a little
// less when one instance leases tokens that it does not use.
type Limiter struct {
	redis  *redis.Client
	name   string
	rate   Rate
	period time.Duration // between two tokens
	shards [shardCount]shard
	seed   maphash.Seed
	now    func() time.Time
}

const (
	shardCount = 64
	// leaseTime is how long leased tokens may be used: long enough for a busy key, short against the burst.
	leaseTime = time.Second
	// shardKeys bounds the keys that a shard remembers before it looks for idle ones.
	shardKeys = 2048
)

type shard struct {
	mu   sync.Mutex
	keys map[string]*bucket
}

// bucket is what this instance knows of one key.
type bucket struct {
	mu     sync.Mutex
	tokens int       // leased and unused
	until  time.Time // end of the lease
	size   int       // of the last lease
	denied time.Time // no token before this moment
	local  time.Time // GCRA's theoretical arrival time while Redis is away
	used   time.Time
}

// NewLimiter makes a limiter; name separates its keys from other limiters'. redis may be nil: then every
// instance counts alone.
func NewLimiter(redis *redis.Client, name string, rate Rate) *Limiter {
	rate.Burst = max(rate.Burst, 1)
	rate.PerSecond = max(rate.PerSecond, 1e-6)
	l := &Limiter{
		redis: redis, name: name, rate: rate, seed: maphash.MakeSeed(), now: time.Now,
		period: time.Duration(float64(time.Second) / rate.PerSecond),
	}
	l.period = max(l.period, time.Microsecond)
	for i := range l.shards {
		l.shards[i].keys = map[string]*bucket{}
	}
	return l
}

// Allow takes one token of key. When there is none, ok is false and retryAfter says when there will be one.
// It implements api.Limiter and waits for Redis at most the client's deadline.
func (l *Limiter) Allow(ctx context.Context, key string) (retryAfter time.Duration, ok bool) {
	b := l.bucket(key)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := l.now()
	idle := now.Sub(b.used)
	b.used = now
	if b.tokens > 0 && now.Before(b.until) {
		b.tokens--
		return 0, true
	}
	if now.Before(b.denied) {
		return b.denied.Sub(now), false
	}
	granted, wait, err := l.lease(ctx, key, l.leaseSize(b, idle))
	switch {
	case err != nil:
		return l.allowAlone(b, now)
	case granted == 0:
		b.tokens, b.size = 0, 0
		b.denied = now.Add(wait)
		return wait, false
	}
	b.size, b.tokens, b.until = granted, granted-1, now.Add(leaseTime)
	// Should Redis go away now, counting alone continues where the bucket stood.
	b.local = now.Add(wait)
	return 0, true
}

// leaseSize doubles while a key uses its leases up in time and never exceeds an eighth of what it may have.
func (l *Limiter) leaseSize(b *bucket, idle time.Duration) int {
	if idle > leaseTime || b.tokens > 0 || b.size == 0 {
		return 1
	}
	bound := int(math.Min(float64(l.rate.Burst), l.rate.PerSecond) / 8)
	return max(1, min(2*b.size, bound))
}

// allowAlone is the same bucket in this process only.
func (l *Limiter) allowAlone(b *bucket, now time.Time) (time.Duration, bool) {
	b.tokens, b.size = 0, 0
	tat := b.local
	if tat.Before(now) {
		tat = now
	}
	capacity := time.Duration(l.rate.Burst) * l.period
	next := tat.Add(l.period)
	if wait := next.Sub(now) - capacity; wait > 0 {
		return wait, false
	}
	b.local = next
	return 0, true
}

// leaseScript is the generic cell rate algorithm (ITU-T I.371) for up to n cells at once.
// KEYS[1] theoretical arrival time in µs; ARGV: period in µs, burst, wanted tokens.
// Answer: granted tokens, and µs: until a token comes when none was granted, else how far the bucket is used.
var leaseScript = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local period, burst, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = tonumber(redis.call('GET', KEYS[1]) or '0')
if tat < now then tat = now end
local room = now + burst * period - tat
local grant = math.min(want, math.floor(room / period))
if grant < 1 then return {0, math.ceil(period - room)} end
tat = tat + grant * period
redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 1000)
return {grant, tat - now}`)

func (l *Limiter) lease(ctx context.Context, key string, want int) (granted int, wait time.Duration, err error) {
	if l.redis == nil {
		return 0, 0, redis.ErrDown
	}
	err = l.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		reply, err := leaseScript.Run(ctx, rdb, []string{l.redis.Key("rate", l.name, key)},
			l.period.Microseconds(), l.rate.Burst, want).Int64Slice()
		if err != nil {
			return err //nolint:wrapcheck // Do wraps it
		}
		granted, wait = int(reply[0]), time.Duration(reply[1])*time.Microsecond
		return nil
	})
	return granted, wait, err
}

func (l *Limiter) bucket(key string) *bucket {
	s := &l.shards[maphash.String(l.seed, key)%shardCount]
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.keys[key]
	if b == nil {
		if len(s.keys) >= shardKeys {
			s.sweep(l.now().Add(-max(leaseTime, time.Duration(l.rate.Burst)*l.period)))
		}
		b = &bucket{used: l.now()}
		s.keys[key] = b
	}
	return b
}

// sweep forgets keys that have not been used since before, and a random half when all have: what they have
// taken is still counted in Redis. A bucket in use is locked and is left alone.
func (s *shard) sweep(before time.Time) {
	target := len(s.keys) / 2
	for _, all := range []bool{false, true} {
		for key, b := range s.keys {
			if all && len(s.keys) <= target {
				return
			}
			if !b.mu.TryLock() {
				continue
			}
			if all || b.used.Before(before) {
				delete(s.keys, key)
			}
			b.mu.Unlock()
		}
	}
}
