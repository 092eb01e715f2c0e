package history_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/history"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	days      = 24 * time.Hour
	parameter = 5
)

type bundle struct {
	t         *testing.T
	pool      *db.Pool[db.DWH]
	intake    *frame.Intake
	keeper    *history.Keeper
	reader    *history.Reader
	retention *history.Retention
	stored    []frame.Frame
}

func setup(t *testing.T) *bundle {
	t.Helper()
	policy := history.Policy{Frames: 3 * days, Minutes: 40 * days, Hours: 400 * days, AheadDays: 2}
	b := &bundle{t: t, pool: pgtest.New[db.DWH](t)}
	log := slog.New(slog.DiscardHandler)
	b.intake, b.keeper = frame.NewIntake(b.pool, frame.Settings{}), history.NewKeeper(b.pool, log)
	b.reader, b.retention = history.NewReader(b.pool, policy), history.NewRetention(b.pool, policy, log)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.intake.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	return b
}

func (b *bundle) take(frames ...frame.Frame) {
	b.t.Helper()
	for i := range frames {
		frames[i].Sort()
	}
	_, err := b.intake.Take(b.t.Context(), frames, true)
	require.NoError(b.t, err)
	b.stored = append(b.stored, frames...)
}

// some makes frames of a piece of equipment within a span, of two definitions, with values of every quality.
func some(n int, from time.Time, span time.Duration) []frame.Frame {
	frames := make([]frame.Frame, n)
	for i := range frames {
		f := frame.Frame{Equipment: 1, At: from.Add(time.Duration(rand.Int64N(int64(span))))}
		for p := int64(parameter - 2); p <= parameter+rand.Int64N(2); p++ {
			v := frame.Value{Parameter: p, Number: math.Round(rand.NormFloat64()*100) / 4, Quality: frame.Quality(rand.IntN(4))}
			if rand.IntN(10) == 0 {
				v.Number = math.NaN()
			}
			f.Values = append(f.Values, v)
		}
		frames[i] = f
	}
	return frames
}

// want computes a series from what was stored.
func (b *bundle) want(s history.Series) []history.Bucket {
	found := map[int64]*history.Bucket{}
	for _, f := range b.stored {
		at := f.At.Truncate(time.Microsecond)
		if f.Equipment != 1 || at.Before(s.From) || !at.Before(s.To) {
			continue
		}
		for _, v := range f.Values {
			if v.Parameter != parameter {
				continue
			}
			begins := at.Add(-(at.Sub(s.From) % s.Width))
			k := found[begins.UnixMicro()]
			if k == nil {
				k = &history.Bucket{At: begins, Min: math.Inf(1), Max: math.Inf(-1)}
				found[begins.UnixMicro()] = k
			}
			if math.IsNaN(v.Number) || v.Quality > frame.Uncertain {
				k.Bad++
				continue
			}
			k.N, k.Mean = k.N+1, k.Mean+v.Number
			k.Min, k.Max = min(k.Min, v.Number), max(k.Max, v.Number)
		}
	}
	list := make([]history.Bucket, 0, len(found))
	for _, k := range found {
		if k.Mean /= float64(k.N); k.N == 0 {
			k.Min, k.Max, k.Mean = math.NaN(), math.NaN(), math.NaN()
		}
		list = append(list, *k)
	}
	slices.SortFunc(list, func(x, y history.Bucket) int { return x.At.Compare(y.At) })
	return list
}

// check compares answers of several widths with what was stored.
func (b *bundle) check(from time.Time, span time.Duration, when string) {
	b.t.Helper()
	for _, points := range []int{1, 2, 3, 7, 40, 300, 5000} {
		q := history.Query{Equipment: 1, Parameter: parameter, From: from.Add(17 * time.Second), To: from.Add(span), Points: points}
		s, err := b.reader.Read(b.t.Context(), q)
		require.NoError(b.t, err)
		require.LessOrEqual(b.t, len(s.Buckets), points)
		require.LessOrEqual(b.t, int((s.To.Sub(s.From)+s.Width-1)/s.Width), points)
		require.False(b.t, s.From.After(q.From))
		require.False(b.t, s.To.Before(q.To))
		want := b.want(s)
		require.Len(b.t, s.Buckets, len(want), "%s: %d points", when, points)
		for i, w := range want {
			got := s.Buckets[i]
			require.True(b.t, w.At.Equal(got.At), "%s: %d points: %v, not %v", when, points, got.At, w.At)
			require.Equal(b.t, []int64{w.N, w.Bad}, []int64{got.N, got.Bad}, "%s: %d points, bucket %v", when, points, w.At)
			if w.N == 0 {
				require.True(b.t, math.IsNaN(got.Min) && math.IsNaN(got.Max) && math.IsNaN(got.Mean))
				continue
			}
			require.InDeltaSlice(b.t, []float64{w.Min, w.Max, w.Mean}, []float64{got.Min, got.Max, got.Mean}, 1e-9, "%s: %d points, bucket %v", when, points, w.At)
		}
	}
}

