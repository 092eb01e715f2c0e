package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/proctest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
)

// beside starts an instance as a process of its own; the one that is called stays.
func (b *bundle) beside(t *testing.T) *proctest.Process {
	t.Helper()
	other := b.in(t)
	return other.process()
}

// Two instances evaluate, one of them is killed again and again at any moment: what comes meanwhile raises and clears each alarm as often as it
// would have with nobody killed.
func TestKilledInstancesLoseAndDoubleNoAlarm(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"ALARM_FLAPPING_CHANGES": "1000"})
	b.start()
	const units, rounds = 12, 6
	var all []*watched
	for range units {
		all = append(all, b.watch(t, object{"stale_after": 600}))
	}
	for round := range rounds {
		victim := b.beside(t)
		waittest.Until(t, "both evaluate", func() bool {
			var owners int
			return b.pool.QueryRow(t.Context(), "SELECT count(DISTINCT owner) FROM limit_slot WHERE leased_until > now()").Scan(&owners) == nil && owners == 2
		})
		for i, w := range all {
			w.gives(11, 21, 1)
			if i == units/2 {
				if round%2 == 0 {
					victim.Kill()
				} else {
					victim.Pause()
				}
			}
		}
		b.evaluated()
		if round%2 == 1 {
			victim.Resume() // what it says when it goes on changes nothing
			victim.Kill()
		}
	}
	want := strings.TrimSpace(strings.Repeat("raise worsen clear ", rounds))
	for _, w := range all {
		list := w.alarms()
		require.Len(t, list, 1)
		require.Equal(t, want, list[0].events())
	}
}

// What was committed while nobody evaluated is evaluated when somebody does, and silence of the service is no silence of the equipment.
func TestEvaluationGoesOnBehindAStop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.watch(t, object{"raise_after": object{"count": 3, "of": 3}, "stale_after": 3})
	w.gives(11, 11)
	w.evaluated()
	w.exec("UPDATE limit_slot SET owner = gen_random_uuid(), leased_until = now() + interval '1 hour'") // nobody evaluates
	w.gives(11)
	b.instance.Stop(t)
	time.Sleep(4 * time.Second) // longer than the values may stay away
	w.exec("UPDATE limit_slot SET owner = NULL, leased_until = NULL")
	began := time.Now()
	w.start()
	a := w.stands("limit", "major cleared=false none unack")
	require.Equal(t, "raise", a.events(), "the two from before the stop count")
	stale := w.stands("stale", "warning cleared=false none unack")
	require.GreaterOrEqual(t, stale.RaisedAt.Sub(began), 3*time.Second, "not before one whole interval after the start")
}

func TestStreamOfAlarms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := servicetest.Start(t, app.Identity, app.Build, b.settings)
	w, other := b.watch(t, nil), b.watch(t, nil)
	query := fmt.Sprint("equipment-id=", w.equipment)
	events, stop := w.followAlarms(b.instance, query, "")
	w.gives(11)
	other.gives(11)
	first := next(t, events)
	require.Equal(t, []string{"raise major"}, first.happened(t))
	stop()

	w.gives(21, 1)
	w.stands("limit", "critical cleared=true none rtn-unack")
	again, stop := w.followAlarms(second, query, first.id)
	require.Equal(t, []string{"worsen critical", "clear critical"}, collect(t, again, 2))
	w.acts(w.alarms()[0].ID, "ack", nil).Is(ok)
	require.Equal(t, []string{"ack critical"}, collect(t, again, 1))
	stop()
	for _, id := range []string{"nonsense", "99999999999:99999999999:"} {
		events, stop := w.followAlarms(b.instance, query, id)
		require.Equal(t, "lost", next(t, events).name)
		stop()
	}
	severe, _ := w.followAlarms(b.instance, query+"&severity=critical", "")
	w.gives(11, 21)
	require.Equal(t, []string{"worsen critical"}, collect(t, severe, 1))
}

// collect waits for steps, in as many events as they come in.
func collect(t *testing.T, events <-chan told, n int) (steps []string) {
	t.Helper()
	for len(steps) < n {
		steps = append(steps, next(t, events).happened(t)...)
	}
	return steps
}

// happened returns what an event says of alarms.
func (e told) happened(t *testing.T) (steps []string) {
	t.Helper()
	require.Equal(t, "alarms", e.name, "%s", e.data)
	var list []struct{ Event, Severity string }
	require.NoError(t, json.Unmarshal([]byte(e.data), &list))
	for _, s := range list {
		steps = append(steps, s.Event+" "+s.Severity)
	}
	return steps
}

// followAlarms reads the stream of alarms until the test ends or stop is called.
func (u *unit) followAlarms(instance *servicetest.Instance, query, lastID string) (events <-chan told, stop func()) {
	u.t.Helper()
	return u.followPath(instance, "/api/v1/ctrl/alarms/stream?"+query, lastID)
}
