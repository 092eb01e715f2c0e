package db_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
	"nms.example/common/request"
	"nms.example/common/waittest"
)

var errMine = errors.New("mine")

// provoked as an application_name says that what the server complains of is meant, deadlocks among it.
const provoked = "provoked by a test"

// counters makes a pool with a table of two counters, at 0.
func counters(t *testing.T) *db.Pool[db.DWH] {
	t.Helper()
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.DSN[db.DWH](t), Limits: db.Limits{MaxConns: 4}, ApplicationName: provoked})
	_, err := pool.Exec(t.Context(), "CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)")
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "INSERT INTO counter VALUES (1, 0), (2, 0)")
	require.NoError(t, err)
	return pool
}

func value(t *testing.T, s db.Session, id int) (n int) {
	t.Helper()
	require.NoError(t, s.QueryRow(t.Context(), "SELECT n FROM counter WHERE id = $1", id).Scan(&n))
	return n
}

func add(ctx context.Context, s db.Session, id int) error {
	_, err := s.Exec(ctx, "UPDATE counter SET n = n + 1 WHERE id = $1", id)
	return err
}

func TestCommitAndRollback(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	require.NoError(t, pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		return add(ctx, tx, 1)
	}))
	require.ErrorIs(t, pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		require.NoError(t, add(ctx, tx, 1))
		return errMine
	}), errMine)
	require.Panics(t, func() {
		_ = pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
			require.NoError(t, add(ctx, tx, 1))
			panic("broken")
		})
	})
	require.Equal(t, 1, value(t, pool, 1))
	require.Zero(t, figure(t, pool, "nms_db_pool_acquires_cancelled_total"))
}

func TestActorAndRequestIDEndWithTheTransaction(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.DSN[db.DWH](t), Limits: db.Limits{MaxConns: 1}})
	settings := func(s db.Session) (actor, id string) {
		require.NoError(t, s.QueryRow(t.Context(),
			"SELECT coalesce(current_setting('nms.actor', true), ''), coalesce(current_setting('nms.request_id', true), '')").Scan(&actor, &id))
		return actor, id
	}
	for _, hostile := range []string{"user:17", `'; DROP TABLE outbox; --`, `\'$1`, "", strings.Repeat("a", 5000)} {
		ctx := request.WithActor(request.WithID(t.Context(), "r-1"), hostile)
		require.NoError(t, pool.InTx(ctx, db.TxOptions{}, func(_ context.Context, tx db.Tx[db.DWH]) error {
			actor, id := settings(tx)
			require.Equal(t, hostile, actor)
			require.Equal(t, "r-1", id)
			return nil
		}))
		actor, id := settings(pool) // the same connection
		require.Empty(t, actor+id)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	ctx := request.WithActor(t.Context(), "user:1")
	require.NoError(t, pool.InTx(ctx, db.TxOptions{Isolation: pgx.Serializable}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		var level string
		require.NoError(t, tx.QueryRow(ctx, "SHOW transaction_isolation").Scan(&level))
		require.Equal(t, "serializable", level)
		return nil
	}))
	err := pool.InTx(ctx, db.TxOptions{ReadOnly: true}, func(ctx context.Context, tx db.Tx[db.DWH]) error { return add(ctx, tx, 1) })
	require.ErrorContains(t, err, "25006")
}

func TestNestedTransactionIsRefused(t *testing.T) {
	t.Parallel()
	pool, other := counters(t), pgtest.New[db.ADMIN](t)
	err := pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, _ db.Tx[db.DWH]) error {
		require.NoError(t, other.InTx(ctx, db.TxOptions{}, func(context.Context, db.Tx[db.ADMIN]) error { return nil }), "another kind is fine")
		return pool.InTx(ctx, db.TxOptions{}, func(context.Context, db.Tx[db.DWH]) error { return nil })
	})
	require.ErrorIs(t, err, db.ErrNested)
}

func TestSavepointUndoesItsOwnStatements(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	require.NoError(t, pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		require.NoError(t, add(ctx, tx, 1))
		require.NoError(t, tx.Savepoint(ctx, func(ctx context.Context) error { return add(ctx, tx, 1) }))
		require.ErrorContains(t, tx.Savepoint(ctx, func(ctx context.Context) error {
			require.NoError(t, add(ctx, tx, 1))
			_, err := tx.Exec(ctx, "INSERT INTO counter VALUES (1, 0)")
			return err
		}), "23505")
		require.ErrorIs(t, tx.Savepoint(ctx, func(ctx context.Context) error {
			require.NoError(t, tx.Savepoint(ctx, func(ctx context.Context) error { return add(ctx, tx, 1) }))
			return errMine
		}), errMine)
		return add(ctx, tx, 1)
	}))
	require.Equal(t, 3, value(t, pool, 1))
}

func TestTxIsUselessAfterItsEnd(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	var kept db.Tx[db.DWH]
	require.NoError(t, pool.InTx(t.Context(), db.TxOptions{}, func(_ context.Context, tx db.Tx[db.DWH]) error {
		kept = tx
		return nil
	}))
	_, err := kept.Exec(t.Context(), "SELECT 1")
	require.ErrorIs(t, err, pgx.ErrTxClosed)
	_, err = kept.Query(t.Context(), "SELECT 1") //nolint:sqlclosecheck // there are no rows
	require.ErrorIs(t, err, pgx.ErrTxClosed)
	var n int
	require.ErrorIs(t, kept.QueryRow(t.Context(), "SELECT 1").Scan(&n), pgx.ErrTxClosed)
	_, err = kept.CopyFrom(t.Context(), pgx.Identifier{"counter"}, []string{"id", "n"}, pgx.CopyFromRows([][]any{{9, 9}}))
	require.ErrorIs(t, err, pgx.ErrTxClosed)
	var batch pgx.Batch
	batch.Queue("SELECT 1")
	require.ErrorIs(t, kept.SendBatch(t.Context(), &batch).Close(), pgx.ErrTxClosed)
	require.ErrorIs(t, kept.Savepoint(t.Context(), func(context.Context) error { return nil }), pgx.ErrTxClosed)
}

