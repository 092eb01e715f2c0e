package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/waittest"
)

// connections reads how many of a pool's connections are in a state.
func connections[K db.Kind](t *testing.T, pool *db.Pool[K], state string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(pool.Collector()))
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if l := m.GetLabel(); family.GetName() == "nms_db_pool_connections" && l[len(l)-1].GetValue() == state {
				return m.GetGauge().GetValue()
			}
		}
	}
	require.Fail(t, "no such state", state)
	return 0
}

// A pool is lent out to its last connection, one caller waits and gets one, one gives up, and all come back. Connections
// that are over their age are replaced.
func TestAnExhaustedPoolIsSeenInTheMetrics(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.DWH](t)
	var brief config.PostgresDSN
	require.NoError(t, brief.Decode(dsn.Reveal()+"&pool_max_conn_lifetime=1s&pool_max_conn_lifetime_jitter=1ms&pool_health_check_period=50ms"))
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: brief, Limits: db.Limits{MaxConns: 2}})
	hold := func() (release func()) {
		t.Helper()
		held, free, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			done <- pool.InTx(context.WithoutCancel(t.Context()), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
				_, err := tx.Exec(ctx, "SELECT 1")
				close(held)
				<-free
				return err
			})
		}()
		<-held
		return func() { close(free); require.NoError(t, <-done) }
	}
	first, second := hold(), hold()
	require.InDelta(t, 2, connections(t, pool, "acquired"), 0)
	require.Greater(t, connections(t, pool, "acquired")/figure(t, pool, "nms_db_pool_connections_max"), 0.9, "what the alert NMSPoolExhausted asks for")
	require.GreaterOrEqual(t, figure(t, pool, "nms_db_pool_connections_opened_total"), 2.0)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := pool.Exec(ctx, "SELECT 1")
	require.Error(t, err)
	require.InDelta(t, 1, figure(t, pool, "nms_db_pool_acquires_cancelled_total"), 0)

	waits, waited := figure(t, pool, "nms_db_pool_acquire_waits_total"), figure(t, pool, "nms_db_pool_acquire_seconds_total")
	acquires := figure(t, pool, "nms_db_pool_acquires_total")
	done := make(chan error, 1)
	go func() {
		_, err := pool.Exec(context.WithoutCancel(t.Context()), "SELECT 1")
		done <- err
	}()
	time.Sleep(20 * time.Millisecond) // so that it has something to wait for
	first()
	require.NoError(t, <-done)
	second()
	require.Greater(t, figure(t, pool, "nms_db_pool_acquire_waits_total"), waits)
	require.Greater(t, figure(t, pool, "nms_db_pool_acquire_seconds_total"), waited)
	require.Greater(t, figure(t, pool, "nms_db_pool_acquires_total"), acquires)
	require.Eventually(t, func() bool { return connections(t, pool, "acquired") == 0 }, waittest.Bound, 5*time.Millisecond)
	waittest.Until(t, "a connection's end", func() bool { // of one in use: the others may have ended in other ways
		_, err := pool.Exec(t.Context(), "SELECT 1")
		require.NoError(t, err)
		return figure(t, pool, "nms_db_pool_connections_expired_total") > 0
	})
}
