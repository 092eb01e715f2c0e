package threshold_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/threshold"
)

var begin = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func at(second float64) time.Time { return begin.Add(time.Duration(second * float64(time.Second))) }

// value is one that comes when it is measured.
func value(second, number float64) threshold.Value {
	return threshold.Value{At: at(second), Received: at(second), Number: number, Usable: true}
}

// each returns a value per second.
func each(numbers ...float64) (values []threshold.Value) {
	for i, n := range numbers {
		v := value(float64(i+1), n)
		v.Usable = !math.IsNaN(n)
		values = append(values, v)
	}
	return values
}

// run evaluates values and returns what each has changed: "severity@second".
func run(r threshold.Rule, s *threshold.State, values ...threshold.Value) string {
	var told []string
	for _, v := range values {
		if c, changed := r.Next(s, v); changed {
			told = append(told, fmt.Sprintf("%s@%g", c.After, v.At.Sub(begin).Seconds()))
		}
	}
	return strings.Join(told, " ")
}

func high(severity threshold.Severity, bound, rearm float64) threshold.Level {
	return threshold.Level{Severity: severity, High: true, Bound: bound, Clear: rearm}
}

func low(severity threshold.Severity, bound, rearm float64) threshold.Level {
	return threshold.Level{Severity: severity, Bound: bound, Clear: rearm}
}

func TestSeriesOfValues(t *testing.T) {
	t.Parallel()
	none := math.NaN()
	one := []threshold.Level{high(threshold.Major, 10, 8)}
	three := []threshold.Level{high(threshold.Warning, 10, 9), high(threshold.Critical, 20, 18), low(threshold.Minor, 0, 1)}
	for name, c := range map[string]struct {
		rule   threshold.Rule
		values []threshold.Value
		want   string
	}{
		"nothing exceeds":                        {threshold.Rule{Levels: one}, each(1, 10, 9), ""},
		"a value at the bound does not raise":    {threshold.Rule{Levels: one}, each(10, 10.1), "major@2"},
		"a value at the re-arm value clears":     {threshold.Rule{Levels: one}, each(11, 8.1, 8), "major@1 cleared@3"},
		"between the two it stays as it is":      {threshold.Rule{Levels: one}, each(9, 11, 9, 10, 9, 8, 9, 11), "major@2 cleared@6 major@8"},
		"a low one, the other way round":         {threshold.Rule{Levels: []threshold.Level{low(threshold.Minor, 0, 1)}}, each(0, -0.1, 0.9, 1), "minor@2 cleared@4"},
		"missing values neither raise nor clear": {threshold.Rule{Levels: one}, each(none, 11, none, none, 9, none, 1), "major@2 cleared@7"},
		"it gets worse and better":               {threshold.Rule{Levels: three}, each(11, 21, 19, 18, 9), "warning@1 critical@2 warning@4 cleared@5"},
		"from one side to the other":             {threshold.Rule{Levels: three}, each(21, -1, 0.5, 5), "critical@1 minor@2 cleared@4"},
		"the re-arm value of one side does not hold the other": {
			threshold.Rule{Levels: []threshold.Level{high(threshold.Major, 100, 50), low(threshold.Minor, 10, 20)}}, each(101, 15, 15), "major@1 cleared@2"},

		"after a time, all saying so":      {threshold.Rule{Levels: one, Raise: threshold.Delay{For: 3 * time.Second}}, each(11, 12, 13, 11, 11), "major@4"},
		"one that does not begins it anew": {threshold.Rule{Levels: one, Raise: threshold.Delay{For: 3 * time.Second}}, each(11, 12, 10, 11, 11, 11, 11), "major@7"},
		"a gap is not bridged by itself":   {threshold.Rule{Levels: one, Raise: threshold.Delay{For: 3 * time.Second}}, []threshold.Value{value(1, 11)}, ""},
		"missing values do not begin it anew": {
			threshold.Rule{Levels: one, Raise: threshold.Delay{For: 3 * time.Second}}, each(11, none, none, 11), "major@4"},
		"each level has its own time": {threshold.Rule{Levels: three, Raise: threshold.Delay{For: 2 * time.Second}}, each(11, 21, 21, 21), "warning@3 critical@4"},
		"cleared after a time":        {threshold.Rule{Levels: one, Clear: threshold.Delay{For: 2 * time.Second}}, each(11, 1, 1, 9, 1, 1, 1), "major@1 cleared@7"},

		"two of three":            {threshold.Rule{Levels: one, Raise: threshold.Delay{Count: 2, Of: 3}}, each(11, 1, 1, 11, 1, 11), "major@6"},
		"two of two are in a row": {threshold.Rule{Levels: one, Raise: threshold.Delay{Count: 2, Of: 2}}, each(11, 1, 11, 1, 11, 11), "major@6"},
		"cleared by two of three": {threshold.Rule{Levels: one, Clear: threshold.Delay{Count: 2, Of: 3}}, each(11, 1, 11, 9, 1, 9, 1), "major@1 cleared@7"},
		"of 64, the most there is": {threshold.Rule{Levels: one, Raise: threshold.Delay{Count: 3, Of: 64}},
			append(each(11, 1, 11), append(many(60, 4, 1), value(64, 11))...), "major@64"},
		"beyond 64 they are forgotten": {threshold.Rule{Levels: one, Raise: threshold.Delay{Count: 3, Of: 64}},
			append(each(11, 1, 11), append(many(61, 4, 1), value(65, 11), value(66, 11))...), "major@66"},

		"older ones decide nothing": {threshold.Rule{Levels: one}, []threshold.Value{value(5, 1), value(4, 11), value(5, 11), value(6, 11), value(5.5, 1)}, "major@6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, run(c.rule, new(threshold.State), c.values...))
		})
	}
}

