package chaos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// second is a moment of the evidence.
func second(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }

// series are values that came a second apart.
func series(from int, values ...float64) (list []reading) {
	for i, v := range values {
		list = append(list, reading{second(from + i), second(from + i), v})
	}
	return list
}

func TestWhatValuesAskFor(t *testing.T) {
	t.Parallel()
	all := rules()
	for name, c := range map[string]struct {
		rule   rule
		values []float64
		want   string
	}{
		"hysteresis":             {all[0], []float64{9, 10, 10.1, 9, 8, 9, 10}, "raise minor 10.1, clear  8"},
		"worse and better":       {all[0], []float64{12, 21, 16, 15, 12, 7}, "raise minor 12, worsen critical 21, ease minor 15, clear  7"},
		"straight to the worst":  {all[0], []float64{30, 0}, "raise critical 30, clear  0"},
		"from side to side":      {all[0], []float64{12, -12, 25, -8}, "raise minor 12, worsen major -12, worsen critical 25, clear  -8"},
		"two of three":           {all[1], []float64{51, 30, 30, 51, 30, 51}, "raise warning 51"},
		"three of four to clear": {all[1], []float64{51, 51, 40, 45, 39, 30, 51}, "raise warning 51, clear  30"},
		"the count begins anew":  {all[1], []float64{51, 51, 30, 30, 30, 51, 30, 30, 51}, "raise warning 51, clear  30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, one := range c.rule.turns(series(0, c.values...)) {
				got = append(got, fmt.Sprintf("%s %s %g", one.event, one.severity, one.value))
			}
			require.Equal(t, c.want, strings.Join(got, ", "))
		})
	}
}

// happened makes the steps of an alarm; each is "event severity value".
func happened(from int, steps ...string) (list []alarmStep) {
	for i, text := range steps {
		s := alarmStep{at: second(from + i), version: i + 1}
		var value float64
		if n, _ := fmt.Sscan(text, &s.event, &s.severity, &value); n == 3 {
			s.value = &value
		}
		list = append(list, s)
	}
	return list
}

// hears makes a call of a webhook; each item is "event alarm version".
func hears(at int, path, id string, items ...string) webhookCall {
	list := make([]map[string]any, len(items))
	for i, text := range items {
		var event string
		var alarm, version int
		_, _ = fmt.Sscan(text, &event, &alarm, &version)
		list[i] = map[string]any{"event": event, "alarm_id": alarm, "version": version}
	}
	body, _ := json.Marshal(map[string]any{"id": id, "kind": "alarms", "alarms": list})
	return webhookCall{At: second(at), Path: path, ID: id, Stamp: "1", Signature: sign(id, "1", string(body)), Body: string(body), Status: 204}
}

// faultless is evidence without a fault: a limit that raised, got worse and was cleared; one whose alarm was shelved; values that were missed; a command of
// unknown outcome.
func faultless() *alarmEvidence {
	all := rules()
	return &alarmEvidence{
		limits: map[int64]rule{1: all[0], 3: all[2]},
		values: map[place][]reading{
			{10, level}: series(0, 12, 21, 0, 11), {11, level}: series(0, 12, 0), {20, pulse}: slices.Concat(series(0, 1, 1), series(40, 0)),
		},
		sent: []measurement{{10, second(1), map[string]float64{level: 21}}},
		alarms: []alarmRecord{
			{100, 10, "limit", "1", false, happened(0, "raise minor 12", "ack minor", "worsen critical 21", "clear critical 0", "raise minor 11")},
			{101, 11, "limit", "1", true, happened(0, "raise minor 12", "shelve minor", "clear minor 0")},
			{102, 20, "limit", "3", true, happened(0, "raise major 1", "clear major 0")},
			{103, 20, "stale", "3", false, []alarmStep{
				{second(17), 1, "raise", "warning", nil}, {second(41), 2, "clear", "warning", new(float64)}, {second(60), 3, "raise", "warning", nil},
			}},
			{104, 30, "command-unknown", "", true, happened(5, "raise major", "clear major")},
		},
		doubts:    map[int64]int{30: 1},
		listeners: []listener{{path: "/all", least: "warning"}, {path: "/critical", least: "critical"}},
		calls: []webhookCall{
			hears(1, "/all", "a", "raised 100 1", "raised 101 1", "raised 102 1"), hears(2, "/all", "a", "raised 100 1", "raised 101 1", "raised 102 1"),
			hears(3, "/all", "b", "worse 100 3"), hears(4, "/all", "c", "cleared 100 4", "cleared 101 3", "cleared 102 2", "raised 100 5"),
			hears(30, "/all", "d", "raised 103 1", "cleared 103 2", "raised 103 3", "raised 104 1", "cleared 104 2"),
			hears(3, "/critical", "e", "raised 100 3"), hears(4, "/critical", "f", "cleared 100 4"),
		},
		delivered: map[string]string{"a": "delivered", "b": "delivered", "c": "delivered", "d": "delivered", "e": "delivered", "f": "delivered"},
		shelved:   func(equipment int64) bool { return equipment == 11 },
		windows:   []window{{"kill", second(0), second(1), second(10), true}, {"kill", second(40), second(41), second(45), true}},
	}
}

func TestFaultlessAlarms(t *testing.T) {
	t.Parallel()
	rows, faults := faultless().compare()
	require.Empty(t, faults)
	require.Equal(t, []AlarmRow{
		{Fault: "kill", Values: 9, Asked: 8, Raised: 4, Worse: 1, Cleared: 3, Returned: 1, Told: 10, Messages: 5, Again: 1},
		{Fault: "otherwise", Missed: 2, Told: 5, Messages: 1},
	}, rows)
}

