package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"nms.example/common/chart"
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
func (s *Spectrum) Draw(format chart.Format, style chart.Style) ([]byte, error) {
	colours, w := coloursOf(style.Theme), wordsOf(style.Language)
	frequency, divisor := newFrequencyAxis(w, s.Trace.StartHz, s.Trace.StopHz)
	low, high := s.levels()
	ch := chart.Chart{
		Title: fmt.Sprintf("%s · %s · %s", w.spectrum, s.Time.In(style.Location()).Format("2006-01-02 15:04:05.999 MST"), w.place(s.Lat, s.Lng, s.AltM)),
		Notes: w.describe(&s.Context),
		X:     frequency,
		Y:     newPowerAxis(w, s.Trace.Unit, low, high, 8),
	}
	return chart.Render(format, spectrumWidth, spectrumHeight, colours.Colours, func(c chart.Canvas) {
		a := ch.Draw(c)
		columns := s.columns()
		drawGaps(a, columns, colours.Colours, divisor)
		a.DrawGrid(colours.Grid)
		s.drawSignals(a, colours, divisor)
		drawLevels(a, columns, colours.Colours, divisor, len(s.Trace.Levels) > len(columns))
		if s.Trace.NoiseDBm > low && s.Trace.NoiseDBm < high {
			dashes := draw.LineStyle{Color: colours.Second, Width: 1, Dashes: []vg.Length{5, 3}}
			a.DrawLine(dashes, a.At(a.Across.Low, s.Trace.NoiseDBm), a.At(a.Across.High, s.Trace.NoiseDBm))
			_, unit := w.quantity(s.Trace.Unit)
			drawLegend(c, fmt.Sprintf("%s %s %s", w.noise, chart.WithMinus(strconv.FormatFloat(s.Trace.NoiseDBm, 'f', 2, 64)), unit), dashes)
		}
		a.DrawSides(c)
	})
}

// drawLegend explains a line, beside the title, where it hides nothing.
func drawLegend(c chart.Canvas, words string, line draw.LineStyle) {
	const right, length, room vg.Length = 20, 20, 5
	end := vg.Point{X: c.Max.X - right, Y: c.Max.Y - chart.Margin - c.Face(chart.TitleSize).Extents().Ascent}
	c.Write(words, chart.MarkSize, chart.AtRight, end.Sub(vg.Point{X: length + room}))
	sample := end.Add(vg.Point{Y: chart.MiddleOfDigits * chart.MarkSize})
	c.StrokeLines(line, []vg.Point{sample.Sub(vg.Point{X: length}), sample})
}

// drawDash draws a single column, as wide as its step.
func drawDash(a chart.Area, style draw.LineStyle, c column, divisor, level float64) {
	from, to := a.Visible(c.fromHz/divisor, c.toHz/divisor)
	a.DrawLine(style, a.At(from, level), a.At(to, level))
}

// drawSignals draws each signal as a band from bottom to top, with a line at its f0.
func (s *Spectrum) drawSignals(a chart.Area, colours colours, divisor float64) {
	for _, signal := range s.Signals {
		part, ok := signal.Overlap(s.Trace.Band())
		if !ok {
			continue
		}
		from, to := a.Visible(part.StartHz/divisor, part.StopHz/divisor)
		a.Fill(colours.band, a.At(from, a.Up.Low), a.At(from, a.Up.High), a.At(to, a.Up.High), a.At(to, a.Up.Low))
		if !s.Trace.Band().Contains(signal.F0Hz) {
			continue
		}
		f0 := signal.F0Hz / divisor
		dots := draw.LineStyle{Color: colours.centre, Width: 0.6, Dashes: []vg.Length{2, 2}}
		a.DrawLine(dots, a.At(f0, a.Up.Low), a.At(f0, a.Up.High))
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
func drawGaps(a chart.Area, columns []column, colours chart.Colours, divisor float64) {
	for _, run := range runs(columns, true) {
		from, to := run[0].fromHz/divisor, run[len(run)-1].toHz/divisor
		a.Fill(colours.Gap, a.At(from, a.Up.Low), a.At(from, a.Up.High), a.At(to, a.Up.High), a.At(to, a.Up.Low))
	}
}

// drawLevels draws a line through the highest value of each column and, with dense columns of several values
// each, the area down to the lowest. The line ends where values are missing; a value between missing ones is a
// dash as wide as the step.
func drawLevels(a chart.Area, columns []column, colours chart.Colours, divisor float64, dense bool) {
	style := draw.LineStyle{Color: colours.Line, Width: 0.9}
	if dense {
		style.Width = 0.7
	}
	for _, run := range runs(columns, false) {
		if len(run) == 1 {
			drawDash(a, style, run[0], divisor, rf.DBm(run[0].high))
			continue
		}
		upper, lower := make([]vg.Point, len(run)), make([]vg.Point, len(run))
		for i, c := range run {
			x := c.middleHz() / divisor
			upper[i], lower[i] = a.At(x, rf.DBm(c.high)), a.At(x, rf.DBm(c.low))
		}
		if dense {
			slices.Reverse(lower)
			a.Fill(colours.Envelope, slices.Concat(upper, lower)...)
		}
		a.DrawLine(style, upper...)
	}
}
