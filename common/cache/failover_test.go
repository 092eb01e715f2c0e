package cache_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// setupPair is setup on a pair of servers without synchronous replication.
func setupPair(t *testing.T) (*fixture, *pgtest.Pair) {
	t.Helper()
	pair := pgtest.NewPair(t, false)
	pgtest.PairDatabase[db.NMS](pair)
	f := &fixture{t: t, lease: time.Second}
	f.pool = pgtest.Open[db.NMS](t, db.Settings{
		DSN: pgtest.PairDSN[db.NMS](pair, pair.Primary, pair.Standby), Limits: db.Limits{MaxConns: 12},
	})
	f.makeThings()
	pair.CatchUp()
	return f, pair
}

// gate keeps a store from its database while it is shut.
type gate struct {
	cache.Pool

	shut atomic.Bool
}

func (g *gate) Listen(ctx context.Context, channel string, receive func(context.Context, *pgx.Conn) error) error {
	for g.shut.Load() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return g.Pool.Listen(ctx, channel, receive)
}

// What an asynchronous failover loses is in the memory of running instances and in Redis. Nobody gets it any more.
func TestWhatAFailoverLostIsNotServed(t *testing.T) {
	t.Parallel()
	f, pair := setupPair(t)
	redis := redistest.New(t)
	doorkeeper := &gate{Pool: f.pool}
	running, passing := f.instance(doorkeeper, redis), f.begin(f.pool, redis)
	pair.Detach()
	value, err := f.write(t.Context(), running, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, value)
	for _, s := range []*cache.Store{running, passing.Store} {
		value, err = f.read(t.Context(), s, 1)
		require.NoError(t, err)
		require.EqualValues(t, 1, value)
	}
	passing.stop() // with its end Redis has everything

	doorkeeper.shut.Store(true)
	pair.Promote()
	fills := f.fills.Load()
	next := f.instance(f.pool, redis)
	value, err = f.read(t.Context(), next, 1)
	require.NoError(t, err)
	require.Zero(t, value, "a new instance gets what the database has, not what Redis has")
	require.Equal(t, fills+1, f.fills.Load())

	// The new history comes to the number that the old one had.
	_, err = f.write(t.Context(), next, 2)
	require.NoError(t, err)
	doorkeeper.shut.Store(false)
	require.Eventually(t, func() bool {
		value, err := f.read(t.Context(), running, 1)
		return err == nil && value == 0 && running.Leased()
	}, waittest.Bound, time.Millisecond, "a running instance forgets what was lost")
	value, err = f.write(t.Context(), running, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, value)
	value, err = f.read(t.Context(), next, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, value)
}

// A restored dump holds the epoch and the version of another moment.
func TestARestoredDumpIsAnotherDatabase(t *testing.T) {
	t.Parallel()
	f := setup(t)
	redis := redistest.New(t)
	s := f.begin(f.pool, redis)
	_, err := f.write(t.Context(), s.Store, 1)
	require.NoError(t, err)
	_, err = f.read(t.Context(), s.Store, 1)
	require.NoError(t, err)
	s.stop()
	for _, statement := range []string{ // what pg_restore --clean does
		"CREATE TABLE dumped AS SELECT epoch, version FROM cache_version",
		"TRUNCATE cache_version", "INSERT INTO cache_version (epoch, version) SELECT epoch, version FROM dumped",
		"UPDATE thing SET value = 0",
	} {
		_, err := f.pool.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	value, err := f.read(t.Context(), f.instance(f.pool, redis), 1)
	require.NoError(t, err)
	require.Zero(t, value)
}
