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
)

// Size of a spectrum in points; a PNG has twice as many pixels.
const (
	spectrumWidth  vg.Length = 720
	spectrumHeight vg.Length = 360
	// spectrumColumns is how many buckets a spectrum is thinned to: one per pixel of the plotting area.
	spectrumColumns = 1300
	// noiseRoom is how far outside of the levels, in dB, the noise may lie and still be shown. Farther away it would
	// press the levels flat.
	noiseRoom = 60
)

// Spectrum is what a picture of a trace shows.
type Spectrum struct {
	Trace    *rf.Trace
	Time     time.Time
	Lat, Lng float64
	// Signals are marked as bands with their f0.
	Signals []rf.Signal
}

// Draw gives the picture.
func (s *Spectrum) Draw(format Format, style Style) ([]byte, error) {
	colours, w := style.Theme.colours(), style.Language.words()
	frequency, divisor := newFrequencyAxis(w, s.Trace.StartHz, s.Trace.StopHz)
	low, high := s.levels()
	ch := chart{
		title: fmt.Sprintf("%s · %s UTC · %s", w.spectrum, s.Time.UTC().Format("2006-01-02 15:04:05.999"), w.place(s.Lat, s.Lng)),
		x:     frequency,
		y:     newPowerAxis(w, low, high, 8),
	}
	return render(format, spectrumWidth, spectrumHeight, colours, func(c canvas) {
		a := ch.draw(c)
		a.drawGrid(colours.grid)
		s.drawSignals(a, colours, divisor)
		s.drawLevels(a, colours, divisor)
		if s.Trace.NoiseDBm > low && s.Trace.NoiseDBm < high {
			dashes := draw.LineStyle{Color: colours.noise, Width: 1, Dashes: []vg.Length{5, 3}}
			a.drawLine(dashes, a.at(a.x.low, s.Trace.NoiseDBm), a.at(a.x.high, s.Trace.NoiseDBm))
			c.drawLegend(fmt.Sprintf("%s %s %s", w.noise, withMinus(strconv.FormatFloat(s.Trace.NoiseDBm, 'f', 2, 64)), w.dBm), dashes)
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

// drawSignals draws each signal as a band from bottom to top, with a line at its f0.
func (s *Spectrum) drawSignals(a area, colours colours, divisor float64) {
	least := (a.x.high - a.x.low) / 400 // no band is thinner than a line
	for _, signal := range s.Signals {
		part, ok := signal.Overlap(s.Trace.Band())
		if !ok {
			continue
		}
		from, to := float64(part.StartHz)/divisor, float64(part.StopHz)/divisor
		if to-from < least {
			middle := (from + to) / 2
			from, to = middle-least/2, middle+least/2
		}
		a.fill(colours.band, a.at(from, a.y.low), a.at(from, a.y.high), a.at(to, a.y.high), a.at(to, a.y.low))
		if !s.Trace.Band().Contains(signal.F0Hz) {
			continue
		}
		f0 := float64(signal.F0Hz) / divisor
		dots := draw.LineStyle{Color: colours.centre, Width: 0.6, Dashes: []vg.Length{2, 2}}
		a.drawLine(dots, a.at(f0, a.y.low), a.at(f0, a.y.high))
	}
}

// levels gives the range of the power axis: all values and the noise floor, with some air, in whole tens.
func (s *Spectrum) levels() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range s.Trace.Levels {
		low, high = math.Min(low, rf.DBm(l)), math.Max(high, rf.DBm(l))
	}
	if noise := s.Trace.NoiseDBm; noise > low-noiseRoom && noise < high+noiseRoom {
		low, high = math.Min(low, noise), math.Max(high, noise)
	}
	return math.Floor((low-3)/10) * 10, math.Ceil((high+5)/10) * 10
}

// drawLevels draws the line through the values. Of a trace with more values than the picture has columns it
// draws the highest of each column, and the area down to the lowest.
func (s *Spectrum) drawLevels(a area, colours colours, divisor float64) {
	n := len(s.Trace.Levels)
	if n <= spectrumColumns {
		points := make([]vg.Point, n)
		for i, l := range s.Trace.Levels {
			points[i] = a.at(float64(s.Trace.FrequencyAt(i))/divisor, rf.DBm(l))
		}
		a.drawLine(draw.LineStyle{Color: colours.line, Width: 0.9}, points...)
		return
	}
	upper, lower := make([]vg.Point, spectrumColumns), make([]vg.Point, spectrumColumns)
	for i := range spectrumColumns {
		from, to := i*n/spectrumColumns, (i+1)*n/spectrumColumns
		levels := s.Trace.Levels[from:to]
		x := float64(s.Trace.FrequencyAt((from+to)/2)) / divisor
		upper[i], lower[i] = a.at(x, rf.DBm(slices.Max(levels))), a.at(x, rf.DBm(slices.Min(levels)))
	}
	slices.Reverse(lower)
	a.fill(colours.envelope, slices.Concat(upper, lower)...)
	a.drawLine(draw.LineStyle{Color: colours.line, Width: 0.7}, upper...)
}
