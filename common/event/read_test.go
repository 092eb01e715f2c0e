package event_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

// asAnyJSON makes a message of another form that says the same, which is read by encoding/json.
func asAnyJSON(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte(`{"specversion"`), []byte(`{ "specversion"`))
}

func TestAMessageIsReadTheSameInEveryForm(t *testing.T) {
	t.Parallel()
	full := event.Event{
		ID: uuid.MustParse("0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001"), Source: "/nms/cfg", Type: "cfg.equipment.created", Subject: "17",
		Time: time.Date(2026, 11, 30, 7, 0, 0, 123_000_000, time.UTC), Actor: "user:7", ActorLogin: "иванов", RequestID: "r", TraceParent: "00-a-b-01",
		Data: []byte(`{"before":null,"after":{"name":"a \"}\\","list":[1,{"x":"]"}]}}`),
	}
	bare := event.Event{ID: uuid.New(), Source: "/nms/x", Type: "x.y.z", Time: full.Time}
	quoted, number, text := full, full, full
	quoted.Subject, quoted.ActorLogin = "a\"b\\c\n", "\u2028"
	number.Data, text.Data = []byte("1"), []byte(`"}"`)
	for _, events := range [][]event.Event{{full}, {bare}, {quoted}, {number}, {text}, {full, bare, full}, {full, quoted}} {
		messages, _ := event.Encode(events)
		var found, otherwise []event.Event
		for _, m := range messages {
			some, err := event.Parse(m.ContentType, m.Body)
			require.NoError(t, err)
			found = append(found, some...)
			some, err = event.Parse(m.ContentType, asAnyJSON(m.Body))
			require.NoError(t, err)
			otherwise = append(otherwise, some...)
		}
		require.Equal(t, events, found)
		require.Equal(t, found, otherwise)
	}
}

func TestWhatIsNoEventIsRefusedInEveryForm(t *testing.T) {
	t.Parallel()
	const good = `{"specversion":"1.0","id":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001","source":"/nms/x","type":"x.y.z","time":"2026-01-02T03:04:05Z",` +
		`"datacontenttype":"application/json","data":{"a":1}}`
	_, err := event.Parse("", []byte(good))
	require.NoError(t, err)
	for old, bad := range map[string]string{
		`"1.0"`: `"0.3"`, "0b2ffa35-": "0b2ffa35", "0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001": uuid.Nil.String(), `"/nms/x"`: `""`, `"x.y.z"`: `""`,
		"T03:04:05Z": " 03:04:05", `{"a":1}`: `{"a":}`, `{"a":1}}`: `{"a":1}`, `"a":1}}`: `"a":1}}}`, "/nms/x": "/nms\n",
	} {
		body := bytes.Replace([]byte(good), []byte(old), []byte(bad), 1)
		require.NotEqual(t, good, string(body), old)
		for _, form := range [][]byte{body, asAnyJSON(body), fmt.Appendf(nil, "[%s]", body), fmt.Appendf(nil, "[%s,%s]", good, body)} {
			_, err := event.Parse("", form)
			require.ErrorIs(t, err, event.ErrEvent, "%s", form)
		}
	}
}

func TestTheDataOfAChangeAreTakenApart(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]string{
		`{"before":null,"after":{"a":"}"}}`:        {"null", `{"a":"}"}`},
		`{"before":{"a":1},"after":null}`:          {`{"a":1}`, "null"},
		`{"before":{"a":[{}]},"after":{"a":[]}}`:   {`{"a":[{}]}`, `{"a":[]}`},
		`{ "after": {"a":1}, "before": [2] }`:      {"[2]", `{"a":1}`},
		`{"before":null,"after":{"a":1},"more":1}`: nil,
		`{"before":null,"before":null}`:            nil,
		`{"before":null}`:                          nil,
		`{"a":1,"b":2}`:                            nil,
		`[]`:                                       nil,
		`"text"`:                                   nil,
		``:                                         nil,
	} {
		e := event.Event{Data: []byte(data)}
		before, after, ok := e.Change()
		require.Equal(t, want != nil, ok, data)
		if ok {
			require.Equal(t, want, []string{string(before), string(after)}, data)
		}
	}
}

// BenchmarkParse reads a message of 256 events such as inbox writes of its traces.
func BenchmarkParse(b *testing.B) {
	const many = 256
	events := make([]event.Event, many)
	for i := range events {
		id := uuid.NewString()
		events[i] = event.Event{
			ID: uuid.Must(uuid.NewV7()), Source: "/nms/inbox", Type: "inbox.trace.received", Subject: id, Time: time.Now().UTC(),
			Actor: "user:1", ActorLogin: "admin_nms", RequestID: uuid.NewString(),
			Data: []byte(`{"before":null,"after":{"guid":"` + id + `","start_freq_hz":400000000,"stop_freq_hz":400999000,"step_freq_hz":1000,` +
				`"noise":-101.25,"numpoints":1000,"timestamp":"2026-11-30T07:00:00.123Z","location":{"lat":55.7558,"lng":37.6173}}}`),
		}
	}
	messages, _ := event.Encode(events)
	require.Len(b, messages, 1)
	for form, body := range map[string][]byte{"own": messages[0].Body, "any": asAnyJSON(messages[0].Body)} {
		b.Run(form, func(b *testing.B) {
			for b.Loop() {
				found, err := event.Parse(messages[0].ContentType, body)
				require.NoError(b, err)
				require.Len(b, found, many)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/many/1000, "µs/event")
		})
	}
}
