package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// measurement is the values of a piece of equipment at a moment.
type measurement struct {
	equipment int64
	at        time.Time
	values    map[string]float64
}

func (m *measurement) document() map[string]any {
	return map[string]any{"equipment_id": m.equipment, "at": m.at.Format(time.RFC3339Nano), "values": m.values}
}

// now is a moment as it is stored.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// submit sends a measurement once, to the instances by turns.
func (a *alarming) submit(ctx context.Context, t *Traffic, c *caller, m *measurement) (done bool) {
	answer := c.do(ctx, t, http.MethodPost, ctrlPath+"/telemetry", m.document())
	t.tally("ctrl", &change{status: answer.status})
	if !answer.ok() {
		return false
	}
	a.note(m)
	c.turn++
	return true
}

// sensorWorker sends the values of some sensors. What was not answered 2xx is sent again before anything later of the same sensor, as a sender does who
// wants each value to count.
type sensorWorker struct {
	*alarming
	caller

	equipment []int64
	next      int
	number    float64 // of the next value, which makes each one different
	due       *measurement
}

func (w *sensorWorker) step(ctx context.Context, t *Traffic) bool {
	if w.due == nil {
		w.compose()
	}
	if !w.submit(ctx, t, &w.caller, w.due) {
		return false
	}
	w.due = nil
	return true
}

func (w *sensorWorker) compose() {
	w.number++
	levels, loads := []float64{0, 0, 9, 12, 18, 22, -9, -12}, []float64{30, 45, 60, 60}
	small := w.number * 1e-6
	w.due = &measurement{w.equipment[w.next%len(w.equipment)], now(), map[string]float64{
		level: levels[rand.IntN(len(levels))] + small, load: loads[rand.IntN(len(loads))] + small,
	}}
	w.next++
}

// pulseWorker sends values of a piece of equipment, ends with one beyond the limit, and falls silent until it sees that ctrl has raised an alarm for that.
type pulseWorker struct {
	*alarming
	caller

	equipment int64
	left      int // values until it falls silent
	silent    bool
	number    float64
	due       *measurement
}

func (w *pulseWorker) step(ctx context.Context, t *Traffic) bool {
	const gap = 200 * time.Millisecond
	defer pause(ctx, gap)
	if w.silent {
		heard, ok := w.missed(ctx, t)
		if heard {
			w.silent = false
		}
		return ok
	}
	if w.due == nil {
		if w.left == 0 {
			w.left = 5 + rand.IntN(20)
		}
		w.number++
		w.left--
		value := float64(rand.IntN(2))
		if w.left == 0 {
			value = 1
		}
		w.due = &measurement{w.equipment, now(), map[string]float64{pulse: value + w.number*1e-6}}
	}
	if !w.submit(ctx, t, &w.caller, w.due) {
		return false
	}
	w.due = nil
	w.silent = w.left == 0
	return true
}

// missed reports whether an alarm is raised since no values come.
func (w *pulseWorker) missed(ctx context.Context, t *Traffic) (heard, ok bool) {
	page, ok := w.list(ctx, t, &w.caller, fmt.Sprintf("type=stale&is-cleared=false&equipment-id=%d", w.equipment))
	return len(page) > 0, ok
}

// listed is an alarm of a list.
type listed struct {
	ID          int64  `json:"id"`
	EquipmentID int64  `json:"equipment_id"`
	Operator    string `json:"operator_state"`
}

func (a *alarming) list(ctx context.Context, t *Traffic, c *caller, query string) (list []listed, ok bool) {
	answer := c.do(ctx, t, http.MethodGet, ctrlPath+"/alarms?"+query, nil)
	t.recordRead("ctrl", answer.ok())
	var page struct {
		Content []listed `json:"content"`
	}
	if !answer.ok() || json.Unmarshal(answer.body, &page) != nil {
		return nil, false
	}
	return page.Content, true
}

// shelvable tells of the sensors whose alarms are shelved now and then: what is shelved is not told.
func (a *alarming) shelvable(equipment int64) bool { return slices.Index(a.sensors, equipment)%4 == 3 }

// operator handles alarms at random: acknowledges, takes that back, comments, closes, and shelves those of some sensors for a moment.
type operator struct {
	*alarming
	caller
}

func (w *operator) step(ctx context.Context, t *Traffic) bool {
	const gap = 200 * time.Millisecond
	defer pause(ctx, gap)
	page, ok := w.list(ctx, t, &w.caller, "limit=50&type=limit")
	if !ok || len(page) == 0 {
		return ok
	}
	one := page[rand.IntN(len(page))]
	path := ctrlPath + "/alarms/" + strconv.FormatInt(one.ID, 10)
	var a answer
	switch what := []string{"ack", "unack", "comment", "close", "shelve", "unshelve"}[rand.IntN(6)]; {
	case what == "comment":
		a = w.do(ctx, t, http.MethodPost, path+"/comment", map[string]any{"comment": "seen"})
	case what == "shelve" && w.shelvable(one.EquipmentID):
		until := time.Now().Add(time.Second + rand.N(3*time.Second)).UTC()
		a = w.do(ctx, t, http.MethodPost, ctrlPath+"/shelves", map[string]any{"alarm_id": one.ID, "until": until, "reason": "tried"})
	case what == "unshelve" && one.Operator == "shelved":
		a = w.do(ctx, t, http.MethodDelete, ctrlPath+"/shelves/"+strconv.FormatInt(one.ID, 10), nil)
	case what == "shelve" || what == "unshelve":
		return true
	default:
		a = w.do(ctx, t, http.MethodPost, path+"/"+what, nil)
	}
	return a.ok() || a.status/100 == 4 // it was in another state by then
}
