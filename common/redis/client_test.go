package redis_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"nms.example/common/config"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

func dsn(t *testing.T, url string) config.RedisDSN {
	t.Helper()
	var d config.RedisDSN
	require.NoError(t, d.Decode(url))
	return d
}

func get(ctx context.Context, c *redis.Client, key string) (value string, err error) {
	err = c.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		value, err = rdb.Get(ctx, c.Key(key)).Result()
		return err
	})
	return value, err
}

func TestOpenReadsEveryFormOfTheDSN(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://127.0.0.1:6379/2", "redis://user:p%40ss@localhost", "rediss://h:6380/0", "unix:///run/redis.sock",
		"redis://s1:26379,s2:26379/1?master=nms", "redis://n1:7000,n2:7001", "redis://n1:7000?cluster=true",
	} {
		c, err := redis.Open(redis.Settings{DSN: dsn(t, url)})
		require.NoError(t, err, url)
		require.NoError(t, c.Close())
	}
	for _, url := range []string{"redis://u:s3cret@h/notanumber", "redis://u:s3cret@n1:7000,n2:7001/3"} {
		_, err := redis.Open(redis.Settings{DSN: dsn(t, url)})
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestClientAnswersAtOnceWhileRedisIsAwayAndRecovers(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	c := redistest.Open(t, redis.Settings{DSN: server.DSN, Timeout: 100 * time.Millisecond})
	_, err := get(t.Context(), c, "k")
	require.ErrorIs(t, err, goredis.Nil)
	require.NoError(t, c.Check(t.Context()))

	server.Pause() // connections stay open, nothing answers
	waittest.Until(t, "the breaker, whose error wraps no other", func() bool {
		_, err = get(t.Context(), c, "k")
		require.ErrorIs(t, err, redis.ErrDown)
		return errors.Unwrap(err) == nil
	})
	require.Error(t, c.Check(t.Context()))
	server.Resume()
	require.Eventually(t, func() bool { _, err := get(t.Context(), c, "k"); return err == goredis.Nil }, waittest.Bound, 10*time.Millisecond) //nolint:errorlint // exactly

	server.Kill()
	require.Eventually(t, func() bool { _, err := get(t.Context(), c, "k"); return err != nil && c.Down() }, waittest.Bound, time.Millisecond)
	server.Restart()
	require.Eventually(t, func() bool { _, err := get(t.Context(), c, "k"); return err == goredis.Nil }, waittest.Bound, 10*time.Millisecond) //nolint:errorlint // exactly
}

func TestACancelledCallerIsNotRedissFault(t *testing.T) {
	t.Parallel()
	c := redistest.New(t)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := get(ctx, c, "k")
		require.ErrorIs(t, err, context.Canceled)
	}
	require.False(t, c.Down())
}

// heard is what a listener was told, in order.
type heard struct {
	mu    sync.Mutex
	words []string
}

func (h *heard) add(word string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.words = append(h.words, word)
}

func (h *heard) has(word string) bool { return slices.Contains(h.all(), word) }

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.words)
}

func TestListenTellsOfEverySubscription(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	c := redistest.Open(t, redis.Settings{DSN: server.DSN})
	var h heard
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- c.Listen(ctx, redis.Listener{
			Channel:      "news",
			OnMessage:    func(_ context.Context, m []byte) { h.add(string(m)) },
			OnSubscribed: func(context.Context) error { h.add("+"); return nil },
			OnLost:       func(context.Context, error) { h.add("-") },
		})
	}()
	await := func(n int, word string) {
		t.Helper()
		require.Eventually(t, func() bool {
			return len(slices.DeleteFunc(h.all(), func(w string) bool { return w != word })) >= n
		}, waittest.Bound, 5*time.Millisecond, "%s", strings.Join(h.all(), " "))
	}
	await(1, "+")
	require.NoError(t, c.Publish(t.Context(), "news", []byte("a")))
	await(1, "a")
	server.Kill()
	await(1, "-")
	server.Restart()
	await(2, "+")
	require.Eventually(t, func() bool { return c.Publish(t.Context(), "news", []byte("b")) == nil }, waittest.Bound, 10*time.Millisecond)
	await(1, "b")
	server.Pause() // half-open: found out by the missing sign of life
	lost := len(slices.DeleteFunc(h.all(), func(w string) bool { return w != "-" }))
	await(lost+1, "-")
	server.Resume()
	await(3, "+")
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, []string{"+", "a", "-"}, h.all()[:3])
}
