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

	"nms.example/common/rf"
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

// named returns an example.
func named(t *testing.T, name string) example {
	t.Helper()
	all := examples(t, "traces.json")
	return all[slices.IndexFunc(all, func(e example) bool { return e.Case == name })]
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
	back := numbers(b.t, b.Get(of(traces, guid)).Is(http.StatusOK).Body)
	delete(back, "received_at")
	at, err := time.Parse(time.RFC3339, strings.ToUpper(sent["timestamp"].(string)))
	require.NoError(b.t, err)
	require.Equal(b.t, at.Format(time.RFC3339), back["timestamp"])
	back["timestamp"] = sent["timestamp"]
	require.Equal(b.t, sent, back)
}

func TestExamples(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, e := range examples(t, "traces.json") {
		t.Run("a trace: "+e.Case, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			if strings.HasPrefix(e.Expect, "201") {
				b.takesExample(&e)
			} else {
				require.Regexp(t, "^422", e.Expect)
				b.refusesExample(&e)
			}
		})
	}
	for _, e := range examples(t, "power.json") {
		t.Run("a power: "+e.Case, func(t *testing.T) {
			t.Parallel()
			b.in(t).measuresExample(&e)
		})
	}
	t.Run("a value that is missing", func(t *testing.T) {
		t.Parallel()
		missingValue(t, b.in(t))
	})
	t.Run("another context is another trace", func(t *testing.T) {
		t.Parallel()
		anotherContext(t, b.in(t))
	})
}

// takesExample sends an example by itself, as a line of a stream, and once more, and reads it back.
func (b *bundle) takesExample(e *example) {
	b.t.Helper()
	guid, now := uuid.New(), time.Now()
	body := e.body(b.t, guid, now)
	b.send(body)
	b.sendLines(e.body(b.t, uuid.New(), now))
	b.Post(traces, body).Is(http.StatusOK)
	sent := numbers(b.t, []byte(body))
	if e.Case == "unknown fields" {
		sent["meta"] = map[string]any{"sensor_id": "RX7", "location": map[string]any{"alt": json.Number("210.5")}}
		delete(sent, "sensor_id")
		sent["location"] = map[string]any{"lat": json.Number("55.75"), "lng": json.Number("37.62")}
	}
	b.requireGivenBack(guid, sent)
	b.Post(traces, sent).Is(http.StatusOK) // what was given back is the same trace
}

// refusesExample sends an example by itself and as a line of a stream; there is one reason to refuse it.
func (b *bundle) refusesExample(e *example) {
	b.t.Helper()
	reason := map[string]string{
		"step misses stop by more than half a step": "body.step_freq_hz wrong_grid", "only missing values": "body.y_val_dbm nothing_measured",
		"too much of one's own": "body.meta meta_too_large", "comma in the seconds": "body.timestamp bad_format",
	}[e.Case]
	place, code, _ := strings.Cut(reason, " ")
	now := time.Now()
	refused := b.Post(traces, e.body(b.t, uuid.New(), now)).Refused(unprocessable, place, code)
	require.Len(b.t, refused.Problem(unprocessable).Errors, 1)
	line := b.lines(e.body(b.t, uuid.New(), now))[0]
	require.Equal(b.t, unprocessable, line.Status)
	require.Equal(b.t, reason, line.Errors[0].Location+" "+line.Errors[0].Code)
}

// measuresExample asks for the power of an example's whole band, with what it says of the receiver and without.
func (b *bundle) measuresExample(e *example) {
	b.t.Helper()
	measured := func() uuid.UUID {
		trace := uuid.New()
		b.send(e.body(b.t, trace, time.Now()))
		start, err := e.Trace["start_freq_hz"].(json.Number).Float64()
		require.NoError(b.t, err)
		stop, err := e.Trace["stop_freq_hz"].(json.Number).Float64()
		require.NoError(b.t, err)
		return b.signal(trace, start, stop, start)
	}
	power := b.power(measured())
	require.InDelta(b.t, e.ChannelDBm, power.ChannelDBm, 0.005)
	require.False(b.t, power.Assumed)
	require.NotNil(b.t, power.SNRdB)
	require.Positive(b.t, power.Occupied)
	if e.BinSumDBm != 0 {
		require.InDelta(b.t, 106_450, power.Bandwidth, 1e-6)
		delete(e.Trace, "rbw_hz")
		power = b.power(measured())
		require.InDelta(b.t, e.BinSumDBm, power.ChannelDBm, 0.005)
		require.True(b.t, power.Assumed)
	}
	for _, unit := range []string{"dBuV", "dBuV/m", "dBFS"} {
		e.Trace["unit"] = unit
		b.Get(of(signals, measured())+"/power").Refused(unprocessable, "path.guid", "no_power_unit")
	}
	e.Trace["unit"], e.Trace["noise"] = "dBm", 10
	require.Nil(b.t, b.power(measured()).SNRdB, "nothing rises above such a noise floor")
}

