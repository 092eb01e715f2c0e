package app_test

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/rf"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
)

const (
	waterfallPath  = "/api/v1/inbox/waterfall"
	statisticsPath = "/api/v1/inbox/statistics"
)

// waterfallOf is what the tests read of a waterfall.
type waterfallOf struct {
	From, To      time.Time
	Rows, Columns int
	Sweeps        int64
	Sources       int
	Unit          string
	Statistic     string
	RowTimes      []time.Time  `json:"row_times"`
	Power         [][]*float64 `json:"power_dbm"`
}

func (b *bundle) waterfall(query url.Values) (w waterfallOf) {
	b.t.Helper()
	got := b.get(waterfallPath + "?format=json&" + query.Encode())
	require.Equal(b.t, http.StatusOK, got.Status, "%s", got.Body)
	got.Into(&w)
	return w
}

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

func rangeOf(from, to time.Time, more ...string) url.Values {
	query := url.Values{"from": {from.Format(time.RFC3339Nano)}, "to": {to.Format(time.RFC3339Nano)}}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return query
}

// postBursts sends 60 sweeps of 60 values a second apart, each with a burst of −40 dBm in a bin of its own.
func (b *bundle) postBursts(begin time.Time, source string) {
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
	got := b.call(http.MethodPost, traces, body.Bytes(), "Content-Type", "application/x-ndjson")
	require.Equal(b.t, 60, strings.Count(string(got.Body), `"status":201`), "%.300s", got.Body)
}

// awaitRollups waits until the running instances have rolled up what has come in.
func (b *bundle) awaitRollups() {
	b.t.Helper()
	waittest.Until(b.t, "all is rolled up", func() bool {
		var left int
		require.NoError(b.t, b.pool.QueryRow(b.t.Context(), `SELECT count(*) FROM rollup_dirty`).Scan(&left))
		return left == 0
	})
}

// TestEverySweepCounts asks for waterfall and statistics before and after the service has rolled up, on two instances.
func TestEverySweepCounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	begin := time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)
	b.postBursts(begin, "RX7")
	other := servicetest.Start(t, app.Identity, app.Build, b.settings)
	instances := []*servicetest.Instance{b.instance, other}
	check := func() {
		t.Helper()
		for _, instance := range instances {
			b.instance = instance
			w := b.waterfall(rangeOf(begin.Add(-10*time.Minute), begin.Add(10*time.Minute), "rows", "1", "columns", "60"))
			require.EqualValues(t, 60, w.Sweeps)
			require.Equal(t, 1, w.Sources)
			require.Len(t, w.Power, 1)
			for _, cell := range w.Power[0] {
				require.InDelta(t, -40, *cell, 0)
			}
			var s statisticsOf
			got := b.get(statisticsPath + "?" + rangeOf(begin, begin.Add(time.Hour), "threshold", "-41").Encode())
			got.Into(&s)
			require.EqualValues(t, 60, s.Sweeps, "%s", got.Body)
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
	check()
	b.awaitRollups()
	check()
	// A late sweep, and one that is withdrawn.
	late := uuid.New()
	body := strings.Replace(sample(late, begin.Add(30*time.Second)), `"noise"`, `"source":"RX9","noise"`, 1)
	require.Equal(t, http.StatusCreated, b.post(traces, body).Status)
	at := rangeOf(begin, begin.Add(time.Hour), "rows", "1")
	require.EqualValues(t, 61, b.waterfall(at).Sweeps)
	b.awaitRollups()
	require.EqualValues(t, 61, b.waterfall(at).Sweeps)
	b.token = manager(t)
	b.withdraw(late, "another antenna")
	require.EqualValues(t, 60, b.waterfall(at).Sweeps)
	b.awaitRollups()
	require.EqualValues(t, 60, b.waterfall(at).Sweeps)
}

func TestTwoReceiversOnAMast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	begin := time.Now().UTC().Truncate(time.Second).Add(-2 * time.Minute)
	for i := range 30 {
		for source, level := range map[string]string{"RX7": "-90", "RX8": "-60"} {
			body := strings.NewReplacer(`"noise"`, `"source":"`+source+`","noise"`, `[-75.24,-80,0.005,327.67,-12.345]`, "["+strings.Repeat(level+",", 4)+level+"]").
				Replace(sample(uuid.New(), begin.Add(time.Duration(i)*time.Second)))
			require.Equal(t, http.StatusCreated, b.post(traces, body).Status)
		}
	}
	span := rangeOf(begin, begin.Add(30*time.Second), "rows", "60", "columns", "5")
	w := b.waterfall(span)
	require.Equal(t, 2, w.Sources)
	for _, row := range w.Power {
		require.InDelta(t, -60, *row[0], 0, "no stripes")
	}
	drawn := string(b.get(waterfallPath + "?format=svg&" + span.Encode()).Body)
	require.Contains(t, drawn, "60 sweeps of 2 sources")
	span.Set("source", "RX7")
	w = b.waterfall(span)
	require.Equal(t, 1, w.Sources)
	require.EqualValues(t, 30, w.Sweeps)
	for _, row := range w.Power {
		require.InDelta(t, -90, *row[0], 0)
	}
	require.Contains(t, string(b.get(waterfallPath+"?format=svg&"+span.Encode()).Body), "30 sweeps of 1 source")
}

func TestPicturesAreInTheZoneOfTZ(t *testing.T) {
	t.Parallel()
	b := setup(t, "TZ=Asia/Tokyo")
	now := time.Now().UTC().Truncate(time.Second)
	guid := uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, sample(guid, now)).Status)
	span := rangeOf(now.Add(-time.Minute), now.Add(time.Minute)).Encode()
	require.Contains(t, string(b.get(waterfallPath+"?format=svg&"+span).Body), "Time, Asia/Tokyo")
	require.Contains(t, string(b.get(statisticsPath+"?format=svg&"+span).Body), "JST")
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	require.Contains(t, string(b.get(traces+"/"+guid.String()+"?format=svg").Body), now.In(tokyo).Format("2006-01-02 15:04:05 MST"))
}

