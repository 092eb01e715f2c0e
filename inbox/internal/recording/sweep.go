package recording

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"nms.example/common/rf"
)

// piece is a hop of a sweep: count values from lowHz on, which lie stepHz apart.
type piece struct {
	lowHz, highHz, stepHz float64
	// precision is how far the printed step may lie from the true one.
	precision float64
	// from and count say where the values are in the joiner's levels; steps is the number of steps from lowHz to highHz.
	from, count, steps int
	index              int // of the first value in its trace
}

// joiner puts the hops of a sweep into one trace of one grid.
//
// A sweep ends when a hop covers what it has already, or when the time changes and the hop neither continues the sweep nor
// fills a hole of it: hackrf_sweep writes the pieces of a sweep out of order, soapy_power and older versions of
// hackrf_sweep give each piece a time of its own. Where hops overlap, the one of the higher frequency counts: rtl_power
// closes each hop with a copy of its last value, at the frequency with which the next hop begins.
//
// A hole inside a sweep becomes missing values as long as it is smaller than what was measured; a larger one parts the
// sweep into two traces, as the ranges of one hackrf_sweep are.
type joiner struct {
	Report
	// centred says that a hop's values are bins between its edges: the first lies half a step above the low edge.
	centred bool
	// unit is the powers' unit, empty for dBm.
	unit string

	pieces     []piece
	levels     []rf.Level
	out        []rf.Level
	low, high  float64
	time, last time.Time
	line       int
	trace      Trace
}

// room makes the joiner ready for a hop, ending the sweep before it where there is one.
func (j *joiner) room(p *piece, at time.Time, line int) error {
	if j.begins(p, at) {
		if err := j.flush(); err != nil {
			return err
		}
	}
	if len(j.pieces) == 0 {
		j.low, j.high, j.time, j.line = p.lowHz, p.highHz, at, line
	}
	p.from, j.last = len(j.levels), at
	return nil
}

// add takes the hop whose values have been appended to levels since room.
func (j *joiner) add(p piece) {
	p.count = len(j.levels) - p.from
	j.pieces = append(j.pieces, p)
	j.low, j.high = min(j.low, p.lowHz), max(j.high, p.highHz)
}

// begins reports whether the hop is the first of another sweep.
func (j *joiner) begins(p *piece, at time.Time) bool {
	if len(j.pieces) == 0 {
		return false
	}
	first := &j.pieces[0]
	switch {
	case math.Abs(p.stepHz-first.stepHz) > 2*max(p.precision, first.precision), len(j.levels)+p.steps+2 > MaxPoints:
		return true
	case !at.Equal(j.last) && (p.lowHz > j.high+p.stepHz/2 || p.highHz < j.low-p.stepHz/2):
		return true
	case p.lowHz >= j.high-p.stepHz || p.highHz <= j.low+p.stepHz:
		return false
	}
	return slices.ContainsFunc(j.pieces, func(q piece) bool {
		shared := min(p.highHz, q.highHz) - max(p.lowHz, q.lowHz)
		return shared > min(p.highHz-p.lowHz, q.highHz-q.lowHz)/2
	})
}

// flush ends the sweep at hand.
func (j *joiner) flush() error {
	if len(j.pieces) == 0 {
		return nil
	}
	slices.SortStableFunc(j.pieces, func(a, b piece) int { return cmp.Compare(a.lowHz, b.lowHz) })
	step := j.trueStep()
	for rest := j.pieces; len(rest) > 0; {
		n := place(rest, step, len(j.levels))
		if err := j.emit(rest[:n], step); err != nil {
			return err
		}
		rest = rest[n:]
	}
	j.pieces, j.levels = j.pieces[:0], j.levels[:0]
	return nil
}

// trueStep returns the distance of the values as closely as the file tells it. Files print it with two decimals, which over
// 100,000 values of 10 Hz add up to 50 values; where the hops' edges agree with it within that precision (and the hertz to
// which the edges are cut), they are the closer measure.
func (j *joiner) trueStep() float64 {
	printed := j.pieces[0].stepHz
	last := &j.pieces[len(j.pieces)-1]
	steps := last.steps
	for i := range j.pieces[:len(j.pieces)-1] {
		p, next := &j.pieces[i], &j.pieces[i+1]
		if math.Abs(next.lowHz-p.highHz) > printed/2 { // a hole or an overlap: its width is known only through the step
			return printed
		}
		steps += p.steps
	}
	measured := (last.highHz - j.pieces[0].lowHz) / float64(steps)
	if math.Abs(measured-printed) <= j.pieces[0].precision+2/float64(steps) {
		return measured
	}
	return printed
}