func missingValue(t *testing.T, b *bundle) {
	t.Helper()
	e, guid := named(t, "a value is missing"), uuid.New()
	e.Trace["source"] = "gap"
	b.send(e.body(t, guid, time.Now()))
	t.Run("is null in JSON, nothing in a table, and has a number of its own among the bytes", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		raw := b.Get(of(traces, guid) + "?format=raw").Is(http.StatusOK).Body
		levels, err := rf.FromBytes(raw)
		require.NoError(t, err)
		require.Equal(t, []rf.Level{-7524, rf.Missing, -6000, -9999, -10112}, levels)
		require.Equal(t, []byte{0x00, 0x80}, raw[2:4])
		require.Contains(t, string(b.Get(of(traces, guid)+"?points=100").Is(http.StatusOK).Body), `"y_val_dbm":[-75.24,null,-60,-99.99,-101.12]`)
		require.Contains(t, string(b.Get(of(traces, guid)+"?format=csv").Is(http.StatusOK).Body), "\n100100000,\n")
	})
	t.Run("is left out of a signal's power", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		power := b.power(b.signal(guid, 100e6, 100.2e6, 100.1e6))
		require.InDelta(t, -60, power.MaxDBm, 0)
		require.InDelta(t, 10*math.Log10((rf.Milliwatts(-7524)+rf.Milliwatts(-6000))/2), power.MeanDBm, 1e-9, "of two values")
	})
	t.Run("makes no power of a signal that has no other", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Get(of(signals, b.signal(guid, 100.09e6, 100.11e6, 100.1e6))+"/power").Refused(unprocessable, "path.guid", "nothing_measured")
	})
	t.Run("is a gap in a waterfall", func(t *testing.T) {
		t.Parallel()
		grid := b.in(t).Get(waterfall + "?source=gap&format=json&rows=1&columns=5&start-freq-hz=100000000&stop-freq-hz=100500000").Is(http.StatusOK)
		require.Contains(t, string(grid.Body), `"power_dbm":[[-75.24,null,-60,-99.99,-101.12]]`)
	})
}

// withContext is the example with everything that a receiver knows, and more.
func withContext(t *testing.T) example {
	t.Helper()
	e := named(t, "what the receiver knows")
	location, ok := e.Trace["location"].(map[string]any)
	require.True(t, ok)
	location["alt_m"] = json.Number("210.5")
	e.Trace["meta"] = map[string]any{"campaign": "north", "run": json.Number("7")}
	return e
}

// anotherContext sends a trace again, each time with something else that its receiver knew.
func anotherContext(t *testing.T, b *bundle) {
	t.Helper()
	guid, now := uuid.New(), time.Now()
	e := withContext(t)
	b.send(e.body(t, guid, now))
	t.Run("the order of members is no content", func(t *testing.T) {
		t.Parallel()
		body := e.body(t, guid, now)
		turned := strings.Replace(body, `"campaign":"north","run":7`, `"run":7, "campaign":"north"`, 1)
		require.NotEqual(t, body, turned)
		b.in(t).Post(traces, turned).Is(http.StatusOK)
	})
	t.Run("a unit that is not told is dBm", func(t *testing.T) {
		t.Parallel()
		b.in(t).Post(traces, e.changed("unit", nil).body(t, guid, now)).Is(http.StatusOK)
	})
	for name, other := range map[string]any{
		"source": "RX8", "equipment_id": 5, "rbw_hz": 3001, "enbw_hz": 3201, "unit": "dBm/Hz", "detector": "peak", "trace_mode": "average",
		"sweep_time_s": 0.6, "attenuation_db": 0, "gain_db": -12.5, "antenna": "dish", "azimuth_deg": 0, "overload": true,
		"meta": map[string]any{"campaign": "north", "run": json.Number("7.0")}, "own": 1, "location": map[string]any{"lat": 55.75, "lng": 37.62, "alt_m": 210},
	} {
		t.Run("another "+name+", or none", func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			b.Post(traces, e.changed(name, other).body(t, guid, now)).Refused(conflict, "body.guid", "guid_taken")
			if name != "location" && name != "unit" { // the one must be there, the other is dBm then
				b.Post(traces, e.changed(name, nil).body(t, guid, now)).Refused(conflict, "body.guid", "guid_taken")
			}
		})
	}
}

// changed is the example with another member, null for nil.
func (e *example) changed(name string, value any) *example {
	other := example{Trace: maps.Clone(e.Trace)}
	other.Trace[name] = value
	return &other
}
