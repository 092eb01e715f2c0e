package redis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// patience bounds every wait for a server or an election: how long those take is the machine's affair.
const patience = waittest.Bound

// recovery is how long after Redis is whole again a client may need: half of the minute after which it would look for a
// new topology anyway. It takes about a second.
const recovery = 30 * time.Second

// someKeys are so many that each of three masters has some of them.
const someKeys = 30

func set(ctx context.Context, c *redis.Client, key string) error {
	return c.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		return rdb.Set(ctx, c.Key(key), 1, time.Minute).Err()
	})
}

// works writes keys of all nodes, checks the client's health and has a message of its own arrive.
func works(ctx context.Context, c *redis.Client, heard *heard, message string) error {
	for i := range someKeys {
		if err := set(ctx, c, fmt.Sprint("k", i)); err != nil {
			return err
		}
	}
	if err := c.Check(ctx); err != nil {
		return err
	}
	if err := c.Publish(ctx, "news", []byte(message)); err != nil {
		return err
	}
	for range 20 {
		if heard.has(message) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("%s was not heard", message)
}

// failover is one way of losing the server that owns what the client needs.
type failover struct {
	client *redis.Client
	heard  *heard
	rounds int
}

// follow loses a server by lose, waits for Redis' own failover, and then has the promised time to work again.
func (f *failover) follow(t *testing.T, how string, lose, awaitFailover func()) {
	t.Helper()
	begun := time.Now()
	lose()
	awaitFailover()
	whole := time.Now()
	var err error
	for {
		f.rounds++
		if err = works(t.Context(), f.client, f.heard, fmt.Sprint("m", f.rounds)); err == nil || time.Since(whole) > recovery {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	require.NoError(t, err, "%s: %v after Redis was whole again", how, recovery)
	t.Logf("%s: whole again after %.1f s, works %.2f s later", how, whole.Sub(begun).Seconds(), time.Since(whole).Seconds())
}

func startFailover(t *testing.T, settings redis.Settings) *failover {
	t.Helper()
	f := &failover{client: redistest.Open(t, settings), heard: &heard{}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- f.client.Listen(ctx, redis.Listener{
			Channel: "news", OnMessage: func(_ context.Context, m []byte) { f.heard.add(string(m)) },
		})
	}()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	require.Eventually(t, func() bool {
		f.rounds++
		return works(t.Context(), f.client, f.heard, fmt.Sprint("m", f.rounds)) == nil
	}, patience, 20*time.Millisecond)
	return f
}

func TestAFailoverOfAClusterIsFollowed(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t)
	f := startFailover(t, redis.Settings{DSN: cluster.DSN, Timeout: 250 * time.Millisecond})
	channel := f.client.Key("news") // the node of its slot has the subscription
	old := cluster.Master(channel)
	f.follow(t, "paused", old.Pause, func() { cluster.AwaitFailover(old, channel) })
	old.Resume() // as a replica
	cluster.AwaitReplicas()

	cluster.Configure("cluster-require-full-coverage", "no")
	old = cluster.Master(channel)
	patient := redistest.Open(t, redis.Settings{DSN: cluster.DSN})
	lost, other := keyOf(patient, func(key string) bool { return cluster.Master(key) == old }),
		keyOf(patient, func(key string) bool { return cluster.Master(key) != old })
	require.NoError(t, set(t.Context(), patient, other))
	f.follow(t, "killed", func() {
		old.Kill()
		for range 10 {
			_ = set(t.Context(), patient, lost)
		}
		require.NoError(t, set(t.Context(), patient, other), "the breaker of one node concerns no other")
	}, func() { cluster.AwaitFailover(old, channel) })
}

// keyOf finds a key, without the client's prefix.
func keyOf(c *redis.Client, fits func(key string) bool) string {
	for i := 0; ; i++ {
		if key := fmt.Sprint("k", i); fits(c.Key(key)) {
			return key
		}
	}
}

func TestAFailoverBySentinelsIsFollowed(t *testing.T) {
	t.Parallel()
	sentinel := redistest.StartSentinel(t)
	f := startFailover(t, redis.Settings{DSN: sentinel.DSN, Timeout: 250 * time.Millisecond})
	old := sentinel.Master()
	f.follow(t, "killed", old.Kill, func() { sentinel.AwaitFailover(old) })
	old = sentinel.Master()
	f.follow(t, "paused", old.Pause, func() { sentinel.AwaitFailover(old) })
	old.Resume()
}
