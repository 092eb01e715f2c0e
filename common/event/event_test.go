package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/event"
	"nms.example/common/request"
)

func TestEventIsCloudEventsJSON(t *testing.T) {
	t.Parallel()
	ctx := request.WithID(request.WithLogin(t.Context(), "user:7", "иванов"), "req-1")
	e, err := event.DeclareCreation[map[string]string]("cfg.equipment.created", "").New("17", map[string]string{"name": "Ä \"x\"\n"})
	require.NoError(t, err)
	require.NoError(t, e.Complete(ctx))
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(raw, &document))
	require.Equal(t, "1.0", document["specversion"])
	require.Equal(t, "/nms/cfg", document["source"])
	require.Equal(t, "cfg.equipment.created", document["type"])
	require.Equal(t, "17", document["subject"])
	require.Equal(t, "user:7", document["actor"])
	require.Equal(t, "иванов", document["actorlogin"])
	require.Equal(t, "req-1", document["requestid"])
	require.Equal(t, "application/json", document["datacontenttype"])
	require.Equal(t, map[string]any{"before": nil, "after": map[string]any{"name": "Ä \"x\"\n"}}, document["data"])

	var back event.Event
	require.NoError(t, json.Unmarshal(raw, &back))
	require.True(t, e.Time.Equal(back.Time))
	back.Time = e.Time
	require.Equal(t, e, back)
	require.Equal(t, "cfg.equipment/17", e.Entity())
	got := back.Context(t.Context())
	require.Equal(t, "user:7", request.Actor(got))
	require.Equal(t, "иванов", request.ActorLogin(got))
	require.Equal(t, "req-1", request.ID(got))
}

func TestEventAttributesAreEscaped(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`a"b`, `back\slash`, "line\nbreak", "кириллица", "\x00", "tab\t", "\u2028"} {
		e := event.Event{ID: uuid.New(), Source: "/nms/x", Type: "x.y.z", Subject: text, Time: time.Now()}
		var back event.Event
		require.NoError(t, json.Unmarshal(e.AppendJSON(nil), &back))
		require.Equal(t, text, back.Subject)
	}
}

func TestEventTypeIsChecked(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "cfg", "cfg.equipment", "a.b.c.d", "a.b." + strings.Repeat("c", 255)} {
		e := event.Event{Type: kind}
		require.Error(t, e.Complete(t.Context()), kind)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	one := event.Event{ID: uuid.New(), Source: "/nms/x", Type: "x.y.z", Time: time.Now(), Data: json.RawMessage(`{}`)}
	raw := string(one.AppendJSON(nil))
	for _, c := range []struct {
		name, contentType, body string
		want                    int
	}{
		{"one", event.ContentTypeEvent, raw, 1},
		{"batch", event.ContentTypeBatch, "[" + raw + "," + raw + "]", 2},
		{"batch told by its first byte", "", " [" + raw + "]", 1},
		{"no JSON", event.ContentTypeEvent, "hello", 0},
		{"empty", "", "", 0},
		{"empty batch", event.ContentTypeBatch, "[]", 0},
		{"no CloudEvents", "", `{"a":1}`, 0},
		{"another version", "", strings.Replace(raw, `"1.0"`, `"0.3"`, 1), 0},
		{"null in a batch", event.ContentTypeBatch, "[null]", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events, err := event.Parse(c.contentType, []byte(c.body))
			require.Len(t, events, c.want)
			if c.want == 0 {
				require.ErrorIs(t, err, event.ErrEvent)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestEncodePacksNeighboursOfOneType(t *testing.T) {
	t.Parallel()
	var events []event.Event
	for _, kind := range []string{"a.b.c", "a.b.c", "a.b.d", "a.b.c"} {
		events = append(events, event.Event{ID: uuid.New(), Source: "/nms/a", Type: kind, Time: time.Now()})
	}
	messages, counts := event.Encode(events)
	require.Equal(t, []int{2, 1, 1}, counts)
	var back []event.Event
	for _, m := range messages {
		list, err := event.Parse(m.ContentType, m.Body)
		require.NoError(t, err)
		back = append(back, list...)
	}
	for i := range events {
		require.Equal(t, events[i].ID, back[i].ID)
	}
}
