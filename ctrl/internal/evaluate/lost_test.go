package evaluate

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/limit"
)

// bundle is two databases with a limit on values of a piece of equipment.
type bundle struct {
	t         *testing.T
	nms       *db.Pool[db.NMS]
	dwh       *db.Pool[db.DWH]
	writer    *change.Writer[db.NMS]
	intake    *frame.Intake
	equipment int64
	parameter int64
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, nms: pgtest.New[db.NMS](t), dwh: pgtest.New[db.DWH](t)}
	b.writer = change.NewWriter(b.nms, event.NewCatalogue("ctrl", alarm.EventCreated, alarm.EventUpdated), change.Options[db.NMS]{})
	scan := func(to *int64, statement string, args ...any) {
		require.NoError(t, b.nms.QueryRow(t.Context(), statement, args...).Scan(to))
	}
	var id int64
	scan(&b.equipment, "INSERT INTO equipment (name, name_full) VALUES ('rx', 'x') RETURNING id")
	scan(&b.parameter, `INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ('gain', 'x', 'x', '{"type":"number"}') RETURNING id`)
	scan(&id, `INSERT INTO telemetry_limit (name, telemetry_id, levels) VALUES ('x', $1, '[{"severity":"major","high":10}]') RETURNING id`, b.parameter)
	b.intake = frame.NewIntake(b.dwh, frame.Settings{Watched: func(int64, []frame.Value) bool { return true }})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.intake.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	return b
}

// instance is one that evaluates round by round.
func (b *bundle) instance() *term {
	b.t.Helper()
	log := slog.New(slog.DiscardHandler)
	return newTerm(New(b.writer, b.dwh, limit.NewBook(b.nms, log), catalogue.New(b.nms, log), alarm.New(b.writer, alarm.Options{}), Options{Logger: log}))
}

// gives stores a value.
func (b *bundle) gives(at time.Time, number float64) {
	b.t.Helper()
	_, err := b.intake.Take(b.t.Context(), []frame.Frame{{Equipment: b.equipment, At: at, Values: []frame.Value{{Parameter: b.parameter, Number: number}}}}, true)
	require.NoError(b.t, err)
}

func (b *bundle) steps() (n int) {
	b.t.Helper()
	require.NoError(b.t, b.nms.QueryRow(b.t.Context(), "SELECT count(*) FROM alarm_step").Scan(&n))
	return n
}

// An instance stands still between evaluating and writing, and another takes its slots over: what the first one has found it does not write.
func TestAnInstanceThatHasLostItsSlotsWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.instance(), b.instance()
	require.NoError(t, first.round(t.Context()))
	require.Len(t, first.taken, frame.Slots)
	begin := time.Now().Add(-time.Minute)
	b.gives(begin, 11)
	b.gives(begin.Add(time.Second), 1)
	b.gives(begin.Add(2*time.Second), 11)
	require.NoError(t, first.read(t.Context(), time.Now()))
	require.Len(t, first.signals, 3, "it has found that an alarm was raised, cleared and raised")

	require.NoError(t, second.round(t.Context()))
	require.Empty(t, second.taken, "they are the first one's")
	_, err := b.nms.Exec(t.Context(), "UPDATE limit_slot SET leased_until = now() - interval '1 second'; UPDATE limit_evaluator SET live_until = now() - interval '1 second'")
	require.NoError(t, err)
	second.renewed = time.Time{}
	require.NoError(t, second.round(t.Context()))
	require.Len(t, second.taken, frame.Slots)
	require.Equal(t, 3, b.steps())

	require.ErrorIs(t, first.commit(t.Context()), errLost)
	first.renewed = time.Time{}
	require.ErrorIs(t, first.round(t.Context()), errLost, "it finds that out by itself, too")
	require.Equal(t, 3, b.steps(), "each once")
}

