package journal

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
	"nms.example/common/waittest"

	"nms.example/admin/internal/admindb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = waittest.Bound

// newEvent makes an event at a time, ready to be written.
func newEvent(at time.Time) *event.Event {
	return &event.Event{
		ID: uuid.Must(uuid.NewV7()), Source: "/nms/cfg", Type: "cfg.equipment.updated", Subject: "1", Time: at,
		Data: []byte(`{"before":null,"after":{"n":1}}`),
	}
}

func put(t *testing.T, conn db.Conn[db.ADMIN], events ...*event.Event) int64 {
	t.Helper()
	batch := make([]*entry, len(events))
	for i, e := range events {
		batch[i] = &entry{event: e}
	}
	added, err := insert(t.Context(), conn, batch)
	require.NoError(t, err)
	return added
}

// partitionOf tells where an event lies. A query that was planned just before the partition came does not
// see what has moved there, hence the coalesce.
func partitionOf(t *testing.T, conn db.Conn[db.ADMIN], e *event.Event) (name string) {
	t.Helper()
	const sql = "SELECT coalesce((SELECT tableoid::regclass::text FROM event WHERE id = $1), '')"
	require.NoError(t, conn.QueryRow(t.Context(), sql, e.ID).Scan(&name))
	return name
}

func monthOf(at time.Time) string { return "event_" + at.UTC().Format("2006_01") }

func TestPartitionsAreMadeAheadAndTakeUpStrays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.ADMIN](t)
	now := time.Now().UTC()
	ahead := time.Date(now.Year(), now.Month()+monthsAhead, 1, 0, 0, 0, 0, time.UTC)
	past := now.AddDate(0, -7, 0)
	future, faraway := newEvent(ahead), newEvent(now.AddDate(40, 0, 0))
	old, edge := newEvent(past), newEvent(ahead.AddDate(0, 1, 0).Add(-time.Microsecond))
	require.EqualValues(t, 4, put(t, pool, future, faraway, old, edge))
	for _, e := range []*event.Event{future, faraway, old, edge} {
		require.Equal(t, "event_default", partitionOf(t, pool, e))
	}

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- KeepPartitions(ctx, pool, slog.New(slog.DiscardHandler)) }()
	require.Eventually(t, func() bool { return partitionOf(t, pool, future) == monthOf(ahead) }, patience, 20*time.Millisecond)
	stop()
	require.NoError(t, <-done)
	require.Equal(t, monthOf(ahead), partitionOf(t, pool, edge), "the month's last moment")
	require.Equal(t, monthOf(past), partitionOf(t, pool, old))
	require.Equal(t, "event_default", partitionOf(t, pool, faraway))
	require.Zero(t, put(t, pool, future, faraway, old, edge), "all of them are known still")

	// What moved is as protected as before.
	for _, table := range []string{monthOf(ahead), monthOf(past), "event_default"} {
		for _, statement := range []string{"DELETE FROM ", "TRUNCATE "} {
			_, err := pool.Exec(t.Context(), statement+table+" -- provoked by a test")
			require.Error(t, err)
			require.Regexp(t, "append-only|permission denied", err.Error(), "%s%s", statement, table)
		}
	}
}

// Makers race with each other and with writers of the very months that they make.
func TestPartitionsAreMadeUnderTraffic(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.ADMIN](t)
	month := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	const months, rounds = 6, 20
	var group sync.WaitGroup
	for writer := range 3 {
		pool := pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}})
		group.Go(func() {
			for n := range rounds {
				for m := range months {
					if err := keep(t.Context(), pool, newEvent(month.AddDate(0, m, n%28))); err != nil {
						t.Error(err) // in the service, the event would have become a dead letter
						return
					}
				}
			}
		})
		group.Go(func() {
			for m := range months {
				_, err := pool.Exec(t.Context(), "SELECT event_partition_make($1)", month.AddDate(0, (m+writer)%months, 0))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	pool := pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}})
	var all, strays int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*), count(*) FILTER (WHERE tableoid = 'event_default'::regclass) FROM event").
		Scan(&all, &strays))
	require.Equal(t, 3*months*rounds, all)
	require.Zero(t, strays)
}

// Instances that start at once look for missing months and make them, all in one transaction each; an operator makes
// another one beside them.
func TestInstancesThatStartAtOnceMakePartitionsInTurn(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.ADMIN](t)
	const instances = 4
	pools := make([]*db.Pool[db.ADMIN], instances)
	for i := range pools {
		pools[i] = pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}})
	}
	for round := range 8 { // each has one month to make
		put(t, pools[0], newEvent(time.Now().AddDate(0, -2-round, 0)))
		var group sync.WaitGroup
		errs := make([]error, instances+1)
		group.Go(func() {
			_, errs[instances] = pools[round%instances].Exec(t.Context(), "SELECT event_partition_make($1)", time.Now().AddDate(1, round, 0))
		})
		for i, pool := range pools {
			group.Go(func() { _, errs[i] = admindb.New(pool).EventPartitionsAhead(t.Context(), monthsAhead) })
		}
		group.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
}

// A broker hands the events of a consumer that is gone out again, in whatever order, to several instances at once.
func TestBatchesOfTheSameEventsAreNoDeadlock(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.ADMIN](t)
	const instances, rounds, events = 2, 20, 500
	for range rounds {
		batch := make([]*event.Event, events)
		for i := range batch {
			batch[i] = newEvent(time.Now())
		}
		var group sync.WaitGroup
		added := make([]int64, instances)
		for i := range instances {
			pool := pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 1}})
			mine := slices.Clone(batch)
			if i%2 == 1 {
				slices.Reverse(mine)
			}
			group.Go(func() { added[i] = put(t, pool, mine...) })
		}
		group.Wait()
		require.EqualValues(t, events, added[0]+added[1])
	}
}

// keep writes an event as the recorder does, again while the database is not able to.
func keep(ctx context.Context, pool *db.Pool[db.ADMIN], e *event.Event) error {
	recorder := NewRecorder(pool, slog.New(slog.DiscardHandler))
	for deadline := time.Now().Add(patience); ; {
		err := recorder.insert(ctx, []*entry{{event: e}})
		if err == nil || fault.KindOf(err) != fault.Unavailable || time.Now().After(deadline) {
			return err
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][3]string{
		`{"before":null,"after":{"a":1}}`: {"", `{"a":1}`, ""},
		`{"before":[1],"after": null }`:   {"[1]", "", ""},
		`{"after":2,"before":1}`:          {"1", "2", ""},
		`{"before":1}`:                    {"", "", `{"before":1}`},
		`{"before":1,"after":2,"more":3}`: {"", "", `{"before":1,"after":2,"more":3}`},
		`{"before":1,"then":2}`:           {"", "", `{"before":1,"then":2}`},
		`7`:                               {"", "", "7"},
		`null`:                            {"", "", ""},
		``:                                {"", "", ""},
	} {
		before, after, rest := split(&event.Event{Data: []byte(data)})
		require.Equal(t, want, [3]string{before, after, rest}, data)
	}
}
