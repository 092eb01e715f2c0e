package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"nms.example/common/rf"
	"nms.example/inbox/internal/waterfall"
)

// Size of a waterfall in points.
const (
	waterfallWidth  vg.Length = 760
	waterfallHeight vg.Length = 520
	barWidth        vg.Length = 92
)

// Waterfall gives the picture of a grid, the newest row on top.
func Waterfall(g *waterfall.Grid, format Format, style Style) ([]byte, error) {
	colours, w := style.Theme.colours(), style.Language.words()
	low, high := contrast(g.Levels)
	steps := scale()
	frequency, _ := newFrequencyAxis(w, g.Band.StartHz, g.Band.StopHz)
	times := newAxis(w.timeUTC, 0, g.To.Sub(g.From).Seconds())
	times.marks = clockMarks(g.From, g.To, 12)
	ch := chart{
		title: fmt.Sprintf("%s · %s – %s UTC · %d %s", w.waterfall, g.From.UTC().Format("2006-01-02 15:04"), g.To.UTC().Format("15:04"), g.Traces, w.traces),
		x:     frequency,
		y:     times,
	}
	bar := chart{y: newPowerAxis(w, rf.UnitDBm, low, high, 10)}
	return render(format, waterfallWidth, waterfallHeight, colours, func(c canvas) {
		a := ch.draw(c.crop(0, barWidth, 0, 0))
		a.drawImage(raster(g, low, high, steps, colours.gap))
		a.drawSides(c)
		b := bar.draw(c.crop(waterfallWidth-barWidth, 0, 0, 0))
		b.drawImage(gradient(steps))
		b.drawSides(c)
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
