package db_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
)

func TestOneHoldsALock(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.DWH](t)
	ran, err := pool.TryLock(t.Context(), "job", func(ctx context.Context) error {
		again, err := pool.TryLock(ctx, "job", func(context.Context) error { return errMine })
		require.NoError(t, err)
		require.False(t, again, "the same name")
		other, err := pool.TryLock(ctx, "another job", func(context.Context) error { return nil })
		require.NoError(t, err)
		require.True(t, other, "another name")
		return errMine
	})
	require.True(t, ran)
	require.ErrorIs(t, err, errMine)
	ran, err = pool.TryLock(t.Context(), "job", func(context.Context) error { return nil })
	require.NoError(t, err)
	require.True(t, ran, "free again")
}

func TestWhetherALockIsHeldIsSeenFromOutside(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.DWH](t)
	held := func(name string) bool {
		held, err := pool.Locked(t.Context(), name)
		require.NoError(t, err)
		return held
	}
	for i := range 20 { // the keys are hashes of both signs
		name := "job " + strconv.Itoa(i)
		require.False(t, held(name))
		ran, err := pool.TryLock(t.Context(), name, func(context.Context) error {
			require.True(t, held(name))
			require.False(t, held(name+"0"))
			return nil
		})
		require.NoError(t, err)
		require.True(t, ran)
		require.False(t, held(name))
	}
}

func TestALockIsFreeAfterAPanic(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.DWH](t)
	require.Panics(t, func() {
		_, _ = pool.TryLock(t.Context(), "job", func(context.Context) error { panic("broken") })
	})
	ran, err := pool.TryLock(t.Context(), "job", func(context.Context) error { return nil })
	require.NoError(t, err)
	require.True(t, ran)
}

func TestManyRaceForALock(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.DWH](t)
	var inside, runs atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		pool := pgtest.Open[db.DWH](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 3}})
		for range 2 {
			group.Go(func() {
				for range 10 {
					ran, err := pool.TryLock(t.Context(), "job", func(context.Context) error {
						if inside.Add(1) != 1 {
							t.Error("two at once")
						}
						inside.Add(-1)
						return nil
					})
					if err != nil {
						t.Error(err)
					}
					if ran {
						runs.Add(1)
					}
				}
			})
		}
	}
	group.Wait()
	require.Positive(t, runs.Load())
}

func TestALostLockEndsItsJob(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.DWH](t)
	ran, err := pool.TryLock(t.Context(), "job", func(ctx context.Context) error {
		_, err := pool.Exec(ctx, `SELECT pg_terminate_backend(l.pid) FROM pg_locks l
			JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() WHERE l.locktype = 'advisory'`)
		require.NoError(t, err)
		<-ctx.Done()
		require.ErrorIs(t, context.Cause(ctx), db.ErrLockLost)
		return ctx.Err()
	})
	require.True(t, ran)
	require.ErrorIs(t, err, db.ErrLockLost)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
}
