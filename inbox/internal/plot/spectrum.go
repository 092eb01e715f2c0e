package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"nms.example/common/rf"
	"nms.example/inbox/internal/tracebody"
)

// Size of a spectrum in points; a PNG has twice as many pixels.
const (
	spectrumWidth  vg.Length = 720
	spectrumHeight vg.Length = 360
	// Columns is how many buckets the values of a curve are thinned to: one per pixel of the plotting area.
	Columns = 1300
	// noiseRoom is how far outside of the levels, in dB, the noise may lie and still be shown. Farther away it would
	// press the levels flat.
	noiseRoom = 60
)

// Spectrum is what a picture of a trace shows.
type Spectrum struct {
	Trace    *rf.Trace
	Time     time.Time
	Lat, Lng float64
	// AltM is the altitude in metres; nil when it is not known.
	AltM *float64
	// Context is told below the title.
	Context tracebody.Context
	// Signals are marked as bands with their f0.
	Signals []rf.Signal
}

// Draw returns the picture.
func (s *Spectrum) Draw(format Format, style Style) ([]byte, error) {
	colours, w := style.Theme.colours(), style.Language.words()
	frequency, divisor := newFrequencyAxis(w, s.Trace.StartHz, s.Trace.StopHz)
	low, high := s.levels()
	ch := chart{
		title: fmt.Sprintf("%s · %s · %s", w.spectrum, s.Time.In(style.zone()).Format("2006-01-02 15:04:05.999 MST"), w.place(s.Lat, s.Lng, s.AltM)),
		notes: w.describe(&s.Context),
		x:     frequency,
		y:     newPowerAxis(w, s.Trace.Unit, low, high, 8),
	}
	return render(format, spectrumWidth, spectrumHeight, colours, func(c canvas) {
		a := ch.draw(c)
		columns := s.columns()
		drawGaps(a, columns, colours, divisor)
		a.drawGrid(colours.grid)
		s.drawSignals(a, colours, divisor)
		drawLevels(a, columns, colours, divisor, len(s.Trace.Levels) > len(columns))
		if s.Trace.NoiseDBm > low && s.Trace.NoiseDBm < high {
			dashes := draw.LineStyle{Color: colours.noise, Width: 1, Dashes: []vg.Length{5, 3}}
			a.drawLine(dashes, a.at(a.x.low, s.Trace.NoiseDBm), a.at(a.x.high, s.Trace.NoiseDBm))
			_, unit := w.quantity(s.Trace.Unit)
			c.drawLegend(fmt.Sprintf("%s %s %s", w.noise, withMinus(strconv.FormatFloat(s.Trace.NoiseDBm, 'f', 2, 64)), unit), dashes)
		}
		a.drawSides(c)
	})
}

// drawLegend explains a line, beside the title, where it hides nothing.
func (c canvas) drawLegend(words string, line draw.LineStyle) {
	const right, length, room vg.Length = 20, 20, 5
	end := vg.Point{X: c.Max.X - right, Y: c.Max.Y - margin - c.face(titleSize).Extents().Ascent}
	c.write(words, markSize, atRight, end.Sub(vg.Point{X: length + room}))
	sample := end.Add(vg.Point{Y: middleOfDigits * markSize})
	c.StrokeLines(line, []vg.Point{sample.Sub(vg.Point{X: length}), sample})
}

// visible widens a part of x's axis that would be thinner than a line.
func (a area) visible(from, to float64) (float64, float64) {
	if least := (a.x.high - a.x.low) / 400; to-from < least {
		middle := (from + to) / 2
		return middle - least/2, middle + least/2
	}
	return from, to
}

// drawDash draws a single column, as wide as its step.
func (a area) drawDash(style draw.LineStyle, c column, divisor, level float64) {
	from, to := a.visible(c.fromHz/divisor, c.toHz/divisor)
	a.drawLine(style, a.at(from, level), a.at(to, level))
}