// place sets each hop's index in a trace that begins with the first one, and the number of hops that share the trace.
func place(pieces []piece, step float64, measured int) int {
	end, holes := pieces[0].count, 0
	pieces[0].index = 0
	for i := 1; i < len(pieces); i++ {
		p := &pieces[i]
		offset := math.Round((p.lowHz - pieces[0].lowHz) / step)
		if offset > MaxPoints {
			return i
		}
		p.index = int(offset)
		if hole := p.index - end; hole > 0 {
			holes += hole
		}
		if holes > measured || p.index+p.count > MaxPoints {
			return i
		}
		end = max(end, p.index+p.count)
	}
	return len(pieces)
}

// emit hands on the trace of hops that have been placed.
func (j *joiner) emit(pieces []piece, step float64) error {
	last := slices.MaxFunc(pieces, func(a, b piece) int { return cmp.Compare(a.index+a.count, b.index+b.count) })
	points := last.index + last.count
	j.out = slices.Grow(j.out[:0], points)[:points]
	for i := range j.out {
		j.out[i] = Missing
	}
	for _, p := range pieces {
		for i, level := range j.levels[p.from : p.from+p.count] {
			if level != Missing {
				j.out[p.index+i] = level
			}
		}
	}
	start := pieces[0].lowHz
	width := (last.highHz - last.lowHz) / float64(last.steps)
	stop := last.lowHz + float64(last.count-1)*width
	if j.centred {
		start, stop = start+step/2, stop+width/2
	}
	j.trace = Trace{
		StartHz: start, StopHz: stop, StepHz: pieces[0].stepHz, Levels: j.out, Time: j.time, Line: j.line, Unit: j.unit,
	}
	j.trace.tidy()
	return hand(j.Report, &j.trace)
}

// tidy rounds the grid to what a receiver can know, and makes the step agree with it where it misses the stop.
func (t *Trace) tidy() {
	t.StartHz, t.StopHz = tidyHz(t.StartHz), tidyHz(t.StopHz)
	if n := len(t.Levels); n > 1 {
		if span := t.StopHz - t.StartHz; math.Abs(t.StepHz*float64(n-1)-span) > t.StepHz/4 {
			t.StepHz = span / float64(n-1)
		}
	}
}

// hand hands the trace on, or refuses it where inbox would not know what to make of it.
func hand(report Report, t *Trace) error {
	if sound := t.StepHz >= 1e-4 && t.StopHz >= t.StartHz; !sound {
		report.Refuse(t.Line, "the step is finer than 0.1 mHz")
		return nil
	}
	if year := t.Time.UTC().Year(); year < 1970 || year > 9999 {
		report.Refuse(t.Line, "the time lies before 1970 or after 9999")
		return nil
	}
	if !slices.ContainsFunc(t.Levels, func(l rf.Level) bool { return l != Missing }) {
		report.Refuse(t.Line, "the sweep holds no value")
		return nil
	}
	return report.Trace(t)
}

// tidyHz rounds a frequency to 0.1 mHz, so that sums of decimals are decimals again.
func tidyHz(hz float64) float64 { return math.Round(hz*1e4) / 1e4 }

var (
	errEdges = errors.New("the band is not sound: low, high and step must be finite numbers with low < high and a step above 0 and within them")
	errMany  = fmt.Errorf("the row claims more than %d values", MaxPoints)
)

// newPiece checks what a row says of itself.
func newPiece(low, high, step, precision float64) (piece, error) {
	sound := math.Abs(low) <= maxHz && math.Abs(high) <= maxHz && low < high && step > 0 && step <= 1.5*(high-low)
	if !sound { // so that what is not a number is not sound
		return piece{}, errEdges
	}
	steps := math.Round((high - low) / step)
	if steps > MaxPoints {
		return piece{}, errMany
	}
	return piece{lowHz: low, highHz: high, stepHz: step, precision: precision, steps: max(int(steps), 1)}, nil
}

// fit compares the number of values with the row's edges and step, and settles the number of steps between the edges.
// closing is how many values beyond them a row of this format has.
func (p *piece) fit(count, closing int) error {
	exact := (p.highHz - p.lowHz) / p.stepHz
	slack := 0.5 + exact*p.precision/p.stepHz // what the printed step leaves open
	for _, steps := range [2]int{count - closing, count - 1 + closing} {
		if steps > 0 && math.Abs(exact-float64(steps)) <= slack {
			p.steps = steps
			return nil
		}
	}
	if math.Abs(exact-float64(count)) > slack+2 { // rtl_power -c leaves out a value more or less
		return fmt.Errorf("%d values where low, high and step make about %d", count, p.steps)
	}
	return nil
}
