package evaluate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/dwhdb"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/threshold"
)

// unit is a piece of equipment.
type unit struct {
	machines map[int64]*machine // by limit
	dirty    bool               // something is not written yet
}

// machine is a limit on the values of a piece of equipment.
type machine struct {
	equipment int64
	entry     *limit.Entry // nil: it is not looked up yet
	parameter string
	state     threshold.State
	since     time.Time // when this instance began to watch
}

// kept is the state of machines as it is written. Most are alike, since the values of a frame come together and are as they should be: they are written once.
type kept struct {
	Limits ids `json:"i"`
	threshold.State
}

// ids are those of limits. One alone was written without brackets in earlier versions.
type ids []int64

// UnmarshalJSON reads a list, or one id.
func (l *ids) UnmarshalJSON(raw []byte) error {
	if raw[0] != '[' {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	return json.Unmarshal(raw, (*[]int64)(l))
}

func (u *unit) kept() []kept {
	type quiet struct {
		at, received int64
		stale        bool
	}
	list, alike := []kept{}, map[quiet]int{}
	for _, id := range slices.Sorted(maps.Keys(u.machines)) {
		s := u.machines[id].state
		if len(s.Levels) == 0 {
			key := quiet{s.At, s.Received, s.Stale}
			if i, found := alike[key]; found {
				list[i].Limits = append(list[i].Limits, id)
				continue
			}
			alike[key] = len(list)
		}
		list = append(list, kept{ids{id}, s})
	}
	return list
}

// read reads what was written of a piece of equipment.
func read(equipment int64, states json.RawMessage, now time.Time) (*unit, error) {
	var list []kept
	if err := json.Unmarshal(states, &list); err != nil {
		return nil, fmt.Errorf("the states of equipment %d: %w", equipment, err)
	}
	u := &unit{machines: make(map[int64]*machine, len(list))}
	for _, k := range list {
		for _, id := range k.Limits {
			u.machines[id] = &machine{equipment: equipment, state: k.State, since: now}
		}
	}
	return u, nil
}

// planKey names frames of the same parameters of a piece of equipment.
type planKey struct {
	equipment  int64
	definition int32
}

// point is a value of a frame that a limit holds for.
type point struct {
	index   int
	machine *machine
	unit    *unit
}

// configured returns the limits and the catalogues: as they are now when values have come, since they may have been made a moment
// before those, or when slots were taken, since the instance that held them before may have known newer ones; else those of a moment ago.
func (t *term) configured(ctx context.Context, came bool) (limits *limit.Snapshot, known *catalogue.Snapshot, err error) {
	if came || t.limits == nil {
		if known, err = t.catalogue.Fresh(ctx); err == nil {
			limits, err = t.book.Present(ctx)
		}
		return limits, known, err
	}
	if known, err = t.catalogue.Present(ctx); err == nil {
		limits, err = t.book.Recent(ctx)
	}
	return limits, known, err
}

// refresh looks whether limits or catalogues have changed; came says that values have come. Limits that hold no longer are withdrawn, with their alarms.
func (t *term) refresh(ctx context.Context, came bool, now time.Time) error {
	limits, known, err := t.configured(ctx, came)
	if err != nil {
		return err
	}
	if limits == t.limits && known == t.known {
		return nil
	}
	t.limits, t.known, t.plans = limits, known, map[planKey][]point{}
	for equipment, u := range t.units {
		for id, m := range u.machines {
			if m.entry = t.entry(equipment, id); m.entry == nil {
				t.withdraw(id, m)
				delete(u.machines, id)
				u.dirty = true
				continue
			}
			m.parameter = known.Parameter(m.entry.TelemetryID).Name
		}
	}
	// Values of which a piece of equipment has a limit of its own are waited for, also when none has come yet.
	for _, equipment := range limits.Equipment() {
		if _, held := t.taken[slotOf(equipment)]; held && known.HasEquipment(equipment) {
			for _, e := range limits.Own(equipment) {
				t.machine(equipment, e, now)
			}
		}
	}
	return nil
}

// entry returns a limit that holds for a piece of equipment, nil when it does not.
func (t *term) entry(equipment, id int64) *limit.Entry {
	e := t.limits.Entry(id)
	if e == nil || !t.known.HasEquipment(equipment) || t.known.Parameter(e.TelemetryID) == nil ||
		!slices.Contains(t.limits.Of(equipment, e.TelemetryID), e) {
		return nil
	}
	return e
}

// withdraw has the alarms of a limit cleared that holds no longer.
func (t *term) withdraw(id int64, m *machine) {
	s := alarm.Signal{EquipmentID: m.equipment, Type: alarm.TypeLimit, Qualifier: strconv.FormatInt(id, 10), Text: "the limit does not hold any more", At: time.Now()}
	if m.state.Severity() != threshold.Cleared {
		t.signals = append(t.signals, s)
	}
	if s.Type = alarm.TypeStale; m.state.Stale {
		t.signals = append(t.signals, s)
	}
}

// machine returns how far a limit is evaluated on a piece of equipment; nil when the parameter is archived.
func (t *term) machine(equipment int64, e *limit.Entry, now time.Time) (*unit, *machine) {
	parameter := t.known.Parameter(e.TelemetryID)
	if parameter == nil {
		return nil, nil
	}
	u := t.units[equipment]
	if u == nil {
		u = &unit{machines: map[int64]*machine{}}
		t.units[equipment] = u
	}
	m := u.machines[e.ID]
	if m == nil {
		m = &machine{equipment: equipment, entry: e, parameter: parameter.Name, since: now}
		u.machines[e.ID] = m
	}
	return u, m
}

// plan returns which limits hold for which values of a frame.
func (t *term) plan(f *dwhdb.FeedFramesRow, now time.Time) []point {
	key := planKey{f.Equipment, f.Frame}
	points, made := t.plans[key]
	if made {
		return points
	}
	if t.known.HasEquipment(f.Equipment) {
		for i, parameter := range t.definitions[f.Frame] {
			for _, e := range t.limits.Of(f.Equipment, parameter) {
				if u, m := t.machine(f.Equipment, e, now); m != nil {
					points = append(points, point{i, m, u})
				}
			}
		}
	}
	t.plans[key] = points
	return points
}

// evaluate takes a frame in.
func (t *term) evaluate(f *dwhdb.FeedFramesRow, now time.Time) {
	points := t.plan(f, now)
	for i := range points {
		p := &points[i]
		v := threshold.Value{At: f.At, Received: f.ReceivedAt, Number: f.Value[p.index], Usable: frame.Usable(f.Value[p.index], f.Quality, p.index)}
		p.unit.dirty = true
		if c, changed := p.machine.entry.Rule.Next(&p.machine.state, v); changed {
			t.tell(p.machine, &c, &v)
		}
	}
	t.evaluated.Add(float64(len(points)))
}

// signal returns what is the same of all signals of a machine.
func (m *machine) signal(kind string) alarm.Signal {
	return alarm.Signal{
		EquipmentID: m.equipment, Type: kind, Qualifier: strconv.FormatInt(m.entry.ID, 10), LimitID: &m.entry.ID, TelemetryID: &m.entry.TelemetryID,
		Latched: m.entry.Latched, Suppresses: m.entry.Suppresses,
	}
}

// tell notes what a value has changed.
func (t *term) tell(m *machine, c *threshold.Change, v *threshold.Value) {
	number := v.Number
	at := v.At
	if v.Received.Before(at) {
		at = v.Received
	}
	if c.Before != c.After {
		s := m.signal(alarm.TypeLimit)
		s.Severity, s.Value, s.At = c.After, &number, at
		s.Text = describe(m.parameter, number, c)
		t.signals = append(t.signals, s)
	}
	if c.Fresh {
		s := m.signal(alarm.TypeStale)
		s.Value, s.At, s.Text = &number, v.Received, "values of "+m.parameter+" come again"
		t.signals = append(t.signals, s)
	}
}

// describe says what a value is like, for people.
func describe(parameter string, number float64, c *threshold.Change) string {
	text := parameter + " is " + decimal(number)
	switch {
	case c.After == threshold.Cleared:
		return text
	case c.Worst.High:
		return text + ", the limit is " + decimal(c.Worst.Bound) + " at most"
	default:
		return text + ", the limit is " + decimal(c.Worst.Bound) + " at least"
	}
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }

// listen looks which values do not come.
func (t *term) listen(now time.Time) {
	for _, u := range t.units {
		for _, m := range u.machines {
			if m.entry.Rule.Stale == 0 && !m.state.Stale || !m.entry.Rule.Silence(&m.state, now, m.since) {
				continue
			}
			u.dirty = true
			s := m.signal(alarm.TypeStale)
			s.At, s.Text = now, "no value of "+m.parameter+" for "+m.entry.Rule.Stale.String()
			if m.state.Stale {
				s.Severity = m.entry.StaleAs
			}
			t.signals = append(t.signals, s)
		}
	}
}
