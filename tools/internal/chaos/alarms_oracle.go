package chaos

import (
	"slices"
	"time"
)

// reading is a value as it is stored.
type reading struct {
	at, received time.Time
	value        float64
}

// turn is what a value is to change: an event of an alarm's life, with the severity that is raised then.
type turn struct {
	event    string
	severity string // empty: of one that is cleared
	value    float64
	at       time.Time // when the value came
}

// turns is what values are to change, in order. It is this proof's own reading of what a limit asks (docs/alarms.md), made without ctrl's code.
func (r *rule) turns(values []reading) (list []turn) {
	on := make([]bool, len(r.bounds))
	said := make([][]bool, len(r.bounds)) // of each level: whether the values since it was switched last say the contrary
	worst := 0
	for _, v := range values {
		before := worst
		worst = 0
		for i, b := range r.bounds {
			count, of := r.raise, r.of
			contrary := b.high && v.value > b.at || !b.high && v.value < b.at
			if on[i] {
				count, of = r.clear, r.in
				contrary = b.high && v.value <= b.clear || !b.high && v.value >= b.clear
			}
			said[i] = append(said[i], contrary)
			said[i] = said[i][max(0, len(said[i])-of):]
			votes := 0
			for _, yes := range said[i] {
				if yes {
					votes++
				}
			}
			if contrary && votes >= count {
				on[i], said[i] = !on[i], nil
			}
			if on[i] {
				worst = max(worst, rank(b.severity))
			}
		}
		if worst != before {
			list = append(list, turn{event(before, worst), ranks[worst], v.value, v.received})
		}
	}
	return list
}

func event(before, after int) string {
	switch {
	case before == 0:
		return "raise"
	case after == 0:
		return "clear"
	case after > before:
		return "worsen"
	default:
		return "ease"
	}
}

// slack is how much later than it came a value may be seen: a commit may take so long.
const slack = 5 * time.Second

// missing reports whether values were away long enough, at a moment, for an alarm.
func (r *rule) missing(values []reading, at time.Time) bool {
	i, _ := slices.BinarySearchFunc(values, at.Add(-slack), func(v reading, t time.Time) int { return v.received.Compare(t) })
	return i == 0 || at.Sub(values[i-1].received) >= r.stale-slack
}

// telling is what a listener is to be told of a step.
type telling struct {
	alarm   int64
	version int
	event   string
}

// tellings is what is to be told of the steps of an alarm to somebody who is told of a severity or worse.
func tellings(alarm int64, steps []alarmStep, least string) (list []telling) {
	known := 0
	for _, s := range steps {
		switch now := rank(s.severity); s.event {
		case "raise", "worsen":
			if now < rank(least) || now <= known {
				continue
			}
			what := "raised"
			if known > 0 {
				what = "worse"
			}
			list, known = append(list, telling{alarm, s.version, what}), now
		case "clear":
			if known > 0 {
				list, known = append(list, telling{alarm, s.version, "cleared"}), 0
			}
		}
	}
	return list
}
