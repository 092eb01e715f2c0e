package app_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/rf"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/intake"
)

// example is a body with the answer that is right.
type example struct {
	Case   string
	Expect string
	Trace  map[string]any

	ChannelDBm float64 `json:"channel_power_dbm"`
	BinSumDBm  float64 `json:"bin_sum_dbm"`
}

// examples reads a file of testdata, numbers as they are written.
func examples(t *testing.T, name string) []example {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var all []example
	require.NoError(t, decoder.Decode(&all))
	require.NotEmpty(t, all)
	return all
}

// body puts a guid and the time into an example.
func (e *example) body(t *testing.T, guid uuid.UUID, now time.Time) string {
	t.Helper()
	trace := maps.Clone(e.Trace)
	trace["guid"] = guid.String()
	now = now.UTC().Truncate(time.Second)
	switch shape, _ := trace["timestamp"].(string); {
	case shape == "<now>":
		trace["timestamp"] = now.Format(time.RFC3339)
	case strings.Contains(shape, "t14"):
		trace["timestamp"] = strings.ToLower(now.Format(time.RFC3339))
	case strings.Contains(shape, ",5Z"):
		trace["timestamp"] = now.Format("2006-01-02T15:04:05") + ",5Z"
	default:
		require.Fail(t, "what time is this?", shape)
	}
	if text, ok := trace["y_val_dbm"].(string); ok {
		require.Equal(t, "625 x -170", text)
		trace["y_val_dbm"] = slices.Repeat([]int{-170}, 625)
	}
	text, err := json.Marshal(trace)
	require.NoError(t, err)
	return string(text)
}

// numbers decodes an object, numbers as they are written.
func numbers(t *testing.T, text []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	require.NoError(t, decoder.Decode(&object), "%s", text)
	return object
}

// requireGivenBack asserts that a trace comes back with the fields and values that were sent, each number as it was
// written, and with nothing else but when it was received.
func (b *bundle) requireGivenBack(guid uuid.UUID, sent map[string]any) {
	b.t.Helper()
	back := numbers(b.t, b.get(traces+"/"+guid.String()).Body)
	delete(back, "received_at")
	at, err := time.Parse(time.RFC3339, strings.ToUpper(sent["timestamp"].(string)))
	require.NoError(b.t, err)
	require.Equal(b.t, at.Format(time.RFC3339), back["timestamp"])
	back["timestamp"] = sent["timestamp"]
	require.Equal(b.t, sent, back)
}

func TestExamplesOfTraces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	for _, e := range examples(t, "traces.json") {
		guid := uuid.New()
		body := e.body(t, guid, now)
		status := http.StatusCreated
		if !strings.HasPrefix(e.Expect, "201") {
			require.Regexp(t, "^422", e.Expect)
			status = http.StatusUnprocessableEntity
		}
		// By itself, as a line of a stream, and once more.
		got := b.post(traces, body)
		require.Equal(t, status, got.Status, "%s: %s", e.Case, got.Body)
		line := b.call(http.MethodPost, traces, []byte(e.body(t, uuid.New(), now)), "Content-Type", "application/x-ndjson")
		require.Contains(t, string(line.Body), `"status":`+map[int]string{201: "201", 422: "422"}[status], e.Case)
		if status != http.StatusCreated {
			where := map[string]string{
				"step misses stop by more than half a step": "body.step_freq_hz", "only missing values": "body.y_val_dbm",
				"too much of one's own": "body.meta", "comma in the seconds": "body.timestamp",
			}[e.Case]
			problem := apitest.Problem(t, got.Header, got.Body, status)
			require.Len(t, problem.Errors, 1, e.Case)
			require.Equal(t, where, problem.Errors[0].Location, e.Case)
			continue
		}
		require.Equal(t, http.StatusOK, b.post(traces, body).Status, e.Case)
		sent := numbers(t, []byte(body))
		if e.Case == "unknown fields" {
			sent["meta"] = map[string]any{"sensor_id": "RX7", "location": map[string]any{"alt": json.Number("210.5")}}
			delete(sent, "sensor_id")
			sent["location"] = map[string]any{"lat": json.Number("55.75"), "lng": json.Number("37.62")}
		}
		b.requireGivenBack(guid, sent)
		again, err := json.Marshal(sent)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, b.post(traces, string(again)).Status, "what was given back is the same trace")
	}
}

