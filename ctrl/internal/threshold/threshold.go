// Package threshold evaluates limits: it says what values, and their absence, mean for a limit. It knows neither a database nor a clock, so that
// the same series always has the same result: while values come in, after a restart, and when a limit is tried on the past.
package threshold

import (
	"math/bits"
	"slices"
	"time"
)

// Level is one bound of a rule.
type Level struct {
	Severity Severity
	High     bool    // it is raised above Bound; else below
	Bound    float64 // a value at it does not raise
	Clear    float64 // a value at it, or on its good side, re-arms
}

// Delay says what it takes until a level is switched: the values of a time, or so many of the last ones. The zero value is at once.
type Delay struct {
	For       time.Duration // all values have to say so from the first to one that is at least so much later
	Count, Of int           // so many of the last Of values have to say so; Of is at most 64
}

// Rule is what a limit asks.
type Rule struct {
	Levels []Level
	Raise  Delay
	Clear  Delay
	Stale  time.Duration // without a usable value for so long it is stale; 0: never
}

// Value is a value of the parameter.
type Value struct {
	At       time.Time // when it was measured
	Received time.Time // when it came
	Number   float64
	Usable   bool // it is a number, good or uncertain
}

// LevelState is what is known of a level that is raised, or may soon be switched.
type LevelState struct {
	Severity Severity `json:"v"`
	High     bool     `json:"h,omitempty"`
	On       bool     `json:"o,omitempty"`
	Since    int64    `json:"s,omitempty"` // when the values began to say the contrary, in microseconds since 1970; 0: they do not
	Window   uint64   `json:"w,omitempty"` // whether the last values say the contrary, the newest in bit 0
}

// State is how far a rule is evaluated on a series of values. The zero value has seen none.
type State struct {
	At       int64        `json:"a,omitempty"` // of the newest value that was evaluated, or when it came if that was earlier, in microseconds since 1970
	Received int64        `json:"r,omitempty"` // when it came
	Stale    bool         `json:"q,omitempty"`
	Levels   []LevelState `json:"l,omitempty"` // those that are raised or may soon be switched; the others are neither
}

// Severity returns the worst severity that is raised.
func (s *State) Severity() (worst Severity) {
	for i := range s.Levels {
		if s.Levels[i].On {
			worst = max(worst, s.Levels[i].Severity)
		}
	}
	return worst
}

// Change is what a value has changed.
type Change struct {
	Before, After Severity
	Fresh         bool  // values have come again: it was stale
	Worst         Level // the level that is raised worst; the zero value when none is
}

// Next evaluates a value, and reports whether anything has changed. A value that is not usable decides nothing: it neither raises nor clears. Neither
// does one that is not newer than the last that was evaluated. What a clock that is ahead says counts as the time when it came: what follows is not older
// than that, also when the clock was put right.
func (r *Rule) Next(s *State, v Value) (c Change, changed bool) {
	if !v.Usable {
		return c, false
	}
	at, received := v.At.UnixMicro(), v.Received.UnixMicro()
	if s.At != 0 && at <= s.At {
		return c, false
	}
	at = min(at, received)
	s.At, s.Received = at, received
	c.Fresh = s.Stale
	s.Stale = false
	if len(s.Levels) == 0 && r.quiet(v.Number) {
		return c, c.Fresh
	}
	c.Before = s.Severity()
	s.Levels = slices.DeleteFunc(s.Levels, func(l LevelState) bool { return !r.has(l) })
	for i := range r.Levels {
		r.step(s, &r.Levels[i], at, v.Number)
	}
	s.Levels = slices.DeleteFunc(s.Levels, func(l LevelState) bool { return !l.On && l.Since == 0 && l.Window == 0 })
	c.After = s.Severity()
	c.Worst = r.worst(s)
	return c, c.Fresh || c.Before != c.After
}

// quiet reports whether no level is raised by a value.
func (r *Rule) quiet(number float64) bool {
	for i := range r.Levels {
		if r.Levels[i].exceeded(number) {
			return false
		}
	}
	return true
}

// has reports whether a level is still one of the rule.
func (r *Rule) has(state LevelState) bool {
	return slices.ContainsFunc(r.Levels, func(l Level) bool { return l.Severity == state.Severity && l.High == state.High })
}

// worst returns the level that is raised worst.
func (r *Rule) worst(s *State) (worst Level) {
	for i := range r.Levels {
		l := &r.Levels[i]
		if state := s.level(l); state != nil && state.On && l.Severity > worst.Severity {
			worst = *l
		}
	}
	return worst
}

func (s *State) level(l *Level) *LevelState {
	for i := range s.Levels {
		if s.Levels[i].Severity == l.Severity && s.Levels[i].High == l.High {
			return &s.Levels[i]
		}
	}
	return nil
}

func (l *Level) exceeded(number float64) bool {
	if l.High {
		return number > l.Bound
	}
	return number < l.Bound
}

func (l *Level) rearmed(number float64) bool {
	if l.High {
		return number <= l.Clear
	}
	return number >= l.Clear
}

// step evaluates one level.
func (r *Rule) step(s *State, l *Level, at int64, number float64) {
	state := s.level(l)
	on := state != nil && state.On
	delay, contrary := r.Raise, l.exceeded(number)
	if on {
		delay, contrary = r.Clear, l.rearmed(number)
	}
	if state == nil {
		if !contrary {
			return
		}
		s.Levels = append(s.Levels, LevelState{Severity: l.Severity, High: l.High})
		state = &s.Levels[len(s.Levels)-1]
	}
	if delay.due(state, at, contrary) {
		*state = LevelState{Severity: l.Severity, High: l.High, On: !on}
	}
}

// due notes what a value says, and reports whether the level is to be switched.
func (d Delay) due(state *LevelState, at int64, contrary bool) bool {
	if d.Of > 0 {
		state.Since = 0
		state.Window = state.Window << 1 & (1<<d.Of - 1)
		if contrary {
			state.Window |= 1
		}
		return contrary && bits.OnesCount64(state.Window) >= d.Count
	}
	state.Window = 0
	switch {
	case !contrary:
		state.Since = 0
		return false
	case state.Since == 0:
		state.Since = at
	}
	return at-state.Since >= d.For.Microseconds()
}

// Silence looks, at a moment, how long no usable value has come, and reports whether Stale has changed. since is when whoever asks began to watch: what
// may have come before does not count as missing.
func (r *Rule) Silence(s *State, now, since time.Time) (changed bool) {
	if r.Stale <= 0 {
		changed = s.Stale
		s.Stale = false
		return changed
	}
	last := max(s.Received, since.UnixMicro())
	if s.Stale || now.UnixMicro()-last < r.Stale.Microseconds() {
		return false
	}
	s.Stale = true
	return true
}
