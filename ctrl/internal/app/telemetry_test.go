package app_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
)

// latest are the newest values of a piece of equipment as the API shows them.
type latest struct {
	Values []struct {
		Parameter, Quality string
		Value              json.RawMessage
		At                 time.Time
	}
}

// shown returns "parameter value quality" of each newest value; query goes on behind the equipment.
func (u *unit) shown(query string) []string {
	u.t.Helper()
	var l latest
	u.Get(fmt.Sprint("/telemetry/latest?equipment-id=", u.equipment, query)).Is(ok).Into(&l)
	out := make([]string, len(l.Values))
	for i, v := range l.Values {
		out[i] = fmt.Sprintf("%s %s %s", v.Parameter, v.Value, v.Quality)
	}
	return out
}

// parameter makes a parameter of the catalogue with a validator.
func (b *bundle) parameter(name, validator string) int64 {
	b.t.Helper()
	defer b.changed()
	return b.insert(`INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ($1, 'x', 'x', $2) RETURNING id`, name, validator)
}

// changed says that the catalogues have changed, as cfg does with every change.
func (b *bundle) changed() {
	b.t.Helper()
	b.exec("UPDATE cache_version SET version = version + 1")
}

// frame is the body of a frame; values are JSON.
func (u *unit) frame(at time.Time, values string) object {
	return object{"equipment_id": u.equipment, "at": at.Format(time.RFC3339Nano), "values": json.RawMessage(values)}
}

// lines sends frames as lines of NDJSON and returns the status of each.
func (u *unit) lines(lines ...string) (statuses []int) {
	u.t.Helper()
	a := u.Call(http.MethodPost, "/telemetry", strings.Join(lines, "\n"), "Content-Type: application/x-ndjson").Is(ok)
	for i, line := range strings.Split(strings.TrimSpace(string(a.Body)), "\n") {
		var result struct{ Line, Status int }
		require.NoError(u.t, json.Unmarshal([]byte(line), &result), "%s", line)
		require.Equal(u.t, i+1, result.Line)
		statuses = append(statuses, result.Status)
	}
	return statuses
}

func TestValuesOfTelemetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.parameter("locked", `{"type":"boolean"}`)
	b.parameter("state", `{"type":"string","enum":["on","off"]}`)
	b.parameter("octets", `{"type":"integer","minimum":0}`)
	b.parameter("power", `{"type":"number","minimum":-100,"maximum":30}`)
	when := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)

	t.Run("a frame is committed, and sent again it is the same", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		f := u.frame(when, `{"GAIN": 12.5, "locked": true, "state": "on", "octets": 18446744073709551615, "level": null}`)
		var taken struct {
			Values, Stored int
			Invalid        []string
		}
		u.Post("/telemetry", f).Is(created).Into(&taken)
		require.Equal(t, 5, taken.Stored)
		require.Empty(t, taken.Invalid)
		u.Post("/telemetry", f).Is(ok).Into(&taken)
		require.Zero(t, taken.Stored)
		require.Equal(t, []string{"gain 12.5 good", "level null bad", "locked true good", "octets 18446744073709551615 good", `state "on" good`}, u.shown(""))
	})
	t.Run("what the validator refuses is kept and marked", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		var taken struct{ Invalid []string }
		f := u.frame(when, `{"power": 31, "state": "broken", "locked": 1}`)
		f["quality"] = object{"power": "uncertain"}
		u.Post("/telemetry", f).Is(created).Into(&taken)
		require.ElementsMatch(t, []string{"power", "state", "locked"}, taken.Invalid)
		require.Equal(t, []string{"power 31 invalid", `state "broken" invalid`}, u.shown("&parameter=POWER,state"))
	})
	t.Run("a late frame is kept and changes nothing that is newer", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.Post("/telemetry", u.frame(when, `{"state": "on", "power": 2}`)).Is(created)
		u.Post("/telemetry", u.frame(when.Add(-time.Hour), `{"state": "off", "power": 1}`)).Is(created)
		require.Equal(t, []string{"power 2 good", `state "on" good`}, u.shown(""))
	})
	t.Run("the equipment shows its values, and one by its name in any letter case", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.Post("/telemetry", u.frame(when, `{"gain": 12.5, "power": 1}`)).Is(created)
		var e latest
		u.Get(of("/equipments", u.equipment)).Is(ok).Into(&e)
		require.Len(t, e.Values, 2)
		var v struct {
			Value float64
			At    time.Time
		}
		u.Get(of("/equipments", u.equipment) + "/gAiN").Is(ok).Into(&v)
		require.InDelta(t, 12.5, v.Value, 0)
		require.Equal(t, when, v.At.UTC())
		u.Get(of("/equipments", u.equipment)+"/nothing").Refused(notFound, "path.parameter", "not_found")
		u.Get(of("/equipments", u.equipment)+"/mode").Refused(notFound, "path.parameter", "not_found")
		u.Get("/equipments/99999/gain").Is(notFound)
		u.Get("/telemetry/latest?equipment-id=99999").Is(notFound)
	})
	t.Run("a parameter made a moment ago is known", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.parameter("fresh", `{"type":"number"}`)
		u.Post("/telemetry", u.frame(when, `{"fresh": 1}`)).Is(created)
	})
	t.Run("refusals name the place", func(t *testing.T) {
		t.Parallel()
		refusals(b.unit(t))
	})
	t.Run("whoever may not send values is refused", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.as(2, authn.Mask(authn.CtrlRead)).Post("/telemetry", u.frame(when, `{"gain": 1}`)).Is(forbidden)
	})
}

