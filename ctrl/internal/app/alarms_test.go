package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/station"
)

func TestAlarmsOfValues(t *testing.T) {
	t.Parallel()
	b := setup(t)

	t.Run("a value beyond a limit raises, one at the re-arm value clears", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(5, 10, 10.5)
		a := w.stands("limit", "major cleared=false none unack")
		require.Equal(t, "gain is 10.5, the limit is 10 at most", a.Text)
		require.InDelta(t, 10.5, *a.Value, 0)
		require.Equal(t, "gain", *a.Parameter)
		require.Equal(t, w.limit, *a.LimitID)
		w.gives(9, 8.5)
		w.evaluated()
		require.Equal(t, "raise", w.alarm(a.ID).events(), "in between it stays")
		w.gives(8)
		a = w.stands("limit", "major cleared=true none rtn-unack")
		require.Equal(t, "raise clear", a.events())
		for _, s := range a.Steps {
			require.Equal(t, "service:ctrl", s.Actor)
		}
	})
	t.Run("a worse value, and a new raise, take the acknowledgement back", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		a := w.stands("limit", "major cleared=false none unack")
		w.acts(a.ID, "ack", object{"comment": "seen"}).Is(ok)
		w.stands("limit", "major cleared=false ack ack")
		w.gives(21)
		w.stands("limit", "critical cleared=false none unack")
		w.acts(a.ID, "ack", nil).Is(ok)
		w.gives(12)
		w.stands("limit", "major cleared=false ack ack")
		w.gives(1)
		w.stands("limit", "major cleared=true ack normal")
		w.gives(11)
		a = w.stands("limit", "major cleared=false none unack")
		require.Equal(t, "raise ack worsen ack ease clear raise", a.events())
		require.Equal(t, "seen", *a.Steps[1].Detail)
		require.Equal(t, "user:1", a.Steps[1].Actor)
	})
	t.Run("missing, bad, invalid and late values neither clear nor raise", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		w.stands("limit", "major cleared=false none unack")
		after := func(second int) time.Time { return w.moment.Add(time.Duration(second) * time.Second) }
		w.Post("/telemetry", w.frame(after(1), `{"gain": null}`)).Is(created)
		w.Post("/telemetry", w.frame(after(2), `{"gain": "none"}`)).Is(created)
		w.Post("/telemetry", with(w.frame(after(3), `{"gain": 1}`), object{"quality": object{"gain": "bad"}})).Is(created)
		w.Post("/telemetry", w.frame(after(-1), `{"gain": 1}`)).Is(created)
		w.Post("/telemetry", w.frame(after(-2), `{"gain": 50}`)).Is(created)
		w.evaluated()
		require.Equal(t, "raise", w.alarms()[0].events())
		w.Post("/telemetry", with(w.frame(after(4), `{"gain": 1}`), object{"quality": object{"gain": "uncertain"}})).Is(created)
		w.stands("limit", "major cleared=true none rtn-unack")
	})
	t.Run("values that do not come raise one of their own, which clears nothing else", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, object{"stale_after": 1, "stale_severity": "minor"})
		a := w.stands("stale", "minor cleared=false none unack")
		require.Equal(t, "no value of gain for 1s", a.Text)
		w.gives(11)
		w.stands("limit", "major cleared=false none unack")
		waittest.Until(t, "it is stale again", func() bool { return w.alarm(a.ID).events() == "raise clear raise" })
		w.stands("limit", "major cleared=false none unack")
	})
	t.Run("a latched one stays raised until it is acknowledged", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, object{"latched": true})
		w.gives(11, 1, 11, 1)
		a := w.stands("limit", "major cleared=false none unack")
		waittest.Until(t, "its condition has gone", func() bool { return w.alarm(a.ID).events() == "raise subside return subside" })
		w.acts(a.ID, "ack", nil).Is(ok)
		a = w.stands("limit", "major cleared=true ack normal")
		require.Equal(t, "raise subside return subside ack clear", a.events())
		w.gives(11)
		w.stands("limit", "major cleared=false none unack")
		w.acts(a.ID, "ack", nil).Is(ok)
		w.gives(1)
		w.stands("limit", "major cleared=true ack normal")
	})
	t.Run("delays", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, object{"raise_after": object{"count": 2, "of": 3}, "clear_after": object{"seconds": 2}})
		w.gives(11, 1, 1, 11)
		w.evaluated()
		require.Empty(t, w.alarms())
		w.gives(1, 11)
		w.stands("limit", "major cleared=false none unack")
		w.gives(1, 1)
		w.evaluated()
		require.Equal(t, "raise", w.alarms()[0].events())
		w.gives(1)
		w.stands("limit", "major cleared=true none rtn-unack")
	})
	t.Run("values and equipment show limits and alarms", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		w.stands("limit", "major cleared=false none unack")
		var e struct {
			Alarms []shownAlarm
			Values []struct {
				Parameter, Severity string
				Limits              []struct {
					ID     int64
					Levels []object
				}
			}
		}
		w.Get(of("/equipments", w.equipment)).Is(ok).Into(&e)
		require.Len(t, e.Alarms, 1)
		require.Equal(t, "major", e.Values[0].Severity)
		require.Equal(t, w.limit, e.Values[0].Limits[0].ID)
		require.Len(t, e.Values[0].Limits[0].Levels, 2)
	})
}

