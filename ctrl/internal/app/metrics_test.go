package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/ctrl/internal/station"
)

func TestMetricsAreListed(t *testing.T) {
	t.Parallel()
	setup(t).instance.CheckMetrics(t)
}

// Each metric moves when what it tells of happens, and goes back when it is over.
func TestTheMetricsOfCommandsMove(t *testing.T) {
	t.Parallel()
	b := setup(t)
	shows := func(name string, want float64, labels ...string) {
		t.Helper()
		waittest.Until(t, name, func() bool { return b.instance.Metric(t, name, labels...) == want })
	}
	shows("ctrl_commands_total", 0)
	u := b.receiver(t, nil)
	u.becomes(u.sent(u.order(1)).ID, "succeeded")
	shows("ctrl_commands_total", 1, `outcome="succeeded"`)
	shows("ctrl_driver_duration_seconds_count", 1, `driver="simulator"`, `operation="send"`, `outcome="accepted"`)
	require.Positive(t, b.instance.Metric(t, "ctrl_driver_duration_seconds_count", `operation="poll"`, `outcome="answered"`))

	first, second := u.sentHeld(u.order(2)), u.sent(u.order(3))
	approved := b.receiver(t, object{"approvals": 1})
	approved.sent(approved.order(1))
	lost := b.receiver(t, object{"timeout": 1, "verifiers": []any{}, "points": []any{}})
	lost.fault(station.LostAnswers, true)
	unknown := lost.becomes(lost.sent(lost.order(1)).ID, "unknown")
	shows("ctrl_commands_total", 1, `outcome="unknown"`)
	shows("ctrl_driver_duration_seconds_count", 1, `operation="send"`, `outcome="unknown"`)
	shows("ctrl_commands_waiting", 2, `state="queued"`)
	shows("ctrl_commands_waiting", 1, `state="awaiting_approval"`)
	shows("ctrl_commands_unknown", 1)
	shows("ctrl_queues_held", 1)
	waittest.Until(t, "the oldest waits", func() bool { return b.instance.Metric(t, "ctrl_commands_oldest_seconds") > 1 })

	lost.Post(at(unknown.ID, "resolve"), object{"outcome": "failed", "reason": "seen"}).Is(ok)
	u.Post(at(second.ID, "cancel"), object{}).Is(ok)
	u.hold(false)
	u.becomes(first.ID, "succeeded")
	shows("ctrl_commands_total", 1, `outcome="failed"`)
	shows("ctrl_commands_total", 1, `outcome="cancelled"`)
	shows("ctrl_commands_waiting", 0, `state="queued"`)
	shows("ctrl_commands_unknown", 0)
	shows("ctrl_queues_held", 0)
	shows("ctrl_commands_oldest_seconds", 0)
}
