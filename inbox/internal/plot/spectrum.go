package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
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
	c, w := style.Theme.colours(), style.Language.words()
	p := frame(c, fmt.Sprintf("%s · %s UTC · %s", w.spectrum, s.Time.UTC().Format("2006-01-02 15:04:05.999"), w.place(s.Lat, s.Lng)))
	divisor, unitIndex := unit(math.Max(math.Abs(float64(s.Trace.StartHz)), math.Abs(float64(s.Trace.StopHz))))
	p.X.Label.Text = w.frequency + ", " + w.units[unitIndex]
	p.Y.Label.Text = w.power + ", " + w.dBm
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{10}, ticks{8}
	p.X.Min, p.X.Max = float64(s.Trace.StartHz)/divisor, float64(s.Trace.StopHz)/divisor
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-1, p.X.Max+1
	}
	low, high := s.levels()
	p.Y.Min, p.Y.Max = low, high
	p.Add(grid(c))

	if err := s.mark(p, c, divisor); err != nil {
		return nil, err
	}
	curves, err := s.curves(c, divisor)
	if err != nil {
		return nil, err
	}
	p.Add(curves...)

	noise, err := plotter.NewLine(plotter.XYs{{X: p.X.Min, Y: s.Trace.NoiseDBm}, {X: p.X.Max, Y: s.Trace.NoiseDBm}})
	if err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	noise.LineStyle = draw.LineStyle{Color: c.noise, Width: 1, Dashes: []vg.Length{5, 3}}
	if s.Trace.NoiseDBm > low && s.Trace.NoiseDBm < high {
		p.Add(noise)
		p.Legend.Add(fmt.Sprintf("%s %s %s", w.noise, withMinus(strconv.FormatFloat(s.Trace.NoiseDBm, 'f', 2, 64)), w.dBm), noise)
	}
	p.Legend.Top = true
	p.Legend.XOffs, p.Legend.YOffs = -6, 20 // beside the title, where it hides nothing
	p.Legend.TextStyle = text.Style{Color: c.text, Font: sans(10), Handler: p.Title.TextStyle.Handler}
	return render(format, spectrumWidth, spectrumHeight, c.background, func(canvas draw.Canvas) {
		p.Draw(draw.Crop(canvas, 6, -14, 6, -6))
	})
}

// mark draws each signal as a band from bottom to top, with a line at its f0.
func (s *Spectrum) mark(p *gonum.Plot, c colours, divisor float64) error {
	least := (p.X.Max - p.X.Min) / 400 // no band is thinner than a line
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
		band, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: p.Y.Min}, {X: from, Y: p.Y.Max}, {X: to, Y: p.Y.Max}, {X: to, Y: p.Y.Min}})
		if err != nil {
			return fmt.Errorf("plot: %w", err)
		}
		band.Color, band.Width = c.band, 0
		p.Add(band)
		if !s.Trace.Band().Contains(signal.F0Hz) {
			continue
		}
		f0 := float64(signal.F0Hz) / divisor
		centre, err := plotter.NewLine(plotter.XYs{{X: f0, Y: p.Y.Min}, {X: f0, Y: p.Y.Max}})
		if err != nil {
			return fmt.Errorf("plot: %w", err)
		}
		centre.LineStyle = draw.LineStyle{Color: c.centre, Width: 0.6, Dashes: []vg.Length{2, 2}}
		p.Add(centre)
	}
	return nil
}

// levels gives the range of the power axis: all values and the noise floor, with some air, in whole tens.
func (s *Spectrum) levels() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range s.Trace.Levels {
		low, high = math.Min(low, rf.DBm(l)), math.Max(high, rf.DBm(l))
	}
	return math.Floor((low-3)/10) * 10, math.Ceil((high+5)/10) * 10
}

// curves gives the line through the values. Of a trace with more values than the picture has columns it
// gives the lowest and the highest of each column and the area between them.
func (s *Spectrum) curves(c colours, divisor float64) ([]plotterOf, error) {
	if len(s.Trace.Levels) <= spectrumColumns {
		points := make(plotter.XYs, len(s.Trace.Levels))
		for i, l := range s.Trace.Levels {
			points[i] = plotter.XY{X: float64(s.Trace.FrequencyAt(i)) / divisor, Y: rf.DBm(l)}
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return nil, fmt.Errorf("plot: %w", err)
		}
		line.LineStyle = draw.LineStyle{Color: c.line, Width: 0.9}
		return []plotterOf{line}, nil
	}
	upper, lower := make(plotter.XYs, spectrumColumns), make(plotter.XYs, spectrumColumns)
	n := len(s.Trace.Levels)
	for i := range spectrumColumns {
		from, to := i*n/spectrumColumns, (i+1)*n/spectrumColumns
		least, most := s.Trace.Levels[from], s.Trace.Levels[from]
		for _, l := range s.Trace.Levels[from:to] {
			least, most = min(least, l), max(most, l)
		}
		x := float64(s.Trace.FrequencyAt((from+to)/2)) / divisor
		upper[i], lower[i] = plotter.XY{X: x, Y: rf.DBm(most)}, plotter.XY{X: x, Y: rf.DBm(least)}
	}
	outline := append(plotter.XYs{}, upper...)
	for _, point := range slices.Backward(lower) {
		outline = append(outline, point)
	}
	area, err := plotter.NewPolygon(outline)
	if err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	area.Color, area.Width = c.envelope, 0
	line, err := plotter.NewLine(upper)
	if err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	line.LineStyle = draw.LineStyle{Color: c.line, Width: 0.7}
	return []plotterOf{area, line}, nil
}
