package event_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

// FuzzParse reads anything as a message; what is taken is written and read again as the same events.
func FuzzParse(f *testing.F) {
	const one = `{"specversion":"1.0","id":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001","type":"cfg.equipment.created","source":"/cfg","subject":"1",` +
		`"time":"2026-01-02T03:04:05Z","datacontenttype":"application/json","data":{"a":[1,"\u0000"]},"actor":"user:1","requestid":"x","traceparent":"00-a-b-01"}`
	for _, seed := range []string{one, "[" + one + "," + one + "]", "[]", "{}", "null", "[null]", "\xff", `{"specversion":"0.3"}`, `{"id":1}`} {
		f.Add(event.ContentTypeEvent, []byte(seed))
		f.Add(event.ContentTypeBatch, []byte(seed))
		f.Add("", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		events, err := event.Parse(contentType, body)
		if err != nil {
			require.ErrorIs(t, err, event.ErrEvent)
			return
		}
		require.NotEmpty(t, events)
		for _, e := range events {
			_ = e.Entity()
			text := e.AppendJSON(nil)
			require.True(t, json.Valid(text), "%s", text)
			again, err := event.Parse(event.ContentTypeEvent, text)
			require.NoError(t, err, "%s", text)
			require.Equal(t, e.ID, again[0].ID)
			require.Equal(t, e.Type, again[0].Type)
			require.True(t, e.Time.Equal(again[0].Time))
			otherwise, err := event.Parse(event.ContentTypeEvent, asAnyJSON(text))
			require.NoError(t, err, "%s", text)
			require.Equal(t, otherwise, again)
		}
	})
}
