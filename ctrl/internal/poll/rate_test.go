package poll

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sqlc-dev/pqtype"
	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/source"
)

// answer is what one poll reads of a counter and its uptime.
type answer struct {
	tick, missed  int64
	second        int
	count, uptime any
}

func TestRates(t *testing.T) {
	t.Parallel()
	n := func(text string) any { return json.Number(text) }
	for name, c := range map[string]struct {
		bits     int16
		interval float64
		answers  []answer
		rate     float64 // after the last; 0: none
	}{
		"of neighbours":              {64, 1, []answer{{1, 0, 0, n("100"), n("5")}, {2, 0, 10, n("600"), n("15")}}, 50},
		"the first poll has none":    {64, 1, []answer{{1, 0, 0, n("100"), n("5")}}, 0},
		"after a gap there is none":  {64, 1, []answer{{1, 0, 0, n("100"), n("5")}, {3, 1, 20, n("900"), n("25")}}, 0},
		"another poll in between":    {64, 1, []answer{{1, 0, 0, n("100"), n("5")}, {3, 0, 20, n("900"), n("25")}}, 0},
		"after a restart none":       {64, 1, []answer{{1, 0, 0, n("100"), n("50")}, {2, 0, 10, n("600"), n("9")}}, 0},
		"a clock that stands still":  {64, 1, []answer{{1, 0, 0, n("100"), n("50")}, {2, 0, 10, n("600"), n("50")}}, 0},
		"32 bits wrap":               {32, 1, []answer{{1, 0, 0, n("4294967290"), n("5")}, {2, 0, 10, n("4"), n("15")}}, 1},
		"64 bits wrap":               {64, 1, []answer{{1, 0, 0, n("18446744073709551610"), n("5")}, {2, 0, 10, n("4"), n("15")}}, 1},
		"a counter was set back":     {64, 1, []answer{{1, 0, 0, n("6000"), n("5")}, {2, 0, 10, n("40"), n("15")}}, 0},
		"one of 32 bits was":         {32, 1, []answer{{1, 0, 0, n("6000"), n("5")}, {2, 0, 10, n("40"), n("15")}}, 0},
		"beyond its width":           {32, 1, []answer{{1, 0, 0, n("1"), n("5")}, {2, 0, 10, n("4294967296"), n("15")}}, 0},
		"a fraction is no counter":   {64, 1, []answer{{1, 0, 0, n("1"), n("5")}, {2, 0, 10, n("2.5"), n("15")}}, 0},
		"a value that was not read":  {64, 1, []answer{{1, 0, 0, n("1"), n("5")}, {2, 0, 10, nil, n("15")}}, 0},
		"an uptime that was not":     {64, 1, []answer{{1, 0, 0, n("1"), n("5")}, {2, 0, 10, n("9"), nil}}, 0},
		"it goes on after one":       {64, 1, []answer{{1, 0, 0, nil, n("5")}, {2, 0, 10, n("9"), n("15")}, {3, 0, 20, n("19"), n("25")}}, 1},
		"every third poll":           {64, 3, []answer{{3, 0, 0, n("100"), n("5")}, {6, 0, 10, n("600"), n("15")}}, 50},
		"one of every third is lost": {64, 3, []answer{{3, 0, 0, n("100"), n("5")}, {9, 0, 20, n("600"), n("25")}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := source.Source{TelemetryID: 1, Draft: source.Draft{Scale: 1, Interval: &c.interval, Rate: &source.Rate{TelemetryID: 3, Bits: c.bits, UptimeID: 2}}}
			var kept pqtype.NullRawMessage
			for i, a := range c.answers {
				j := &job{due: nmsdb.PollClaimRow{Tick: a.tick, Missed: a.missed, IntervalS: 1, Counters: kept}, bindings: []source.Source{b}}
				rates, now := j.rates(map[int64]driver.Value{1: {Value: a.count}, 2: {Value: a.uptime}}, time.Unix(int64(a.second), 0))
				raw, err := json.Marshal(now)
				require.NoError(t, err)
				kept = pqtype.NullRawMessage{RawMessage: raw, Valid: true}
				if i < len(c.answers)-1 {
					continue
				}
				if c.rate == 0 {
					require.Empty(t, rates)
					continue
				}
				require.Len(t, rates, 1)
				require.InDelta(t, c.rate, rates[0].Number, 1e-9)
				require.EqualValues(t, 3, rates[0].Parameter)
			}
		})
	}
}

// A binding takes part in one of so many polls, and in the next one when its own was left out.
func TestTurns(t *testing.T) {
	t.Parallel()
	interval := 30.0
	b := source.Source{Draft: source.Draft{Interval: &interval}}
	turns := func(tick, missed int64) bool {
		return (&job{due: nmsdb.PollClaimRow{Tick: tick, Missed: missed, IntervalS: 10}}).turn(b)
	}
	var at []int64
	for tick := int64(1); tick <= 9; tick++ {
		if turns(tick, 0) {
			at = append(at, tick)
		}
	}
	require.Equal(t, []int64{3, 6, 9}, at)
	require.True(t, turns(7, 1), "6 was left out")
	require.False(t, turns(8, 1))
}
