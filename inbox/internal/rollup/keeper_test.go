package rollup_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/db"
	"nms.example/common/rf"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/statistics"
	"nms.example/inbox/internal/trace"
)

// model is what the database should hold.
type model struct {
	*bundle

	base   time.Time
	sweeps []sweep
}

// draw makes sweeps at random times of five hours, some of which share a minute.
func (m *model) draw(t *rapid.T) []sweep {
	level := rapid.OneOf(rapid.Int16Range(-11000, -2000), rapid.Just(rf.Missing))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) sweep {
		minute := rapid.OneOf(rapid.IntRange(0, 299), rapid.IntRange(58, 62)).Draw(t, "minute")
		return sweep{
			guid: uuid.New(), at: m.base.Add(time.Duration(minute)*time.Minute + time.Duration(rapid.IntRange(0, 59_999).Draw(t, "ms"))*time.Millisecond),
			source: rapid.SampledFrom([]string{"", "RX7", "RX8"}).Draw(t, "source"), lat: float64(rapid.IntRange(0, 2).Draw(t, "lat")),
			levels: rapid.SliceOfN(level, 3, 4).Draw(t, "levels"),
		}
	}), 1, 12).Draw(t, "sweeps")
}

// check compares statistics of a random range, receiver and place with all that should be there.
func (m *model) check(t *rapid.T) {
	from := rapid.IntRange(0, 300*60-2).Draw(t, "from")
	to := rapid.IntRange(from+1, 300*60).Draw(t, "to")
	if rapid.Bool().Draw(t, "everything") {
		from, to = 0, 300*60
	}
	q := statistics.Query{Filter: between(m.base.Add(time.Duration(from)*time.Second), m.base.Add(time.Duration(to)*time.Second))}
	q.Threshold = new(rapid.IntRange(-110, -20).Draw(t, "threshold"))
	if source := rapid.SampledFrom([]string{"", "RX7", "RX8"}).Draw(t, "of"); source != "" {
		q.Filter.Source = &source
	}
	if rapid.Bool().Draw(t, "boxed") {
		q.Filter.Box = trace.Box{West: -1, East: 1, South: 0, North: float64(rapid.IntRange(0, 2).Draw(t, "north"))}
	}
	want := struct {
		sweeps        int64
		high, low     [4]rf.Level
		number, above [4]uint64
		mW            [4]float64
	}{}
	for _, s := range m.sweeps {
		if s.at.Before(q.Filter.From) || !s.at.Before(q.Filter.To) || q.Filter.Source != nil && *q.Filter.Source != s.source || s.lat > q.Filter.Box.North {
			continue
		}
		want.sweeps++
		for i, l := range s.levels {
			if l == rf.Missing {
				continue
			}
			if want.number[i] == 0 {
				want.high[i], want.low[i] = l, l
			}
			want.high[i], want.low[i] = max(want.high[i], l), min(want.low[i], l)
			want.number[i]++
			want.mW[i] += rf.Milliwatts(l)
			if int(l) > 100**q.Threshold {
				want.above[i]++
			}
		}
	}
	got, err := m.statistics.Build(m.t.Context(), q)
	if want.sweeps == 0 {
		require.ErrorIs(t, err, rollup.ErrEmpty)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.sweeps, got.Sweeps)
	for i := range got.FrequencyHz {
		require.Equal(t, want.number[i], got.Number[i])
		require.Equal(t, want.above[i], got.Above[i])
		if want.number[i] == 0 {
			require.Equal(t, rf.Missing, got.Mean[i])
			continue
		}
		require.Equal(t, [2]rf.Level{want.high[i], want.low[i]}, [2]rf.Level{got.Highest[i], got.Lowest[i]})
		require.InDelta(t, 1000*math.Log10(want.mW[i]/float64(want.number[i])), float64(got.Mean[i]), 0.5001)
	}
}

