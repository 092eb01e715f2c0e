package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
)

// statuses has calls made at once, in turn at each instance, and counts their statuses.
func statuses(n int, instances []*servicetest.Client, call func(*servicetest.Client) int) map[int]int {
	var mu sync.Mutex
	var calls sync.WaitGroup
	counted := map[int]int{}
	for i := range n {
		calls.Go(func() {
			status := call(instances[i%len(instances)])
			mu.Lock()
			defer mu.Unlock()
			counted[status]++
		})
	}
	calls.Wait()
	return counted
}

// Many people do the same at once, at two instances: it is done once, and the history has each step in its order.
func TestRacesForAnAlarm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := servicetest.Start(t, app.Identity, app.Build, b.settings)
	both := []*servicetest.Client{b.Client, b.At(second)}
	const many = 12
	w := b.watch(t, nil)
	w.gives(11)
	a := w.stands("limit", "major cleared=false none unack")
	version := func() string { return strconv.Quote(strconv.Itoa(w.alarm(a.ID).Version)) }

	tag := version()
	require.Equal(t, map[int]int{ok: 1, changed: many - 1}, statuses(many, both, func(c *servicetest.Client) int {
		return c.Post(of("/alarms", a.ID)+"/ack", nil, matching(tag)).Status
	}), "one version is acknowledged once")
	require.Equal(t, map[int]int{created: 1, conflict: many - 1}, statuses(many, both, func(c *servicetest.Client) int {
		return c.Post("/shelves", object{"alarm_id": a.ID, "until": moment(time.Now().Add(time.Hour)), "reason": "x"}).Status
	}), "it is shelved once")
	require.Equal(t, map[int]int{noContent: 1, notFound: many - 1}, statuses(many, both, func(c *servicetest.Client) int {
		return c.Delete(of("/shelves", a.ID)).Status
	}), "it is taken from its shelf once")
	require.Equal(t, map[int]int{ok: many}, statuses(many, both, func(c *servicetest.Client) int {
		return c.Post(of("/alarms", a.ID)+"/comment", object{"comment": "x"}).Status
	}), "each comment counts")
	tag = fmt.Sprintf("%q", fmt.Sprint(b.Get(of("/limits", w.limit)).Is(ok).Field("revision")))
	require.Equal(t, map[int]int{ok: 1, changed: many - 1}, statuses(many, both, func(c *servicetest.Client) int {
		return c.Patch(of("/limits", w.limit), object{"name": "y"}, matching(tag)).Status
	}), "one version is changed once")

	// While it is raised and cleared by values, operators shelve, acknowledge and close it: nothing but refusals comes of that.
	var operators sync.WaitGroup
	done := make(chan struct{})
	for i, what := range []string{"ack", "unack", "close", "shelve", "unshelve"} {
		operators.Go(func() {
			client := both[i%len(both)]
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				var answer *servicetest.Answer
				switch what {
				case "shelve":
					answer = client.Post("/shelves", object{"alarm_id": a.ID, "until": moment(time.Now().Add(time.Hour)), "reason": "x"})
				case "unshelve":
					answer = client.Delete(of("/shelves", a.ID))
				default:
					answer = client.Post(of("/alarms", a.ID)+"/"+what, nil)
				}
				if !slices.Contains([]int{ok, created, noContent, notFound, conflict}, answer.Status) {
					t.Errorf("%s: %d %s", what, answer.Status, answer.Body)
				}
			}
		})
	}
	for range 3 {
		w.gives(21, 1)
	}
	w.evaluated()
	close(done)
	operators.Wait()
	var steps, newest int
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT count(*), max(version) FROM alarm_step WHERE alarm_id = $1", a.ID).Scan(&steps, &newest))
	require.GreaterOrEqual(t, newest, steps, "changes of a flapping alarm are counted and no steps")
	require.Equal(t, newest, w.alarm(a.ID).Version)
}

