// Package statistics tells what was measured at each frequency over a time.
package statistics

import (
	"context"
	"math"
	"time"

	"nms.example/common/rf"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/trace"
)

// mostPoints bounds the frequencies of traces on several grids when no number of them is asked for.
const mostPoints = 10_000

// Query chooses what to look at.
type Query struct {
	// Filter holds the time, which must be bounded on both sides, the place and the band. The band of everything means: that of
	// the traces found.
	Filter trace.Filter
	// Unit is that of the values; nil: that of the traces found.
	Unit *rf.Unit
	// Points is the most frequencies wanted; 0: those of the traces. Otherwise the band is parted evenly, and each value counts at
	// the frequency that is nearest to its own.
	Points int
	// Threshold is the level, in whole decibels, that the occupancy is counted above; nil: none is.
	Threshold *int
}

// Result is the statistics. Its arrays have an element per frequency.
type Result struct {
	From, To time.Time
	Unit     rf.Unit
	// Sweeps is the number of sweeps that went in, each and every one of the query, Sources that of their receivers.
	Sweeps  int64
	Sources int
	// Receiver is the receiver where there is one alone.
	Receiver rollup.Receiver
	// FrequencyHz are evenly spaced.
	FrequencyHz []float64
	// Highest, Mean and Lowest are levels in Unit, rf.Missing where nothing was measured; the mean is taken in milliwatts.
	Highest, Mean, Lowest []rf.Level
	// Number is how many values were measured.
	Number []uint64
	// Threshold is that of the query, and Above how many values exceed it: the occupancy of a channel is Above / Number
	// (ITU-R SM.1880, frequency channel occupancy: samples above the threshold to all samples). nil without a threshold.
	Threshold *int
	Above     []uint64
}

// Occupancy returns the share of the values above the threshold in per cent; NaN where nothing was measured.
func (r *Result) Occupancy(i int) float64 { return 100 * float64(r.Above[i]) / float64(r.Number[i]) }

// Builder reads traces and rollups of the database dwh.
type Builder struct{ reader *rollup.Reader }

// NewBuilder makes a builder.
func NewBuilder(reader *rollup.Reader) *Builder { return &Builder{reader} }

// Build looks at all sweeps chosen. It fails with rollup.ErrEmpty when there is none, and when they are in several units.
func (b *Builder) Build(ctx context.Context, q Query) (result *Result, err error) {
	err = b.reader.View(ctx, func(ctx context.Context, v *rollup.View) error {
		from, to := v.Whole(q.Filter.From, q.Filter.To)
		query := rollup.Query{Filter: q.Filter, Unit: q.Unit, Edges: []time.Time{from, to}}
		survey, err := v.Survey(ctx, query)
		if err != nil {
			return err
		}
		query.Want = rollup.WantAll
		c, err := newCount(survey, q.Points)
		if err != nil {
			return err
		}
		c.Result = Result{From: from, To: to, Unit: survey.Unit, Sweeps: survey.Sweeps, Sources: survey.Sources, Receiver: survey.Receiver, Threshold: q.Threshold}
		c.begin()
		if err := v.Read(ctx, query, c.add); err != nil {
			return err
		}
		result = c.finish()
		return nil
	})
	return result, err
}

// count collects values.
type count struct {
	Result

	// The frequencies are first + i · step, for i below points.
	first, step float64
	points      int
	// places are where the values of each grid count; −1: nowhere.
	places map[rollup.Grid][]int32
	mW     []float64
}

// newCount chooses the frequencies. It fails with rollup.ErrEmpty when no value lies in the band.
func newCount(s *rollup.Survey, points int) (*count, error) {
	c := &count{step: math.Inf(1), places: map[rollup.Grid][]int32{}}
	low, high := math.Inf(1), math.Inf(-1) // of the values in the band
	for g := range s.Grids {
		first, last := within(&g, s.Band)
		if first > last {
			continue
		}
		low, high = min(low, g.StartHz+float64(first)*g.SpacingHz()), max(high, g.StartHz+float64(last)*g.SpacingHz())
		c.step = min(c.step, g.SpacingHz())
	}
	if low > high {
		return nil, rollup.ErrEmpty
	}
	c.first, c.points = low, int(min(math.Round((high-low)/c.step), math.MaxInt32))+1
	if points == 0 && len(s.Grids) > 1 {
		points = mostPoints
	}
	if points > 0 && c.points > points {
		c.points, c.step = points, (high-low)/float64(max(points-1, 1))
	}
	for g := range s.Grids {
		c.places[g] = c.placesOf(&g, s.Band)
	}
	return c, nil
}

// within returns the first and the last value of a grid in a band, twice the nearest one where the band lies between two
// of them; first above last when the grid ends before the band or begins behind it.
func within(g *rollup.Grid, band rf.Band) (first, last int) {
	const rounding = 1e-9 // of a division of two frequencies, in spacings
	end := float64(g.Points - 1)
	low, high := (band.StartHz-g.StartHz)/g.SpacingHz(), (band.StopHz-g.StartHz)/g.SpacingHz()
	first, last = int(max(math.Ceil(low-rounding), 0)), int(min(math.Floor(high+rounding), end))
	if first > last && low <= end && high >= 0 {
		first = int(math.Round((low + high) / 2))
		last = first
	}
	return first, last
}

func (c *count) placesOf(g *rollup.Grid, band rf.Band) []int32 {
	places := make([]int32, g.Points)
	first, last := within(g, band)
	for i := range places {
		places[i] = -1
		if i >= first && i <= last {
			at := math.Round((g.StartHz + float64(i)*g.SpacingHz() - c.first) / c.step)
			places[i] = int32(min(max(at, 0), float64(c.points-1)))
		}
	}
	return places
}

func (c *count) begin() {
	c.mW = make([]float64, c.points)
	c.Highest, c.Mean, c.Lowest = make([]rf.Level, c.points), make([]rf.Level, c.points), make([]rf.Level, c.points)
	c.Number = make([]uint64, c.points)
	if c.Threshold != nil {
		c.Above = make([]uint64, c.points)
	}
	for i := range c.Highest {
		c.Highest[i], c.Mean[i], c.Lowest[i] = rf.Missing, rf.Missing, rf.Missing
	}
	axis := rf.Trace{StartHz: c.first, StopHz: c.first + float64(c.points-1)*c.step, StepHz: c.step, Levels: c.Highest}
	c.FrequencyHz = axis.Frequencies()
}

func (c *count) add(p *rollup.Piece) error {
	places := c.places[p.Grid]
	for i, at := range places {
		if at < 0 || p.Highest[i] == rf.Missing {
			continue
		}
		if c.Highest[at] == rf.Missing || p.Lowest[i] < c.Lowest[at] {
			c.Lowest[at] = p.Lowest[i]
		}
		c.Highest[at] = max(c.Highest[at], p.Highest[i]) // a missing one is the lowest
		mW, number := p.Power(i)
		c.mW[at] += mW
		c.Number[at] += uint64(number)
	}
	if c.Threshold == nil {
		return nil
	}
	return p.Above(*c.Threshold, func(i int, n uint32) {
		if at := places[i]; at >= 0 {
			c.Above[at] += uint64(n)
		}
	})
}

func (c *count) finish() *Result {
	for i, number := range c.Number {
		if number > 0 {
			c.Mean[i] = rollup.MeanLevel(c.mW[i], number)
		}
	}
	return &c.Result
}
