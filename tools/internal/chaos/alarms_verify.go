package chaos

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// alarmStep is a step of an alarm.
type alarmStep struct {
	at              time.Time
	version         int
	event, severity string
	value           *float64
}

// alarmRecord is an alarm as ctrl's database has it at the end.
type alarmRecord struct {
	id, equipment   int64
	kind, qualifier string
	cleared         bool
	steps           []alarmStep
}

// AlarmRow is what became of values and alarms around one fault.
type AlarmRow struct {
	Fault string
	// Values that came, and changes of conditions that they ask for.
	Values, Asked int
	// How often an alarm of a limit was raised, got worse, got better and was cleared.
	Raised, Worse, Eased, Cleared int
	// Missed is how often an alarm was raised because no values came, Returned how often it was cleared.
	Missed, Returned int
	// Told is what listeners were told of alarms, in so many Messages; Again is how often a message came once more.
	Told, Messages, Again int
}

// place is where values come from.
type place struct {
	equipment int64
	parameter string
}

// alarmEvidence is all that there is to compare.
type alarmEvidence struct {
	limits    map[int64]rule
	values    map[place][]reading // in the order of their time
	sent      []measurement
	alarms    []alarmRecord
	doubts    map[int64]int // of each piece of equipment, how often a command's outcome became unknown
	listeners []listener
	calls     []webhookCall
	delivered map[string]string // state of each delivery, by the id that listeners see
	// deliveries is what else ctrl says of each of them, for whoever looks for a fault.
	deliveries map[string]string
	// shelved tells of equipment whose alarms are shelved now and then.
	shelved func(equipment int64) bool
	windows []window

	rows   []AlarmRow
	faults []string
}

func (e *alarmEvidence) wrongf(format string, args ...any) {
	e.faults = append(e.faults, fmt.Sprintf(format, args...))
}

// row returns the row of a moment. Faults of the same name share one.
func (e *alarmEvidence) row(at time.Time) *AlarmRow {
	name := "otherwise"
	for _, w := range e.windows {
		if !at.Before(w.from) && at.Before(w.end) {
			name = w.fault
			break
		}
	}
	i := slices.IndexFunc(e.rows, func(r AlarmRow) bool { return r.Fault == name })
	if i < 0 {
		i = len(e.rows)
		e.rows = append(e.rows, AlarmRow{Fault: name})
	}
	return &e.rows[i]
}

// compare returns a row per fault and what must not be.
func (e *alarmEvidence) compare() ([]AlarmRow, []string) {
	for _, w := range e.windows {
		e.row(w.from) // in their order
	}
	e.compareSent()
	for id, r := range e.limits {
		for at, values := range e.values {
			if at.parameter != r.parameter {
				continue
			}
			for _, v := range values {
				e.row(v.received).Values++
			}
			e.compareLimit(&r, at, values, e.find(at.equipment, "limit", id))
			e.compareStale(&r, at, values, e.find(at.equipment, "stale", id))
		}
	}
	e.compareDoubts()
	e.compareTold()
	slices.Sort(e.faults)
	return e.rows, e.faults
}

// compareSent looks for values that were answered 2xx and are not stored.
func (e *alarmEvidence) compareSent() {
	type moment struct {
		place
		at int64
	}
	stored := map[moment]float64{}
	for at, values := range e.values {
		for _, v := range values {
			stored[moment{at, v.at.UnixMicro()}] = v.value
		}
	}
	for _, m := range e.sent {
		for parameter, value := range m.values {
			if got, there := stored[moment{place{m.equipment, parameter}, m.at.UnixMicro()}]; !there || got != value {
				e.wrongf("%s of equipment %d at %s was answered 2xx and is not stored", parameter, m.equipment, m.at.Format(time.RFC3339Nano))
			}
		}
	}
}

// find returns the alarm of a condition; one without steps when there is none.
func (e *alarmEvidence) find(equipment int64, kind string, limit int64) *alarmRecord {
	qualifier := strconv.FormatInt(limit, 10)
	i := slices.IndexFunc(e.alarms, func(a alarmRecord) bool {
		return a.equipment == equipment && a.kind == kind && a.qualifier == qualifier
	})
	if i < 0 {
		return &alarmRecord{equipment: equipment, kind: kind, qualifier: qualifier, cleared: true}
	}
	return &e.alarms[i]
}

// handled are the steps of people, which change nothing of the condition.
var handled = []string{"ack", "unack", "close", "comment", "shelve", "unshelve", "end_shelf"}