// A receiver that was switched off, or away, is told in messages of a bounded size, in order, and nothing is left out.
func TestWhatWaitsForAReceiverIsToldInPieces(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"ALARM_FLAPPING_CHANGES": "1000"})
	b.start()
	w := b.watch(t, nil)
	d := w.duty(t, object{})
	d.Patch(of("/receivers", d.id), object{"enabled": false}).Is(ok)
	const values, early = 500, 45
	var lines, want []string
	for i := range values {
		at, gain := w.moment.Add(time.Duration(i)*time.Millisecond), 11-i%2*10
		lines = append(lines, fmt.Sprintf(`{"equipment_id":%d,"at":%q,"values":{"gain":%d}}`, w.equipment, at.Format(time.RFC3339Nano), gain))
		want = append(want, []string{"raised major", "cleared major"}[i%2])
	}
	for _, part := range [][]string{lines[:early], lines[early:]} { // the second begins in the middle of a message
		w.lines(part...)
		w.evaluated()
		d.decided()
	}
	w.stands("limit", "major cleared=true none rtn-unack")
	var waiting, longest int
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT count(*), max(jsonb_array_length(items)) FROM delivery WHERE receiver_id = $1 AND state = 'waiting'", d.id).
		Scan(&waiting, &longest))
	require.Greater(t, waiting, 2)
	require.Less(t, longest, 200)
	d.Patch(of("/receivers", d.id), object{"enabled": true}).Is(ok)
	d.hears(strings.Join(want, ", "))
}

// What has waited for a receiver that was switched off is not given up because its first attempt comes to nothing.
func TestWhatHasWaitedLongIsTriedMoreThanOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.watch(t, nil)
	d := w.duty(t, object{})
	d.answers(http.StatusServiceUnavailable)
	d.Patch(of("/receivers", d.id), object{"enabled": false}).Is(ok)
	w.raises(d)
	w.exec("UPDATE delivery SET created_at = created_at - interval '3 days', due_at = due_at - interval '3 days' WHERE receiver_id = $1", d.id)
	d.Patch(of("/receivers", d.id), object{"enabled": true}).Is(ok)
	waittest.Until(t, "it is tried", func() bool { return len(d.received()) > 0 })
	d.answers(0)
	waittest.Until(t, "it is delivered", func() bool { return w.total(fmt.Sprintf("/deliveries?receiver-id=%d&state=delivered", d.id)) == 1 })
}

