package app_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)

	t.Run("are made, read, changed and removed", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		answer := u.Post("/limits", u.high(object{"stale_after": 60, "raise_after": object{"count": 2, "of": 3}})).Is(created)
		id, tag := answer.ID(), answer.Header.Get("ETag")
		u.Get(of("/limits", id)).Is(ok)
		require.Equal(t, tag, u.Get(of("/limits", id)).Header.Get("ETag"))
		require.Equal(t, 1, u.total(fmt.Sprint("/limits?equipment-id=", u.equipment)))
		require.Zero(t, u.total(fmt.Sprintf("/limits?equipment-id=%d&telemetry-id=%d", u.equipment, u.telemetry("mode"))))
		patched := u.Patch(of("/limits", id), object{"raise_after": nil, "clear_after": object{"seconds": 2.5}, "latched": true}, matching(tag)).Is(ok)
		require.Nil(t, patched.Field("raise_after"))
		require.Equal(t, map[string]any{"seconds": 2.5}, patched.Field("clear_after"))
		require.Equal(t, "warning", patched.Field("stale_severity"))
		u.Patch(of("/limits", id), object{"latched": false}, matching(tag)).Is(changed)
		u.Delete(of("/limits", id), matching(tag)).Is(changed)
		u.Delete(of("/limits", id)).Is(noContent)
		u.Get(of("/limits", id)).Is(notFound)
	})
	t.Run("that contradict themselves are refused, with the place", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		for name, c := range map[string]struct {
			fields      object
			place, code string
		}{
			"a parameter that is not there": {object{"telemetry_id": 99999}, "body.telemetry_id", "reference_missing"},
			"equipment that is not there":   {object{"equipment_id": 99999}, "body.equipment_id", "reference_missing"},
			"nothing":                       {object{"levels": []any{}}, "body.levels", "too_few"},
			"no bound":                      {object{"levels": []any{object{"severity": "major"}}}, "body.levels[0]", "contradiction"},
			"a re-arm value beyond":         {object{"levels": []any{object{"severity": "major", "high": 1, "clear": 2}}}, "body.levels[0].clear", "wrong_order"},
			"an empty name":                 {object{"name": " x"}, "body.name", "forbidden_characters"},
			"a count of too many":           {object{"raise_after": object{"count": 3, "of": 2}}, "body.raise_after.count", "wrong_order"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				u := u.in(t)
				status := unprocessable
				if c.code == "reference_missing" {
					status = conflict
				}
				u.Post("/limits", (&unit{bundle: u, equipment: b.unit(t).equipment}).high(c.fields)).Refused(status, c.place, c.code)
			})
		}
		id := u.Post("/limits", u.high(nil)).Is(created).ID()
		u.Patch(of("/limits", id), object{"levels": []any{}}).Refused(unprocessable, "body.levels", "too_few")
	})
	t.Run("are configured by whoever may, and alarms handled by whoever may", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		w.gives(11)
		a := w.stands("limit", "major cleared=false none unack")
		reader := w.as(2, authn.Mask(authn.CtrlRead))
		reader.Post("/limits", w.high(nil)).Is(forbidden)
		reader.Delete(of("/limits", w.limit)).Is(forbidden)
		reader.Post(of("/alarms", a.ID)+"/ack", object{}).Is(forbidden)
		reader.Get(of("/alarms", a.ID)).Is(ok)
		w.as(3, authn.Mask(authn.AlarmsWrite)).Post(of("/alarms", a.ID)+"/ack", object{}).Is(ok)
	})
}

func TestLimitsOfAllAndOfOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	u, other := b.unit(t), b.unit(t)
	u.changed()
	u.parameter("power", `{"type":"number"}`)
	general := object{"telemetry_id": u.telemetry("power"), "name": "power", "levels": []any{object{"severity": "minor", "high": 1}}}
	all := u.Post("/limits", general).Is(created).ID()
	when := time.Now().Add(-time.Minute)
	send := func(u *unit, second int, value float64) {
		u.t.Helper()
		u.Post("/telemetry", u.frame(when.Add(time.Duration(second)*time.Second), fmt.Sprintf(`{"power": %g}`, value))).Is(created)
	}
	send(u, 1, 5)
	send(other, 1, 5)
	u.stands("limit", "minor cleared=false none unack")
	require.Equal(t, strconv.FormatInt(all, 10), other.stands("limit", "minor cleared=false none unack").Qualifier)

	// One of its own takes the place of the general one, whose alarm is cleared.
	own := u.Post("/limits", with(object{"equipment_id": u.equipment}, with(general, object{"levels": []any{object{"severity": "minor", "high": 10}}}))).Is(created).ID()
	a := u.stands("limit", "minor cleared=true none rtn-unack")
	require.Equal(t, "raise clear", a.events())
	require.Equal(t, "the limit does not hold any more", a.Text)
	send(u, 2, 11)
	u.stands("limit", "minor cleared=false none unack")
	require.Len(t, u.alarms(), 2)
	require.Equal(t, "raise", other.alarms()[0].events())

	// A limit that is removed clears its alarms, and the general one holds again.
	u.Delete(of("/limits", own)).Is(noContent)
	u.stands("limit", "minor cleared=true none rtn-unack")
	send(u, 3, 5)
	u.stands("limit", "minor cleared=false none unack")
	require.Equal(t, strconv.FormatInt(all, 10), u.alarms()[0].Qualifier)
}

func TestSimulations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.watch(t, object{"stale_after": 60, "stale_severity": "minor"})
	begin := w.moment
	w.gives(5, 11, 9, 21, 7)
	w.moment = w.moment.Add(100 * time.Second)
	w.gives(12, 12)
	var s struct {
		Values, Raised int
		Seconds        float64
		Happenings     []struct {
			At             time.Time
			Type, Severity string
		}
	}
	run := func(fields object) {
		t.Helper()
		w.Post(of("/limits", w.limit)+"/simulate", with(object{"from": moment(begin), "to": moment(w.moment.Add(10 * time.Second))}, fields)).Is(ok).Into(&s)
	}
	run(nil)
	var told []string
	for _, h := range s.Happenings {
		told = append(told, fmt.Sprintf("%s %s@%.0f", h.Type, h.Severity, h.At.Sub(begin).Seconds()))
	}
	require.Equal(t, []string{"limit major@2", "limit critical@4", "limit cleared@5", "stale minor@65", "stale cleared@106", "limit major@106"}, told)
	require.Equal(t, 7, s.Values)
	require.Equal(t, 3, s.Raised)
	require.InDelta(t, 3+41+11, s.Seconds, 0.01)
	w.Post(of("/limits", w.limit)+"/simulate", object{"equipment_id": 99999}).Refused(unprocessable, "body.equipment_id", "contradiction")
	w.Post(of("/limits", w.limit)+"/simulate", object{"from": moment(begin), "to": moment(begin)}).Refused(unprocessable, "body.to", "wrong_order")
	w.Post(of("/limits", w.limit)+"/simulate", object{"from": moment(begin.Add(-40 * 24 * time.Hour))}).Refused(unprocessable, "body.from", "range_too_long")
	general := w.Post("/limits", object{"telemetry_id": w.telemetry("level"), "name": "x", "stale_after": 1}).Is(created).ID()
	w.Post(of("/limits", general)+"/simulate", object{}).Refused(unprocessable, "body.equipment_id", "required")

	// The same limit, were it not made yet.
	made, total := s, func() (page struct{ Total int }) {
		w.Get("/limits").Is(ok).Into(&page)
		return page
	}
	before := total()
	proposal := func(fields object) object {
		return with(w.high(object{"stale_after": 60, "stale_severity": "minor", "from": moment(begin), "to": moment(w.moment.Add(10 * time.Second))}), fields)
	}
	w.Post("/limits/simulate", proposal(nil)).Is(ok).Into(&s)
	require.Equal(t, made, s)
	require.Equal(t, before, total(), "none is made")
	for field, refused := range map[string]struct {
		value  any
		status int
		code   string
	}{
		"equipment_id": {99999, conflict, "reference_missing"}, "telemetry_id": {99999, conflict, "reference_missing"},
		"to": {moment(begin), unprocessable, "wrong_order"},
	} {
		w.Post("/limits/simulate", proposal(object{field: refused.value})).Refused(refused.status, "body."+field, refused.code)
	}
	w.Post("/limits/simulate", proposal(object{"levels": []any{object{"severity": "major", "high": 1, "clear": 2}}})).
		Refused(unprocessable, "body.levels[0].clear", "wrong_order")
	whose := proposal(nil)
	delete(whose, "equipment_id")
	w.Post("/limits/simulate", whose).Refused(unprocessable, "body.equipment_id", "required")
}
