package cache_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
)

func benchStores(b *testing.B, n int) (*db.Pool[db.NMS], []*cache.Store) {
	b.Helper()
	pool := pgtest.Open[db.NMS](b, db.Settings{DSN: pgtest.DSN[db.NMS](b), Limits: db.Limits{MaxConns: 12}})
	return pool, runStores(b, pool, n, nil)
}

func runStores(b *testing.B, pool *db.Pool[db.NMS], n int, shared *redis.Client) []*cache.Store {
	b.Helper()
	stores := make([]*cache.Store, n)
	for i := range stores {
		s := cache.NewStore(pool, shared, cache.StoreOptions{Namespace: "bench"})
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
	return stores
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

// BenchmarkStoreMiss reads items that nobody has asked for yet, as many clients at once: the query by itself, the only
// instance, and one of two, which asks Redis before each fill.
func BenchmarkStoreMiss(b *testing.B) {
	for _, clients := range []int{8, 64} {
		for _, instances := range []int{0, 1, 2} {
			b.Run(fmt.Sprintf("clients=%d/instances=%d", clients, instances), func(b *testing.B) {
				pool := pgtest.Open[db.NMS](b, db.Settings{DSN: pgtest.DSN[db.NMS](b), Limits: db.Limits{MaxConns: 12}})
				_, err := pool.Exec(b.Context(), "CREATE TABLE item AS SELECT n AS id, repeat('x', 300) AS body FROM generate_series(1, 100000) n")
				require.NoError(b, err)
				_, err = pool.Exec(b.Context(), "ALTER TABLE item ADD PRIMARY KEY (id)")
				require.NoError(b, err)
				fill := func(id int64) func(context.Context) (cache.Value, error) {
					return func(ctx context.Context) (v cache.Value, err error) {
						var body string
						err = pool.QueryRow(ctx, "SELECT body FROM item WHERE id = $1", id%100_000+1).Scan(&body)
						return cache.Value{Body: []byte(body)}, err
					}
				}
				read := func(ctx context.Context, id int64) error { _, err := fill(id)(ctx); return err }
				if instances > 0 {
					stores := runStores(b, pool, instances, redistest.New(b))
					read = func(ctx context.Context, id int64) error {
						_, err := stores[0].Get(ctx, strconv.FormatInt(id, 10), nil, fill(id))
						return err
					}
				}
				b.ResetTimer()
				var next atomic.Int64
				b.SetParallelism(max(1, clients/runtime.GOMAXPROCS(0)))
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := read(b.Context(), next.Add(1)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}
