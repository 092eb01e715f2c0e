package evaluate

import (
	"context"
	"time"

	"nms.example/common/db"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/dwhdb"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/threshold"
)

// Simulator tries limits on what was.
type Simulator struct{ values *db.Pool[db.DWH] }

// NewSimulator makes one on the database dwh.
func NewSimulator(values *db.Pool[db.DWH]) *Simulator { return &Simulator{values} }

// Happening is something that a limit would have done.
type Happening struct {
	At       time.Time `json:"at" doc:"When, by the time of the value"`
	Type     string    `json:"type" enum:"limit,stale" doc:"Type of the alarm"`
	Severity string    `json:"severity" enum:"cleared,indeterminate,warning,minor,major,critical" doc:"How bad it was from then on"`
	Value    *float64  `json:"value" doc:"The value that changed it; null when none came"`
}

// Simulation is what a limit would have done.
type Simulation struct {
	Values     int64       `json:"values" doc:"Values that it was tried on"`
	Raised     int         `json:"raised" doc:"How often an alarm would have been raised"`
	Seconds    float64     `json:"seconds" doc:"How long one would have been raised in all"`
	Happenings []Happening `json:"happenings" doc:"What it would have done, in order; at most 10,000"`
}

// maxHappenings bounds what a simulation lists.
const maxHappenings = 10_000

// trial is a simulation in progress.
type trial struct {
	entry *limit.Entry
	state threshold.State
	out   Simulation
	since time.Time // when an alarm was raised that is not cleared; zero: none is
	last  time.Time // of the last value, or the beginning
}

// Simulate tries a limit on the values of a piece of equipment that are still kept as they came, in the order of their own times.
func (s *Simulator) Simulate(ctx context.Context, e *limit.Entry, equipment int64, from, to time.Time) (Simulation, error) {
	t := &trial{entry: e, last: from, out: Simulation{Happenings: []Happening{}}}
	const stretch = 24 * time.Hour // bounds the memory
	for begin := from; begin.Before(to); begin = begin.Add(stretch) {
		end := begin.Add(stretch)
		if end.After(to) {
			end = to
		}
		rows, err := dwhdb.New(s.values).ValuesBetween(ctx, dwhdb.ValuesBetweenParams{
			Param: e.TelemetryID, Equipment: equipment, Since: begin, Until: end,
		})
		if err != nil {
			return t.out, db.MapError(err, nil)
		}
		for i := range rows {
			t.value(&rows[i], from)
		}
	}
	t.silence(to, from)
	if !t.since.IsZero() {
		t.out.Seconds += to.Sub(t.since).Seconds()
	}
	return t.out, nil
}

// value takes a value in, after the silence before it.
func (t *trial) value(row *dwhdb.ValuesBetweenRow, from time.Time) {
	t.silence(row.At, from)
	t.out.Values++
	v := threshold.Value{At: row.At, Received: row.At, Number: row.Value, Usable: frame.Usable(row.Value, []byte{byte(row.Mark)}, 0)}
	if c, changed := t.entry.Rule.Next(&t.state, v); changed {
		if c.Fresh {
			t.tell(alarm.TypeStale, row.At, threshold.Cleared, &row.Value)
		}
		if c.Before != c.After {
			t.tell(alarm.TypeLimit, row.At, c.After, &row.Value)
			if c.Before == threshold.Cleared {
				t.out.Raised++
			}
		}
	}
	t.account(row.At)
	if v.Usable {
		t.last = row.At
	}
}

// silence looks whether values were missing by a moment.
func (t *trial) silence(at, from time.Time) {
	due := t.last.Add(t.entry.Rule.Stale)
	if due.After(at) || !t.entry.Rule.Silence(&t.state, due, from) {
		return
	}
	t.out.Raised++
	t.tell(alarm.TypeStale, due, t.entry.StaleAs, nil)
	t.account(due)
}

// account adds up how long an alarm was raised.
func (t *trial) account(at time.Time) {
	raised := t.state.Stale || t.state.Severity() != threshold.Cleared
	switch {
	case raised && t.since.IsZero():
		t.since = at
	case !raised && !t.since.IsZero():
		t.out.Seconds += at.Sub(t.since).Seconds()
		t.since = time.Time{}
	}
}

func (t *trial) tell(kind string, at time.Time, severity threshold.Severity, value *float64) {
	if len(t.out.Happenings) < maxHappenings {
		t.out.Happenings = append(t.out.Happenings, Happening{At: at.UTC(), Type: kind, Severity: severity.String(), Value: value})
	}
}
