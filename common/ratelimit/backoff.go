package ratelimit

import (
	"context"
	"errors"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/redis"
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
//
// While Redis does not answer, or answers too late, each instance decides by itself. It counts together what it has sent to
// Redis and what it has admitted alone, and tells Redis of the latter as soon as that answers again. So one instance never
// admits more than Delays allow, however often Redis comes and goes; n instances together admit at most n times as much
// while Redis is away.
type Backoff struct {
	redis  *redis.Client
	name   string
	delays Delays
	now    func() time.Time

	mu    sync.Mutex
	alone map[string]*failures // what this instance knows of each key
}

// NewBackoff makes a backoff; name separates its keys. redis may be nil.
func NewBackoff(redis *redis.Client, name string, delays Delays) *Backoff {
	delays.Free = max(delays.Free, 0)
	delays.Max = max(delays.Max, delays.Base)
	delays.Forget = max(delays.Forget, delays.Max)
	return &Backoff{redis: redis, name: name, delays: delays, now: time.Now, alone: map[string]*failures{}}
}

// attemptScript: KEYS[1] hash {n: attempts without success, at: earliest next attempt in ms}.
// ARGV: free, base, max, forget in ms; attempts that this instance has admitted alone, ms until it would admit the next.
// Answer: ms to wait when refused, else 0 or less; attempts; ms until the next.
var attemptScript = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local h = redis.call('HMGET', KEYS[1], 'n', 'at')
local n, at = tonumber(h[1] or '0') + ARGV[5], tonumber(h[2] or '0')
if tonumber(ARGV[5]) > 0 then at = math.max(at, now + ARGV[6]) end
local refused = at > now
local delay = at - now
if not refused then
  n = n + 1
  delay = 0
  if n > tonumber(ARGV[1]) then
    delay = math.min(tonumber(ARGV[2]) * 2 ^ math.min(n - ARGV[1] - 1, 40), tonumber(ARGV[3]))
  end
end
if not refused or tonumber(ARGV[5]) > 0 then
  redis.call('HSET', KEYS[1], 'n', n, 'at', string.format('%.0f', now + delay))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[4] + delay))
end
if refused then return {math.ceil(delay), n, math.ceil(delay)} end
return {0, n, math.ceil(delay)}`)

// Attempt asks to try once. ok false: not before retryAfter. ok true: the attempt counts as failed until
// Succeeded or Forgiven says otherwise, and retryAfter tells how long the next one will have to wait.
func (b *Backoff) Attempt(ctx context.Context, key string) (retryAfter time.Duration, ok bool) {
	f, call := b.begin(key)
	var reply []int64
	err := b.do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
		reply, err = attemptScript.Run(ctx, rdb, []string{b.key(key)}, b.delays.Free, b.delays.Base.Milliseconds(),
			b.delays.Max.Milliseconds(), b.delays.Forget.Milliseconds(), call.told, call.wait.Milliseconds()).Int64Slice()
		return err
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if err != nil {
		f.failed(call)
		return b.attemptAlone(f, now)
	}
	wait := time.Duration(reply[2]) * time.Millisecond
	f.answered(call, int(reply[1]), now.Add(wait), now)
	return wait, reply[0] <= 0
}

// Pending tells how long an attempt would have to wait, without counting one.
func (b *Backoff) Pending(ctx context.Context, key string) time.Duration {
	var at, now int64
	err := b.do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
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
	case errors.Is(err, goredis.Nil):
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
	// Without Redis the failures are forgotten after their time; the health check tells of it.
	_ = b.do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error { return rdb.Del(ctx, b.key(key)).Err() })
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.alone, key)
}

var forgiveScript = goredis.NewScript(`
local n = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
if n <= 1 then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'n', n - 1)
if n - 1 <= tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'at', 0) end
return 1`)

// Forgiven takes back one attempt only: for an address, whose other failures stay, since its owner may
// have an account of his own and guess at others'.
func (b *Backoff) Forgiven(ctx context.Context, key string) {
	if b.forgivenAlone(key) {
		return
	}
	// As above.
	_ = b.do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		return forgiveScript.Run(ctx, rdb, []string{b.key(key)}, b.delays.Free).Err()
	})
}

func (b *Backoff) key(key string) string { return b.redis.Key("backoff", b.name, key) }

func (b *Backoff) do(ctx context.Context, f func(ctx context.Context, rdb goredis.UniversalClient) error) error {
	if b.redis == nil {
		return redis.ErrDown
	}
	return b.redis.Do(ctx, f)
}
