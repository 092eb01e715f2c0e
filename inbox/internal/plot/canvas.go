package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"strings"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Format is a picture's file format.
type Format uint8

// The formats.
const (
	PNG Format = iota
	SVG
)

// dotsPerInch makes PNGs sharp on dense screens; a point is a 72nd of an inch.
const dotsPerInch = 144

// render lets paint draw on a canvas of the size and gives the file.
func render(format Format, width, height vg.Length, background color.Color, paint func(draw.Canvas)) ([]byte, error) {
	var out bytes.Buffer
	if format == SVG {
		canvas := vgsvg.New(width, height)
		area := draw.New(canvas)
		area.SetColor(background)
		area.Fill(area.Path())
		paint(area)
		if _, err := canvas.WriteTo(&out); err != nil {
			return nil, fmt.Errorf("plot: write SVG: %w", err)
		}
		return withFallbackFonts(out.Bytes()), nil
	}
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dotsPerInch), vgimg.UseBackgroundColor(background))
	paint(draw.New(canvas))
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, canvas.Image()); err != nil {
		return nil, fmt.Errorf("plot: write PNG: %w", err)
	}
	return out.Bytes(), nil
}

// withFallbackFonts names fonts of the same widths for viewers without Liberation Sans.
func withFallbackFonts(svg []byte) []byte {
	return []byte(strings.NewReplacer(
		"font-family:Liberation Sans", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif",
	).Replace(string(svg)))
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// frame makes an empty plot with the theme's axes.
func frame(c colours, title string) *gonum.Plot {
	p := gonum.New()
	p.BackgroundColor = c.background
	p.Title.Text = title
	p.Title.TextStyle.Font = sans(12)
	p.Title.TextStyle.Font.Weight = 0
	p.Title.TextStyle.Color = c.text
	p.Title.Padding = 8
	for _, axis := range []*gonum.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sans(11)
		axis.Label.TextStyle.Color = c.text
		axis.Label.Padding = 4
		axis.Tick.Label.Font = sans(10)
		axis.Tick.Label.Color = c.text
		axis.Tick.Color = c.faint
		axis.Color = c.faint
		axis.Tick.Length = 4
		axis.Padding = 0
	}
	return p
}

func grid(c colours) *plotter.Grid {
	g := plotter.NewGrid()
	g.Horizontal = draw.LineStyle{Color: c.grid, Width: 0.6}
	g.Vertical = g.Horizontal
	return g
}