func refusals(u *unit) {
	for body, reason := range map[string][2]string{
		`{`:              {"body", "not_json"},
		`{"at": "now"}`:  {"body.at", "bad_format"},
		`{"values": {}}`: {"body.values", "required"},
		`{"equipment_id": 99999, "values": {"gain": 1}}`:                            {"body.equipment_id", "reference_missing"},
		`{"equipment_id": ID, "values": {"nothing": 1}}`:                            {"body.values.nothing", "telemetry_unknown"},
		`{"equipment_id": ID, "values": {"gain": [1]}}`:                             {"body.values.gain", "wrong_type"},
		`{"equipment_id": ID, "values": {"gain": 1e999}}`:                           {"body.values.gain", "wrong_type"},
		`{"equipment_id": ID, "values": {"state": "a\u0000b"}}`:                     {"body.values.state", "wrong_type"},
		`{"equipment_id": ID, "values": {"state": "\ud800"}}`:                       {"body.values.state", "wrong_type"},
		`{"equipment_id": ID, "values": {"gain": 2e300}}`:                           {"body.values.gain", "wrong_type"},
		`{"equipment_id": ID, "values": {"gain": 1, "gain": 2}}`:                    {"body.values.gain", "repeated"},
		`{"equipment_id": ID, "values": {"gain": 1, "GAIN": 2}}`:                    {"body.values", "repeated"},
		`{"equipment_id": ID, "at": null, "at": null, "values": {"gain": 1}}`:       {"body.at", "repeated"},
		`{"equipment_id": 1, "Equipment_Id": ID, "values": {"gain": 1}}`:            {"body.Equipment_Id", "repeated"},
		`{"equipment_id": ID, "values": {"gain": 1}, "Values": {"mode": 1}}`:        {"body.Values", "repeated"},
		`{"equipment_id": ID, "value": {"gain": 1}}`:                                {"body.value", "unknown_field"},
		`{"equipment_id": ID, "at": "2001-01-01T00:00:00Z", "values": {"gain": 1}}`: {"body.at", "out_of_range"},
		`{"equipment_id": ID, "at": "2101-01-01T00:00:00Z", "values": {"gain": 1}}`: {"body.at", "out_of_range"},
		`{"equipment_id": ID, "values": {"gain": 1}, "quality": {"gain": "fine"}}`:  {"body.quality.gain", "not_one_of"},
		`{"equipment_id": ID, "values": {"gain": 1}, "quality": {"mode": "bad"}}`:   {"body.quality.mode", "contradiction"},
		`{"equipment_id": "x", "values": {"gain": 1}}`:                              {"body.equipment_id", "wrong_type"},
	} {
		status := unprocessable
		if reason[1] == "not_json" {
			status = http.StatusBadRequest
		}
		u.Post("/telemetry", strings.ReplaceAll(body, "ID", strconv.FormatInt(u.equipment, 10))).Refused(status, reason[0], reason[1])
	}
}

