package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
)

// latest are the newest values of the equipment as the API shows them.
type latest struct {
	Values []struct {
		Parameter, Quality string
		Value              json.RawMessage
		At                 time.Time
	}
}

// shown returns "parameter value quality" of each newest value.
func (b *bundle) shown(equipment int64, query string) []string {
	b.t.Helper()
	var l latest
	b.get(path("/telemetry/latest?equipment-id=", equipment) + query).is(http.StatusOK).into(&l)
	out := make([]string, len(l.Values))
	for i, v := range l.Values {
		out[i] = fmt.Sprintf("%s %s %s", v.Parameter, v.Value, v.Quality)
	}
	return out
}

func (b *bundle) parameter(name, validator string) int64 {
	b.t.Helper()
	var id int64
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(),
		`INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ($1, 'x', 'x', $2) RETURNING id`, name, validator).Scan(&id))
	return id
}

func (b *bundle) count(statement string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.values.QueryRow(b.t.Context(), statement, args...).Scan(&n))
	return n
}

// lines sends lines of NDJSON and returns the status of each.
func (b *bundle) lines(lines []string, headers ...string) (statuses []int) {
	b.t.Helper()
	a := b.raw(http.MethodPost, "/telemetry", []byte(strings.Join(lines, "\n")), append(headers, "Content-Type: application/x-ndjson")...).is(http.StatusOK)
	for i, line := range strings.Split(strings.TrimSpace(string(a.body)), "\n") {
		var result struct{ Line, Status int }
		require.NoError(b.t, json.Unmarshal([]byte(line), &result), "%s", line)
		require.Equal(b.t, i+1, result.Line)
		statuses = append(statuses, result.Status)
	}
	return statuses
}

func TestValuesComeInAndAreRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.parameter("locked", `{"type":"boolean"}`)
	b.parameter("state", `{"type":"string","enum":["on","off"]}`)
	b.parameter("octets", `{"type":"integer","minimum":0}`)
	b.parameter("power", `{"type":"number","minimum":-100,"maximum":30}`)
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	frame := func(at time.Time, values string) map[string]any {
		return map[string]any{"equipment_id": b.equipment, "at": moment(at), "values": json.RawMessage(values)}
	}

	t.Run("a frame is committed, and sent again it is the same", func(t *testing.T) {
		f := frame(at, `{"GAIN": 12.5, "locked": true, "state": "on", "octets": 18446744073709551615, "level": null}`)
		var taken struct {
			Values, Stored int
			Invalid        []string
		}
		b.post("/telemetry", f).is(http.StatusCreated).into(&taken)
		require.Equal(t, 5, taken.Stored)
		require.Empty(t, taken.Invalid)
		b.post("/telemetry", f).is(http.StatusOK).into(&taken)
		require.Zero(t, taken.Stored)
		require.Equal(t, []string{"gain 12.5 good", "level null bad", "locked true good", "octets 18446744073709551615 good", `state "on" good`},
			b.shown(b.equipment, ""))
	})
	t.Run("what the validator refuses is kept and marked", func(t *testing.T) {
		var taken struct{ Invalid []string }
		f := frame(at.Add(time.Second), `{"power": 31, "state": "broken"}`)
		f["quality"] = map[string]string{"power": "uncertain"}
		b.post("/telemetry", f).is(http.StatusCreated).into(&taken)
		require.ElementsMatch(t, []string{"power", "state"}, taken.Invalid)
		require.Equal(t, []string{"power 31 invalid", `state "broken" invalid`}, b.shown(b.equipment, "&parameter=POWER,state"))
	})
	t.Run("a late frame is kept and changes nothing that is newer", func(t *testing.T) {
		b.post("/telemetry", frame(at.Add(-time.Hour), `{"state": "off", "power": 1}`)).is(http.StatusCreated)
		require.Equal(t, []string{"power 31 invalid", `state "broken" invalid`}, b.shown(b.equipment, "&parameter=power,state"))
	})
	t.Run("the equipment shows its values, one by its name in any letter case", func(t *testing.T) {
		var e latest
		b.get(path("/equipments/", b.equipment)).is(http.StatusOK).into(&e)
		require.Len(t, e.Values, 6)
		var v struct {
			Value   float64
			Quality string
			At      time.Time
		}
		b.get(path("/equipments/", b.equipment) + "/gAiN").is(http.StatusOK).into(&v)
		require.InDelta(t, 12.5, v.Value, 0)
		require.Equal(t, at, v.At.UTC())
		b.get(path("/equipments/", b.equipment)+"/nothing").refused(http.StatusNotFound, "path.parameter not_found")
		b.get(path("/equipments/", b.equipment)+"/mode").refused(http.StatusNotFound, "path.parameter not_found")
		b.get("/equipments/99999/gain").refused(http.StatusNotFound, "path.parameter not_found")
		b.get("/telemetry/latest?equipment-id=99999").is(http.StatusNotFound)
	})
	t.Run("refusals name the place", func(t *testing.T) {
		for body, reason := range map[string]string{
			`{`:              "body not_json",
			`{"at": "now"}`:  "body.at bad_format",
			`{"values": {}}`: "body.values required",
			`{"equipment_id": 99999, "values": {"gain": 1}}`:                                                 "body.equipment_id reference_missing",
			`{"equipment_id": ID, "values": {"nothing": 1}}`:                                                 "body.values telemetry_unknown",
			`{"equipment_id": ID, "values": {"gain": [1]}}`:                                                  "body.values.gain wrong_type",
			`{"equipment_id": ID, "values": {"gain": 1e999}}`:                                                "body.values.gain wrong_type",
			`{"equipment_id": ID, "values": {"state": "a\u0000b"}}`:                                          "body.values.state wrong_type",
			`{"equipment_id": ID, "value": {"gain": 1}}`:                                                     "body unknown_field",
			`{"equipment_id": ID, "at": "2001-01-01T00:00:00Z", "values": {"gain": 1}}`:                      "body.at out_of_range",
			`{"equipment_id": ID, "at": "` + moment(time.Now().Add(time.Hour)) + `", "values": {"gain": 1}}`: "body.at out_of_range",
			`{"equipment_id": ID, "values": {"gain": 1}, "quality": {"gain": "fine"}}`:                       "body.quality not_one_of",
			`{"equipment_id": ID, "values": {"gain": 1}, "quality": {"mode": "bad"}}`:                        "body.quality contradiction",
			`{"equipment_id": "x", "values": {"gain": 1}}`:                                                   "body.equipment_id wrong_type",
		} {
			raw := strings.ReplaceAll(body, "ID", jsonOf(b.equipment))
			a := b.raw(http.MethodPost, "/telemetry", []byte(raw), "Content-Type: application/json")
			a.refused(a.status, reason)
			require.Contains(t, []int{400, 422}, a.status, body)
		}
		b.as(2, authn.Mask(authn.CtrlRead)).post("/telemetry", frame(at, `{"gain": 1}`)).is(http.StatusForbidden)
	})
	t.Run("a parameter and equipment made a moment ago are known", func(t *testing.T) {
		b.parameter("fresh", `{"type":"number"}`)
		b.post("/telemetry", frame(at, `{"fresh": 1}`)).is(http.StatusCreated)
	})
}

func TestStreamsOfFrames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	line := func(i int, values string) string {
		return fmt.Sprintf(`{"equipment_id": %d, "at": %q, "values": %s}`, b.equipment, moment(at.Add(time.Duration(i)*time.Second)), values)
	}
	require.Equal(t, []int{201, 422, 201, 200, 400}, b.lines([]string{
		line(0, `{"gain": 1}`), line(1, `{"nothing": 1}`), line(2, `{"gain": 2}`), line(2, `{"gain": 3}`), `{"gain`}))
	require.Equal(t, []string{"gain 2 good"}, b.shown(b.equipment, ""))

	many := make([]string, 2500)
	for i := range many {
		many[i] = line(i, fmt.Sprintf(`{"gain": %d, "level": %d, "mode": %d}`, i, -i, i%7))
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(strings.Join(many, "\n")))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	a := b.raw(http.MethodPost, "/telemetry", packed.Bytes(), "Content-Type: application/x-ndjson", "Content-Encoding: gzip").is(http.StatusOK)
	require.Equal(t, len(many), strings.Count(string(a.body), `"status":201`))
	require.Equal(t, len(many)+2, b.count("SELECT count(*) FROM frame"))
	require.Equal(t, []string{"gain 2499 good", "level -2499 good", "mode 0 good"}, b.shown(b.equipment, ""))
}
