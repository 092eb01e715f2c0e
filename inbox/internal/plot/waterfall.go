package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"nms.example/common/rf"
	"nms.example/inbox/internal/waterfall"
)

type plotterOf = gonum.Plotter

// Size of a waterfall in points.
const (
	waterfallWidth  vg.Length = 760
	waterfallHeight vg.Length = 520
	scaleWidth      vg.Length = 86
)

// Waterfall gives the picture of a grid, the newest row on top.
func Waterfall(g *waterfall.Grid, format Format, style Style) ([]byte, error) {
	c, w := style.Theme.colours(), style.Language.words()
	low, high := contrast(g.Levels)
	steps := scale()

	p := frame(c, fmt.Sprintf("%s · %s – %s UTC · %d %s", w.waterfall, g.From.UTC().Format("2006-01-02 15:04"), g.To.UTC().Format("15:04"), g.Traces, w.traces))
	divisor, unitIndex := unit(math.Max(math.Abs(float64(g.Band.StartHz)), math.Abs(float64(g.Band.StopHz))))
	p.X.Label.Text = w.frequency + ", " + w.units[unitIndex]
	p.Y.Label.Text = w.timeUTC
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{10}, clock{g.From, 12}
	left, right := float64(g.Band.StartHz)/divisor, float64(g.Band.StopHz)/divisor
	if left == right {
		left, right = left-1, right+1
	}
	p.Add(plotter.NewImage(raster(g, low, high, steps, c.gap), left, 0, right, g.To.Sub(g.From).Seconds()))

	bar := frame(c, " ")
	bar.X.Label.Text = " "
	bar.X.Tick.Marker = gonum.ConstantTicks{{Value: 0, Label: " "}}
	bar.X.Width, bar.X.Tick.Width = 0, 0
	bar.Y.Label.Text = w.power + ", " + w.dBm
	bar.Y.Tick.Marker = ticks{10}
	bar.Add(plotter.NewImage(gradient(steps), 0, low, 1, high))
	return render(format, waterfallWidth, waterfallHeight, c.background, func(canvas draw.Canvas) {
		p.Draw(draw.Crop(canvas, 6, -scaleWidth-14, 6, -6))
		bar.Draw(draw.Crop(canvas, waterfallWidth-scaleWidth, -12, 6, -6))
	})
}

// contrast gives the range of levels, in dBm, that the colours stand for: from about the noise floor to
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

// raster paints the grid, one pixel per cell, the newest row on top.
func raster(g *waterfall.Grid, low, high float64, steps [256]color.NRGBA, gap color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, g.Columns, g.Rows))
	r, gr, b, _ := gap.RGBA()
	empty := color.NRGBA{uint8(r >> 8), uint8(gr >> 8), uint8(b >> 8), 0xff}
	for row := range g.Rows {
		for column, level := range g.Row(row) {
			shade := empty
			if level != waterfall.Gap {
				place := (rf.DBm(level) - low) / (high - low)
				shade = steps[int(math.Max(0, math.Min(255, place*255)))]
			}
			img.SetNRGBA(column, g.Rows-1-row, shade)
		}
	}
	return img
}

// gradient paints the colours from strong, on top, to weak.
func gradient(steps [256]color.NRGBA) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 8, len(steps)))
	for i, shade := range steps {
		for x := range 8 {
			img.SetNRGBA(x, len(steps)-1-i, shade)
		}
	}
	return img
}