func TestAMissingValue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := examples(t, "traces.json")
	e := all[slices.IndexFunc(all, func(e example) bool { return e.Case == "a value is missing" })]
	guid, sig := uuid.New(), uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, e.body(t, guid, time.Now())).Status)
	path := traces + "/" + guid.String()
	raw := b.get(path + "?format=raw").Body
	levels, err := rf.FromBytes(raw)
	require.NoError(t, err)
	require.Equal(t, []rf.Level{-7524, rf.Missing, -6000, -9999, -10112}, levels)
	require.Equal(t, []byte{0x00, 0x80}, raw[2:4])
	require.Contains(t, string(b.get(path+"?points=100").Body), `"y_val_dbm":[-75.24,null,-60,-99.99,-101.12]`)
	require.Contains(t, string(b.get(path+"?format=csv").Body), "\n100100000,\n")

	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(sig, guid, 100e6, 100.2e6, 100.1e6)+"]").Status)
	power := b.power(sig)
	require.InDelta(t, -60, power.MaxDBm, 0)
	require.InDelta(t, 10*math.Log10((rf.Milliwatts(-7524)+rf.Milliwatts(-6000))/2), power.MeanDBm, 1e-9, "of two values")
	grid := string(b.get("/api/v1/inbox/waterfall?format=json&rows=1&columns=5&start-freq-hz=100000000&stop-freq-hz=100500000").Body)
	require.Contains(t, grid, `"power_dbm":[[-75.24,null,-60,-99.99,-101.12]]`)
	empty := uuid.New()
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(empty, guid, 100.09e6, 100.11e6, 100.1e6)+"]").Status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get(signals+"/"+empty.String()+"/power").Status)
}

// withContext is the example with everything that a receiver knows, and more.
func withContext(t *testing.T) example {
	t.Helper()
	all := examples(t, "traces.json")
	e := all[slices.IndexFunc(all, func(e example) bool { return e.Case == "what the receiver knows" })]
	location, ok := e.Trace["location"].(map[string]any)
	require.True(t, ok)
	location["alt_m"] = json.Number("210.5")
	e.Trace["meta"] = map[string]any{"campaign": "north", "run": json.Number("7")}
	return e
}

func TestAnotherContextIsAnotherTrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e, guid, now := withContext(t), uuid.New(), time.Now()
	require.Equal(t, http.StatusCreated, b.post(traces, e.body(t, guid, now)).Status)
	turned := strings.Replace(e.body(t, guid, now), `"campaign":"north","run":7`, `"run":7, "campaign":"north"`, 1)
	require.NotEqual(t, e.body(t, guid, now), turned)
	require.Equal(t, http.StatusOK, b.post(traces, turned).Status, "the order of members is no content")
	for name, other := range map[string]any{
		"source": "RX8", "equipment_id": 5, "rbw_hz": 3001, "enbw_hz": 3201, "unit": "dBm/Hz", "detector": "peak", "trace_mode": "average",
		"sweep_time_s": 0.6, "attenuation_db": 0, "gain_db": -12.5, "antenna": "dish", "azimuth_deg": 0, "overload": true,
		"meta": map[string]any{"campaign": "north", "run": json.Number("7.0")}, "own": 1, "location": map[string]any{"lat": 55.75, "lng": 37.62, "alt_m": 210},
	} {
		for _, value := range []any{other, nil} {
			changed := example{Trace: maps.Clone(e.Trace)}
			changed.Trace[name] = value
			if value == nil && name == "location" {
				continue
			}
			want := http.StatusConflict
			if value == nil && name == "unit" { // it is dBm, the default
				want = http.StatusOK
			}
			got := b.post(traces, changed.body(t, guid, now))
			require.Equal(t, want, got.Status, "%s: %v", name, value)
		}
	}
}

