package db_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
	"nms.example/common/waittest"
)

// never is longer than any test.
const never = time.Hour

// notes is a pair of servers with a table of notes on it.
func notes(t *testing.T, synchronous bool) *pgtest.Pair {
	t.Helper()
	pair := pgtest.NewPair(t, synchronous)
	pgtest.PairDatabase[db.DWH](pair)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.PairDSN[db.DWH](pair, pair.Primary)})
	_, err := pool.Exec(t.Context(), "CREATE TABLE note (id int PRIMARY KEY)")
	require.NoError(t, err)
	return pair
}

func insert(pool *db.Pool[db.DWH], id int) func(context.Context) error {
	return func(ctx context.Context) error {
		return pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
			_, err := tx.Exec(ctx, "INSERT INTO note VALUES ($1)", id)
			return err
		})
	}
}

// stored returns the notes that a server has.
func stored(t *testing.T, pool *db.Pool[db.DWH]) []int {
	t.Helper()
	rows, err := pool.Query(t.Context(), "SELECT id FROM note ORDER BY id")
	require.NoError(t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	require.NoError(t, err)
	return ids
}

func requireUnknown(t *testing.T, err error) {
	t.Helper()
	err = db.MapError(err, nil)
	require.ErrorIs(t, err, db.ErrUnavailable)
	require.ErrorIs(t, err, db.ErrOutcomeUnknown)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
}

// Whatever commits, the end of its wait for the standby is no success.
func TestWhatNoStandbyHasIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	pair := notes(t, true)
	dsn := pgtest.PairDSN[db.DWH](pair, pair.Primary)
	patient := pgtest.Open[db.DWH](t, db.Settings{DSN: dsn, ApplicationName: "patient", CommitTimeout: never})
	hurried := pgtest.Open[db.DWH](t, db.Settings{DSN: dsn, ApplicationName: "hurried", CommitTimeout: 200 * time.Millisecond,
		Limits: db.Limits{StatementTimeout: time.Second}})
	pair.Detach()

	requireUnknown(t, insert(hurried, 1)(t.Context()))
	pair.Waiting("hurried")
	require.Empty(t, stored(t, patient), "a commit that was given up goes on waiting; nothing has cancelled it")

	for name, write := range map[string]func(context.Context) error{
		"transaction": insert(patient, 2),
		"statement": func(ctx context.Context) error {
			_, err := patient.Exec(ctx, "INSERT INTO note VALUES (3)")
			return err
		},
		"simple protocol": func(ctx context.Context) error {
			_, err := patient.Exec(ctx, "INSERT INTO note VALUES ($1)", pgx.QueryExecModeSimpleProtocol, 4)
			return err
		},
		"returning": func(ctx context.Context) error {
			return patient.QueryRow(ctx, "INSERT INTO note VALUES (5) RETURNING id").Scan(new(int))
		},
		"rows": func(ctx context.Context) error {
			rows, err := patient.Query(ctx, "INSERT INTO note SELECT generate_series(60, 69) RETURNING id")
			if err != nil {
				return err
			}
			_, err = pgx.CollectRows(rows, pgx.RowTo[int])
			return err
		},
		"copy": func(ctx context.Context) error {
			_, err := patient.CopyFrom(ctx, pgx.Identifier{"note"}, []string{"id"}, pgx.CopyFromRows([][]any{{7}}))
			return err
		},
		"batch": func(ctx context.Context) error {
			var batch pgx.Batch
			batch.Queue("INSERT INTO note VALUES (8)")
			batch.Queue("INSERT INTO note VALUES (9)")
			return patient.SendBatch(ctx, &batch).Close()
		},
		"connection of a listener": func(ctx context.Context) error {
			return patient.Listen(ctx, "note", func(ctx context.Context, conn *pgx.Conn) error {
				var batch pgx.Batch
				batch.Queue("begin")
				batch.Queue("INSERT INTO note VALUES (10)")
				batch.Queue("commit")
				return conn.SendBatch(ctx, &batch).Close()
			})
		},
		"barrier": func(ctx context.Context) error { return db.AwaitStandbys(ctx, patient) },
	} {
		outcome := make(chan error, 1)
		go func() { outcome <- write(t.Context()) }()
		pair.CancelWait("patient")
		requireUnknown(t, <-outcome)
		found := stored(t, patient) // the pool has a connection that works
		if name != "barrier" {
			require.NotEmpty(t, found, "%s: the primary has it", name)
		}
	}
	left, cancel := context.WithCancel(t.Context())
	outcome := make(chan error, 1)
	go func() {
		_, err := patient.Exec(left, "INSERT INTO note VALUES (11)")
		outcome <- err
	}()
	pair.Waiting("patient")
	cancel()
	require.Error(t, <-outcome, "a caller who leaves ends the wait, too")

	pair.Waiting("hurried") // no statement_timeout ends that
	pair.Attach()
	require.NoError(t, db.AwaitStandbys(t.Context(), patient))
	require.Contains(t, stored(t, patient), 1, "the commit that was given up is complete with the standby's return")
}