func TestFormsOfStatistics(t *testing.T) {
	t.Parallel()
	b := setup(t)
	begin := time.Now().UTC().Truncate(time.Minute).Add(-5 * time.Minute)
	b.postBursts(begin, "RX7")
	span := rangeOf(begin, begin.Add(time.Minute)).Encode()
	table := b.get(statisticsPath+"?threshold=-50&start-freq-hz=100100000&stop-freq-hz=100200000&"+span, "Accept", "text/csv")
	require.Equal(t, "text/csv", table.Header.Get("Content-Type"))
	require.Equal(t, fmt.Sprintf("# from,%s\n# to,%s\n# unit,dBm\n# sweeps,60\n# sources,1\n# threshold,-50\nfreq_hz,max,mean,min,number,occupancy_percent\n"+
		"100100000,-40,-57.78,-100,60,1.6667\n100200000,-40,-57.78,-100,60,1.6667\n", begin.Format(time.RFC3339), begin.Add(time.Minute).Format(time.RFC3339)), string(table.Body))
	require.Contains(t, string(b.get(statisticsPath+"?format=csv&"+span).Body), "\nfreq_hz,max,mean,min,number\n100000000,-40,-57.78,-100,60\n")
	for _, theme := range []string{"light", "dark"} {
		picture := b.get(statisticsPath + "?format=png&threshold=-50&theme=" + theme + "&" + span)
		require.Equal(t, "image/png", picture.Header.Get("Content-Type"))
		_, err := png.Decode(bytes.NewReader(picture.Body))
		require.NoError(t, err)
	}
	var s statisticsOf
	b.get(statisticsPath + "?points=6&" + span).Into(&s)
	require.Len(t, s.Hz, 6)
	require.Nil(t, s.Occupancy)
	require.InDelta(t, 105.9e6, s.Hz[5], 0)
	number := int64(0)
	for _, n := range s.Number {
		number += n
	}
	require.EqualValues(t, 3600, number, "each value counts somewhere")
}

// A mean is one of powers, also where more frequencies are measured than a picture has pixels.
func TestAPictureShowsTheMeanThatTheNumbersSay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().UTC().Truncate(time.Second)
	body := fmt.Sprintf(`{"guid":"%s","start_freq_hz":0,"stop_freq_hz":51990,"step_freq_hz":10,"noise":-110,"numpoints":5200,"y_val_dbm":[%s],`+
		`"timestamp":"%s","location":{"lat":55,"lng":37}}`, uuid.New(), strings.TrimSuffix(strings.Repeat("-60,-100,", 2600), ","), now.Format(time.RFC3339))
	require.Equal(t, http.StatusCreated, b.post(traces, body).Status)
	span := rangeOf(now.Add(-time.Minute), now.Add(time.Minute)).Encode()
	var s statisticsOf
	b.get(statisticsPath + "?points=1300&" + span).Into(&s)
	require.InDelta(t, -63.01, *s.Mean[650], 0.01)
	drawn := string(b.get(statisticsPath + "?format=svg&" + span).Body)
	require.Equal(t, string(b.get(statisticsPath+"?format=svg&points=1300&"+span).Body), drawn)
}

func TestRefusalsOfPictures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().UTC().Truncate(time.Second)
	require.Equal(t, http.StatusCreated, b.post(traces, sample(uuid.New(), now)).Status)
	field := strings.Replace(sample(uuid.New(), now), `"noise"`, `"unit":"dBuV/m","noise"`, 1)
	require.Equal(t, http.StatusCreated, b.post(traces, field).Status)
	span := rangeOf(now.Add(-time.Minute), now.Add(time.Minute)).Encode()
	for path, where := range map[string]string{
		waterfallPath + "?min-dbm=-100": "query.min-dbm", waterfallPath + "?min=-50&max=-60": "query.max", waterfallPath + "?min=-50&max=-50": "query.max",
		waterfallPath + "?start-freq-hz=5&stop-freq-hz=5": "query.stop-freq-hz",
		waterfallPath + "?min=-400":                       "query.min", waterfallPath + "?statistic=median": "query.statistic", waterfallPath + "?" + span: "query.unit",
		statisticsPath + "?" + span: "query.unit", statisticsPath + "?threshold=-95.5": "query.threshold", statisticsPath + "?threshold=-328": "query.threshold",
		statisticsPath + "?points=1": "query.points", statisticsPath + "?unit=dBW": "query.unit", statisticsPath + "?bbox=170,-10,-170,10": "query.bbox",
		statisticsPath + "?from=2020-01-01T00:00:00Z": "query.from", statisticsPath + "?rows=1": "query.rows",
	} {
		got := b.get(path)
		require.Equal(t, where, apitest.Problem(t, got.Header, got.Body, http.StatusUnprocessableEntity).Errors[0].Location, path)
	}
	require.Equal(t, http.StatusNotFound, b.get(statisticsPath+"?bbox=0,0,1,1").Status)
	w := b.waterfall(rangeOf(now.Add(-time.Minute), now.Add(time.Minute), "unit", "dBuV/m"))
	require.Equal(t, "dBuV/m", w.Unit)
	require.EqualValues(t, 1, w.Sweeps)
	require.Contains(t, string(b.get(waterfallPath+"?format=svg&unit=dBuV/m&"+span).Body), "dBµV/m")
}
