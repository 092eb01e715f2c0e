package change_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/request"
)

type thing struct {
	Name string `json:"name"`
}

var (
	made = event.DeclareCreation[thing]("test.thing.made", "A thing was made")
	seen = event.Declare[any]("test.thing.seen", "A thing was seen")

	published = event.NewCatalogue("test", made, seen)
)

// invalidation notes what a writer asks of a cache, and when.
type invalidation struct {
	f    *fixture
	tags []string
}

func (i *invalidation) Touch(_ context.Context, _ interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, tags ...string) error {
	i.tags = tags
	i.f.steps = append(i.f.steps, "touch")
	return nil
}

func (i *invalidation) Done(context.Context) error {
	i.f.touched = append(i.f.touched, i.tags...)
	i.f.steps = append(i.f.steps, "done")
	return nil
}

// fixture is a writer on a database with a table of things.
type fixture struct {
	t       *testing.T
	pool    *db.Pool[db.NMS]
	writer  *change.Writer[db.NMS]
	steps   []string
	touched []string
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, pool: pgtest.New[db.NMS](t)}
	_, err := f.pool.Exec(t.Context(), "CREATE TABLE thing (name text PRIMARY KEY)")
	require.NoError(t, err)
	f.writer = change.NewWriter(f.pool, published, change.Options[db.NMS]{
		Cache: func() change.Invalidation { return &invalidation{f: f} },
		Finish: func(context.Context, db.Tx[db.NMS], *change.Changes) error {
			f.steps = append(f.steps, "finish")
			return nil
		},
	})
	return f
}

// put makes a thing with all that a change may have.
func (f *fixture) put(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes, name string) error {
	if _, err := tx.Exec(ctx, "INSERT INTO thing VALUES ($1)", name); err != nil {
		return err
	}
	c.Touch("thing:"+name, "things")
	c.AfterCommit(func(context.Context) { f.steps = append(f.steps, "after "+name) })
	return c.Record(made.New(name, thing{Name: name}))
}

// things lists what is committed, and the subjects of the events that wait.
func (f *fixture) things() (names, subjects []string) {
	f.t.Helper()
	rows, err := f.pool.Query(f.t.Context(), "SELECT name FROM thing ORDER BY name")
	require.NoError(f.t, err)
	names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(f.t, err)
	for _, e := range f.events() {
		subjects = append(subjects, e.Subject)
	}
	return names, subjects
}

func (f *fixture) events() (events []event.Event) {
	f.t.Helper()
	rows, err := f.pool.Query(f.t.Context(), "SELECT event FROM outbox ORDER BY event ->> 'id'")
	require.NoError(f.t, err)
	raw, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	require.NoError(f.t, err)
	for _, message := range raw {
		some, err := event.Parse("", message)
		require.NoError(f.t, err)
		events = append(events, some...)
	}
	return events
}

func TestAChangeIsCommittedWithWhatFollowsFromIt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx := request.WithID(request.WithActor(t.Context(), "user:7"), "req-1")
	require.NoError(t, f.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes) error {
		if err := f.put(ctx, tx, c, "b"); err != nil {
			return err
		}
		return f.put(ctx, tx, c, "a")
	}))
	names, subjects := f.things()
	require.Equal(t, []string{"a", "b"}, names)
	require.ElementsMatch(t, []string{"a", "b"}, subjects)
	e := f.events()[0]
	require.Equal(t, []string{"user:7", "req-1", "/nms/test", made.Type}, []string{e.Actor, e.RequestID, e.Source, e.Type})
	require.Equal(t, []string{"thing:a", "thing:b", "things"}, f.touched, "each once")
	require.Equal(t, []string{"finish", "touch", "after b", "after a", "done"}, f.steps)
}

func TestNothingFollowsFromWhatIsNotCommitted(t *testing.T) {
	t.Parallel()
	refusal := errors.New("refused")
	undeclared := event.Declare[thing]("test.thing.lost", "")
	for name, x := range map[string]struct {
		dryRun bool
		more   func(c *change.Changes) error
		want   string
	}{
		"a refused change":              {false, func(*change.Changes) error { return refusal }, "refused"},
		"a dry run":                     {true, func(*change.Changes) error { return nil }, ""},
		"a dry run that is refused":     {true, func(*change.Changes) error { return refusal }, "refused"},
		"an event that nobody declared": {false, func(c *change.Changes) error { return c.Record(undeclared.New("x", thing{})) }, event.ErrUndeclared.Error()},
		"an event without a JSON form":  {false, func(c *change.Changes) error { return c.Record(seen.New("x", func() {})) }, "unsupported type"},
		"an undeclared one without order": {false, func(c *change.Changes) error {
			c.RecordUnordered([]event.Event{undeclared.Encoded("x", nil)})
			return nil
		}, event.ErrUndeclared.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			err := f.writer.DoWith(t.Context(), change.TxOptions{DryRun: x.dryRun}, func(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes) error {
				return errors.Join(f.put(ctx, tx, c, "a"), x.more(c))
			})
			if x.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, x.want)
			}
			names, subjects := f.things()
			require.Empty(t, names)
			require.Empty(t, subjects)
			require.NotContains(t, f.steps, "touch")
			require.NotContains(t, f.steps, "done")
			require.NotContains(t, f.steps, "after a")
			if x.dryRun {
				require.Empty(t, f.steps)
			}
		})
	}
}

func TestAPartThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	refusal := errors.New("refused")
	require.NoError(t, f.writer.Do(t.Context(), func(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes) error {
		for name, want := range map[string]error{"a": nil, "b": refusal, "c": nil, "d": refusal, "e": nil} {
			err := change.Part(ctx, tx, c, func(ctx context.Context) error {
				if err := f.put(ctx, tx, c, name); err != nil {
					return err
				}
				if want != nil {
					c.TouchAll()
				}
				return want
			})
			require.ErrorIs(t, err, want)
		}
		return nil
	}))
	names, subjects := f.things()
	require.Equal(t, []string{"a", "c", "e"}, names)
	require.ElementsMatch(t, names, subjects)
	require.Equal(t, []string{"thing:a", "thing:c", "thing:e", "things"}, f.touched)
	require.NotContains(t, f.steps, "after b")
	require.Contains(t, f.steps, "after e")
}

func TestAnAttemptBeginsAfresh(t *testing.T) {
	t.Parallel()
	f := setup(t)
	attempts := 0
	require.NoError(t, f.writer.Do(t.Context(), func(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes) error {
		if err := f.put(ctx, tx, c, "a"); err != nil {
			return err
		}
		if attempts++; attempts < 3 {
			return &pgconn.PgError{Code: "40P01"} // a deadlock, of which this one is the victim
		}
		return nil
	}))
	names, subjects := f.things()
	require.Equal(t, []string{"a"}, names)
	require.Equal(t, []string{"a"}, subjects)
	require.Equal(t, []string{"finish", "touch", "after a", "done"}, f.steps)

	once := 0
	err := f.writer.DoWith(t.Context(), change.TxOptions{Attempts: 1}, func(context.Context, db.Tx[db.NMS], *change.Changes) error {
		once++
		return &pgconn.PgError{Code: "40P01"}
	})
	require.Error(t, err)
	require.Equal(t, 1, once)
}

func TestManyEventsWithoutOrderShareARow(t *testing.T) {
	t.Parallel()
	f := setup(t)
	many := make([]event.Event, 100)
	for i := range many {
		many[i] = seen.Encoded(string(rune('a'+i%26))+string(rune('a'+i/26)), json.RawMessage(`{}`))
	}
	require.NoError(t, f.writer.Do(t.Context(), func(_ context.Context, _ db.Tx[db.NMS], c *change.Changes) error {
		c.RecordUnordered(many[:60])
		c.RecordUnordered(many[60:])
		return nil
	}))
	require.Len(t, f.events(), 100)
	var rows int
	require.NoError(t, f.pool.QueryRow(t.Context(), "SELECT count(*) FROM outbox").Scan(&rows))
	require.Equal(t, 1, rows)
	require.Equal(t, []string{"finish"}, f.steps, "no tags: the cache is left alone")
}

func TestFinishSeesTheChangeAndMayAddToIt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var found, told []string
	w := change.NewWriter(f.pool, published, change.Options[db.NMS]{
		Finish: func(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes) error {
			rows, err := tx.Query(ctx, "SELECT name FROM thing")
			if err != nil {
				return err
			}
			if found, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				return err
			}
			c.AfterCommit(func(context.Context) { told = found })
			return nil
		},
	})
	require.NoError(t, w.Do(t.Context(), func(ctx context.Context, tx db.Tx[db.NMS], _ *change.Changes) error {
		_, err := tx.Exec(ctx, "INSERT INTO thing VALUES ('a')")
		return err
	}))
	require.Equal(t, []string{"a"}, told)
	require.ErrorContains(t, w.Do(t.Context(), func(_ context.Context, _ db.Tx[db.NMS], c *change.Changes) error {
		c.Touch("things")
		return nil
	}), "knows no cache")
}

// With the cache itself: what was answered before a change is not answered after it.
func TestWhatIsCachedIsNeverStale(t *testing.T) {
	t.Parallel()
	f := setup(t)
	store := cache.NewStore(f.pool, nil, cache.StoreOptions{Namespace: "test"})
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	w := change.NewWriter(f.pool, published, change.Options[db.NMS]{Cache: func() change.Invalidation { return store.Change() }})
	count := func() string {
		entry, err := store.Get(t.Context(), "count", []string{"things"}, func(ctx context.Context) (cache.Value, error) {
			var text string
			err := f.pool.QueryRow(ctx, "SELECT count(*)::text FROM thing").Scan(&text)
			return cache.Value{Body: []byte(text)}, err
		})
		require.NoError(t, err)
		return string(entry.Body)
	}
	require.Equal(t, "0", count())
	for _, want := range []string{"1", "2", "3"} {
		require.NoError(t, w.Do(t.Context(), func(ctx context.Context, tx db.Tx[db.NMS], c *change.Changes) error {
			return f.put(ctx, tx, c, want)
		}))
		require.Equal(t, want, count())
	}
}
