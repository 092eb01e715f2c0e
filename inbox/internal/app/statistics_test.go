package app_test

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/common/waittest"
)

type statisticsOf struct {
	From, To  time.Time
	Sweeps    int64
	Sources   int
	Unit      string
	Threshold *int
	Hz        []float64  `json:"freq_hz"`
	Max       []*float64 `json:"max_dbm"`
	Mean      []*float64 `json:"mean_dbm"`
	Min       []*float64 `json:"min_dbm"`
	Number    []int64
	Occupancy []*float64 `json:"occupancy_percent"`
}

func (b *bundle) statistics(query url.Values) (s statisticsOf) {
	b.t.Helper()
	b.Get(statistics + "?" + query.Encode()).Is(http.StatusOK).Into(&s)
	return s
}

// sendBursts sends 60 sweeps of 60 values a second apart, each with a burst of −40 dBm in a bin of its own.
func (b *bundle) sendBursts(begin time.Time, source string) {
	b.t.Helper()
	var body bytes.Buffer
	for i := range 60 {
		values := make([]string, 60)
		for k := range values {
			values[k] = "-100"
		}
		values[i] = "-40"
		fmt.Fprintf(&body, `{"guid":%q,"start_freq_hz":100000000,"stop_freq_hz":105900000,"step_freq_hz":100000,"noise":-101,"numpoints":60,`+
			`"y_val_dbm":[%s],"timestamp":%q,"location":{"lat":55.75,"lng":37.62},"source":%q}`+"\n",
			uuid.New(), strings.Join(values, ","), begin.Add(time.Duration(i)*time.Second).Format(time.RFC3339), source)
	}
	b.sendLines(body.String())
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	b := setup(t, "TZ=Asia/Tokyo")
	now := time.Now().UTC().Truncate(time.Second)
	t.Run("of bursts", func(t *testing.T) {
		t.Parallel()
		statisticsOfBursts(t, b.in(t), now.Truncate(time.Minute).Add(-5*time.Minute))
	})
	t.Run("a mean is one of powers, also where more frequencies are measured than a picture has pixels", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.trace(now, append(by("mean"), "-75.24,-80,0.005,327.67,-12.345", strings.TrimSuffix(strings.Repeat("-60,-100,", 2600), ","),
			`"numpoints":5`, `"numpoints":5200`, `"stop_freq_hz":100400`, `"stop_freq_hz":619900`)...)
		query := around(now, "mean")
		drawn := b.drawn(statistics, query)
		query.Set("points", "1300")
		require.InDelta(t, -63.01, *b.statistics(query).Mean[650], 0.01)
		require.Equal(t, b.drawn(statistics, query), drawn, "the picture shows the mean that the numbers say")
	})
	t.Run("times are in the zone of TZ", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.trace(now, by("zone")...)
		require.Contains(t, b.drawn(statistics, around(now, "zone")), "JST")
	})
	t.Run("of several units there are none", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.twoUnits("two units", now)
		b.Get(statistics+"?"+around(now, "two units").Encode()).Refused(unprocessable, "query.unit", "mixed_units")
	})
	t.Run("where nothing was measured there are none", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get(statistics+"?bbox=0,0,1,1").Refused(notFound, "query", "no_traces")
	})
	t.Run("what cannot be counted is refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).refuses(map[string]string{
			statistics + "?threshold=-95.5":           "query.threshold wrong_type",
			statistics + "?threshold=-328":            "query.threshold below_minimum",
			statistics + "?points=1":                  "query.points below_minimum",
			statistics + "?unit=dBW":                  "query.unit not_one_of",
			statistics + "?bbox=170,-10,-170,10":      "query.bbox crosses_180th_meridian",
			statistics + "?from=2020-01-01T00:00:00Z": "query.from range_too_long",
			statistics + "?rows=1":                    "query.rows unknown_parameter",
		})
	})
}