// TestAnswersAreThoseOfAllTraces stores, withdraws and rolls up in any order, with keepers that are stopped anywhere and transactions that
// commit late, and compares every answer with a sum over all traces.
func TestAnswersAreThoseOfAllTraces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	base := noon()
	b.ensure(base)
	rapid.Check(t, func(t *rapid.T) {
		_, err := b.pool.Exec(b.t.Context(), `TRUNCATE trace, trace_key, rollup, rollup_dirty`)
		require.NoError(t, err)
		m := &model{bundle: b, base: base}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				sweeps := m.draw(t)
				b.add(sweeps...)
				m.sweeps = append(m.sweeps, sweeps...)
			},
			"commit late": func(t *rapid.T) {
				sweeps := m.draw(t)
				require.NoError(t, b.pool.InTx(b.t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
					if err := insert(ctx, tx, sweeps); err != nil {
						return err
					}
					_, err := newKeeper(b.pool).Step(b.t.Context())
					return err
				}))
				m.sweeps = append(m.sweeps, sweeps...)
			},
			"withdraw": func(t *rapid.T) {
				if len(m.sweeps) == 0 {
					t.Skip("nothing to withdraw")
				}
				i := rapid.IntRange(0, len(m.sweeps)-1).Draw(t, "which")
				tag, err := b.pool.Exec(b.t.Context(), `DELETE FROM trace WHERE measured_at = $1 AND guid = $2`, m.sweeps[i].at, m.sweeps[i].guid)
				require.NoError(t, err)
				require.EqualValues(t, 1, tag.RowsAffected())
				m.sweeps = append(m.sweeps[:i:i], m.sweeps[i+1:]...)
			},
			"roll up": func(t *rapid.T) {
				_, err := newKeeper(b.pool).Step(b.t.Context())
				require.NoError(t, err)
			},
			"roll up, stopped": func(t *rapid.T) {
				ctx, cancel := context.WithTimeout(b.t.Context(), time.Duration(rapid.IntRange(0, 10_000).Draw(t, "µs"))*time.Microsecond)
				defer cancel()
				_, _ = newKeeper(b.stopped).Step(ctx) // it may fail, it may not
			},
			"rebuild": func(t *rapid.T) {
				_, err := b.pool.Exec(b.t.Context(), `SELECT rollup_rebuild()`)
				require.NoError(t, err)
			},
			"": m.check,
		})
		b.settle()
		require.Zero(t, b.count(`SELECT count(*) FROM rollup_dirty`))
		m.check(t)
	})
}

// TestTwoInstancesShareTheWork lets keepers of two instances run while traces come in.
func TestTwoInstancesShareTheWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := &model{bundle: b, base: noon()}
	b.ensure(m.base)
	ctx, stop := context.WithCancel(t.Context())
	var keepers sync.WaitGroup
	for range 3 {
		keepers.Go(func() {
			for ctx.Err() == nil {
				if _, err := newKeeper(b.pool).Step(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		sweeps := m.draw(t)
		b.add(sweeps...)
		m.sweeps = append(m.sweeps, sweeps...)
		m.check(t)
	})
	stop()
	keepers.Wait()
	b.settle()
	require.Equal(t, len(m.sweeps), b.count(`SELECT sum(sweeps) FROM rollup WHERE width_s = 3600`))
	require.Equal(t, len(m.sweeps), b.count(`SELECT sum(sweeps) FROM rollup WHERE width_s = 60`))
}

func TestOneInstanceWorksAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(sweep{at: noon(), levels: []rf.Level{1}})
	require.NoError(t, b.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('nms.job'), hashtext('inbox.rollup'))`)
		require.NoError(t, err)
		done, err := b.keeper.Step(t.Context())
		require.NoError(t, err)
		require.Zero(t, done)
		return nil
	}))
	done, err := b.keeper.Step(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, done, "the minute and its hour")
}

// TestHoursOutliveTheirTraces drops a day's partition, as retention does.
func TestHoursOutliveTheirTraces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := noon().Add(-48 * time.Hour)
	b.add(sweep{at: old.Add(90 * time.Second), levels: []rf.Level{-5000}}, sweep{at: noon(), levels: []rf.Level{-6000}})
	b.settle()
	day := old.Format("20060102")
	_, err := b.pool.Exec(t.Context(), `ALTER TABLE trace DETACH PARTITION trace_`+day)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `INSERT INTO rollup_dirty (width_s, begins_at) VALUES (60, $1), (3600, $2)`, old.Add(time.Minute), old)
	require.NoError(t, err)
	statistics := func(from, to time.Time) (*statistics.Result, error) {
		return b.statistics.Build(t.Context(), statistics.Query{Filter: between(from, to)})
	}
	seen := func() {
		t.Helper()
		got, err := statistics(old.Add(30*time.Minute), old.Add(40*time.Minute))
		require.NoError(t, err)
		require.Equal(t, []rf.Level{-5000}, got.Highest)
		require.Equal(t, []time.Time{old, old.Add(time.Hour)}, []time.Time{got.From, got.To}, "a whole hour is what is known")
	}
	seen()
	b.settle()
	require.Zero(t, b.count(`SELECT count(*) FROM rollup_dirty`))
	_, err = b.pool.Exec(t.Context(), `SELECT rollup_rebuild()`)
	require.NoError(t, err)
	b.settle()
	seen()
	require.NoError(t, b.keeper.Purge(t.Context()))
	seen()
	require.Equal(t, 1, b.count(`SELECT count(*) FROM rollup WHERE width_s = 60`))
	require.NoError(t, rollup.NewKeeper(b.pool, rollup.Policy{Keep: 48 * time.Hour}, nil).Purge(t.Context()))
	_, err = statistics(old, old.Add(time.Hour))
	require.ErrorIs(t, err, rollup.ErrEmpty)
}
