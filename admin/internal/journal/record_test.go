package journal

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
)

// recording runs a recorder without a bus until the test ends.
func recording(tb testing.TB, pool db.Conn[db.ADMIN]) *Recorder {
	tb.Helper()
	r := NewRecorder(pool, slog.New(slog.DiscardHandler))
	done := make(chan struct{})
	go func() { defer close(done); r.write(context.WithoutCancel(tb.Context())) }()
	tb.Cleanup(func() { close(r.incoming); <-done })
	return r
}

func TestBatchesAreBoundedAndShareTransactions(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.ADMIN](t)
	r := NewRecorder(pool, slog.New(slog.DiscardHandler))
	big := newEvent(time.Now())
	big.Data = []byte(`"` + string(make([]byte, maxBatchBytes)) + `"`)
	for range 3 {
		r.incoming <- &entry{event: big}
	}
	require.Len(t, r.fill([]*entry{{event: big}}), 1, "one that is over the bound goes alone")
	require.Len(t, r.fill([]*entry{{event: newEvent(time.Now())}}), 2)

	r = recording(t, pool)
	const n = 2 * maxBatch
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if err := r.record(t.Context(), *newEvent(time.Now())); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, n, r.added.Load())
	require.Less(t, r.transactions.Load(), int64(n))
}

// What the database refuses fails alone; the events around it are kept, each of them once.
func TestOneBadEventAmongMany(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open[db.ADMIN](t, db.Settings{DSN: pgtest.DSN[db.ADMIN](t), ApplicationName: "provoked by a test"})
	r := NewRecorder(pool, slog.New(slog.DiscardHandler))
	batch := make([]*entry, 100)
	for i := range batch {
		batch[i] = &entry{event: newEvent(time.Now()), result: make(chan error, 1)}
	}
	batch[37].event.Data = []byte(`{"before":null,"after":"\u0000"}`)
	batch[80].event.Subject = "\x00"
	r.commit(t.Context(), batch)
	for i, e := range batch {
		want := fault.Internal // of nil
		if i == 37 || i == 80 {
			want = fault.Invalid
		}
		err := <-e.result
		require.Equal(t, want, fault.KindOf(err), "%d: %v", i, err)
		require.Equal(t, want == fault.Internal, err == nil, "%d: %v", i, err)
	}
	var n int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM event").Scan(&n))
	require.Equal(t, 98, n)
}

// A database that is away is no fault of the event: it waits.
func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.ADMIN](t)
	pool, err := db.Open[db.ADMIN](t.Context(), db.Settings{DSN: dsn})
	require.NoError(t, err)
	require.NoError(t, pool.Close(t.Context()))
	r := recording(t, pool)
	require.Equal(t, fault.Unavailable, fault.KindOf(r.record(t.Context(), *newEvent(time.Now()))))
}

// An event that the standby does not have is not taken, and a repetition that only finds it neither.
func TestAnEventWithoutItsStandbyWaits(t *testing.T) {
	t.Parallel()
	pair := pgtest.NewPair(t, true)
	pgtest.PairDatabase[db.ADMIN](pair)
	r := recording(t, pgtest.Open[db.ADMIN](t, db.Settings{DSN: pgtest.PairDSN[db.ADMIN](pair, pair.Primary), ApplicationName: "admin"}))
	event := *newEvent(time.Now())
	pair.Detach()
	for range 2 {
		outcome := make(chan error, 1)
		go func() { outcome <- r.record(t.Context(), event) }()
		pair.CancelWait("admin")
		require.Equal(t, fault.Unavailable, fault.KindOf(<-outcome))
	}
	pair.Attach()
	require.NoError(t, r.record(t.Context(), event))
	require.EqualValues(t, 1, r.repeated.Load())
}

// BenchmarkRecord has as many events under way as the service has.
func BenchmarkRecord(b *testing.B) {
	r := recording(b, pgtest.New[db.ADMIN](b))
	tokens := make(chan struct{}, maxBatch)
	b.ResetTimer()
	var group sync.WaitGroup
	for range b.N {
		tokens <- struct{}{}
		group.Go(func() {
			if err := r.record(b.Context(), *newEvent(time.Now())); err != nil {
				b.Error(err)
			}
			<-tokens
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.N)/float64(r.transactions.Load()), "events/tx")
}