// An instance is gone after it has written what it found, and before it has removed that from the feed: the next one leaves it out.
func TestWhatIsWrittenIsNotEvaluatedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.instance(), b.instance()
	require.NoError(t, first.round(t.Context()))
	b.gives(time.Now().Add(-time.Minute), 11)
	var feed [5]any
	row := "SELECT slot, id, equipments, frames, ats FROM limit_feed"
	require.NoError(t, b.dwh.QueryRow(t.Context(), row).Scan(&feed[0], &feed[1], &feed[2], &feed[3], &feed[4]))
	require.NoError(t, first.round(t.Context()))
	require.Equal(t, 1, b.steps())
	// As if it had not been removed.
	_, err := b.dwh.Exec(t.Context(), "INSERT INTO limit_feed (slot, id, equipments, frames, ats) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)", feed[:]...)
	require.NoError(t, err)
	_, err = b.nms.Exec(t.Context(), "UPDATE limit_slot SET owner = NULL, leased_until = NULL; UPDATE limit_evaluator SET live_until = now() - interval '1 second'; DELETE FROM limit_state")
	require.NoError(t, err)
	require.NoError(t, second.round(t.Context()))
	require.NoError(t, second.commit(t.Context()))
	require.Equal(t, 1, b.steps())
	require.Zero(t, second.evaluatedSoFar())
	var left int
	require.NoError(t, b.dwh.QueryRow(t.Context(), "SELECT count(*) FROM limit_feed").Scan(&left))
	require.Zero(t, left, "it removes what the first one has left")
}

// An instance that takes slots over knows no older limits than the one before it: an alarm of a limit that it has not heard of yet is not cleared for that.
func TestAnInstanceThatTakesOverKnowsTheLimitsOfNow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.instance(), b.instance()
	require.NoError(t, first.round(t.Context()))
	_, err := second.book.Present(t.Context())
	require.NoError(t, err)
	_, err = b.nms.Exec(t.Context(), `INSERT INTO telemetry_limit (name, telemetry_id, levels) VALUES ('y', $1, '[{"severity":"minor","high":5}]')`, b.parameter)
	require.NoError(t, err)
	_, err = first.book.Present(t.Context())
	require.NoError(t, err)
	b.gives(time.Now().Add(-time.Minute), 11)
	require.NoError(t, first.round(t.Context()))
	require.Equal(t, 2, b.steps(), "of either limit")

	_, err = b.nms.Exec(t.Context(), "UPDATE limit_slot SET owner = NULL, leased_until = NULL; UPDATE limit_evaluator SET live_until = now() - interval '1 second'")
	require.NoError(t, err)
	require.NoError(t, second.round(t.Context()))
	require.Len(t, second.taken, frame.Slots)
	require.Equal(t, 2, b.steps())
}

// What was put into the catalogue, or given a limit, just before its first value came is evaluated on that value, by whichever instance.
func TestALimitHoldsForTheValueThatComesNext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := b.instance()
	require.NoError(t, one.round(t.Context()))
	b.gives(time.Now().Add(-time.Minute), 6)
	require.NoError(t, one.round(t.Context()))
	require.Zero(t, b.steps())

	_, err := b.nms.Exec(t.Context(), `INSERT INTO telemetry_limit (name, telemetry_id, levels) VALUES ('y', $1, '[{"severity":"minor","high":5}]')`, b.parameter)
	require.NoError(t, err)
	b.gives(time.Now().Add(-30*time.Second), 7)
	require.NoError(t, one.round(t.Context()))
	require.Equal(t, 1, b.steps())

	require.NoError(t, b.nms.QueryRow(t.Context(), "INSERT INTO equipment (name, name_full) VALUES ('rx2', 'x') RETURNING id").Scan(&b.equipment))
	_, err = b.nms.Exec(t.Context(), "UPDATE cache_version SET version = version + 1")
	require.NoError(t, err)
	b.gives(time.Now().Add(-30*time.Second), 8)
	require.NoError(t, one.round(t.Context()))
	require.Equal(t, 2, b.steps())
}

// evaluatedSoFar is on how many values limits were evaluated.
func (t *term) evaluatedSoFar() (n int) {
	for _, u := range t.units {
		for _, m := range u.machines {
			if m.state.At != 0 {
				n++
			}
		}
	}
	return n
}