func TestStreamsOfFrames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	when := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	line := func(u *unit, second int, values string) string {
		raw, err := json.Marshal(u.frame(when.Add(time.Duration(second)*time.Second), values))
		require.NoError(u.t, err)
		return string(raw)
	}

	t.Run("each line has its own answer", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		require.Equal(t, []int{201, 422, 201, 200, 400}, u.lines(line(u, 0, `{"gain": 1}`), line(u, 1, `{"nothing": 1}`), line(u, 2, `{"gain": 2}`),
			line(u, 2, `{"gain": 3}`), `{"gain`))
		require.Equal(t, []string{"gain 2 good"}, u.shown(""))
	})
	t.Run("a line is answered while the next one is still on its way", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		body, writer := io.Pipe()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.instance.URL+"/api/v1/ctrl/telemetry", body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+u.token(1, authn.AllPermissions))
		request.Header.Set("Content-Type", "application/x-ndjson")
		second := line(u, 1, `{"gain": 2}`) + "\n"
		go func() { _, _ = io.WriteString(writer, line(u, 0, `{"gain": 1}`)+"\n"+second[:20]) }()
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		results := bufio.NewScanner(answer.Body)
		require.True(t, results.Scan())
		require.JSONEq(t, `{"line": 1, "status": 201}`, results.Text())
		go func() { _, _ = io.WriteString(writer, second[20:]); _ = writer.Close() }()
		require.True(t, results.Scan())
		require.JSONEq(t, `{"line": 2, "status": 201}`, results.Text())
	})
	t.Run("a long stream is taken whole, compressed or not", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		const many = 2500
		for i := range many {
			_, err := fmt.Fprintln(w, line(u, i, fmt.Sprintf(`{"gain": %d, "level": %d, "mode": %d}`, i, -i, i%7)))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		a := u.Call(http.MethodPost, "/telemetry", packed.Bytes(), "Content-Type: application/x-ndjson", "Content-Encoding: gzip").Is(ok)
		require.Equal(t, many, strings.Count(string(a.Body), `"status":201`))
		require.Equal(t, []string{"gain 2499 good", "level -2499 good", "mode 0 good"}, u.shown(""))
		series(u, when, many)
	})
}

// series reads what the long stream has sent.
func series(u *unit, when time.Time, many int) {
	u.t.Helper()
	path := fmt.Sprintf("/telemetry/values?equipment-id=%d&parameter=LEVEL&from=%s&to=%s", u.equipment, when.Format(time.RFC3339),
		when.Add(time.Duration(many)*time.Second).Format(time.RFC3339))
	var s struct {
		Seconds float64
		Buckets []struct {
			Min, Max, Mean float64
			N, Bad         int
		}
	}
	u.Get(path + "&points=100").Is(ok).Into(&s)
	require.InDelta(u.t, 25, s.Seconds, 0)
	require.Len(u.t, s.Buckets, 100)
	for i, k := range s.Buckets {
		require.Equal(u.t, 25, k.N)
		require.InDeltaSlice(u.t, []float64{float64(-25*i - 24), float64(-25 * i), float64(-25*i) - 12}, []float64{k.Min, k.Max, k.Mean}, 1e-9)
	}
	text := string(u.Get(path+"&points=100", "Accept: text/csv").Is(ok).Body)
	require.Equal(u.t, 101, strings.Count(text, "\n"))
	require.True(u.t, strings.HasPrefix(text, "at,min,max,mean,n,bad\n"+when.Format(time.RFC3339)+",-24,0,-12,25,0\n"), "%s", text[:100])
	for accept, begins := range map[string]string{"image/png": "\x89PNG", "image/svg+xml, */*": "<?xml"} {
		a := u.Get(path+"&theme=dark&lang=ru", "Accept: "+accept).Is(ok)
		require.True(u.t, strings.HasPrefix(string(a.Body), begins), "%.20q", a.Body)
		require.Contains(u.t, accept, a.Header.Get("Content-Type"))
	}
	u.Get(strings.Replace(path, "LEVEL", "nothing", 1)).Is(notFound)
	u.Get(fmt.Sprintf("/telemetry/values?equipment-id=%d&parameter=gain&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", u.equipment)).
		Refused(unprocessable, "query.to", "wrong_order")
	u.Get(fmt.Sprintf("/telemetry/values?equipment-id=%d&parameter=gain&from=1926-01-02T00:00:00Z", u.equipment)).
		Refused(unprocessable, "query.from", "range_too_long")
}