// rollUp brings everything up to date that is over.
func (b *bundle) rollUp() {
	b.t.Helper()
	for done := true; done; {
		var err error
		done, err = b.keeper.Step(b.t.Context())
		require.NoError(b.t, err)
	}
}

func (b *bundle) count(statement string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), statement, args...).Scan(&n))
	return n
}

// However far the rollups are behind, every value counts once, late ones too.
func TestEveryValueCountsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const span = 5 * time.Hour
	from := time.Now().UTC().Truncate(time.Minute).Add(-span - 10*time.Minute)
	b.take(some(900, from, span)...)
	b.check(from, span, "nothing is rolled up")
	for range 20 {
		_, err := b.keeper.Step(t.Context())
		require.NoError(t, err)
	}
	b.check(from, span, "some is rolled up")
	b.rollUp()
	require.Zero(t, b.count("SELECT count(*) FROM frame_dirty WHERE bucket + make_interval(secs => width_s) < now() - interval '1 minute'"), "all that is over is rolled up")
	require.Positive(t, b.count("SELECT count(*) FROM rollup_1h"))
	b.check(from, span, "all is rolled up")
	b.take(some(50, from, span)...)
	b.check(from, span, "late values came")
	b.rollUp()
	b.check(from, span, "late values are rolled up")
}

// The largest numbers that are taken can be summed up.
func TestSumsOfTheLargestNumbers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	from := time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)
	for i := range 100 {
		v, ok := frame.Parse([]byte("1e300"))
		require.True(t, ok)
		v.Parameter = parameter
		b.take(frame.Frame{Equipment: 1, At: from.Add(time.Duration(i) * time.Minute), Values: []frame.Value{v}})
	}
	b.rollUp()
	s, err := b.reader.Read(t.Context(), history.Query{Equipment: 1, Parameter: parameter, From: from, To: from.Add(3 * time.Hour), Points: 1})
	require.NoError(t, err)
	require.Len(t, s.Buckets, 1)
	require.InEpsilon(t, 1e300, s.Buckets[0].Mean, 1e-9)
}

// What is rolled up outlives the frames; a day whose rollups are behind stays.
func TestWhatIsPastItsTimeGoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	from := time.Now().UTC().Truncate(days).Add(-6 * days)
	b.take(some(200, from, 2*time.Hour)...)
	b.take(some(10, time.Now().Add(-time.Hour), time.Minute)...)
	report, err := b.retention.Round(t.Context())
	require.NoError(t, err)
	require.True(t, report.Leading)
	require.Empty(t, report.Dropped, "its rollups are behind")
	copied := "frame_" + from.Format("20060102") + "_sorted"
	_, err = b.pool.Exec(t.Context(), "CREATE TABLE "+copied+" (LIKE frame)") // of an instance that was killed while it sorted the day
	require.NoError(t, err)
	b.rollUp()
	report, err = b.retention.Round(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"frame_" + from.Format("20060102"), copied}, report.Dropped)
	require.Equal(t, 10, b.count("SELECT count(*) FROM frame"))
	b.check(from, 2*time.Hour, "the frames are gone") // by hours or 5 minutes, however many points are asked for
	b.take(frame.Frame{Equipment: 2, At: from, Values: []frame.Value{{Parameter: parameter}}})
	report, err = b.retention.Round(t.Context())
	require.NoError(t, err)
	require.Empty(t, report.Dropped)
}

// A day that is over is sorted, and what comes while it is being copied is not lost.
func TestDaysThatAreOverAreSorted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	from := time.Now().UTC().Truncate(days).Add(-2 * days)
	name := "frame_" + from.Format("20060102")
	spread := func(n int) {
		frames := some(n, from, 20*time.Hour)
		for i := range frames {
			frames[i].Equipment = int64(1 + rand.IntN(4))
		}
		b.take(frames...)
	}
	spread(300)
	var seen string
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT frame_day_copy($1)::text", from).Scan(&seen))
	spread(20)
	_, err := b.pool.Exec(t.Context(), "SELECT frame_day_swap($1, $2::text::pg_snapshot, $3)", from, seen, time.Now())
	require.NoError(t, err)
	require.Equal(t, 320, b.count("SELECT count(*) FROM frame"))
	b.check(from, 20*time.Hour, "exchanged")
	spread(20)
	require.Equal(t, 340, b.count("SELECT count(*) FROM "+name), "late ones go on coming")

	before := from.Add(-days)
	from, name = before, "frame_"+before.Format("20060102")
	spread(200)
	report, err := b.retention.Round(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{name}, report.Sorted)
	require.Zero(t, b.count(`SELECT count(*) FROM (SELECT (equipment, frame, at) < lag((equipment, frame, at)) OVER (ORDER BY ctid) AS wrong FROM `+name+`) AS o WHERE wrong`))
	require.Equal(t, 540, b.count("SELECT count(*) FROM frame"))
	report, err = b.retention.Round(t.Context())
	require.NoError(t, err)
	require.Empty(t, report.Sorted, "once is enough")
}
