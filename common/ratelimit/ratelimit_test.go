package ratelimit_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/ratelimit"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestInstancesTogetherGrantNoMoreThanTheRate(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	rate := ratelimit.Rate{PerSecond: 200, Burst: 100}
	var granted, asked atomic.Int64
	var clients sync.WaitGroup
	began := time.Now()
	for range 4 {
		limiter := ratelimit.NewLimiter(redis, "test", rate)
		for range 2 {
			clients.Go(func() {
				for time.Since(began) < 1500*time.Millisecond || asked.Load() < 2*int64(rate.Burst) {
					asked.Add(1)
					wait, ok := limiter.Allow(t.Context(), "user:1")
					if ok {
						granted.Add(1)
						continue
					}
					require.Positive(t, wait)
					time.Sleep(min(wait, 5*time.Millisecond))
				}
			})
		}
	}
	clients.Wait()
	most := int64(float64(rate.Burst) + rate.PerSecond*time.Since(began).Seconds())
	require.LessOrEqual(t, granted.Load(), most)
	require.Greater(t, granted.Load(), int64(rate.Burst/2), "leased and unused tokens must stay few")
}

func TestKeysDoNotShareABucket(t *testing.T) {
	t.Parallel()
	limiter := ratelimit.NewLimiter(redistest.New(t), "test", ratelimit.Rate{PerSecond: 0.01, Burst: 2})
	for _, key := range []string{"a", "b"} {
		for range 2 {
			_, ok := limiter.Allow(t.Context(), key)
			require.True(t, ok)
		}
		wait, ok := limiter.Allow(t.Context(), key)
		require.False(t, ok)
		require.InDelta(t, 100, wait.Seconds(), 50)
	}
}

func TestLimiterCountsAloneWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	redis := redistest.Open(t, redis.Settings{DSN: server.DSN, Timeout: 50 * time.Millisecond})
	limiter := ratelimit.NewLimiter(redis, "test", ratelimit.Rate{PerSecond: 0.01, Burst: 3})
	_, ok := limiter.Allow(t.Context(), "k")
	require.True(t, ok)
	server.Kill()
	for range 2 { // the bucket goes on where it stood
		_, ok := limiter.Allow(t.Context(), "k")
		require.True(t, ok)
	}
	waittest.Until(t, "the breaker keeps callers from waiting", func() bool {
		_, ok := limiter.Allow(t.Context(), "k")
		require.False(t, ok)
		return redis.Down()
	})
	server.Restart()
	require.Eventually(t, func() bool {
		_, ok := limiter.Allow(t.Context(), "after")
		return ok && !redis.Down()
	}, waittest.Bound, 10*time.Millisecond)
}

func TestBackoffGrowsAndIsSharedByInstances(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	delays := ratelimit.Delays{Free: 2, Base: 5 * time.Second, Max: time.Hour, Forget: time.Hour}
	a, b := ratelimit.NewBackoff(redis, "login", delays), ratelimit.NewBackoff(redis, "login", delays)
	for _, instance := range []*ratelimit.Backoff{a, b} {
		wait, ok := instance.Attempt(t.Context(), "admin_nms")
		require.True(t, ok)
		require.Zero(t, wait)
	}
	wait, ok := a.Attempt(t.Context(), "admin_nms")
	require.True(t, ok)
	require.Equal(t, 5*time.Second, wait)
	wait, ok = b.Attempt(t.Context(), "admin_nms")
	require.False(t, ok, "the other instance knows")
	require.Positive(t, wait)
	require.Positive(t, b.Pending(t.Context(), "admin_nms"))
	require.Eventually(t, func() bool {
		wait, ok = b.Attempt(t.Context(), "admin_nms")
		return ok
	}, waittest.Bound, 5*time.Millisecond)
	require.Equal(t, 10*time.Second, wait, "twice as long")
	require.Zero(t, a.Pending(t.Context(), "somebody else"))
	a.Succeeded(t.Context(), "admin_nms")
	require.Zero(t, b.Pending(t.Context(), "admin_nms"))
	_, ok = b.Attempt(t.Context(), "admin_nms")
	require.True(t, ok)
}

