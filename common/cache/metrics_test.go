package cache_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// metric reads one of a store's metrics.
func metric(t *testing.T, s *cache.Store, name string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(s.Collectors()...)
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == name {
			m := family.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	require.Fail(t, "no such metric", name)
	return 0
}

// Two instances read, share an entry over Redis, and one loses its lease for a while.
func TestTheMetricsOfAStoreMove(t *testing.T) {
	t.Parallel()
	f := setup(t)
	redis := redistest.New(t)
	cutOff := &brokenPool{Pool: f.pool}
	a, b := f.instance(f.pool, redis), f.instance(cutOff, redis)
	read := func(s *cache.Store) {
		t.Helper()
		_, err := f.read(t.Context(), s, 1)
		require.NoError(t, err)
	}
	require.Zero(t, metric(t, a, "nms_cache_bytes"))
	require.InDelta(t, 1, metric(t, b, "nms_cache_leased"), 0)
	read(a)
	read(a)
	require.InDelta(t, 1, metric(t, a, "nms_cache_fills_total"), 0)
	require.InDelta(t, 1, metric(t, a, "nms_cache_hits_total"), 0)
	require.Positive(t, metric(t, a, "nms_cache_bytes"))
	require.Eventually(t, func() bool { // an entry is offered to the others in the background, and only after it was asked for
		_, err := f.write(t.Context(), a, 1)
		require.NoError(t, err)
		read(a)
		read(b)
		return metric(t, a, "nms_cache_shared_total")+metric(t, b, "nms_cache_shared_total") > 0
	}, waittest.Bound, 5*time.Millisecond)
	require.Positive(t, metric(t, a, "nms_cache_asked_total")+metric(t, b, "nms_cache_asked_total"))

	flushes := metric(t, b, "nms_cache_flushes_total")
	cutOff.cut.Store(true)
	cutOff.drop(t.Context())
	require.Eventually(t, func() bool { return metric(t, b, "nms_cache_leased") == 0 }, waittest.Bound, time.Millisecond)
	read(b)
	require.Positive(t, metric(t, b, "nms_cache_unleased_reads_total"))
	_, err := f.write(t.Context(), a, 1) // unheard
	require.NoError(t, err)
	cutOff.cut.Store(false)
	require.Eventually(t, func() bool { return metric(t, b, "nms_cache_leased") == 1 }, waittest.Bound, time.Millisecond)
	require.Greater(t, metric(t, b, "nms_cache_flushes_total"), flushes)
}