func statisticsOfBursts(t *testing.T, b *bundle, begin time.Time) {
	t.Helper()
	b.sendBursts(begin, "bursts")
	query := func(more ...string) url.Values {
		return rangeOf(begin, begin.Add(time.Minute), append(more, "source", "bursts")...)
	}
	t.Run("as a table, with the occupancy where a threshold is given", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		table := b.Get(statistics+"?"+query("threshold", "-50", "start-freq-hz", "100100000", "stop-freq-hz", "100200000").Encode(), "Accept: text/csv").Is(http.StatusOK)
		require.Equal(t, "text/csv", table.Header.Get("Content-Type"))
		require.Equal(t, fmt.Sprintf("# from,%s\n# to,%s\n# unit,dBm\n# sweeps,60\n# sources,1\n# threshold,-50\nfreq_hz,max,mean,min,number,occupancy_percent\n"+
			"100100000,-40,-57.78,-100,60,1.6667\n100200000,-40,-57.78,-100,60,1.6667\n", begin.Format(time.RFC3339), begin.Add(time.Minute).Format(time.RFC3339)), string(table.Body))
		require.Contains(t, string(b.Get(statistics+"?format=csv&"+query().Encode()).Is(http.StatusOK).Body),
			"\nfreq_hz,max,mean,min,number\n100000000,-40,-57.78,-100,60\n")
	})
	for _, theme := range []string{"light", "dark"} {
		t.Run("drawn, "+theme, func(t *testing.T) {
			t.Parallel()
			picture := b.in(t).Get(statistics + "?format=png&" + query("threshold", "-50", "theme", theme).Encode()).Is(http.StatusOK)
			requirePNG(t, picture.Header, picture.Body)
		})
	}
	t.Run("thinned, each value counts somewhere", func(t *testing.T) {
		t.Parallel()
		s := b.in(t).statistics(query("points", "6"))
		require.Len(t, s.Hz, 6)
		require.Nil(t, s.Occupancy)
		require.InDelta(t, 105.9e6, s.Hz[5], 0)
		number := int64(0)
		for _, n := range s.Number {
			number += n
		}
		require.EqualValues(t, 3600, number)
	})
}

// awaitRollups waits until the running instances have rolled up what has come in.
func (b *bundle) awaitRollups() {
	b.t.Helper()
	waittest.Until(b.t, "all is rolled up", func() bool { return b.count(`SELECT count(*) FROM rollup_dirty`) == 0 })
}

// Waterfall and statistics are asked for before and after the service has rolled up, at two instances.
//
//nolint:paralleltest,tparallel // what comes in and what goes, one after the other
func TestEverySweepCounts(t *testing.T) {
	t.Parallel()
	one := setup(t)
	instances := []*bundle{one, one.another()}
	begin := time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)
	one.sendBursts(begin, "RX7")
	whole := rangeOf(begin, begin.Add(time.Hour), "rows", "1")
	counted := func(t *testing.T, want int64) {
		t.Helper()
		for _, b := range instances {
			require.Equal(t, want, b.in(t).waterfall(whole).Sweeps)
		}
	}
	t.Run("before it is rolled up", func(t *testing.T) {
		everyBurstCounts(t, instances, begin)
	})
	t.Run("and after", func(t *testing.T) {
		one.in(t).awaitRollups()
		everyBurstCounts(t, instances, begin)
	})
	late := uuid.New()
	t.Run("one that comes late", func(t *testing.T) {
		b := one.in(t)
		b.send(sample(late, begin.Add(30*time.Second), by("RX9")...))
		counted(t, 61)
		b.awaitRollups()
		counted(t, 61)
	})
	t.Run("until it is withdrawn", func(t *testing.T) {
		b := one.in(t).as(manager(t))
		b.withdraw(late, "another antenna")
		counted(t, 60)
		b.awaitRollups()
		counted(t, 60)
	})
}

func everyBurstCounts(t *testing.T, instances []*bundle, begin time.Time) {
	t.Helper()
	for _, b := range instances {
		b := b.in(t)
		w := b.waterfall(rangeOf(begin.Add(-10*time.Minute), begin.Add(10*time.Minute), "rows", "1", "columns", "60"))
		require.EqualValues(t, 60, w.Sweeps)
		require.Equal(t, 1, w.Sources)
		require.Len(t, w.Power, 1)
		for _, cell := range w.Power[0] {
			require.InDelta(t, -40, *cell, 0)
		}
		s := b.statistics(rangeOf(begin, begin.Add(time.Hour), "threshold", "-41"))
		require.EqualValues(t, 60, s.Sweeps)
		require.Len(t, s.Hz, 60)
		mean := 10 * math.Log10((rf.Milliwatts(-4000)+59*rf.Milliwatts(-10000))/60)
		for i := range s.Hz {
			require.InDelta(t, 100e6+float64(i)*100e3, s.Hz[i], 0)
			require.InDelta(t, -40, *s.Max[i], 0)
			require.InDelta(t, -100, *s.Min[i], 0)
			require.InDelta(t, mean, *s.Mean[i], 0.0051)
			require.EqualValues(t, 60, s.Number[i])
			require.InDelta(t, 100.0/60, *s.Occupancy[i], 0.0001)
		}
	}
}