// conditions are the steps that the condition has made.
func (a *alarmRecord) conditions() (list []alarmStep) {
	for _, s := range a.steps {
		if !slices.Contains(handled, s.event) {
			list = append(list, s)
		}
	}
	return list
}

func (s *alarmStep) number() float64 {
	if s.value == nil {
		return 0
	}
	return *s.value
}

// compareLimit holds the steps of an alarm against what the values ask for: all of it, once, in order, and nothing else.
func (e *alarmEvidence) compareLimit(r *rule, at place, values []reading, a *alarmRecord) {
	asked, made := r.turns(values), a.conditions()
	for _, t := range asked {
		e.row(t.at).Asked++
	}
	for _, s := range made {
		switch row := e.row(s.at); s.event {
		case "raise":
			row.Raised++
		case "worsen":
			row.Worse++
		case "ease":
			row.Eased++
		case "clear":
			row.Cleared++
		}
	}
	for i := range max(len(asked), len(made)) {
		switch {
		case i >= len(made):
			e.wrongf("%s of equipment %d: the values ask for %d changes and the alarm has made %d; lost is %q by %g at %s", at.parameter, at.equipment,
				len(asked), len(made), asked[i].event, asked[i].value, asked[i].at.Format(time.RFC3339Nano))
			return
		case i >= len(asked):
			e.wrongf("%s of equipment %d: the alarm has made %d changes and the values ask for %d; too much is %q by %g at %s", at.parameter, at.equipment,
				len(made), len(asked), made[i].event, made[i].number(), made[i].at.Format(time.RFC3339Nano))
			return
		case made[i].event != asked[i].event || made[i].number() != asked[i].value || asked[i].severity != "" && made[i].severity != asked[i].severity:
			e.wrongf("%s of equipment %d: change %d of the alarm is %q (%s) by %g, and the values ask for %q (%s) by %g", at.parameter, at.equipment, i+1,
				made[i].event, made[i].severity, made[i].number(), asked[i].event, asked[i].severity, asked[i].value)
			return
		}
	}
}

// compareStale looks at the alarm that is raised when no values come: it is raised only when they did not, cleared by one that came, and raised at the
// end, since nobody sends any more.
func (e *alarmEvidence) compareStale(r *rule, at place, values []reading, a *alarmRecord) {
	for i, s := range a.conditions() {
		switch raise := i%2 == 0; {
		case raise != (s.event == "raise") || !raise && s.event != "clear":
			e.wrongf("%s of equipment %d: step %d of the alarm for missing values is %q", at.parameter, at.equipment, i+1, s.event)
		case raise:
			e.row(s.at).Missed++
			if !r.missing(values, s.at) {
				e.wrongf("%s of equipment %d: an alarm for missing values was raised at %s, and they came", at.parameter, at.equipment, s.at.Format(time.RFC3339Nano))
			}
		default:
			e.row(s.at).Returned++
			if !slices.ContainsFunc(values, func(v reading) bool { return v.value == s.number() && !v.received.After(s.at) }) {
				e.wrongf("%s of equipment %d: the alarm for missing values was cleared by %g, which never came", at.parameter, at.equipment, s.number())
			}
		}
	}
	if r.stale > 0 && len(values) > 0 && a.cleared {
		e.wrongf("%s of equipment %d: no values come, and no alarm is raised", at.parameter, at.equipment)
	}
	if r.stale == 0 && len(a.steps) > 0 {
		e.wrongf("%s of equipment %d: an alarm for missing values, which nobody waits for", at.parameter, at.equipment)
	}
}

// compareDoubts holds the alarms of commands of unknown outcome against the commands.
func (e *alarmEvidence) compareDoubts() {
	for i := range e.alarms {
		a := &e.alarms[i]
		if a.kind != "command-unknown" {
			continue
		}
		raised, cleared := 0, 0
		for _, s := range a.conditions() {
			switch s.event {
			case "raise":
				raised++
			case "clear":
				cleared++
			}
		}
		if doubts := e.doubts[a.equipment]; raised != doubts || cleared != doubts {
			e.wrongf("equipment %d: %d commands were of unknown outcome, and the alarm was raised %d and cleared %d times", a.equipment, doubts, raised, cleared)
		}
		delete(e.doubts, a.equipment)
	}
	for equipment, doubts := range e.doubts {
		e.wrongf("equipment %d: %d commands were of unknown outcome, and there is no alarm", equipment, doubts)
	}
}
