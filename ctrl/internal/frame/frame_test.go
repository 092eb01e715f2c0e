package frame_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/ctrl/internal/frame"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type bundle struct {
	t      *testing.T
	pool   *db.Pool[db.DWH]
	intake *frame.Intake
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, pool: pgtest.New[db.DWH](t)}
	b.intake = b.start()
	return b
}

// start runs an intake, as an instance of the service does.
func (b *bundle) start() *frame.Intake {
	b.t.Helper()
	intake := frame.NewIntake(b.pool, frame.Settings{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- intake.Run(ctx) }()
	b.t.Cleanup(func() { cancel(); require.NoError(b.t, <-ended) })
	return intake
}

func (b *bundle) take(frames ...frame.Frame) []int {
	b.t.Helper()
	for i := range frames {
		frames[i].Sort()
	}
	fresh, err := b.intake.Take(b.t.Context(), frames, true)
	require.NoError(b.t, err)
	return fresh
}

func (b *bundle) count(statement string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), statement, args...).Scan(&n))
	return n
}

func at(second int) time.Time {
	return time.Now().UTC().Truncate(time.Hour).Add(-2*time.Hour + time.Duration(second)*time.Second)
}

func text(parameter int64, value string) frame.Value {
	raw, _ := json.Marshal(value)
	return frame.Value{Parameter: parameter, Number: math.NaN(), Exact: raw}
}

func number(parameter int64, value float64) frame.Value {
	return frame.Value{Parameter: parameter, Number: value}
}

func TestValuesAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]struct {
		number  float64
		exact   bool
		quality frame.Quality
		ok      bool
	}{
		`1.50`:                  {1.5, false, frame.Good, true},
		`-0`:                    {0, false, frame.Good, true},
		`9007199254740992`:      {1 << 53, false, frame.Good, true},
		`9007199254740993`:      {1 << 53, true, frame.Good, true},
		`18446744073709551615`:  {1 << 64, true, frame.Good, true},
		`0.30000000000000004`:   {0.30000000000000004, false, frame.Good, true},
		`true`:                  {math.NaN(), true, frame.Good, true},
		`"on"`:                  {math.NaN(), true, frame.Good, true},
		`null`:                  {math.NaN(), false, frame.Bad, true},
		`"a\u0000"`:             {math.NaN(), true, frame.Good, false},
		`1e400`:                 {0, false, frame.Good, false},
		`-1e300`:                {-1e300, false, frame.Good, true},
		`1.1e300`:               {0, false, frame.Good, false},
		`"\\u0000"`:             {math.NaN(), true, frame.Good, true},
		`"\ud83d\ude00 \u00e9"`: {math.NaN(), true, frame.Good, true},
		`"\ud83d"`:              {math.NaN(), true, frame.Good, false},
		`"\ud83d\u0041"`:        {math.NaN(), true, frame.Good, false},
		`"\ude00"`:              {math.NaN(), true, frame.Good, false},
		`[1]`:                   {math.NaN(), false, frame.Good, false},
		`{}`:                    {math.NaN(), false, frame.Good, false},
		``:                      {0, false, frame.Good, false},
	} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			v, ok := frame.Parse(json.RawMessage(raw))
			require.Equal(t, want.ok, ok)
			if !ok {
				return
			}
			require.Equal(t, want.exact, v.Exact != nil)
			require.Equal(t, want.quality, v.Quality)
			if math.IsNaN(want.number) {
				require.True(t, math.IsNaN(v.Number))
			} else {
				require.InDelta(t, want.number, v.Number, 0)
			}
		})
	}
}

// Whatever the order in which frames come, and by however many instances, the text at the moment of each is what it said.
func TestTextsHoldWhateverTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const frames, parameter = 120, 7
	said := make([]string, frames)
	for i := range said {
		said[i] = string(rune('a' + rand.IntN(3)))
	}
	order := rand.Perm(frames)
	var senders sync.WaitGroup
	for instance := range 3 {
		intake := b.start()
		senders.Go(func() {
			for n, i := range order {
				if n%3 != instance {
					continue
				}
				values := []frame.Value{text(parameter, said[i])}
				if i%5 == 0 {
					values = append(values, number(9, float64(i))) // the same parameter in another definition
				}
				f := frame.Frame{Equipment: 1, At: at(i), Values: values}
				f.Sort()
				if _, err := intake.Take(context.WithoutCancel(t.Context()), []frame.Frame{f}, true); err != nil {
					t.Errorf("take: %v", err)
				}
			}
		})
	}
	senders.Wait()
	for i, want := range said {
		var got string
		require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT value #>> '{}' FROM text_value WHERE equipment = 1 AND param = $1 AND at <= $2 ORDER BY at DESC LIMIT 1`,
			parameter, at(i)).Scan(&got))
		require.Equal(t, want, got, "frame %d of %v in the order %v", i, said, order)
	}
	latest, err := frame.NewReader(b.pool).Latest(t.Context(), []int64{1}, func(p int64) bool { return p == parameter })
	require.NoError(t, err)
	require.Len(t, latest, 1)
	require.JSONEq(t, fmt.Sprintf("%q", said[frames-1]), string(latest[0].Value))
	require.Equal(t, at(frames-1), latest[0].At.UTC())
}