func TestAnAdministratorWhoEndsTheConnectionIsNoSuccess(t *testing.T) {
	t.Parallel()
	pair := notes(t, true)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.PairDSN[db.DWH](pair, pair.Primary), ApplicationName: "patient", CommitTimeout: never})
	pair.Detach()
	outcome := make(chan error, 1)
	go func() { outcome <- insert(pool, 1)(t.Context()) }()
	pair.Waiting("patient")
	pair.Exec(pair.Primary, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
	requireUnknown(t, <-outcome)
}

func TestAFailoverLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	pair := notes(t, true)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.PairDSN[db.DWH](pair, pair.Primary, pair.Standby), CommitTimeout: time.Second})
	var mu sync.Mutex
	var acknowledged []int
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)
	}
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for id := 0; ctx.Err() == nil; id++ {
			if insert(pool, id)(ctx) == nil {
				mu.Lock()
				acknowledged = append(acknowledged, id)
				mu.Unlock()
			}
		}
	})
	defer writer.Wait()
	defer stop()
	more := func() {
		before := count()
		require.Eventually(t, func() bool { return count() > before+20 }, waittest.Bound, time.Millisecond)
	}
	more()
	pair.Promote()
	more()
	stop()
	writer.Wait()
	require.Subset(t, stored(t, pool), acknowledged)
}

func TestAStandbyIsNotHealthyAndThePrimaryIsFoundBehindIt(t *testing.T) {
	t.Parallel()
	pair := notes(t, false)
	pair.CatchUp()
	standbyFirst := pgtest.PairDSN[db.DWH](pair, pair.Standby, pair.Primary)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: standbyFirst})
	require.NoError(t, pool.Check()(t.Context()))
	require.NoError(t, insert(pool, 1)(t.Context()))

	_, err := db.Open[db.DWH](t.Context(), db.Settings{DSN: pgtest.PairDSN[db.DWH](pair, pair.Standby)})
	require.EqualError(t, err, "database dwh takes no changes: the server is a standby, or read-only (DB_DWH_DSN)")

	// A database that becomes read-only under a running service.
	pair.Exec(pair.Primary, "ALTER SYSTEM SET default_transaction_read_only = on")
	pair.Exec(pair.Primary, "SELECT pg_reload_conf()")
	require.Eventually(t, func() bool { return pool.Check()(t.Context()) != nil }, waittest.Bound, 10*time.Millisecond)
	require.ErrorIs(t, db.MapError(insert(pool, 2)(t.Context()), nil), db.ErrUnavailable)
	standby, primary := pair.Standby.Address(), pair.Primary.Address()
	require.Eventually(t, func() bool {
		err = pool.Check()(t.Context())
		return err != nil && err.Error() == "database dwh cannot be reached at any of its servers (DB_DWH_DSN): "+
			standby+": it takes no changes, as a standby does; "+primary+": it takes no changes, as a standby does"
	}, waittest.Bound, 10*time.Millisecond, "%v", err)
	pair.Exec(pair.Primary, "ALTER SYSTEM RESET default_transaction_read_only")
	pair.Exec(pair.Primary, "SELECT pg_reload_conf()")
	require.Eventually(t, func() bool { return insert(pool, 3)(t.Context()) == nil }, waittest.Bound, 10*time.Millisecond)
	require.NoError(t, pool.Check()(t.Context()))

	pair.Primary.Kill()
	_, err = db.Open[db.DWH](t.Context(), db.Settings{DSN: standbyFirst})
	require.EqualError(t, err, "database dwh cannot be reached at any of its servers (DB_DWH_DSN): "+
		standby+": it takes no changes, as a standby does; "+primary+": nothing listens there")
}
