package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// shownAlarm is an alarm as the API shows it.
type shownAlarm struct {
	ID            int64
	EquipmentID   int64  `json:"equipment_id"`
	EquipmentName string `json:"equipment_name"`
	Type          string
	Qualifier     string
	LimitID       *int64 `json:"limit_id"`
	Severity      string
	IsCleared     bool   `json:"is_cleared"`
	OperatorState string `json:"operator_state"`
	State         string
	Text          string
	Value         *float64
	Parameter     *string
	Present       bool
	Flapping      bool
	Version       int
	RaisedAt      time.Time `json:"raised_at"`
	Shelf         *struct {
		Reason, Actor string
		Until         time.Time
	}
	Steps []struct {
		Event, Severity, Actor string
		Detail                 *string
		Version                int
	}
}

// stands says where an alarm stands, in one line.
func (a shownAlarm) stands() string {
	return fmt.Sprintf("%s cleared=%t %s %s", a.Severity, a.IsCleared, a.OperatorState, a.State)
}

// events are those of its steps.
func (a shownAlarm) events() string {
	events := make([]string, len(a.Steps))
	for i, s := range a.Steps {
		events[i] = s.Event
	}
	return strings.Join(events, " ")
}

// watched is a unit whose gain has a limit.
type watched struct {
	*unit

	limit  int64
	moment time.Time // of the last value
}

// high is the body of a limit of the gain: major above 10 until 8, critical above 20 until 18; fields change it.
func (u *unit) high(fields object) object {
	return with(object{
		"telemetry_id": u.telemetry("gain"), "equipment_id": u.equipment, "name": "gain too high",
		"levels": []any{object{"severity": "major", "high": 10, "clear": 8}, object{"severity": "critical", "high": 20, "clear": 18}},
	}, fields)
}

func (b *bundle) telemetry(name string) int64 {
	b.t.Helper()
	return b.insert("SELECT id FROM telemetry WHERE name = $1", name)
}

// watch makes a unit with a limit.
func (b *bundle) watch(tb testing.TB, fields object) *watched {
	tb.Helper()
	u := b.unit(tb)
	u.changed()
	w := &watched{unit: u, moment: time.Now().Add(-30 * time.Minute)}
	w.limit = u.Post("/limits", u.high(fields)).Is(created).ID()
	return w
}

// gives sends values of the gain, each a second after the one before.
func (w *watched) gives(values ...float64) {
	w.t.Helper()
	for _, v := range values {
		w.moment = w.moment.Add(time.Second)
		w.Post("/telemetry", w.frame(w.moment, fmt.Sprintf(`{"gain": %g}`, v))).Is(created)
	}
}

// alarms are those of the unit, with their steps.
func (u *unit) alarms() (list []shownAlarm) {
	u.t.Helper()
	var page struct{ Content []shownAlarm }
	u.Get(fmt.Sprint("/alarms?equipment-id=", u.equipment)).Is(ok).Into(&page)
	for _, a := range page.Content {
		list = append(list, u.alarm(a.ID))
	}
	return list
}

func (b *bundle) alarm(id int64) (a shownAlarm) {
	b.t.Helper()
	b.Get(of("/alarms", id)).Is(ok).Into(&a)
	return a
}

// stands waits until the only alarm of a type stands somewhere, and returns it.
func (u *unit) stands(kind, where string) (a shownAlarm) {
	u.t.Helper()
	last := ""
	waittest.Until(u.t, fmt.Sprintf("the alarm of type %s stands at %q", kind, where), func() bool {
		for _, a = range u.alarms() {
			if a.Type == kind {
				if now := a.stands() + " " + a.events(); now != last {
					last = now
					u.t.Log(now)
				}
				return a.stands() == where
			}
		}
		return false
	})
	return a
}

// acts does something with an alarm.
func (u *unit) acts(id int64, what string, body any) *servicetest.Answer {
	u.t.Helper()
	return u.Post(of("/alarms", id)+"/"+what, body)
}

// evaluated waits until all that was sent is evaluated.
func (b *bundle) evaluated() {
	b.t.Helper()
	waittest.Until(b.t, "all is evaluated", func() bool {
		var waiting int
		if b.dwh.QueryRow(b.t.Context(), "SELECT count(*) FROM limit_feed").Scan(&waiting) != nil {
			return false
		}
		return waiting == 0
	})
}
