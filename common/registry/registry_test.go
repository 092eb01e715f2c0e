package registry

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const deadline = waittest.Bound

func setup(t *testing.T) *Registry {
	t.Helper()
	return New(redistest.New(t))
}

func instance(service string) Instance {
	return Instance{
		ID: uuid.New(), Service: service, Version: "v1.2.3", Address: "10.0.0.7:4041", HealthCode: 48,
		StartedAt: time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond), Uptime: time.Hour, Lag: new(90 * time.Second),
	}
}

// listed waits until exactly these instances are on the list.
func listed(t *testing.T, r *Registry, want ...uuid.UUID) []Instance {
	t.Helper()
	var list []Instance
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		var err error
		list, err = r.List(t.Context())
		require.NoError(c, err)
		ids := []uuid.UUID{}
		for _, i := range list {
			ids = append(ids, i.ID)
		}
		require.ElementsMatch(c, want, ids)
	}, deadline, 20*time.Millisecond)
	return list
}

func TestInstancesAreListedAsTheyTold(t *testing.T) {
	t.Parallel()
	r := setup(t)
	listed(t, r)
	a, b := instance("cfg"), instance("inbox")
	require.NoError(t, r.Beat(t.Context(), a))
	require.NoError(t, r.Beat(t.Context(), b))
	for _, got := range listed(t, r, a.ID, b.ID) {
		want := a
		if got.ID == b.ID {
			want = b
		}
		require.GreaterOrEqual(t, got.Uptime, time.Hour)
		require.Less(t, got.Uptime, time.Hour+time.Minute)
		require.WithinDuration(t, time.Now(), got.SeenAt, time.Minute)
		want.Uptime, want.SeenAt = got.Uptime, got.SeenAt
		require.Equal(t, want, got)
	}
	a.HealthCode = 0
	require.NoError(t, r.Beat(t.Context(), a))
	require.NoError(t, r.Remove(t.Context(), b.ID))
	require.NoError(t, r.Remove(t.Context(), b.ID), "twice is no error")
	require.Zero(t, listed(t, r, a.ID)[0].HealthCode)
}

func TestSilentInstancesDisappear(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.lifetime = 300 * time.Millisecond
	silent, alive := instance("cfg"), instance("cfg")
	require.NoError(t, r.Beat(t.Context(), silent))
	require.Eventually(t, func() bool {
		require.NoError(t, r.Beat(t.Context(), alive))
		list, err := r.List(t.Context())
		require.NoError(t, err)
		return len(list) == 1 && list[0].ID == alive.ID
	}, deadline, 20*time.Millisecond)
	listed(t, r) // nobody beats any more
}

func TestAnInstanceStaysUntilItStops(t *testing.T) {
	t.Parallel()
	r := setup(t)
	me := instance("cfg")
	var health atomic.Uint64
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.stay(ctx, func() Instance {
			now := me
			now.HealthCode = health.Load()
			return now
		})
	}()
	require.Zero(t, listed(t, r, me.ID)[0].HealthCode)
	health.Store(4)
	waittest.Within(t, Interval, "a change of health is told before the next beat is due",
		func() { _, _ = r.List(t.Context()) }, func() bool { return listed(t, r, me.ID)[0].HealthCode == 4 })
	stop()
	<-done
	list, err := r.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	r := New(redistest.Open(t, redis.Settings{DSN: server.DSN}))
	me := instance("cfg")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.stay(ctx, func() Instance { return me })
	}()
	defer func() { stop(); <-done }()
	listed(t, r, me.ID)
	server.Kill()
	_, err := r.List(t.Context())
	require.ErrorIs(t, err, redis.ErrDown)
	server.Restart()
	require.Eventually(t, func() bool {
		list, err := r.List(t.Context())
		return err == nil && len(list) == 1
	}, deadline, 50*time.Millisecond)
}

func TestEntriesOfOtherBuildsAreLeftOut(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	list, err := parse([]string{
		"1.763906400123e+12",
		"no id", "1763906400000", `{}`,
		id.String(), "1763906399123", `{"service":"cfg","uptime_ms":1000,"more":{},"lag_ms":2500}`,
		uuid.NewString(), "1763906400000", `[]`,
	})
	require.NoError(t, err)
	require.Equal(t, []Instance{{
		ID: id, Service: "cfg", SeenAt: time.UnixMilli(1763906399123).UTC(), Uptime: 2 * time.Second, Lag: new(2500 * time.Millisecond),
	}}, list)
	for _, broken := range [][]string{nil, {"1", "2"}, {"now"}, {"1", id.String(), "then", "{}"}} {
		_, err := parse(broken)
		require.ErrorIs(t, err, errAnswer)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	require.Equal(t, "127.0.0.1:4041", reachable("127.0.0.1:4041"))
	for _, listener := range []string{"0.0.0.0:4041", "[::]:4041"} {
		host, port, err := net.SplitHostPort(reachable(listener))
		require.NoError(t, err)
		require.Equal(t, "4041", port)
		require.NotContains(t, []string{"0.0.0.0", "::", ""}, host)
	}
	require.Equal(t, "odd", reachable("odd"))
}
