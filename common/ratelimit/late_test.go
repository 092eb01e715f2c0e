package ratelimit_test

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
	"nms.example/common/ratelimit"
	"nms.example/common/redis"
	"nms.example/common/redistest"
)

// lateRedis stands between a client and Redis: what the client sends arrives after delay, or never while deaf.
type lateRedis struct {
	deaf  atomic.Bool
	delay func() time.Duration
	dsn   config.RedisDSN
}

func startLateRedis(t *testing.T, delay func() time.Duration) *lateRedis {
	t.Helper()
	server := redistest.StartServer(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &lateRedis{delay: delay}
	require.NoError(t, l.dsn.Decode("redis://"+listener.Addr().String()+"/0"))
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { l.serve(client, server.Address()) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return l
}

func (l *lateRedis) serve(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	var answers sync.WaitGroup
	defer answers.Wait()
	defer server.Close()
	answers.Go(func() { _, _ = io.Copy(client, server) })
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil || l.deaf.Load() {
			return
		}
		time.Sleep(l.delay())
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func atOnce() time.Duration { return 0 }

// An instance that Redis does not hear counts alone; when Redis hears it again, it has no second allowance.
func TestRedisComingAndGoingAddsNoAllowance(t *testing.T) {
	t.Parallel()
	late := startLateRedis(t, atOnce)
	redis := redistest.Open(t, redis.Settings{DSN: late.dsn, Timeout: time.Minute})
	backoff := ratelimit.NewBackoff(redis, "login", ratelimit.Delays{Free: 5, Base: time.Hour, Max: time.Hour, Forget: time.Hour})
	attempt := func() bool {
		_, ok := backoff.Attempt(t.Context(), "victim")
		return ok
	}
	for _, deaf := range []bool{false, true, true, false, true, false} {
		late.deaf.Store(deaf)
		require.True(t, attempt())
	}
	for _, deaf := range []bool{false, true, false, true} {
		late.deaf.Store(deaf)
		require.False(t, attempt())
	}
	other := ratelimit.NewBackoff(redis, "login", ratelimit.Delays{Free: 5, Base: time.Hour, Max: time.Hour, Forget: time.Hour})
	late.deaf.Store(false)
	_, ok := other.Attempt(t.Context(), "victim")
	require.False(t, ok, "what one instance has admitted alone, all know once Redis does")
}

// What Redis admits too late has been counted: attempts at once, some answered in time and some not, pass as seldom as a
// sequence does, on a machine of any speed.
func TestLateAnswersAddNoAllowance(t *testing.T) {
	t.Parallel()
	const patience = 20 * time.Millisecond
	late := startLateRedis(t, func() time.Duration { return rand.N(2 * patience) })
	redis := redistest.Open(t, redis.Settings{DSN: late.dsn, Timeout: patience})
	backoff := ratelimit.NewBackoff(redis, "login", ratelimit.Delays{Free: 5, Base: time.Hour, Max: time.Hour, Forget: time.Hour})
	var admitted atomic.Int64
	for range 10 {
		var attempts sync.WaitGroup
		for range 20 {
			attempts.Go(func() {
				if _, ok := backoff.Attempt(t.Context(), "victim"); ok {
					admitted.Add(1)
				}
			})
		}
		attempts.Wait()
	}
	require.LessOrEqual(t, admitted.Load(), int64(6), "the free ones and the first that is followed by a delay")
	require.Positive(t, admitted.Load())
}

func TestWhatWasAdmittedAloneIsForgivenFirst(t *testing.T) {
	t.Parallel()
	late := startLateRedis(t, atOnce)
	redis := redistest.Open(t, redis.Settings{DSN: late.dsn, Timeout: time.Minute})
	backoff := ratelimit.NewBackoff(redis, "address", ratelimit.Delays{Free: 3, Base: time.Hour, Max: time.Hour, Forget: time.Hour})
	for i := range 20 { // logins that succeed never add up, whoever has counted them
		late.deaf.Store(i%2 == 0)
		_, ok := backoff.Attempt(t.Context(), "192.0.2.1")
		require.True(t, ok)
		backoff.Forgiven(t.Context(), "192.0.2.1")
	}
}