func TestWhatOperatorsDoWithAlarms(t *testing.T) {
	t.Parallel()
	b := setup(t)

	t.Run("closed is only what is cleared", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		a := w.stands("limit", "major cleared=false none unack")
		w.acts(a.ID, "close", nil).Refused(conflict, "path.id", "alarm_state")
		w.acts(a.ID, "unack", nil).Refused(conflict, "path.id", "alarm_state")
		w.gives(1)
		w.stands("limit", "major cleared=true none rtn-unack")
		w.acts(a.ID, "close", object{"comment": "fuse replaced"}).Is(ok)
		w.stands("limit", "major cleared=true closed normal")
		for _, what := range []string{"ack", "unack", "close"} {
			w.acts(a.ID, what, nil).Refused(conflict, "path.id", "alarm_state")
		}
		w.acts(a.ID, "comment", object{"comment": "once more"}).Is(ok)
		w.gives(11)
		a = w.stands("limit", "major cleared=false none unack")
		require.Equal(t, "raise clear close comment raise", a.events())
		require.Equal(t, "fuse replaced", *a.Steps[2].Detail)
	})
	t.Run("a step asks for the version, when it is told to", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		a := w.stands("limit", "major cleared=false none unack")
		tag := w.Get(of("/alarms", a.ID)).Header.Get("ETag")
		w.Get(of("/alarms", a.ID), "If-None-Match: "+tag).Is(ok) // its steps and its state may have changed all the same
		w.Post(of("/alarms", a.ID)+"/ack", object{}, matching(tag)).Is(ok)
		w.Post(of("/alarms", a.ID)+"/unack", object{}, matching(tag)).Is(changed)
		w.acts(99999, "ack", nil).Is(notFound)
		w.acts(a.ID, "comment", object{}).Is(unprocessable)
	})
	t.Run("a shelf", func(t *testing.T) {
		t.Parallel()
		shelf(b.watch(t, nil))
	})
	t.Run("a shelf that ends by itself", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		a := w.stands("limit", "major cleared=false none unack")
		w.Post("/shelves", object{"alarm_id": a.ID, "until": moment(time.Now().Add(time.Second)), "reason": "known"}).Is(created)
		a = w.stands("limit", "major cleared=false un-shelved unack")
		require.Equal(t, "raise shelve end_shelf", a.events())
		w.acts(a.ID, "ack", nil).Is(ok)
		w.stands("limit", "major cleared=false ack ack")
	})
	t.Run("lists", func(t *testing.T) {
		t.Parallel()
		lists(b.watch(t, nil))
	})
}

