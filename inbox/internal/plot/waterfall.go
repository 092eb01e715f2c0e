package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"

	"nms.example/common/chart"
	"nms.example/common/rf"
	"nms.example/inbox/internal/waterfall"
)

// Size of a waterfall in points.
const (
	waterfallWidth  vg.Length = 780
	waterfallHeight vg.Length = 520
	barWidth        vg.Length = 104
)

// Scale bounds the levels that the colours stand for, in the unit of the values; nil: from the levels.
type Scale struct{ Min, Max *float64 }

// Waterfall returns the picture of a grid, the newest row on top. Each pixel shows the highest of the cells that it covers, none is
// blended with another.
func Waterfall(g *waterfall.Grid, scaling Scale, format chart.Format, style chart.Style) ([]byte, error) {
	colours, w := coloursOf(style.Theme), wordsOf(style.Language)
	s := scaleOf(g, scaling)
	frequency, _ := newFrequencyAxis(w, g.Band.StartHz, g.Band.StopHz)
	value := w.highest
	if g.Mean {
		value = w.mean
	}
	ch := chart.Chart{
		Title: fmt.Sprintf("%s · %s · %s · %s", w.waterfall, chart.Period(g.From(), g.To(), style.Location()), w.measured(g.Sweeps, g.Sources, g.Receiver), value),
		X:     frequency,
		Y:     chart.NewTimeAxis(style.Language, g.From(), g.To(), 12, style.Location()),
	}
	return chart.Render(format, waterfallWidth, waterfallHeight, colours.Colours, func(c chart.Canvas) {
		a := ch.Draw(c.Crop(0, barWidth, 0, 0))
		c.DrawPixels(a.Rectangle, func(width, height int) image.Image { return s.raster(g, width, height, colours.unmeasured) })
		a.DrawSides(c)
		s.drawLegend(c.Crop(waterfallWidth-barWidth, 0, 0, 0), w, g.Unit, colours.unmeasured)
	})
}

// levelScale maps levels to colours.
type levelScale struct {
	low, high float64
	// below and above tell that there are levels beyond the ends.
	below, above bool
	steps        [256]color.NRGBA
}

func scaleOf(g *waterfall.Grid, wanted Scale) *levelScale {
	s := &levelScale{steps: scale()}
	s.low, s.high = contrast(g.Levels)
	const least = 10 // dB, where only one end was given and the other would lie beyond it
	if wanted.Min != nil {
		s.low, s.high = *wanted.Min, math.Max(s.high, *wanted.Min+least)
	}
	if wanted.Max != nil {
		s.high = *wanted.Max
		if wanted.Min == nil {
			s.low = math.Min(s.low, s.high-least)
		}
	}
	for _, l := range g.Levels {
		if l != waterfall.Gap {
			s.below, s.above = s.below || rf.DBm(l) < s.low, s.above || rf.DBm(l) > s.high
		}
	}
	return s
}

// contrast returns the range of levels, in their unit, that the colours stand for: from about the noise floor to
// nearly the strongest, at least 10 dB.
func contrast(levels []rf.Level) (low, high float64) {
	sample := make([]rf.Level, 0, 20_000)
	for i := 0; i < len(levels); i += max(1, len(levels)/20_000) {
		if levels[i] != waterfall.Gap {
			sample = append(sample, levels[i])
		}
	}
	if len(sample) == 0 {
		return -120, -60
	}
	slices.Sort(sample)
	at := func(share float64) float64 { return rf.DBm(sample[int(share*float64(len(sample)-1))]) }
	low, high = math.Floor(at(0.05)), math.Ceil(at(0.998))
	return low, math.Max(high, low+10)
}

// of returns the colour of a level.
func (s *levelScale) of(l rf.Level) color.NRGBA {
	place := (rf.DBm(l) - s.low) / (s.high - s.low)
	return s.steps[int(math.Max(0, math.Min(255, place*255)))]
}