// Moments and numbers at the ends of what can be written are answered or refused, never a fault of the service.
func TestTheEndsOfTimeAndOfNumbers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.watch(t, nil)
	w.gives(1, 11)
	const first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
	query := func(path string, params map[string]string) string {
		values := url.Values{"equipment-id": {strconv.FormatInt(w.equipment, 10)}}
		if strings.HasPrefix(path, "/deliveries") {
			values = url.Values{}
		}
		for name, value := range params {
			values.Set(name, value)
		}
		return path + "?" + values.Encode()
	}
	spans := []map[string]string{
		{"from": first, "to": last}, {"from": last, "to": first}, {"to": first}, {"to": last}, {"from": first}, {"from": last},
		{"from": "9999-12-31T20:00:00Z", "to": last}, {"from": "9995-01-01T00:00:00Z", "to": last}, {"from": first, "to": "0001-01-01T03:00:00Z"},
		{"from": first, "to": "0009-12-31T00:00:00Z"}, {"from": "0000-01-01T00:00:00Z", "to": "0000-01-01T01:00:00Z"},
		{"from": "2026-01-01T00:00:00+23:59", "to": "2026-01-01T00:00:00-23:59"},
	}
	for _, span := range spans {
		for _, format := range []string{"json", "csv", "png", "svg"} {
			for _, points := range []string{"1", "7", "300", "10000"} {
				params := maps.Clone(span)
				params["parameter"], params["format"], params["points"] = "gain", format, points
				answer := w.Get(query("/telemetry/values", params))
				require.Contains(t, []int{ok, unprocessable}, answer.Status, "%v %s", params, answer.Body)
			}
		}
		for _, list := range []string{"/alarms", "/deliveries"} {
			answer := w.Get(query(list, span))
			require.Contains(t, []int{ok, unprocessable}, answer.Status, "%s %v %s", list, span, answer.Body)
		}
		body := object{}
		for name, value := range span {
			body[name] = value
		}
		answer := w.Post(of("/limits", w.limit)+"/simulate", body)
		require.Contains(t, []int{ok, unprocessable}, answer.Status, "simulate %v %s", span, answer.Body)
	}
	a := w.stands("limit", "major cleared=false none unack")
	for _, until := range []string{first, last, "0000-01-01T00:00:00Z", moment(time.Now()), moment(time.Now().Add(31 * 24 * time.Hour))} {
		w.Post("/shelves", object{"alarm_id": a.ID, "until": until, "reason": "x"}).Refused(unprocessable, "body.until", "out_of_range")
	}

	telemetry := w.telemetry("level")
	for name, body := range map[string]string{
		"a number that float64 does not hold": `{"levels":[{"severity":"major","high":1e400}]}`,
		"one below all":                       `{"levels":[{"severity":"major","low":-1e400}]}`,
		"no number":                           `{"levels":[{"severity":"major","high":NaN}]}`,
		"infinity":                            `{"levels":[{"severity":"major","high":"Infinity"}]}`,
		"a delay without end":                 `{"levels":[{"severity":"major","high":1}],"raise_after":{"seconds":1e300}}`,
		"a negative delay":                    `{"levels":[{"severity":"major","high":1}],"clear_after":{"seconds":-1}}`,
		"more of fewer":                       `{"levels":[{"severity":"major","high":1}],"raise_after":{"count":64,"of":1}}`,
		"of none":                             `{"levels":[{"severity":"major","high":1}],"raise_after":{"count":0,"of":0}}`,
		"more than int16":                     `{"levels":[{"severity":"major","high":1}],"raise_after":{"count":1,"of":65537}}`,
		"stale at once":                       `{"levels":[],"stale_after":0}`,
		"stale never":                         `{"levels":[],"stale_after":1e18}`,
		"eleven levels":                       `{"levels":[` + strings.TrimSuffix(strings.Repeat(`{"severity":"major","high":1},`, 11), ",") + `]}`,
	} {
		text := fmt.Sprintf(`{"telemetry_id":%d,"name":"x",%s`, telemetry, body[1:])
		answer := w.Call(http.MethodPost, "/limits", text, "Content-Type: application/json")
		require.Contains(t, []int{http.StatusBadRequest, unprocessable}, answer.Status, "%s: %s", name, answer.Body)
	}
	// What can be held is, and is evaluated.
	id := w.Post("/limits", object{"telemetry_id": telemetry, "equipment_id": w.equipment, "name": "x", "stale_after": 2678400,
		"levels":      []any{object{"severity": "critical", "high": 1e300, "clear": -1e300}, object{"severity": "critical", "low": -1e308}},
		"raise_after": object{"count": 64, "of": 64}}).Is(created).ID()
	w.Post("/telemetry", w.frame(time.Now(), `{"level": 1e300}`)).Is(created)
	w.Post(of("/limits", id)+"/simulate", object{}).Is(ok)
}

// Streams tell those who come back with an id that is none of theirs that something may be missing.
func TestStreamsOfAlarmsAndForeignIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.watch(t, nil)
	for i, id := range []string{"nonsense", "1:2", "99999999:99999999:", "9:8:7", "1:9:9", "1:9:3,2", "0:1:", "1:2:x", "1:9223372036854775807:", "1:99999999999999999999:", "'; DROP TABLE alarm; --"} {
		events, stop := w.followPath(b.instance, fmt.Sprintf("/api/v1/ctrl/alarms/stream?equipment-id=%d", w.equipment), id)
		require.Equal(t, "lost", next(t, events).name, id)
		w.gives(float64(11 - i%2*10))
		require.Equal(t, "alarms", next(t, events).name, id)
		stop()
	}
	w.Call(http.MethodGet, "/alarms/stream", nil, "Last-Event-ID: "+strings.Repeat("1", 300)).Is(unprocessable)
}
