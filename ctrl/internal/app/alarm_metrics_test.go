package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// Each metric of limits, alarms, notification and polls moves when what it tells of happens, and goes back when it is over.
func TestTheMetricsOfAlarmsMove(t *testing.T) {
	t.Parallel()
	b := setup(t)
	metric := func(name string, labels ...string) float64 { return b.instance.Metric(t, name, labels...) }
	shows := func(name string, want float64, labels ...string) {
		t.Helper()
		waittest.Until(t, name, func() bool { return metric(name, labels...) == want })
	}
	exceeds := func(name string, least float64, labels ...string) {
		t.Helper()
		waittest.Until(t, name, func() bool { return metric(name, labels...) > least })
	}
	const notTold, told = `kind="alarms"`, `outcome="delivered"`
	shows("ctrl_limits_slots", 8)
	shows("ctrl_limits_unheld", 0)
	w := b.watch(t, nil)
	d := w.duty(t, object{"severity": "critical"})
	d.answers(http.StatusServiceUnavailable)
	gathering := d.route(object{"group": 3600})
	w.gives(11)
	exceeds("ctrl_limits_values_total", 0)
	shows("ctrl_limits_changes_total", 1, `type="limit"`)
	d.decided()
	shows("ctrl_notifications_waiting", 0, notTold) // it gathers
	w.gives(21)
	shows("ctrl_limits_changes_total", 2, `type="limit"`)
	shows("ctrl_alarms_raised", 1, `severity="critical"`)
	shows("ctrl_alarms_unacknowledged", 1, `severity="critical"`)
	exceeds("ctrl_notifications_total", 0, `outcome="failed"`)
	shows("ctrl_notifications_waiting", 1, notTold)
	exceeds("ctrl_notifications_oldest_seconds", 1, notTold)
	require.Zero(t, metric("ctrl_notifications_total", told))

	b.Delete(of("/routes", gathering)).Is(noContent)
	d.route(object{})
	d.answers(http.StatusOK)
	exceeds("ctrl_notifications_total", 0, told)
	shows("ctrl_notifications_waiting", 0, notTold)
	shows("ctrl_notifications_oldest_seconds", 0, notTold)
	a := w.stands("limit", "critical cleared=false none unack")
	w.acts(a.ID, "ack", nil).Is(ok)
	shows("ctrl_alarms_unacknowledged", 0, `severity="critical"`)
	shows("ctrl_alarms_raised", 1, `severity="critical"`)
	w.gives(1)
	shows("ctrl_alarms_raised", 0, `severity="critical"`)

	d.answers(http.StatusUnprocessableEntity)
	w.gives(11)
	exceeds("ctrl_notifications_total", 0, `outcome="refused"`)

	// A heart that does not beat: the receiver does not take the message. One that is switched off is not missed.
	d.answers(http.StatusServiceUnavailable)
	b.Patch(of("/receivers", d.id), object{"heartbeat": 1}).Is(ok)
	exceeds("ctrl_notifications_oldest_seconds", 1, `kind="heartbeat"`)
	shows("ctrl_notifications_waiting", 1, `kind="heartbeat"`)
	b.Patch(of("/receivers", d.id), object{"enabled": false}).Is(ok)
	shows("ctrl_notifications_oldest_seconds", 0, `kind="heartbeat"`)
	shows("ctrl_notifications_waiting", 0, `kind="heartbeat"`)

	// Nobody gets a slot: what waits is told by what does not wait itself.
	b.exec(`CREATE FUNCTION refuse_slots() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'provoked by a test'; END $$;
		CREATE TRIGGER refuse_slots BEFORE UPDATE ON limit_slot FOR EACH STATEMENT EXECUTE FUNCTION refuse_slots()`)
	w.gives(1)
	shows("ctrl_limits_unheld", 8)
	exceeds("ctrl_limits_lag_seconds", 1)
	b.exec("DROP FUNCTION refuse_slots CASCADE")
	shows("ctrl_limits_unheld", 0)
	shows("ctrl_limits_lag_seconds", 0)

	u := b.receiver(t, nil)
	u.put(u.sourceAt(b.named("gain")), polled(object{"read": object{"get": "nothing_known"}})).Is(created)
	shows("ctrl_polls_failing", 1)
	u.put(u.sourceAt(b.named("gain")), polled(nil)).Is(ok)
	shows("ctrl_polls_failing", 0)
}
