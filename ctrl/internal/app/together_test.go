package app_test

import (
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/ctrl/internal/station"
)

// Steps of many commands share transactions, and few workers are there for many queues. Each command is executed once all the same, in the order of its own queue.
func TestManyCommandsToManyReceivers(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"CTRL_WORKERS": "3"})
	b.start()
	const receivers, each = 12, 10
	units := make([]*unit, receivers)
	for i := range units {
		units[i] = b.receiver(t, object{"verifiers": []any{}})
	}
	for n := range each {
		var next atomic.Int64
		require.Equal(t, map[int]int{created: receivers}, b.atOnce(receivers, func() int {
			u := units[next.Add(1)-1]
			return u.Post("/commands", u.order(float64(n))).Status
		}))
	}
	want := make([]any, each)
	for n := range want {
		want[n] = float64(n)
	}
	for _, u := range units {
		waittest.Until(t, "all are executed", func() bool { return len(u.gains()) == each })
		require.Equal(t, want, u.gains())
	}
	waittest.Until(t, "all have succeeded", func() bool { return b.total("/commands?state=succeeded") == receivers*each })
}

// A piece of equipment that does not answer, and one whose queue somebody is at, keep the others neither from being commanded nor their outcomes from being written.
func TestWhatIsSlowHoldsNoOtherBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow, other := b.receiver(t, object{"timeout": 300}), b.receiver(t, nil)
	slow.fault(station.LostAnswers, true)
	c := slow.sent(slow.order(11))
	waittest.Until(t, "it is executed", func() bool { return len(slow.gains()) == 1 })
	for gain := range 5 {
		other.becomes(other.sent(other.order(float64(gain))).ID, "succeeded")
	}
	require.Equal(t, "sending", b.command(c.ID).State)
}

// Who kills an instance between the commits of many commands and their outcomes finds each of them unknown, and none is sent again.
func TestAKilledInstanceLeavesUnknownAllThatItWasSending(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	units := make([]*unit, 5)
	ids := make([]uuid.UUID, len(units))
	for i := range units {
		units[i] = b.receiver(t, object{"timeout": 100, "verifiers": []any{}, "points": []any{}})
		units[i].fault(station.LostAnswers, true)
		units[i].hold(true)
		ids[i] = units[i].sent(units[i].order(11)).ID
	}
	b.exec("UPDATE command_queue SET held = false, revision = nextval('ctrl_revision')")
	for _, u := range units {
		waittest.Until(t, "it is executed", func() bool { return len(u.gains()) == 1 })
	}
	first.Kill()
	b.process()
	for i, id := range ids {
		require.Equal(t, "create send lose", b.becomes(id, "unknown").events())
		require.Len(t, units[i].gains(), 1)
	}
}
