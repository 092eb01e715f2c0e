package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a database with a table of counters and any number of instances over it.
type fixture struct {
	t        *testing.T
	pool     *db.Pool[db.NMS]
	lease    time.Duration
	maxBytes int64 // 0: the default
	fills    atomic.Int64
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, lease: time.Second}
	f.pool = pgtest.Open[db.NMS](t, db.Settings{DSN: pgtest.DSN[db.NMS](t), Limits: db.Limits{MaxConns: 12}})
	f.makeThings()
	return f
}

func (f *fixture) makeThings() {
	f.t.Helper()
	_, err := f.pool.Exec(f.t.Context(), "CREATE TABLE thing (id int PRIMARY KEY, value bigint NOT NULL)")
	require.NoError(f.t, err)
	_, err = f.pool.Exec(f.t.Context(), "INSERT INTO thing SELECT i, 0 FROM generate_series(1, 20) i")
	require.NoError(f.t, err)
}

// running is a store with what ends it.
type running struct {
	*cache.Store

	stop func()
}

// begin starts a store that ends with the test or before.
func (f *fixture) begin(pool cache.Pool, redis *redis.Client) running {
	f.t.Helper()
	s := cache.NewStore(pool, redis, cache.StoreOptions{Namespace: "test", LeaseTime: f.lease, MaxBytes: f.maxBytes})
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		require.NoError(f.t, <-done)
	})
	f.t.Cleanup(stop)
	require.Eventually(f.t, s.Leased, waittest.Bound, time.Millisecond)
	return running{Store: s, stop: stop}
}

// instance starts a store that ends with the test.
func (f *fixture) instance(pool cache.Pool, redis *redis.Client) *cache.Store {
	f.t.Helper()
	return f.begin(pool, redis).Store
}

// read gets a thing's value through an instance.
func (f *fixture) read(ctx context.Context, s *cache.Store, id int) (int64, error) {
	e, err := s.Get(ctx, fmt.Sprintf("thing:%d", id), nil, func(ctx context.Context) (cache.Value, error) {
		f.fills.Add(1)
		var value int64
		err := f.pool.QueryRow(ctx, "SELECT value FROM thing WHERE id = $1", id).Scan(&value)
		return cache.Value{Body: strconv.AppendInt(nil, value, 10)}, err
	})
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(e.Body), 10, 64)
}

// write adds one to a thing through an instance and returns the value once the writer may be answered.
func (f *fixture) write(ctx context.Context, s *cache.Store, id int) (value int64, err error) {
	change := s.Change()
	err = f.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
		if err := tx.QueryRow(ctx, "UPDATE thing SET value = value + 1 WHERE id = $1 RETURNING value", id).Scan(&value); err != nil {
			return err
		}
		return change.Touch(ctx, tx, fmt.Sprintf("thing:%d", id), "things")
	})
	if err != nil {
		return 0, err
	}
	return value, change.Done(ctx)
}

func TestStoreReadsOncePerChangeOverAllInstances(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute // a busy machine must not cost the lease: reads without one fill
	redis := redistest.New(t)
	a, b := f.instance(f.pool, redis), f.instance(f.pool, redis)
	for round := range int64(3) {
		for _, s := range []*cache.Store{a, b, a, b} {
			value, err := f.read(t.Context(), s, 1)
			require.NoError(t, err)
			require.Equal(t, round, value)
		}
		require.Equal(t, round+1, f.fills.Load(), "one fill per change")
		// A change of something else leaves it alone.
		_, err := f.write(t.Context(), a, 2)
		require.NoError(t, err)
		_, err = f.read(t.Context(), b, 1)
		require.NoError(t, err)
		require.Equal(t, round+1, f.fills.Load())

		value, err := f.write(t.Context(), a, 1)
		require.NoError(t, err)
		require.Equal(t, round+1, value)
	}
	require.Equal(t, int64(3), f.fills.Load())
}

func TestStoreSharesAFillAmongReaders(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute // as above
	s := f.instance(f.pool, nil)
	release := make(chan struct{})
	var fills atomic.Int64
	var readers sync.WaitGroup
	for range 50 {
		readers.Go(func() {
			_, err := s.Get(t.Context(), "slow", nil, func(context.Context) (cache.Value, error) {
				fills.Add(1)
				<-release
				return cache.Value{Body: []byte("x")}, nil
			})
			require.NoError(t, err)
		})
	}
	require.Eventually(t, func() bool { return fills.Load() == 1 }, waittest.Bound, time.Millisecond)
	close(release)
	readers.Wait()
	require.Equal(t, int64(1), fills.Load())
}

