package outbox

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

// numbered makes events with their number as data, about as many entities as given, of two types each.
func numbered(n, entities int) []event.Event {
	events := make([]event.Event, n)
	for i := range events {
		kind := "test.thing.made"
		if i%5 == 0 {
			kind = "test.thing.seen"
		}
		events[i] = event.Event{
			ID: uuid.New(), Source: "/nms/test", Type: kind, Subject: strconv.Itoa(i % entities), Time: time.Now(), Data: json.RawMessage(strconv.Itoa(i)),
		}
	}
	return events
}

// unpack reads the rows again, by slot; a row has one type.
func unpack(t *testing.T, slots []int16, bodies []string) map[int16][]event.Event {
	t.Helper()
	require.Len(t, bodies, len(slots))
	bySlot := map[int16][]event.Event{}
	for i, slot := range slots {
		events, err := event.Parse("", []byte(bodies[i]))
		require.NoError(t, err)
		for _, e := range events {
			require.Equal(t, events[0].Type, e.Type)
		}
		bySlot[slot] = append(bySlot[slot], events...)
	}
	return bySlot
}

func TestTheOrderOfAnEntityIsThatOfItsSlot(t *testing.T) {
	t.Parallel()
	events := numbered(500, 40)
	slots, bodies := pack(events)
	bySlot := unpack(t, slots, bodies)
	require.Greater(t, len(bySlot), 8, "40 entities are spread over the slots")
	total := 0
	for slot, list := range bySlot {
		last := -1
		for _, e := range list {
			require.Equal(t, slot, slotOf(&e))
			var n int
			require.NoError(t, json.Unmarshal(e.Data, &n))
			require.Greater(t, n, last)
			last = n
		}
		total += len(list)
	}
	require.Equal(t, 500, total)
}

func TestEventsWithoutOrderShareRows(t *testing.T) {
	t.Parallel()
	events := numbered(500, 500)
	for i := range events {
		events[i].Type = "test.thing.made"
	}
	slots, bodies := packTogether(events)
	require.Len(t, bodies, 2, "256 to a row")
	require.Equal(t, slots[0], slots[1])
	require.Len(t, unpack(t, slots, bodies)[slots[0]], 500)
}
