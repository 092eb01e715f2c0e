package retention_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/retention"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type bundle struct {
	t      *testing.T
	pool   *db.Pool[db.DWH]
	keeper *retention.Keeper
}

const days = 24 * time.Hour

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := pgtest.New[db.DWH](t)
	policy := retention.Policy{Keep: 10 * days, AheadDays: 3, PurgeRows: 2}
	return &bundle{t, pool, retention.New(pool, policy, slog.New(slog.DiscardHandler))}
}

// add stores a trace of one value.
func (b *bundle) add(ctx context.Context, at time.Time) (uuid.UUID, error) {
	guid := uuid.New()
	queries := dwhdb.New(b.pool)
	if _, err := queries.TraceKeyClaim(ctx, dwhdb.TraceKeyClaimParams{Guids: []uuid.UUID{guid}, MeasuredAt: []time.Time{at}}); err != nil {
		return guid, err
	}
	_, err := queries.TraceInsert(ctx, []dwhdb.TraceInsertParams{{MeasuredAt: at, Guid: guid, StepFreqHz: 1, Power: []byte{0, 0}}})
	return guid, err
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), query, args...).Scan(&n))
	return n
}

func (b *bundle) ensure(at time.Time) {
	b.t.Helper()
	_, err := dwhdb.New(b.pool).PartitionEnsure(b.t.Context(), at)
	require.NoError(b.t, err)
}

func TestPartitionsAreMadeAhead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.keeper.Round(t.Context())
	require.NoError(t, err)
	require.True(t, report.Leading)
	require.Len(t, report.Made, 5, "yesterday, today and three days ahead")
	for _, at := range []time.Time{time.Now().Add(-days), time.Now(), time.Now().Add(3 * days)} {
		_, err = b.add(t.Context(), at)
		require.NoError(t, err)
	}
	report, err = b.keeper.Round(t.Context())
	require.NoError(t, err)
	require.Empty(t, report.Made)
	require.Equal(t, 3, b.count(`SELECT count(*) FROM trace`))
}

func TestWhatIsPastItsTimeGoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	signal := func(trace uuid.UUID, received time.Time) {
		_, err := b.pool.Exec(t.Context(), `INSERT INTO signal VALUES (gen_random_uuid(), $1, 0, 0, 0, $2)`, trace, received)
		require.NoError(t, err)
	}
	for _, age := range []int{20, 12, 11, 9, 0} {
		at := now.AddDate(0, 0, -age)
		b.ensure(at)
		for range 3 {
			guid, err := b.add(t.Context(), at)
			require.NoError(t, err)
			signal(guid, at)
		}
	}
	signal(uuid.New(), now)                    // its trace may still come
	signal(uuid.New(), now.AddDate(0, 0, -30)) // its trace never came
	report, err := b.keeper.Round(t.Context())
	require.NoError(t, err)
	require.Len(t, report.Dropped, 3)
	require.EqualValues(t, 9, report.Keys)
	require.EqualValues(t, 10, report.Signals)
	require.Equal(t, 6, b.count(`SELECT count(*) FROM trace`))
	require.Equal(t, 6, b.count(`SELECT count(*) FROM trace_key`))
	require.Equal(t, 7, b.count(`SELECT count(*) FROM signal`))
}

// TestWritersAreNeverHeldUp lets writers go on, and a reader look at the old partition, while it goes.
func TestWritersAreNeverHeldUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	old := time.Now().AddDate(0, 0, -15)
	b.ensure(old)
	b.ensure(time.Now())
	_, err := b.add(ctx, old)
	require.NoError(t, err)

	looking, looked := make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		err := b.pool.InTx(ctx, db.TxOptions{ReadOnly: true}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
			var n int
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM trace`).Scan(&n); err != nil {
				return err
			}
			close(looking)
			<-looked
			return nil
		})
		if err != nil {
			t.Errorf("the reader: %v", err)
		}
	})
	<-looking
	finished := make(chan error, 1)
	go func() {
		_, err := b.keeper.Round(ctx)
		finished <- err
	}()
	// The round now waits for the reader, and the partition is marked.
	require.Eventually(t, func() bool {
		return b.count(`SELECT count(*) FROM pg_inherits WHERE inhdetachpending`) == 1
	}, waittest.Bound, 5*time.Millisecond)
	for range 50 {
		short, cancel := context.WithTimeout(ctx, waittest.Bound)
		_, err := b.add(short, time.Now())
		cancel()
		require.NoError(t, err, "a writer waits for retention")
	}
	b.ensure(time.Now().AddDate(0, 0, -4)) // nor does one that needs a new partition
	_, err = b.add(ctx, time.Now().AddDate(0, 0, -4))
	require.NoError(t, err)
	close(looked)
	reader.Wait()
	require.NoError(t, <-finished)
	require.Equal(t, 51, b.count(`SELECT count(*) FROM trace`))
	require.Zero(t, b.count(`SELECT count(*) FROM pg_class WHERE relname = 'trace_' || to_char($1::timestamptz AT TIME ZONE 'UTC', 'YYYYMMDD')`, old))
}

func TestOneInstanceDoesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ran, err := b.pool.TryLock(t.Context(), "inbox.retention", func(ctx context.Context) error {
		report, err := b.keeper.Round(ctx)
		require.NoError(t, err)
		require.False(t, report.Leading)
		require.Empty(t, report.Made)
		return nil
	})
	require.NoError(t, err)
	require.True(t, ran)
	report, err := b.keeper.Round(t.Context())
	require.NoError(t, err)
	require.True(t, report.Leading)
}

// TestAnInterruptedRoundIsTakenUp leaves a detach half done, as a killed process does.
func TestAnInterruptedRoundIsTakenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old, older := time.Now().AddDate(0, 0, -15), time.Now().AddDate(0, 0, -16)
	b.ensure(old)
	b.ensure(older)
	name := func(at time.Time) string { return "trace_" + at.UTC().Format("20060102") }
	_, err := b.pool.Exec(t.Context(), "ALTER TABLE trace DETACH PARTITION "+name(older))
	require.NoError(t, err)
	reading, done := make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		_ = b.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
			_, err := tx.Exec(ctx, `SELECT 1 FROM trace LIMIT 1`)
			close(reading)
			<-done
			return err
		})
	})
	<-reading
	err = b.pool.Listen(t.Context(), "detach", func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SET lock_timeout = '100ms'`)
		require.NoError(t, err)
		_, err = conn.Exec(ctx, "ALTER TABLE trace DETACH PARTITION "+name(old)+" CONCURRENTLY")
		return err
	})
	require.Error(t, err)
	close(done)
	reader.Wait()
	require.Equal(t, 1, b.count(`SELECT count(*) FROM pg_inherits WHERE inhdetachpending`))
	report, err := b.keeper.Round(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{name(older), name(old)}, report.Dropped)
}