// drawSignals draws each signal as a band from bottom to top, with a line at its f0.
func (s *Spectrum) drawSignals(a area, colours colours, divisor float64) {
	for _, signal := range s.Signals {
		part, ok := signal.Overlap(s.Trace.Band())
		if !ok {
			continue
		}
		from, to := a.visible(part.StartHz/divisor, part.StopHz/divisor)
		a.fill(colours.band, a.at(from, a.y.low), a.at(from, a.y.high), a.at(to, a.y.high), a.at(to, a.y.low))
		if !s.Trace.Band().Contains(signal.F0Hz) {
			continue
		}
		f0 := signal.F0Hz / divisor
		dots := draw.LineStyle{Color: colours.centre, Width: 0.6, Dashes: []vg.Length{2, 2}}
		a.drawLine(dots, a.at(f0, a.y.low), a.at(f0, a.y.high))
	}
}

// levels returns the range of the power axis: all values and the noise floor, with some air, in whole tens.
func (s *Spectrum) levels() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range s.Trace.Levels {
		if l != rf.Missing {
			low, high = math.Min(low, rf.DBm(l)), math.Max(high, rf.DBm(l))
		}
	}
	if noise := s.Trace.NoiseDBm; low > high || noise > low-noiseRoom && noise < high+noiseRoom {
		low, high = math.Min(low, noise), math.Max(high, noise)
	}
	return math.Floor((low-3)/10) * 10, math.Ceil((high+5)/10) * 10
}

// column is what one column of the picture shows: the lowest and the highest of the values measured in its part of
// the axis; high is rf.Missing when there is none.
type column struct {
	fromHz, toHz float64
	low, high    rf.Level
}

// middleHz is where the column's values are drawn.
func (c *column) middleHz() float64 { return (c.fromHz + c.toHz) / 2 }

func (c *column) missing() bool { return c.high == rf.Missing }

// columns returns those of the trace's values.
func (s *Spectrum) columns() []column {
	return columnsOf(s.Trace.Levels, s.Trace.StartHz, s.Trace.SpacingHz())
}

// columnsOf returns one column per value or, of more values than a picture has columns, one per bucket. A value
// stands for one step around its frequency.
func columnsOf(levels []rf.Level, startHz, spacing float64) []column {
	columns := make([]column, min(len(levels), Columns))
	for i := range columns {
		from, to := i*len(levels)/len(columns), (i+1)*len(levels)/len(columns)
		c := column{low: rf.MaxLevel, high: rf.Missing}
		c.fromHz, c.toHz = startHz+(float64(from)-0.5)*spacing, startHz+(float64(to)-0.5)*spacing
		for _, l := range levels[from:to] {
			if l != rf.Missing {
				c.low, c.high = min(c.low, l), max(c.high, l)
			}
		}
		columns[i] = c
	}
	return columns
}

// runs splits columns into unbroken rows of measured, or of missing, ones.
func runs(columns []column, missing bool) [][]column {
	var rows [][]column
	for i := range columns {
		switch c := &columns[i]; {
		case c.missing() != missing:
		case i > 0 && columns[i-1].missing() == missing:
			rows[len(rows)-1] = append(rows[len(rows)-1], *c)
		default:
			rows = append(rows, []column{*c})
		}
	}
	return rows
}

// drawGaps shades the part of the axis where values are missing.
func drawGaps(a area, columns []column, colours colours, divisor float64) {
	for _, run := range runs(columns, true) {
		from, to := run[0].fromHz/divisor, run[len(run)-1].toHz/divisor
		a.fill(colours.gap, a.at(from, a.y.low), a.at(from, a.y.high), a.at(to, a.y.high), a.at(to, a.y.low))
	}
}

// drawLevels draws a line through the highest value of each column and, with dense columns of several values
// each, the area down to the lowest. The line ends where values are missing; a value between missing ones is a
// dash as wide as the step.
func drawLevels(a area, columns []column, colours colours, divisor float64, dense bool) {
	style := draw.LineStyle{Color: colours.line, Width: 0.9}
	if dense {
		style.Width = 0.7
	}
	for _, run := range runs(columns, false) {
		if len(run) == 1 {
			a.drawDash(style, run[0], divisor, rf.DBm(run[0].high))
			continue
		}
		upper, lower := make([]vg.Point, len(run)), make([]vg.Point, len(run))
		for i, c := range run {
			x := c.middleHz() / divisor
			upper[i], lower[i] = a.at(x, rf.DBm(c.high)), a.at(x, rf.DBm(c.low))
		}
		if dense {
			slices.Reverse(lower)
			a.fill(colours.envelope, slices.Concat(upper, lower)...)
		}
		a.drawLine(style, upper...)
	}
}