// parts returns which of n cells, with given edges from 0 to 1, each of count pixels covers: from the first to the last.
func parts(edges []float64, count int) []struct{ first, last int } {
	out := make([]struct{ first, last int }, count)
	n := len(edges) - 1
	for pixel := range out {
		from, to := float64(pixel)/float64(count), float64(pixel+1)/float64(count)
		// A cell belongs to the pixel in which it begins, and to all that lie wholly in it: it shows in one at least.
		first := max(0, min(n, searchAfter(edges, from))-1)
		last := max(first, min(n-1, searchAfter(edges, to-1e-12)-1))
		if first < last && edges[first] < from {
			first++ // it has had a pixel before
		}
		out[pixel].first, out[pixel].last = first, last
	}
	return out
}

// searchAfter returns the index of the first edge above a place.
func searchAfter(edges []float64, at float64) int {
	i, _ := slices.BinarySearchFunc(edges, at, func(edge, at float64) int {
		if edge > at {
			return 1
		}
		return -1
	})
	return i
}

// raster paints the grid, the newest row on top.
func (s *levelScale) raster(g *waterfall.Grid, width, height int, unmeasured color.NRGBA) image.Image {
	times, columns := make([]float64, len(g.Edges)), make([]float64, g.Columns+1)
	span := float64(g.To().Sub(g.From()))
	for i, edge := range g.Edges {
		times[i] = float64(edge.Sub(g.From())) / span
	}
	for i := range columns {
		columns[i] = float64(i) / float64(g.Columns)
	}
	across := parts(columns, width)
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	line := make([]rf.Level, g.Columns)
	for y, rows := range parts(times, height) {
		copy(line, g.Row(rows.first))
		for row := rows.first + 1; row <= rows.last; row++ {
			for i, l := range g.Row(row) {
				line[i] = max(line[i], l) // a gap is the lowest
			}
		}
		for x, cells := range across {
			highest := slices.Max(line[cells.first : cells.last+1])
			shade := unmeasured
			if highest != waterfall.Gap {
				shade = s.of(highest)
			}
			img.SetNRGBA(x, height-1-y, shade)
		}
	}
	return img
}

// drawLegend draws the colours from strong, on top, to weak, and that of what was not measured below. An end beyond which there are
// levels says so.
func (s *levelScale) drawLegend(c chart.Canvas, w words, u rf.Unit, unmeasured color.Color) {
	y := newPowerAxis(w, u, s.low, s.high, 10)
	y.Marks = s.marks(y.Marks)
	bar := chart.Chart{Y: y}.Draw(c)
	c.DrawPixels(bar.Rectangle, func(width, height int) image.Image {
		img := image.NewNRGBA(image.Rect(0, 0, width, height))
		for row := range height {
			for x := range width {
				img.SetNRGBA(x, height-1-row, s.steps[row*len(s.steps)/height])
			}
		}
		return img
	})
	bar.DrawSides(c)
	const gap vg.Length = 10 // the sample's height
	sample := bar
	sample.Min.Y, sample.Max.Y = c.Min.Y+chart.Margin, c.Min.Y+chart.Margin+gap
	sample.Fill(unmeasured, sample.Min, vg.Point{X: sample.Min.X, Y: sample.Max.Y}, sample.Max, vg.Point{X: sample.Max.X, Y: sample.Min.Y})
	c.Outline(sample.Rectangle)
	c.Write(w.unmeasured, chart.MarkSize, chart.AtRight, vg.Point{X: sample.Min.X - chart.MarkRoom, Y: sample.Min.Y + gap/2 - chart.MiddleOfDigits*chart.MarkSize})
}

// marks puts marks at the ends that are clipped, in place of those too near to them.
func (s *levelScale) marks(all []chart.Mark) []chart.Mark {
	near := (s.high - s.low) / 30
	all = slices.DeleteFunc(all, func(m chart.Mark) bool {
		return s.below && m.Value < s.low+near || s.above && m.Value > s.high-near
	})
	end := func(sign string, value float64) {
		all = append(all, chart.Mark{Value: value, Label: sign + " " + chart.WithMinus(decimal(value))})
	}
	if s.below {
		end("≤", s.low)
	}
	if s.above {
		end("≥", s.high)
	}
	return all
}

// decimal writes a number with as many digits as it has.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