// many returns the same number, a value per second from one on.
func many(n int, second, number float64) (values []threshold.Value) {
	for i := range n {
		values = append(values, value(second+float64(i), number))
	}
	return values
}

func TestTheLevelOfAChange(t *testing.T) {
	t.Parallel()
	r := threshold.Rule{Levels: []threshold.Level{high(threshold.Warning, 10, 9), high(threshold.Critical, 20, 18)}}
	var s threshold.State
	c, changed := r.Next(&s, value(1, 25))
	require.True(t, changed)
	require.Equal(t, threshold.Change{After: threshold.Critical, Worst: r.Levels[1]}, c)
	c, _ = r.Next(&s, value(2, 11))
	require.Equal(t, threshold.Change{Before: threshold.Critical, After: threshold.Warning, Worst: r.Levels[0]}, c)
	c, _ = r.Next(&s, value(3, 1))
	require.Equal(t, threshold.Change{Before: threshold.Warning}, c)
}

func TestClocksOfDevices(t *testing.T) {
	t.Parallel()
	r := threshold.Rule{Levels: []threshold.Level{high(threshold.Major, 10, 8)}}
	t.Run("one that was ahead does not keep out what comes when it is right", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		ahead := threshold.Value{At: at(600), Received: at(1), Number: 1, Usable: true}
		require.Empty(t, run(r, &s, ahead))
		require.Equal(t, "major@2", run(r, &s, value(2, 11)))
	})
	t.Run("what one that is ahead has gathered is evaluated, all of it", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		ahead := func(second, number float64) threshold.Value {
			return threshold.Value{At: at(second), Received: at(1), Number: number, Usable: true}
		}
		require.Equal(t, "major@3 cleared@4 major@5", run(r, &s, ahead(2, 1), ahead(3, 11), ahead(4, 1), ahead(5, 11)))
		require.Empty(t, run(r, &s, value(0.5, 1)), "what is older than when they came is not")
	})
	t.Run("one that is behind is as good as any", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		behind := func(second, number float64) threshold.Value {
			return threshold.Value{At: at(second - 3600), Received: at(second), Number: number, Usable: true}
		}
		require.Equal(t, "major@-3598 cleared@-3597", run(r, &s, behind(1, 1), behind(2, 11), behind(3, 1)))
	})
}

