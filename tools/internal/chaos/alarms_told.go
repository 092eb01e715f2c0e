package chaos

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// message is what a listener was told.
type message struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	Alarms json.RawMessage `json:"alarms"`
}

// toldItem is an item of a message.
type toldItem struct {
	Event   string `json:"event"`
	AlarmID int64  `json:"alarm_id"`
	Version int    `json:"version"`
}

// compareTold holds what listeners were told against what has happened: each step at least once, all of it recognisable, in the order in which it
// happened, and "cleared" to whoever was told that it was raised.
func (e *alarmEvidence) compareTold() {
	heard := map[string]bool{}
	for i := range e.listeners {
		l := &e.listeners[i]
		items := e.listen(l, heard)
		for j := range e.alarms {
			a := &e.alarms[j]
			if e.shelved(a.equipment) {
				e.compareShelved(l, a, items[a.id])
			} else {
				e.compareTellings(l, a, items[a.id])
			}
		}
	}
	for id, state := range e.delivered {
		switch {
		case state == "failed":
			e.wrongf("the notification %s was given up", id)
		case state == "delivered" && !heard[id]:
			e.wrongf("the notification %s is said to be delivered, and nobody has it", id)
		}
	}
	for id := range heard {
		if e.delivered[id] == "" {
			e.wrongf("the notification %s came, and is none of ctrl's", id)
		}
	}
}

// listen goes through what a listener was told, and returns what that was of each alarm, each message once.
func (e *alarmEvidence) listen(l *listener, heard map[string]bool) map[int64][]telling {
	items, first, last := map[int64][]telling{}, map[string][]byte{}, map[int64]int{}
	seen, newest := map[telling]bool{}, map[int64]webhookCall{} // by alarm, the message that told of the last step
	for _, c := range e.calls {
		if c.Path != l.path {
			continue
		}
		var m message
		var list []toldItem
		if json.Unmarshal([]byte(c.Body), &m) != nil || json.Unmarshal(m.Alarms, &list) != nil || m.ID != c.ID || c.Signature != sign(c.ID, c.Stamp, c.Body) {
			e.wrongf("%s was told what is not ctrl's, or not signed: %.200s", l.path, c.Body)
			continue
		}
		row := e.row(c.At)
		if before, again := first[m.ID]; again {
			row.Again++
			if !bytes.Equal(before, m.Alarms) {
				e.wrongf("%s was told something else under the id %s", l.path, m.ID)
			}
			continue
		}
		first[m.ID], heard[m.ID] = m.Alarms, true
		row.Messages++
		row.Told += len(list)
		for _, one := range list {
			t := telling{one.AlarmID, one.Version, one.Event}
			if seen[t] {
				e.wrongf("%s was told %q of alarm %d, step %d, under two ids", l.path, t.event, t.alarm, t.version)
			}
			if t.version <= last[t.alarm] {
				e.wrongf("%s was told of step %d of alarm %d behind step %d: %s, behind %s", l.path, t.version, t.alarm, last[t.alarm], e.about(c), e.about(newest[t.alarm]))
			}
			seen[t], last[t.alarm], newest[t.alarm] = true, t.version, c
			items[t.alarm] = append(items[t.alarm], t)
		}
	}
	return items
}

// about says of a message when it was heard, and what ctrl says of it.
func (e *alarmEvidence) about(c webhookCall) string {
	return fmt.Sprintf("at %s (answered %d; delivery %s)", c.At.Format(time.RFC3339Nano), c.Status, e.deliveries[c.ID])
}

// sign is the signature of a message (https://www.standardwebhooks.com).
func sign(id, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(id + "." + stamp + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// compareTellings compares all that was told of an alarm.
func (e *alarmEvidence) compareTellings(l *listener, a *alarmRecord, got []telling) {
	want := tellings(a.id, a.steps, l.least)
	for _, t := range want {
		if !slices.Contains(got, t) {
			e.wrongf("%s was not told %q of alarm %d (%s of equipment %d), step %d", l.path, t.event, a.id, a.kind, a.equipment, t.version)
		}
	}
	for _, t := range got {
		if !slices.Contains(want, t) {
			e.wrongf("%s was told %q of alarm %d (%s of equipment %d), step %d, which it was not to be", l.path, t.event, a.id, a.kind, a.equipment, t.version)
		}
	}
}

// compareShelved compares what was told of an alarm that was shelved now and then: that it is raised may not have been told, but whoever was is told that
// it is cleared, and nobody else.
func (e *alarmEvidence) compareShelved(l *listener, a *alarmRecord, got []telling) {
	said := map[int]string{}
	for _, t := range got {
		said[t.version] = t.event
	}
	knows := false
	for _, s := range a.steps {
		switch what := said[s.version]; {
		case s.event == "clear" && knows != (what == "cleared"):
			e.wrongf("%s was told of the raised alarm %d: %t, and that it is cleared by step %d: %t", l.path, a.id, knows, s.version, what == "cleared")
			knows = false
		case s.event == "clear":
			knows = false
		case what == "raised" || what == "worse":
			if !slices.Contains([]string{"raise", "worsen", "end_shelf"}, s.event) {
				e.wrongf("%s was told %q of alarm %d by step %d, which is %q", l.path, what, a.id, s.version, s.event)
			}
			knows = true
		}
	}
}
