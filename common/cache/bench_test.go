package cache_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/pgtest"
)

func benchStores(b *testing.B, n int) (*db.Pool[db.NMS], []*cache.Store) {
	b.Helper()
	pool := pgtest.Open[db.NMS](b, db.Settings{DSN: pgtest.DSN[db.NMS](b), Limits: db.Limits{MaxConns: 12}})
	stores := make([]*cache.Store, n)
	for i := range stores {
		s := cache.NewStore(pool, nil, cache.StoreOptions{})
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		b.Cleanup(func() {
			cancel()
			require.NoError(b, <-done)
		})
		require.Eventually(b, s.Leased, 10*time.Second, time.Millisecond)
		stores[i] = s
	}
	return pool, stores
}

func BenchmarkStoreHit(b *testing.B) {
	_, stores := benchStores(b, 1)
	s := stores[0]
	_, err := s.Get(b.Context(), "equipment:17", nil, func(context.Context) (cache.Value, error) {
		return cache.Value{Body: make([]byte, 500)}, nil
	})
	require.NoError(b, err)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok := s.Lookup("equipment:17"); !ok {
				b.Error("missed")
				return
			}
		}
	})
}

// BenchmarkStoreWrite is a writer's whole transaction with Touch and Done, without and with other instances.
func BenchmarkStoreWrite(b *testing.B) {
	for name, instances := range map[string]int{"instances=1": 1, "instances=3": 3} {
		b.Run(name, func(b *testing.B) {
			pool, stores := benchStores(b, instances)
			for b.Loop() {
				change := stores[0].Change()
				err := pool.InTx(b.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
					return change.Touch(ctx, tx, "equipment:17")
				})
				require.NoError(b, err)
				require.NoError(b, change.Done(b.Context()))
			}
		})
	}
}