func shelf(w *watched) {
	w.gives(11)
	a := w.stands("limit", "major cleared=false none unack")
	until := time.Now().Add(time.Hour)
	body := object{"alarm_id": a.ID, "until": moment(until), "reason": "being repaired"}
	w.Post("/shelves", body).Is(created)
	a = w.stands("limit", "major cleared=false shelved shelved")
	require.Equal(w.t, "being repaired", a.Shelf.Reason)
	require.Equal(w.t, "user:1", a.Shelf.Actor)
	require.Equal(w.t, 1, w.total(fmt.Sprint("/shelves?equipment-id=", w.equipment)))
	w.Post("/shelves", body).Refused(conflict, "body.alarm_id", "alarm_state")
	w.acts(a.ID, "ack", nil).Is(conflict)
	w.gives(1)
	w.stands("limit", "major cleared=true shelved shelved")
	w.gives(21)
	w.stands("limit", "critical cleared=false shelved shelved")
	w.Delete(of("/shelves", a.ID)).Is(noContent)
	a = w.stands("limit", "critical cleared=false ack ack")
	require.Equal(w.t, "raise shelve clear raise unshelve", a.events())
	w.Delete(of("/shelves", a.ID)).Is(notFound)
	w.Post("/shelves", with(object{}, with(body, object{"until": moment(time.Now().Add(-time.Second))}))).Refused(unprocessable, "body.until", "out_of_range")
	w.Post("/shelves", with(body, object{"until": moment(time.Now().Add(31 * 24 * time.Hour))})).Refused(unprocessable, "body.until", "out_of_range")
	w.Post("/shelves", with(body, object{"until": moment(until), "alarm_id": 99999})).Refused(conflict, "body.alarm_id", "reference_missing")
}

func lists(w *watched) {
	w.gives(11)
	a := w.stands("limit", "major cleared=false none unack")
	path := func(query string) string { return fmt.Sprintf("/alarms?equipment-id=%d&%s", w.equipment, query) }
	for query, want := range map[string]int{
		"type=limit": 1, "type=stale": 0, "severity=major,critical": 1, "severity=minor": 0, "is-cleared=false": 1, "is-cleared=true": 0,
		"operator-state=none": 1, "operator-state=ack": 0, "state=unack": 1, "state=normal": 0, "active=true": 1,
		fmt.Sprint("limit-id=", w.limit): 1, "limit-id=99999": 0, fmt.Sprint("below=", w.equipment): 1, "below=99999": 0,
		"from=" + w.moment.UTC().Add(-time.Second).Format(time.RFC3339): 1, "to=" + w.moment.UTC().Add(-time.Second).Format(time.RFC3339): 0,
	} {
		require.Equal(w.t, want, w.total(path(query)), query)
	}
	w.gives(1)
	w.stands("limit", "major cleared=true none rtn-unack")
	require.Equal(w.t, 1, w.total(path("active=true")))
	w.acts(a.ID, "ack", nil).Is(ok)
	require.Zero(w.t, w.total(path("active=true")))
	w.Get("/alarms?severity=fatal").Is(unprocessable)
}

// What follows for alarms from elsewhere: the tree above, and the endpoint.
func TestAlarmsThatDoNotCount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	parent := b.watch(t, object{"suppresses": true})
	w := b.watch(t, nil)
	w.exec("UPDATE equipment SET parent_id = $1 WHERE id = $2", parent.equipment, w.equipment)
	w.gives(11)
	w.stands("limit", "major cleared=false none unack")
	parent.gives(11)
	parent.stands("limit", "major cleared=false none unack")
	w.stands("limit", "major cleared=false none suppressed")
	require.Equal(t, 1, w.total(fmt.Sprintf("/alarms?below=%d&state=suppressed", parent.equipment)))
	require.Equal(t, 2, w.total(fmt.Sprintf("/alarms?below=%d", parent.equipment)))
	parent.gives(1)
	w.stands("limit", "major cleared=false none unack")
	w.put(of("/endpoints", w.equipment), w.endpoint(object{"admin_state": "locked"})).Is(created)
	w.stands("limit", "major cleared=false none out-of-service")
	w.Patch(of("/endpoints", w.equipment), object{"admin_state": "unlocked"}).Is(ok)
	a := w.stands("limit", "major cleared=false none unack")
	require.Equal(t, "raise", a.events(), "nothing has happened to it")
}