// Each promise is broken once.
func TestEveryBrokenPromiseOfAnAlarmIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(e *alarmEvidence)
		want  string
	}{
		"not stored":              {func(e *alarmEvidence) { e.sent[0].values[level] = 20 }, "answered 2xx and is not stored"},
		"lost":                    {func(e *alarmEvidence) { e.alarms[0].steps = e.alarms[0].steps[:4] }, `lost is "raise" by 11`},
		"lost in the middle":      {func(e *alarmEvidence) { e.alarms[0].steps = slices.Delete(e.alarms[0].steps, 2, 3) }, `and the values ask for "worsen"`},
		"never raised":            {func(e *alarmEvidence) { e.alarms[0].qualifier = "2" }, `the alarm has made 0; lost is "raise"`},
		"doubled":                 {func(e *alarmEvidence) { e.alarms[0].steps = append(e.alarms[0].steps, e.alarms[0].steps[4]) }, `too much is "raise" by 11`},
		"cleared by silence":      {func(e *alarmEvidence) { e.alarms[0].steps = append(e.alarms[0].steps, alarmStep{event: "clear"}) }, `too much is "clear" by 0`},
		"missed though they came": {func(e *alarmEvidence) { e.alarms[3].steps[0].at = second(6) }, "and they came"},
		"not missed":              {func(e *alarmEvidence) { e.alarms[3].cleared = true }, "no values come, and no alarm is raised"},
		"back without a value":    {func(e *alarmEvidence) { *e.alarms[3].steps[1].value = 7 }, "which never came"},
		"missed twice":            {func(e *alarmEvidence) { e.alarms[3].steps = slices.Delete(e.alarms[3].steps, 1, 2) }, `step 2 of the alarm for missing values is "raise"`},
		"a doubt not told":        {func(e *alarmEvidence) { e.doubts[30] = 2 }, "the alarm was raised 1 and cleared 1 times"},
		"a doubt without alarm":   {func(e *alarmEvidence) { e.doubts[31] = 1 }, "and there is no alarm"},
		"not told":                {func(e *alarmEvidence) { e.calls = slices.Delete(e.calls, 3, 4) }, `was not told "cleared" of alarm 100`},
		"told once too often":     {func(e *alarmEvidence) { e.calls = append(e.calls, hears(50, "/critical", "d", "cleared 100 5")) }, "which it was not to be"},
		"under two ids":           {func(e *alarmEvidence) { e.calls = append(e.calls, hears(50, "/all", "e", "worse 100 3")) }, "under two ids"},
		"something else again":    {func(e *alarmEvidence) { e.calls = append(e.calls, hears(50, "/all", "a", "raised 100 1")) }, "something else under the id a"},
		"out of order":            {func(e *alarmEvidence) { e.calls[2], e.calls[3] = e.calls[3], e.calls[2] }, "behind step"},
		"not signed":              {func(e *alarmEvidence) { e.calls[2].Signature = "v1," }, "not signed"},
		"delivered to nobody":     {func(e *alarmEvidence) { e.delivered["g"] = "delivered" }, "nobody has it"},
		"given up":                {func(e *alarmEvidence) { e.delivered["a"] = "failed" }, "was given up"},
		"from somewhere else":     {func(e *alarmEvidence) { delete(e.delivered, "b") }, "none of ctrl's"},
		"shelved and not cleared": {func(e *alarmEvidence) {
			e.calls[3] = hears(4, "/all", "c", "cleared 100 4", "cleared 102 2", "raised 100 5")
		}, "was told of the raised alarm 101: true, and that it is cleared by step 3: false"},
		"cleared without a raise": {func(e *alarmEvidence) {
			e.calls[0] = hears(1, "/all", "a", "raised 100 1", "raised 102 1")
			e.calls[1] = e.calls[0]
		}, "was told of the raised alarm 101: false, and that it is cleared by step 3: true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := faultless()
			c.spoil(e)
			_, faults := e.compare()
			require.Contains(t, strings.Join(faults, "\n"), c.want)
		})
	}
}

func TestTheReportShowsAlarms(t *testing.T) {
	t.Parallel()
	rows, _ := faultless().compare()
	var out strings.Builder
	(&Report{Alarms: rows}).Write(&out)
	require.Contains(t, out.String(), "changes asked for")
	require.Contains(t, out.String(), "| together ")
}

// What a webhook was told is printed before it is answered, and read again, also when the program was killed in the middle of a line.
func TestWebhooksAreRecorded(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := &webhookReceiver{out: &out}
	taken, refused := 0, 0
	for range 400 {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/all", strings.NewReader("body"))
		request.Header.Set("Webhook-Id", "a")
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, request)
		switch answer.Code {
		case http.StatusNoContent:
			taken++
		case http.StatusServiceUnavailable:
			refused++
		}
	}
	log := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(log, append(out.Bytes(), `{"at":"2026-`+"\nwebhooks are received\n"...), 0o600))
	calls, err := readWebhooks(log)
	require.NoError(t, err)
	require.Len(t, calls, 400-refused)
	require.LessOrEqual(t, taken, len(calls))
	require.Equal(t, "body", calls[0].Body)
	require.Equal(t, "a", calls[0].ID)
}