func TestSilence(t *testing.T) {
	t.Parallel()
	r := threshold.Rule{Levels: []threshold.Level{high(threshold.Major, 10, 8)}, Stale: 10 * time.Second}
	t.Run("after its time, once", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		require.Equal(t, "major@5", run(r, &s, value(5, 11)))
		require.False(t, r.Silence(&s, at(14.9), at(0)))
		require.True(t, r.Silence(&s, at(15), at(0)))
		require.True(t, s.Stale)
		require.False(t, r.Silence(&s, at(100), at(0)))
		require.Equal(t, threshold.Major, s.Severity(), "silence clears nothing")
	})
	t.Run("not before one whole interval after a start", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		run(r, &s, value(5, 1))
		require.False(t, r.Silence(&s, at(1000), at(991)))
		require.True(t, r.Silence(&s, at(1001), at(991)))
	})
	t.Run("of what never came", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		require.False(t, r.Silence(&s, at(9), at(0)))
		require.True(t, r.Silence(&s, at(10), at(0)))
	})
	t.Run("a usable value ends it, others do not", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		require.True(t, r.Silence(&s, at(10), at(0)))
		_, changed := r.Next(&s, threshold.Value{At: at(11), Received: at(11), Number: math.NaN()})
		require.False(t, changed)
		c, changed := r.Next(&s, value(12, 1))
		require.True(t, changed)
		require.Equal(t, threshold.Change{Fresh: true}, c)
		require.False(t, s.Stale)
	})
	t.Run("bad values are silence", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		run(r, &s, value(1, 1))
		bad := value(10, 1)
		bad.Usable = false
		run(r, &s, bad)
		require.True(t, r.Silence(&s, at(11), at(0)))
	})
	t.Run("a rule that no longer asks for it ends it", func(t *testing.T) {
		t.Parallel()
		var s threshold.State
		require.True(t, r.Silence(&s, at(10), at(0)))
		other := threshold.Rule{Levels: r.Levels}
		require.True(t, other.Silence(&s, at(10), at(0)))
		require.False(t, s.Stale)
		require.False(t, other.Silence(&s, at(1000), at(0)))
	})
}

// A rule that is changed decides by its new levels, beginning with the next value, not before.
func TestAChangedRule(t *testing.T) {
	t.Parallel()
	before := threshold.Rule{Levels: []threshold.Level{high(threshold.Major, 10, 8), high(threshold.Critical, 20, 18)}}
	var s threshold.State
	require.Equal(t, "critical@1", run(before, &s, value(1, 21)))
	higher := threshold.Rule{Levels: []threshold.Level{high(threshold.Major, 30, 25)}}
	require.Equal(t, threshold.Critical, s.Severity())
	require.Equal(t, "major@2", run(higher, &s, value(2, 26)), "a level that stays raised keeps to its re-arm value")
	require.Equal(t, "cleared@3", run(higher, &s, value(3, 25)))
	require.Empty(t, s.Levels)
}

// Evaluated in one go or with the state written down in between, at any places, the result is the same.
func TestAStateThatWasWrittenDownGoesOn(t *testing.T) {
	t.Parallel()
	rules := []threshold.Rule{
		{Levels: []threshold.Level{high(threshold.Warning, 5, 4), high(threshold.Critical, 8, 7), low(threshold.Minor, 1, 2)}},
		{Levels: []threshold.Level{high(threshold.Warning, 5, 4)}, Raise: threshold.Delay{For: 3 * time.Second}, Clear: threshold.Delay{Count: 3, Of: 5}},
		{Levels: []threshold.Level{high(threshold.Warning, 5, 4)}, Raise: threshold.Delay{Count: 27, Of: 64}, Clear: threshold.Delay{For: 2 * time.Second}},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i, r := range rules {
		var whole, parts threshold.State
		changes := 0
		for second := range 3000 {
			v := value(float64(second), float64(random.IntN(10)))
			want, wantChanged := r.Next(&whole, v)
			got, gotChanged := r.Next(&parts, v)
			require.Equal(t, want, got, "rule %d, second %d", i, second)
			require.Equal(t, wantChanged, gotChanged)
			if wantChanged {
				changes++
			}
			if random.IntN(4) == 0 {
				raw, err := json.Marshal(parts)
				require.NoError(t, err)
				parts = threshold.State{}
				require.NoError(t, json.Unmarshal(raw, &parts))
			}
		}
		require.Greater(t, changes, 5, "rule %d", i)
	}
}

func TestNamesOfSeverities(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"indeterminate", "warning", "minor", "major", "critical"}, threshold.Severities())
	for _, name := range threshold.Severities() {
		s, ok := threshold.SeverityOf(name)
		require.True(t, ok)
		require.Equal(t, name, s.String())
	}
	for _, name := range []string{"cleared", "", "fatal"} {
		_, ok := threshold.SeverityOf(name)
		require.False(t, ok, name)
	}
}

// BenchmarkNext evaluates values that raise nothing, as most do.
func BenchmarkNext(b *testing.B) {
	r := threshold.Rule{Levels: []threshold.Level{high(threshold.Warning, 5, 4), high(threshold.Critical, 8, 7)}, Stale: time.Minute}
	var s threshold.State
	v := value(1, 1)
	for b.Loop() {
		v.At = v.At.Add(time.Second)
		v.Received = v.At
		r.Next(&s, v)
	}
}