func TestASwallowedFailureDoesNotPassForACommit(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	err := pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		require.NoError(t, add(ctx, tx, 1))
		_, err := tx.Exec(ctx, "SELECT nonsense -- provoked by a test")
		require.Error(t, err)
		return nil
	})
	require.ErrorIs(t, err, pgx.ErrTxCommitRollback)
	require.Zero(t, value(t, pool, 1))
}

func TestSerializationFailuresAreRunAgain(t *testing.T) {
	t.Parallel()
	const writers = 3
	pool := counters(t)
	var wait sync.WaitGroup
	var runs atomic.Int64
	errs := make([]error, writers)
	for i := range writers {
		wait.Go(func() {
			errs[i] = pool.InTx(t.Context(), db.TxOptions{Isolation: pgx.Serializable, Attempts: 20}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
				runs.Add(1)
				var n int
				if err := tx.QueryRow(ctx, "SELECT n FROM counter WHERE id = 1").Scan(&n); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, "UPDATE counter SET n = $1 WHERE id = 1", n+1)
				return err
			})
		})
	}
	wait.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, writers, value(t, pool, 1), "no update is lost")
	require.GreaterOrEqual(t, runs.Load(), int64(writers))
}

func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	var wait sync.WaitGroup
	holding := []chan struct{}{make(chan struct{}), make(chan struct{})}
	errs := make([]error, 2)
	for i, order := range [][2]int{{1, 2}, {2, 1}} {
		wait.Go(func() {
			first := true
			errs[i] = pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
				if err := add(ctx, tx, order[0]); err != nil {
					return err
				}
				if first { // both hold their first row before either asks for its second
					first = false
					close(holding[i])
					select {
					case <-holding[1-i]:
					case <-ctx.Done():
					}
				}
				return add(ctx, tx, order[1])
			})
		})
	}
	wait.Wait()
	require.NoError(t, errs[0])
	require.NoError(t, errs[1])
	require.Equal(t, 2, value(t, pool, 1))
	require.Equal(t, 2, value(t, pool, 2))
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	runs := 0
	err := pool.InTx(t.Context(), db.TxOptions{Attempts: 3}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		runs++
		_, err := tx.Exec(ctx, "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'serialization_failure'; END $$")
		return err
	})
	require.ErrorIs(t, err, db.ErrBusy)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.Equal(t, 3, runs)
}

// kill breaks off every connection to the database but the killer's own.
const kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

func TestAConnectionThatDiedInThePoolIsReplaced(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.DWH](t)
	pool, killer := pgtest.Open[db.DWH](t, db.Settings{DSN: d}), pgtest.Open[db.DWH](t, db.Settings{DSN: d})
	for _, actor := range []string{"", "user:1"} {
		ctx := request.WithActor(t.Context(), actor)
		nothing := func(context.Context, db.Tx[db.DWH]) error { return nil }
		require.NoError(t, pool.InTx(ctx, db.TxOptions{}, nothing))
		_, err := killer.Exec(ctx, kill)
		require.NoError(t, err)
		require.NoError(t, pool.InTx(ctx, db.TxOptions{}, nothing))
	}
}

func TestALostConnectionIsUnavailable(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.DWH](t)
	pool, killer := pgtest.Open[db.DWH](t, db.Settings{DSN: d}), pgtest.Open[db.DWH](t, db.Settings{DSN: d})
	runs := 0
	err := pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		runs++
		_, err := killer.Exec(ctx, kill)
		require.NoError(t, err)
		_, err = tx.Exec(ctx, "SELECT 1")
		return err
	})
	require.ErrorIs(t, err, db.ErrUnavailable)
	require.Positive(t, fault.As(err).RetryAfter)
	require.Equal(t, 1, runs, "work that was begun is not repeated")
}

func TestALostCommitIsSaidToBeUnknown(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.DWH](t)
	pool, killer := pgtest.Open[db.DWH](t, db.Settings{DSN: d}), pgtest.Open[db.DWH](t, db.Settings{DSN: d})
	_, err := pool.Exec(t.Context(), "CREATE TABLE slow (id int)")
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$")
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()")
	require.NoError(t, err)
	outcome := make(chan error, 1)
	go func() {
		outcome <- pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
			_, err := tx.Exec(ctx, "INSERT INTO slow VALUES (1)")
			return err
		})
	}()
	require.Eventually(t, func() bool {
		var asleep int
		err := killer.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'").Scan(&asleep)
		return err == nil && asleep == 1
	}, waittest.Bound, 10*time.Millisecond)
	_, err = killer.Exec(t.Context(), kill)
	require.NoError(t, err)
	require.ErrorIs(t, <-outcome, db.ErrOutcomeUnknown)
}

func TestACallerWhoLeavesStopsTheStatement(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		_, err := tx.Exec(ctx, "SELECT pg_sleep(20)")
		return err
	})
	require.Error(t, err)
	require.Eventually(t, func() bool {
		var running int
		err := pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(20)%' AND state <> 'idle'").Scan(&running)
		return err == nil && running == 0
	}, waittest.Bound, 20*time.Millisecond)
}

func TestNothingIsCommittedForACallerWhoLeft(t *testing.T) {
	t.Parallel()
	pool := counters(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		defer cancel()
		return add(ctx, tx, 1)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, value(t, pool, 1))
}