// TestTheContextTravels sends a trace over RabbitMQ and finds what its receiver knows in the event, the list and SigMF.
func TestTheContextTravels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.published("inbox.trace.*")
	e, guid := withContext(t), uuid.New()
	body := e.body(t, guid, time.Now())
	o := b.outside()
	require.NoError(t, o.try(intake.Queue, "", plain(body)))
	var change struct{ After json.RawMessage }
	select {
	case event := <-events:
		require.NoError(t, json.Unmarshal(event.Data, &change))
	case <-time.After(waittest.Bound):
		require.Fail(t, "the event did not come")
	}
	sent := numbers(t, []byte(body))
	b.requireGivenBack(guid, sent)
	told := numbers(t, change.After)
	var page struct{ Content []json.RawMessage }
	b.get(traces + "?source=RX7").Into(&page)
	require.Len(t, page.Content, 1)
	listed := numbers(t, page.Content[0])
	meta := numbers(t, b.get(traces+"/"+guid.String()+"?format=sigmf-meta").Body)
	global, ok := meta["global"].(map[string]any)
	require.True(t, ok)
	table := string(b.get(traces + "/" + guid.String() + "?format=csv").Body)
	for name, value := range sent {
		if slices.Contains([]string{"guid", "y_val_dbm", "timestamp", "location", "numpoints"}, name) {
			continue
		}
		require.Equal(t, value, global["nms:"+name], name)
		if name == "meta" {
			require.Contains(t, table, `# meta,"{""campaign"":""north"",""run"":7}"`)
			continue
		}
		require.Equal(t, value, told[name], name)
		require.Equal(t, value, listed[name], name)
		require.Regexp(t, `(?m)^# `+name+`,`, table)
	}
	require.Equal(t, sent["location"], told["location"])
	require.Equal(t, sent["location"], listed["location"])
	require.Contains(t, table, "# location.alt_m,210.5\n")
	drawn := string(b.get(traces + "/" + guid.String() + "?format=svg").Body)
	for _, text := range []string{"RX7", "equipment 4", "RBW 3 kHz", "rms", "max-hold", "discone", "210.5 m"} {
		require.Contains(t, drawn, text)
	}
}

func TestTracesOfAReceiver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().UTC().Truncate(time.Second)
	var guids []string
	for i, receiver := range []string{``, `"source":"RX7",`, `"source":"RX7","equipment_id":4,`, `"source":"RX8","equipment_id":4,`, `"equipment_id":5,`} {
		guid := uuid.New()
		guids = append(guids, guid.String())
		body := strings.Replace(sample(guid, now.Add(-time.Duration(i)*time.Second)), `"noise"`, receiver+`"noise"`, 1)
		require.Equal(t, http.StatusCreated, b.post(traces, body).Status)
	}
	require.Equal(t, guids, b.list("").guids())
	require.Equal(t, guids[1:3], b.list("source=RX7").guids())
	require.Equal(t, guids[2:4], b.list("equipment-id=4").guids())
	require.Equal(t, guids[2:3], b.list("equipment-id=4&source=RX7").guids())
	require.Equal(t, []string{}, b.list("source=rx7").guids(), "a name is a name")
	page := b.list("source=RX7&limit=1&start-freq-hz=100000.5&bbox=30,50,40,60&equipment-id=4")
	require.EqualValues(t, 1, page.Total)
	require.Equal(t, "RX7", page.Params["source"])
	require.InDelta(t, 4, page.Params["equipment-id"], 0)
	require.InDelta(t, 100000.5, page.Params["start-freq-hz"], 0)
	first := b.list("source=RX7&limit=1")
	require.Equal(t, guids[1:2], first.guids())
	require.Equal(t, guids[2:3], b.list("source=RX7&limit=1&cursor="+first.Next).guids())
	require.Equal(t, guids[1:3], b.list("source=RX7&bbox=30,50,-170,60").guids(), "across the 180th meridian")
	var grid struct{ Sweeps int }
	b.get("/api/v1/inbox/waterfall?format=json&source=RX7&from=" + now.Add(-time.Minute).Format(time.RFC3339) + "&to=" + now.Add(time.Minute).Format(time.RFC3339)).Into(&grid)
	require.Equal(t, 2, grid.Sweeps)
	for query, field := range map[string]string{
		"equipment-id=0": "query.equipment-id", "equipment-id=x": "query.equipment-id", "start-freq-hz=NaN": "query.start-freq-hz",
		"source=" + strings.Repeat("x", 81): "query.source",
	} {
		got := b.get(traces + "?" + query)
		require.Equal(t, field, apitest.Problem(t, got.Header, got.Body, http.StatusUnprocessableEntity).Errors[0].Location, query)
	}
}