// Forgetting is Redis' expiry, which each attempt puts off.
func TestAnOldFailureIsForgotten(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	delays := ratelimit.Delays{Free: 1, Base: 10 * time.Millisecond, Max: 20 * time.Millisecond, Forget: time.Second}
	one := ratelimit.NewBackoff(redis, "login", delays)
	for range 2 {
		require.Eventually(t, func() bool { _, ok := one.Attempt(t.Context(), "u"); return ok }, waittest.Bound, 5*time.Millisecond)
	}
	var left time.Duration
	exists := func() bool {
		require.NoError(t, redis.Do(t.Context(), func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
			left, err = rdb.PTTL(ctx, redis.Key("backoff", "login", "u")).Result()
			return err
		}))
		return left >= 0 // negative: there is no such key
	}
	if exists() {
		require.LessOrEqual(t, left, delays.Forget+delays.Max)
	}
	require.Eventually(t, func() bool { return !exists() }, waittest.Bound, 5*time.Millisecond)
	wait, ok := ratelimit.NewBackoff(redis, "login", delays).Attempt(t.Context(), "u") // which has seen nothing itself
	require.True(t, ok)
	require.Zero(t, wait, "it starts anew")
}

func TestParallelAttemptsPassAsSeldomAsASequence(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	delays := ratelimit.Delays{Free: 5, Base: time.Minute, Max: time.Hour, Forget: time.Hour}
	var passed atomic.Int64
	var attempts sync.WaitGroup
	for range 4 {
		backoff := ratelimit.NewBackoff(redis, "login", delays)
		for range 25 {
			attempts.Go(func() {
				if _, ok := backoff.Attempt(t.Context(), "victim"); ok {
					passed.Add(1)
				}
			})
		}
	}
	attempts.Wait()
	require.Equal(t, int64(6), passed.Load(), "the free ones and the first that is followed by a delay")
}

func TestForgivenTakesBackOneAttempt(t *testing.T) {
	t.Parallel()
	for name, redis := range map[string]*redis.Client{"shared": redistest.New(t), "alone": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backoff := ratelimit.NewBackoff(redis, "address", ratelimit.Delays{Free: 3, Base: time.Hour, Max: time.Hour, Forget: time.Hour})
			for range 20 { // logins that succeed never add up
				wait, ok := backoff.Attempt(t.Context(), "192.0.2.1")
				require.True(t, ok)
				require.Zero(t, wait)
				backoff.Forgiven(t.Context(), "192.0.2.1")
			}
			for range 4 {
				_, ok := backoff.Attempt(t.Context(), "192.0.2.1")
				require.True(t, ok)
			}
			_, ok := backoff.Attempt(t.Context(), "192.0.2.1")
			require.False(t, ok)
			require.InDelta(t, time.Hour, backoff.Pending(t.Context(), "192.0.2.1"), float64(time.Minute))
		})
	}
}

func TestBackoffGoesOnAloneWhereItStood(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	redis := redistest.Open(t, redis.Settings{DSN: server.DSN, Timeout: 50 * time.Millisecond})
	backoff := ratelimit.NewBackoff(redis, "login", ratelimit.Delays{Free: 1, Base: time.Hour, Max: 2 * time.Hour, Forget: 3 * time.Hour})
	for range 2 {
		_, ok := backoff.Attempt(t.Context(), "x")
		require.True(t, ok)
	}
	server.Kill()
	wait, ok := backoff.Attempt(t.Context(), "x")
	require.False(t, ok, "killing Redis forgives nothing that this instance has seen")
	require.InDelta(t, time.Hour, wait, float64(time.Minute))
	backoff.Succeeded(t.Context(), "x")
	_, ok = backoff.Attempt(t.Context(), "x")
	require.True(t, ok)
}

// A flood of other keys while Redis is away does not give a key that is being guessed at a second allowance.
func TestAFloodOfKeysDoesNotWashOutTheFailuresOfOne(t *testing.T) {
	t.Parallel()
	b := ratelimit.NewBackoff(nil, "login", ratelimit.Delays{Free: 3, Base: time.Hour, Max: 24 * time.Hour, Forget: 24 * time.Hour})
	for range 4 {
		_, ok := b.Attempt(t.Context(), "victim")
		require.True(t, ok)
	}
	for i := range 120_000 { // more than twice what is remembered
		_, ok := b.Attempt(t.Context(), strconv.Itoa(i))
		require.True(t, ok)
	}
	_, ok := b.Attempt(t.Context(), "victim")
	require.False(t, ok)
}

func BenchmarkAllow(b *testing.B) {
	for name, rate := range map[string]ratelimit.Rate{
		"busy key": {PerSecond: 1e6, Burst: 1e6},
		"refused":  {PerSecond: 0.001, Burst: 1},
	} {
		b.Run(name, func(b *testing.B) {
			limiter := ratelimit.NewLimiter(redistest.New(b), "bench", rate)
			b.ReportAllocs()
			for b.Loop() {
				limiter.Allow(b.Context(), "user:1")
			}
		})
	}
}