// What comes in order leaves a row where it changes, also when it comes at once; what comes late in between changes nothing behind the next frame.
func TestTextsAreKeptWhereTheyChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	said := func(second int, value string) frame.Frame {
		return frame.Frame{Equipment: 1, At: at(second), Values: []frame.Value{text(7, value)}}
	}
	kept := func() (rows string) {
		t.Helper()
		require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT string_agg((value #>> '{}') || extract(epoch FROM at - $1), ' ' ORDER BY at) FROM text_value`, at(0)).
			Scan(&rows))
		return strings.ReplaceAll(rows, ".000000", "")
	}
	b.take(said(0, "a"), said(2, "a"), said(4, "b"), said(6, "b"), said(8, "c"), said(10, "c"))
	require.Equal(t, "a0 b4 c8", kept())
	b.take(said(5, "x"), said(7, "b"), said(9, "y"))
	require.Equal(t, "a0 b4 x5 b6 c8 y9 c10", kept())
	b.take(said(12, "d"))
	require.Equal(t, "a0 b4 x5 b6 c8 y9 c10 d12", kept())
}

// Frames that come several times at once are stored once, and the newest stays the newest.
func TestEachFrameIsStoredOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const frames, senders = 200, 4
	fresh := make([]int, senders)
	var group sync.WaitGroup
	for s := range senders {
		intake := b.start()
		group.Go(func() {
			order := rand.Perm(frames)
			for part := range slices.Chunk(order, 20) {
				batch := make([]frame.Frame, len(part))
				for i, n := range part {
					batch[i] = frame.Frame{Equipment: int64(1 + n%5), At: at(n), Values: []frame.Value{number(1, float64(n)), number(2, -float64(n))}}
				}
				stored, err := intake.Take(context.WithoutCancel(t.Context()), batch, true)
				if err != nil {
					t.Errorf("take: %v", err)
					return
				}
				for _, n := range stored {
					fresh[s] += n
				}
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range fresh {
		total += n
	}
	require.Equal(t, 2*frames, total, "each value is somebody's")
	require.Equal(t, frames, b.count("SELECT count(*) FROM frame"))
	latest, err := frame.NewReader(b.pool).Latest(t.Context(), []int64{1, 2, 3, 4, 5}, nil)
	require.NoError(t, err)
	require.Len(t, latest, 10)
	for _, l := range latest {
		n := frames - 5 + int(l.Equipment) - 1
		require.Equal(t, at(n), l.At.UTC())
		require.JSONEq(t, map[int64]string{1: strconv.Itoa(n), 2: strconv.Itoa(-n)}[l.Parameter], string(l.Value))
	}
}

func TestLargeAndRepeatedFrames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	large := frame.Frame{Equipment: 1, At: at(0)}
	for p := range int64(450) {
		large.Values = append(large.Values, number(p+1, float64(p)))
	}
	twice := frame.Frame{Equipment: 2, At: at(0), Values: []frame.Value{number(1, 1), number(1, 2)}}
	again := frame.Frame{Equipment: 2, At: at(0), Values: []frame.Value{number(1, 3)}}
	require.Equal(t, []int{450, 1, 0}, b.take(large, twice, again))
	require.Equal(t, 4, b.count("SELECT count(*) FROM frame"), "three parts of the large one")
	require.Equal(t, 451, b.count("SELECT sum(cardinality(value)) FROM frame"))
	require.Equal(t, 1, b.count("SELECT value[1]::int FROM frame WHERE equipment = 2"), "the first stays")
	require.Equal(t, []int{0}, b.take(large))
}

func TestWhatIsTakenInIsCommittedAtTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	intake := frame.NewIntake(b.pool, frame.Settings{MaxValues: 100})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	f := frame.Frame{Equipment: 1, At: at(0), Values: []frame.Value{number(1, 1)}}
	taken := make(chan error, 1)
	go func() {
		_, err := intake.Take(context.WithoutCancel(t.Context()), []frame.Frame{f}, true)
		taken <- err
	}()
	for intakeWaiting := 0; intakeWaiting == 0; { // until it waits
		intakeWaiting = int(intake.Waiting())
	}
	big := frame.Frame{Equipment: 1, At: at(1)}
	for p := range int64(100) {
		big.Values = append(big.Values, number(p+1, 1))
	}
	_, err := intake.Take(t.Context(), []frame.Frame{big}, false)
	require.ErrorIs(t, err, frame.ErrFull)
	cancel()
	require.NoError(t, intake.Run(ctx))
	require.NoError(t, <-taken)
	_, err = intake.Take(t.Context(), []frame.Frame{f}, true)
	require.ErrorIs(t, err, frame.ErrStopped)
	require.Equal(t, 1, b.count("SELECT count(*) FROM frame"))
}