func TestStoreDropsAFillThatAChangeOvertook(t *testing.T) {
	t.Parallel()
	f := setup(t)
	a, b := f.instance(f.pool, nil), f.instance(f.pool, nil)
	reading, release := make(chan struct{}), make(chan struct{})
	old := make(chan string, 1)
	go func() {
		e, err := b.Get(t.Context(), "thing:1", nil, func(context.Context) (cache.Value, error) {
			close(reading)
			<-release
			return cache.Value{Body: []byte("old")}, nil
		})
		if err != nil {
			old <- err.Error()
			return
		}
		old <- string(e.Body)
	}()
	<-reading
	_, err := f.write(t.Context(), a, 1)
	require.NoError(t, err)
	value, err := f.read(t.Context(), b, 1) // begins after the answer: must not join the old fill
	require.NoError(t, err)
	require.Equal(t, int64(1), value)
	close(release)
	require.Equal(t, "old", <-old, "a read that began before the answer may have it")
	value, err = f.read(t.Context(), b, 1)
	require.NoError(t, err)
	require.Equal(t, int64(1), value, "the overtaken fill must not be kept")
}

func TestStoreErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.instance(f.pool, nil)
	refused := errors.New("no such thing")
	_, err := s.Get(t.Context(), "k", nil, func(context.Context) (cache.Value, error) { return cache.Value{}, refused })
	require.ErrorIs(t, err, refused)
	_, err = s.Get(t.Context(), "k", nil, func(context.Context) (cache.Value, error) { panic("boom") })
	require.ErrorContains(t, err, "panicked")
	e, err := s.Get(t.Context(), "k", nil, func(context.Context) (cache.Value, error) {
		return cache.Value{Body: []byte(strings.Repeat("x", cache.GzipThreshold+1))}, nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, e.Gzip)
	require.NotEqual(t, e.ETag, e.GzipETag)
}

func TestStoreStaysInItsBound(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := cache.NewStore(f.pool, nil, cache.StoreOptions{LeaseTime: time.Second, MaxBytes: 1 << 20})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	require.Eventually(t, s.Leased, waittest.Bound, time.Millisecond)
	body := make([]byte, 10_000)
	for i := range 1000 {
		_, err := s.Get(ctx, strconv.Itoa(i), nil, func(context.Context) (cache.Value, error) { return cache.Value{Body: body}, nil })
		require.NoError(t, err)
	}
	kept := 0
	for i := range 1000 {
		if _, ok := s.Lookup(strconv.Itoa(i)); ok {
			kept++
		}
	}
	require.LessOrEqual(t, kept, 105)
	require.Greater(t, kept, 50)
	cancel()
	require.NoError(t, <-done)
	_, err := s.Get(t.Context(), "k", nil, nil)
	require.ErrorIs(t, err, cache.ErrClosed)
}

// brokenPool can cut an instance off from the notifications and from renewing its lease.
type brokenPool struct {
	*db.Pool[db.NMS]
	cut atomic.Bool
	pid atomic.Uint32
}

func (p *brokenPool) Listen(ctx context.Context, channel string, receive func(context.Context, *pgx.Conn) error) error {
	if p.cut.Load() {
		return errors.New("cut off")
	}
	return p.Pool.Listen(ctx, channel, func(ctx context.Context, conn *pgx.Conn) error {
		p.pid.Store(conn.PgConn().PID())
		return receive(ctx, conn)
	})
}

// drop ends the instance's connection from the server's side.
func (p *brokenPool) drop(ctx context.Context) {
	_, _ = p.Exec(ctx, "SELECT pg_terminate_backend($1)", p.pid.Load())
}

