package app_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

// Every change is told, with the thing before and after. (That each event fits its schema is checked when it is written.)
func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	followed := b.broker.Follow("ctrl.#")
	b.start()
	u := b.receiver(t, nil)
	c := u.becomes(u.sent(u.order(1)).ID, "succeeded")
	u.hold(true)
	u.Patch(of("/command-bindings", u.gain), object{"ttl": 61}).Is(ok)
	u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
	u.Delete(of("/command-bindings", u.gain)).Is(noContent)
	u.Delete(of("/endpoints", u.equipment)).Is(noContent)
	want := map[string]int{
		"ctrl.endpoint.created": 1, "ctrl.endpoint.updated": 1, "ctrl.endpoint.deleted": 1, "ctrl.binding.created": 2, "ctrl.binding.updated": 1,
		"ctrl.binding.deleted": 1, "ctrl.command.created": 1, "ctrl.command.updated": 4, "ctrl.queue.updated": 1,
	}
	total := 0
	for _, n := range want {
		total += n
	}
	told := followed.Await("all is told", func(events []event.Event) bool { return len(events) >= total })

	t.Run("each once", func(t *testing.T) {
		t.Parallel()
		got := map[string]int{}
		for _, e := range told {
			got[e.Type]++
		}
		require.Equal(t, want, got)
	})
	t.Run("by who did it", func(t *testing.T) {
		t.Parallel()
		for _, e := range told {
			if e.Type == "ctrl.command.updated" {
				require.Equal(t, "service:ctrl", e.Actor)
			} else {
				require.Equal(t, "user:1", e.Actor, e.Type)
			}
		}
	})
	t.Run("with what was before and what is after", func(t *testing.T) {
		t.Parallel()
		got := map[string][]string{}
		for _, e := range told {
			var data event.Change[struct {
				State      string
				AdminState string `json:"admin_state"`
				TTL        json.Number
				Held       *bool
			}]
			require.NoError(t, json.Unmarshal(e.Data, &data))
			switch e.Type {
			case "ctrl.command.updated":
				require.Equal(t, c.ID.String(), e.Subject)
				got["states"] = append(got["states"], data.Before.State+" "+data.After.State)
			case "ctrl.endpoint.updated":
				got["endpoint"] = []string{data.Before.AdminState, data.After.AdminState}
			case "ctrl.binding.updated":
				got["ttl"] = []string{data.Before.TTL.String(), data.After.TTL.String()}
			case "ctrl.queue.updated":
				require.False(t, *data.Before.Held)
				require.True(t, *data.After.Held)
			}
		}
		require.Equal(t, map[string][]string{
			"states":   {"queued sending", "sending accepted", "accepted verifying", "verifying succeeded"},
			"endpoint": {"unlocked", "locked"}, "ttl": {"60", "61"},
		}, got)
	})
}