func TestFlapping(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"ALARM_FLAPPING_CHANGES": "3", "ALARM_FLAPPING_WINDOW": "10s"})
	b.start()
	w := b.watch(t, nil)
	w.moment = time.Now().Add(-8 * time.Second)
	w.gives(11, 1, 11, 1, 11, 1)
	var a shownAlarm
	waittest.Until(t, "it flaps", func() bool {
		list := w.alarms()
		if len(list) == 0 {
			return false
		}
		a = list[0]
		return a.Flapping && !a.Present
	})
	require.Equal(t, "raise clear raise flap", a.events(), "what comes and goes meanwhile is not told")
	require.False(t, a.IsCleared, "it stays raised")
	a = w.stands("limit", "major cleared=true none rtn-unack")
	require.Equal(t, "raise clear raise flap settle clear", a.events())
	require.False(t, a.Flapping)
}

// Nobody knows whether it was executed: somebody has to look.
func TestACommandOfUnknownOutcomeRaisesAnAlarm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	u := b.receiver(t, object{"timeout": 1, "verifiers": []any{}, "points": []any{}})
	u.fault(station.LostAnswers, true)
	c := u.becomes(u.sent(u.order(11)).ID, "unknown")
	a := u.stands("command-unknown", "major cleared=false none unack")
	require.Contains(t, a.Text, "a command may have been executed: ")
	require.Contains(t, a.Text, c.Wire)
	u.Post(at(c.ID, "resolve"), object{"outcome": "succeeded", "reason": "seen"}).Is(ok)
	a = u.stands("command-unknown", "major cleared=true none rtn-unack")
	require.Equal(t, "user:1", a.Steps[1].Actor)
	u.becomes(u.sent(u.order(12)).ID, "unknown")
	a = u.stands("command-unknown", "major cleared=false none unack")
	require.Equal(t, "raise clear raise", a.events(), "the same alarm once more")
}

// The database goes the same ways as the service, and none else.
func TestTheDatabaseKnowsTheSameWaysOfAlarms(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	for _, before := range alarm.Lives() {
		next := map[alarm.Life]bool{}
		for _, e := range alarm.Events() {
			if after, err := before.Next(e); err == nil && after != before {
				next[after] = true
			}
		}
		for _, after := range alarm.Lives() {
			if after == before {
				continue
			}
			var goes bool
			require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT alarm_goes($1, $2, $3, $4)",
				string(before.Operator), before.Cleared, string(after.Operator), after.Cleared).Scan(&goes))
			require.Equal(t, next[after], goes, "%v to %v", before, after)
		}
	}
}

// What must not happen to alarms does not, by whatever hand.
func TestTheDatabaseRefusesWhatMustNotHappenToAlarms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.watch(t, nil)
	w.gives(11)
	a := w.stands("limit", "major cleared=false none unack")
	for name, statement := range map[string]string{
		"what is raised is not closed":       "UPDATE alarm SET operator_state = 'closed', version = version + 1 WHERE id = $1",
		"nobody shelves without an end":      "UPDATE alarm SET operator_state = 'shelved', version = version + 1 WHERE id = $1",
		"every change is counted":            "UPDATE alarm SET operator_state = 'ack' WHERE id = $1",
		"it does not become another one":     "UPDATE alarm SET qualifier = 'x', version = version + 1 WHERE id = $1",
		"it does not come back from a shelf": "UPDATE alarm SET operator_state = 'un-shelved', version = version + 1 WHERE id = $1",
		"what holds is not cleared":          "UPDATE alarm SET is_cleared = true, cleared_at = now(), version = version + 1 WHERE id = $1",
		"there is no state of another name":  "UPDATE alarm SET operator_state = 'lost', version = version + 1 WHERE id = $1",
		"history is not rewritten":           "UPDATE alarm_step SET severity = 'minor' WHERE alarm_id = $1",
		"history is not removed":             "DELETE FROM alarm_step WHERE alarm_id = $1",
		"there is one of each":               "INSERT INTO alarm (equipment_id, type, qualifier, severity, text) SELECT equipment_id, type, qualifier, severity, text FROM alarm WHERE id = $1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.pool.Exec(t.Context(), statement+" -- provoked by a test", a.ID)
			require.Error(t, err)
		})
	}
}