func TestStoreWriterWaitsForTheLeaseOfAnInstanceThatHearsNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = 1500 * time.Millisecond
	deaf := &brokenPool{Pool: f.pool}
	a, b := f.instance(f.pool, nil), f.instance(deaf, nil)
	_, err := f.read(t.Context(), b, 1)
	require.NoError(t, err)
	deaf.cut.Store(true)
	deaf.drop(t.Context())
	value, err := f.write(t.Context(), a, 1) // goes on when the lease is over
	require.NoError(t, err)
	require.False(t, b.Leased(), "the writer was answered while the deaf instance could answer from memory")
	got, err := f.read(t.Context(), b, 1) // reads through
	require.NoError(t, err)
	require.Equal(t, value, got)
	deaf.cut.Store(false)
	require.Eventually(t, b.Leased, waittest.Bound, time.Millisecond)
	got, err = f.read(t.Context(), b, 1)
	require.NoError(t, err)
	require.Equal(t, value, got)
}

// A lease must not be had while a writer stands between Touch and its commit: it would come with the old
// version, and the writer's question could miss it.
func TestStoreLeaseWaitsForAnOpenWriter(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = 5 * time.Second
	touched, commit := make(chan struct{}), make(chan struct{})
	done := make(chan error, 2)
	go func() {
		done <- f.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
			err := cache.NewStore(f.pool, nil, cache.StoreOptions{}).Change().Touch(ctx, tx, "thing:1")
			close(touched)
			<-commit
			return err
		})
	}()
	<-touched
	s := cache.NewStore(f.pool, nil, cache.StoreOptions{LeaseTime: f.lease})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- s.Run(ctx) }()
	require.Eventually(t, func() bool { // its renewal waits for the lock
		var waiting bool
		require.NoError(t, f.pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%cache_lease%')`).Scan(&waiting))
		return waiting
	}, waittest.Bound, time.Millisecond)
	require.False(t, s.Leased())
	close(commit)
	require.NoError(t, <-done)
	require.Eventually(t, s.Leased, waittest.Bound, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}

// TestStoreIsNeverStale races writers and readers on two instances while Redis is killed and restarted and
// the instances' connections are cut, and looks for one read that is older than a write answered before it.
func TestStoreIsNeverStale(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = 300 * time.Millisecond
	server := redistest.StartServer(t)
	redis := redistest.Open(t, redis.Settings{DSN: server.DSN, Timeout: 50 * time.Millisecond})
	pools := []*brokenPool{{Pool: f.pool}, {Pool: f.pool}}
	stores := []*cache.Store{f.instance(pools[0], redis), f.instance(pools[1], redis)}
	const things = 5
	var answered [things + 1]atomic.Int64
	var reads, writes atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	var disturbed atomic.Int64
	var workers sync.WaitGroup
	for i := range 4 {
		workers.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				id := n%things + 1
				value, err := f.write(ctx, stores[i%2], id)
				if err != nil {
					continue // cut off in the middle: nothing was promised
				}
				writes.Add(1)
				for old := answered[id].Load(); old < value && !answered[id].CompareAndSwap(old, value); {
					old = answered[id].Load()
				}
			}
		})
	}
	for i := range 8 {
		workers.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				id := n%things + 1
				promised := answered[id].Load()
				value, err := f.read(ctx, stores[i%2], id)
				if err != nil {
					continue
				}
				reads.Add(1)
				if value < promised {
					t.Errorf("thing %d: read %d after %d was answered", id, value, promised)
					return
				}
			}
		})
	}
	workers.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			switch n % 4 {
			case 0:
				server.Kill()
			case 1:
				pools[0].drop(ctx)
			case 2:
				server.Restart()
			case 3:
				pools[1].cut.Store(n%8 == 3)
				pools[1].drop(ctx)
			}
			if disturbed.Add(1) > 12 && reads.Load() > 1000 && writes.Load() > 10 {
				cancel()
			}
			select {
			case <-ctx.Done():
			case <-time.After(300 * time.Millisecond):
			}
		}
	})
	workers.Wait()
	require.Greater(t, reads.Load(), int64(1000))
	require.Greater(t, writes.Load(), int64(10))
	a, b := stores[0].Stats(), stores[1].Stats()
	t.Logf("%d reads, %d writes; hits %d+%d, shared %d+%d, fills %d+%d, unleased %d+%d", reads.Load(), writes.Load(),
		a.Hits.Load(), b.Hits.Load(), a.Shared.Load(), b.Shared.Load(), a.Fills.Load(), b.Fills.Load(), a.Unleased.Load(), b.Unleased.Load())
	require.Positive(t, a.Hits.Load()+b.Hits.Load())
}
