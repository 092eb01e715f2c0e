//go:build workshop

package authn_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/ratelimit"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/registry"
)

// clusterPatience bounds the waits for an election on a busy machine.
const clusterPatience = 2 * time.Minute

// member is what a service has of Redis, with the patience that services have.
type member struct {
	guard    *authn.Guard
	registry *registry.Registry
	limiter  *ratelimit.Limiter
	client   *redis.Client
	id       uuid.UUID
}

// works reports whether everything that a service does in Redis succeeds.
func (m *member) works(ctx context.Context) bool {
	if m.client.Check(ctx) != nil || m.guard.Check(ctx) != nil || m.registry.Beat(ctx, registry.Instance{ID: m.id, Service: "test"}) != nil {
		return false
	}
	list, err := m.registry.List(ctx)
	return err == nil && len(list) > 0
}

// grants counts what a limit of two lets through at all members together.
func grants(ctx context.Context, members []*member) (n int) {
	key := uuid.NewString()
	for _, m := range members {
		for range 3 {
			if _, ok := m.limiter.Allow(ctx, key); ok {
				n++
			}
		}
	}
	return n
}

// The master that keeps the revocations dies, or hangs, and stays away. A user is blocked in that moment.
func TestABlockDuringAFailoverOfACluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t)
	settings := redis.Settings{DSN: cluster.DSN, Timeout: redis.DefaultTimeout}
	s := setup(t, redistest.Open(t, redis.Settings{DSN: cluster.DSN, Timeout: 500 * time.Millisecond}))
	require.Eventually(t, func() bool { return s.publisher.PutKeys(t.Context(), 1, nil) == nil }, clusterPatience, 20*time.Millisecond)
	require.NoError(t, s.publisher.MarkComplete(t.Context()))
	members := make([]*member, 3)
	for i := range members {
		client := redistest.Open(t, settings)
		one := &feedStand{t: t, kit: s.kit, client: client}
		members[i] = &member{
			guard: one.guard(s.kit.Secret), registry: registry.New(client), client: client, id: uuid.New(),
			limiter: ratelimit.NewLimiter(client, "test", ratelimit.Rate{PerSecond: 0.001, Burst: 2}),
		}
	}
	all := func(holds func(*member) bool) func() bool {
		return func() bool {
			for _, m := range members {
				if !holds(m) {
					return false
				}
			}
			return true
		}
	}
	healthy := all(func(m *member) bool { return m.works(t.Context()) })
	require.Eventually(t, healthy, clusterPatience, 20*time.Millisecond)
	owned := s.client.Key("{authn}")

	for n, how := range []string{"killed", "paused"} {
		old := cluster.Master(owned)
		claims := authntest.Claims(1)
		claims.UserID = 1 + int64(n) // another user each time
		token := s.kit.Sign(t, claims)
		begun := time.Now()
		if how == "killed" {
			old.Kill()
		} else {
			old.Pause()
		}
		block := []authn.Revocation{{UserID: claims.UserID, Epoch: claims.UserEpoch + 1, Until: time.Now().Add(authn.RevocationTTL)}}
		require.Eventually(t, func() bool { return s.publisher.Revoke(t.Context(), block) == nil }, clusterPatience, 50*time.Millisecond)
		require.Eventually(t, all(func(m *member) bool { _, err := m.guard.Token(token); return err != nil }), clusterPatience, 5*time.Millisecond)
		blocked := time.Since(begun)
		cluster.AwaitFailover(old, owned)
		whole := time.Since(begun)
		require.Eventually(t, healthy, clusterPatience, 20*time.Millisecond)
		works := time.Since(begun)
		t.Logf("%s: the block is in force after %.1f s, Redis is whole after %.1f s, all is healthy after %.1f s",
			how, blocked.Seconds(), whole.Seconds(), works.Seconds())
		require.Eventually(t, func() bool { return grants(t.Context(), members) == 2 }, clusterPatience, 20*time.Millisecond,
			"limits count over all instances again")
		old.Kill()
		old.Restart() // as a replica
		cluster.AwaitReplicas()
	}
}
