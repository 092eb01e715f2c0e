package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/spectra"
)

// waterfallOf is what the tests read of a waterfall.
type waterfallOf struct {
	From, To      time.Time
	Rows, Columns int
	Sweeps        int64
	Sources       int
	Unit          string
	Statistic     string
	StartHz       float64      `json:"start_freq_hz"`
	StopHz        float64      `json:"stop_freq_hz"`
	RowTimes      []time.Time  `json:"row_times"`
	Power         [][]*float64 `json:"power_dbm"`
}

func (b *bundle) waterfall(query url.Values) (w waterfallOf) {
	b.t.Helper()
	b.Get(waterfall+"?"+query.Encode(), "Accept: application/json").Is(http.StatusOK).Into(&w)
	return w
}

// rangeOf is a query of the time between two moments; more are further parameters and their values.
func rangeOf(from, to time.Time, more ...string) url.Values {
	query := url.Values{"from": {from.Format(time.RFC3339Nano)}, "to": {to.Format(time.RFC3339Nano)}}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return query
}

// around is a query of what a receiver measured within a minute of a moment.
func around(at time.Time, source string) url.Values {
	return rangeOf(at.Add(-time.Minute), at.Add(time.Minute), "source", source)
}

// drawn is a picture in SVG.
func (b *bundle) drawn(path string, query url.Values) string {
	b.t.Helper()
	return string(b.Get(path + "?format=svg&" + query.Encode()).Is(http.StatusOK).Body)
}

// twoUnits sends two traces of a receiver in different units.
func (b *bundle) twoUnits(source string, at time.Time) {
	b.t.Helper()
	b.trace(at, by(source)...)
	b.trace(at, with(`"unit":"dBuV/m","source":"`+source+`"`)...)
}

func TestWaterfalls(t *testing.T) {
	t.Parallel()
	b := setup(t, "TZ=Asia/Tokyo")
	now := time.Now().UTC().Truncate(time.Second)
	t.Run("a scene", func(t *testing.T) {
		t.Parallel()
		waterfallOfAScene(t, b.in(t), now)
	})
	t.Run("two receivers on a mast", func(t *testing.T) {
		t.Parallel()
		waterfallOfTwoReceivers(t, b.in(t), now.Add(-2*time.Minute))
	})
	t.Run("one unit is chosen of several", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.twoUnits("two units", now)
		query := around(now, "two units")
		b.Get(waterfall+"?"+query.Encode()).Refused(unprocessable, "query.unit", "mixed_units")
		query.Set("unit", "dBuV/m")
		w := b.waterfall(query)
		require.Equal(t, "dBuV/m", w.Unit)
		require.EqualValues(t, 1, w.Sweeps)
		require.Contains(t, b.drawn(waterfall, query), "dBµV/m")
	})
	t.Run("times are in the zone of TZ", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.trace(now, by("zone")...)
		require.Contains(t, b.drawn(waterfall, around(now, "zone")), "Time, Asia/Tokyo")
	})
	t.Run("where nothing was measured there is none", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get(waterfall+"?bbox=0,0,1,1").Refused(notFound, "query", "no_traces")
	})
	t.Run("what cannot be drawn is refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).refuses(map[string]string{
			waterfall + "?from=2020-01-01T00:00:00Z":      "query.from range_too_long",
			waterfall + "?rows=0":                         "query.rows below_minimum",
			waterfall + "?bbox=170,-10,-170,10":           "query.bbox crosses_180th_meridian",
			waterfall + "?min-dbm=-100":                   "query.min-dbm unknown_parameter",
			waterfall + "?min=-50&max=-60":                "query.max wrong_order",
			waterfall + "?min=-50&max=-50":                "query.max wrong_order",
			waterfall + "?min=-400":                       "query.min below_minimum",
			waterfall + "?start-freq-hz=5&stop-freq-hz=5": "query.stop-freq-hz wrong_order",
			waterfall + "?statistic=median":               "query.statistic not_one_of",
			waterfall + "?unit=dBW":                       "query.unit not_one_of",
		})
	})
}

func waterfallOfAScene(t *testing.T, b *bundle, end time.Time) {
	t.Helper()
	scene := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[0])
	b.sendScene(scene, end, 60)
	b.sendScene(spectra.New(1, spectra.DefaultAxis, spectra.Sites()[4]), end, 5)
	query := rangeOf(end.Add(-119*time.Second), end.Add(time.Second), "rows", "60", "columns", "1000", "bbox", "25,58,35,62")
	t.Run("is of what was measured in the box alone", func(t *testing.T) {
		t.Parallel()
		w := b.in(t).waterfall(query)
		require.EqualValues(t, 60, w.Sweeps)
		require.InDelta(t, scene.Axis.StartHz, w.StartHz, 0)
		require.InDelta(t, scene.Axis.StopHz(), w.StopHz, 0)
	})
	t.Run("shows the strongest value of each sweep in its row", func(t *testing.T) {
		t.Parallel()
		w := b.in(t).waterfall(query)
		require.Len(t, w.Power, 60)
		for row, cells := range w.Power {
			want := rf.Level(-rf.MaxLevel)
			for _, l := range scene.Trace(end.Add(-time.Duration(59-row) * 2 * time.Second)).Levels {
				want = max(want, l)
			}
			got := -1000.0
			for _, cell := range cells {
				require.NotNil(t, cell)
				got = max(got, *cell)
			}
			require.InDelta(t, rf.DBm(want), got, 1e-9, "row %d", row)
		}
	})
	t.Run("is a picture unless something else is asked for", func(t *testing.T) {
		t.Parallel()
		picture := b.in(t).Get(waterfall + "?start-freq-hz=431000000&stop-freq-hz=432000000&" + query.Encode()).Is(http.StatusOK)
		requirePNG(t, picture.Header, picture.Body)
	})
}

func waterfallOfTwoReceivers(t *testing.T, b *bundle, begin time.Time) {
	t.Helper()
	var body strings.Builder
	for i := range 30 {
		for source, level := range map[string]string{"mast low": "-90", "mast high": "-60"} {
			changes := append(by(source), `[-75.24,-80,0.005,327.67,-12.345]`, "["+strings.Repeat(level+",", 4)+level+"]", `"lng":37.62`, `"lng":-75`)
			fmt.Fprintln(&body, sample(uuid.New(), begin.Add(time.Duration(i)*time.Second), changes...))
		}
	}
	b.sendLines(body.String())
	t.Run("make no stripes", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		query := rangeOf(begin, begin.Add(30*time.Second), "rows", "60", "columns", "5", "bbox", "-76,50,-74,60")
		w := b.waterfall(query)
		require.Equal(t, 2, w.Sources)
		for _, row := range w.Power {
			require.InDelta(t, -60, *row[0], 0)
		}
		require.Contains(t, b.drawn(waterfall, query), "60 sweeps of 2 sources")
	})
	t.Run("can be looked at one by one", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		query := rangeOf(begin, begin.Add(30*time.Second), "rows", "60", "columns", "5", "source", "mast low")
		w := b.waterfall(query)
		require.Equal(t, 1, w.Sources)
		require.EqualValues(t, 30, w.Sweeps)
		for _, row := range w.Power {
			require.InDelta(t, -90, *row[0], 0)
		}
		require.Contains(t, b.drawn(waterfall, query), "30 sweeps of mast low")
	})
}
