package bus_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/request"
)

func TestEventIsCloudEventsJSON(t *testing.T) {
	t.Parallel()
	ctx := request.WithID(request.WithActor(t.Context(), "user:7"), "req-1")
	e, err := bus.NewEvent("cfg.equipment.updated", "17", bus.Change{After: map[string]string{"name": "Ä \"x\"\n"}})
	require.NoError(t, err)
	require.NoError(t, e.Complete(ctx))
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(raw, &document))
	require.Equal(t, "1.0", document["specversion"])
	require.Equal(t, "/nms/cfg", document["source"])
	require.Equal(t, "cfg.equipment.updated", document["type"])
	require.Equal(t, "17", document["subject"])
	require.Equal(t, "user:7", document["actor"])
	require.Equal(t, "req-1", document["requestid"])
	require.Equal(t, "application/json", document["datacontenttype"])
	require.Equal(t, map[string]any{"before": nil, "after": map[string]any{"name": "Ä \"x\"\n"}}, document["data"])

	var back bus.Event
	require.NoError(t, json.Unmarshal(raw, &back))
	require.True(t, e.Time.Equal(back.Time))
	back.Time = e.Time
	require.Equal(t, e, back)
	require.Equal(t, "cfg.equipment/17", e.Entity())
	got := back.Context(t.Context())
	require.Equal(t, "user:7", request.Actor(got))
	require.Equal(t, "req-1", request.ID(got))
}

func TestEventAttributesAreEscaped(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`a"b`, `back\slash`, "line\nbreak", "кириллица", "\x00", "tab\t", "\u2028"} {
		e := bus.Event{ID: uuid.New(), Source: "/nms/x", Type: "x.y.z", Subject: text, Time: time.Now()}
		var back bus.Event
		require.NoError(t, json.Unmarshal(e.AppendJSON(nil), &back))
		require.Equal(t, text, back.Subject)
	}
}

func TestEventTypeIsChecked(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "cfg", "cfg.equipment", "a.b.c.d", "a.b." + strings.Repeat("c", 255)} {
		e := bus.Event{Type: kind}
		require.Error(t, e.Complete(t.Context()), kind)
	}
}

func TestParseMessage(t *testing.T) {
	t.Parallel()
	one := bus.Event{ID: uuid.New(), Source: "/nms/x", Type: "x.y.z", Time: time.Now(), Data: json.RawMessage(`{}`)}
	raw := string(one.AppendJSON(nil))
	for _, c := range []struct {
		name, contentType, body string
		want                    int
	}{
		{"one", bus.ContentTypeEvent, raw, 1},
		{"batch", bus.ContentTypeBatch, "[" + raw + "," + raw + "]", 2},
		{"batch told by its first byte", "", " [" + raw + "]", 1},
		{"no JSON", bus.ContentTypeEvent, "hello", 0},
		{"empty", "", "", 0},
		{"empty batch", bus.ContentTypeBatch, "[]", 0},
		{"no CloudEvents", "", `{"a":1}`, 0},
		{"another version", "", strings.Replace(raw, `"1.0"`, `"0.3"`, 1), 0},
		{"null in a batch", bus.ContentTypeBatch, "[null]", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events, err := bus.ParseMessage(c.contentType, []byte(c.body))
			require.Len(t, events, c.want)
			if c.want == 0 {
				require.ErrorIs(t, err, bus.ErrEvent)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestEncodePacksNeighboursOfOneType(t *testing.T) {
	t.Parallel()
	var events []bus.Event
	for _, kind := range []string{"a.b.c", "a.b.c", "a.b.d", "a.b.c"} {
		events = append(events, bus.Event{ID: uuid.New(), Source: "/nms/a", Type: kind, Time: time.Now()})
	}
	messages, counts := bus.Encode(events)
	require.Equal(t, []int{2, 1, 1}, counts)
	var back []bus.Event
	for _, m := range messages {
		list, err := bus.ParseMessage(m.ContentType, m.Body)
		require.NoError(t, err)
		back = append(back, list...)
	}
	for i := range events {
		require.Equal(t, events[i].ID, back[i].ID)
	}
}
