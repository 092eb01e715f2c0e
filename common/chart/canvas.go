package chart

import (
	"bytes"
	"fmt"
	"image"
	imagedraw "image/draw"
	"image/png"
	"math"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
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

// Canvas is where a picture is drawn, in points from the lower left corner, with its colours and the font of all
// its texts.
type Canvas struct {
	draw.Canvas

	Colours Colours
	font    *opentype.Font
	// pixels is the picture itself; nil in an SVG.
	pixels imagedraw.Image
}

// Font is that of all texts: Liberation Sans, which has Latin and Cyrillic letters.
var Font = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(liberationsansregular.TTF) })

// Render lets paint draw on a canvas of the size and returns the file.
func Render(format Format, width, height vg.Length, c Colours, paint func(Canvas)) ([]byte, error) {
	typeface, err := Font()
	if err != nil {
		return nil, fmt.Errorf("chart: read the font: %w", err)
	}
	var out bytes.Buffer
	if format == SVG {
		picture := vgsvg.New(width, height)
		area := draw.New(picture)
		area.SetColor(c.Background)
		area.Fill(area.Path())
		paint(Canvas{area, c, typeface, nil})
		if _, err := picture.WriteTo(&out); err != nil {
			return nil, fmt.Errorf("chart: write SVG: %w", err)
		}
		return forViewers(out.Bytes()), nil
	}
	picture := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dotsPerInch), vgimg.UseBackgroundColor(c.Background))
	paint(Canvas{draw.New(picture), c, typeface, picture.Image()})
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, picture.Image()); err != nil {
		return nil, fmt.Errorf("chart: write PNG: %w", err)
	}
	return out.Bytes(), nil
}

// forViewers names fonts of the same widths for viewers without Liberation Sans, and keeps them from blending the pixels of a raster.
func forViewers(svg []byte) []byte {
	return []byte(strings.NewReplacer(
		"font-family:Liberation Sans", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif",
		"<image ", `<image preserveAspectRatio="none" style="image-rendering:pixelated" `,
		"data:image/jpg;", "data:image/png;",
	).Replace(string(svg)))
}

// DrawPixels fills a rectangle with what paint makes for its size in pixels, one by one: nothing is stretched or blended.
func (c Canvas) DrawPixels(r vg.Rectangle, paint func(width, height int) image.Image) {
	dots := func(v vg.Length) int { return int(math.Round(v.Dots(dotsPerInch))) }
	if c.pixels == nil {
		size := r.Size()
		c.DrawImage(r, paint(dots(size.X), dots(size.Y)))
		return
	}
	height := c.pixels.Bounds().Dy() // it counts from the top
	place := image.Rect(dots(r.Min.X), height-dots(r.Max.Y), dots(r.Max.X), height-dots(r.Min.Y))
	imagedraw.Draw(c.pixels, place, paint(place.Dx(), place.Dy()), image.Point{}, imagedraw.Src)
}

// Crop returns the part of the canvas that is left when its sides are moved in.
func (c Canvas) Crop(left, right, bottom, top vg.Length) Canvas {
	c.Canvas = draw.Crop(c.Canvas, left, -right, bottom, -top)
	return c
}

// Face is the font of a size.
func (c Canvas) Face(size vg.Length) *font.Face {
	return &font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}, Face: c.font}
}

// Anchor is the point of a text's baseline that is put into place.
type Anchor vg.Length

// The anchors.
const (
	AtLeft   Anchor = 0
	AtMiddle Anchor = 0.5
	AtRight  Anchor = 1
)

// Write puts a line of text with its anchor at the point.
func (c Canvas) Write(line string, size vg.Length, a Anchor, at vg.Point) {
	face := c.Face(size)
	c.SetColor(c.Colours.Text)
	c.FillString(*face, vg.Point{X: at.X - vg.Length(a)*face.Width(line), Y: at.Y}, line)
}

// writeUpwards does it from bottom to top.
func (c Canvas) writeUpwards(line string, size vg.Length, a Anchor, at vg.Point) {
	c.Push()
	c.Translate(at)
	c.Rotate(math.Pi / 2)
	c.Write(line, size, a, vg.Point{})
	c.Pop()
}

// rule draws a thin line of an axis.
func (c Canvas) rule(from, to vg.Point) {
	c.StrokeLines(draw.LineStyle{Color: c.Colours.Faint, Width: 0.5}, []vg.Point{from, to})
}

// Outline draws the sides of a rectangle as thin lines.
func (c Canvas) Outline(r vg.Rectangle) {
	upper, lower := vg.Point{X: r.Min.X, Y: r.Max.Y}, vg.Point{X: r.Max.X, Y: r.Min.Y}
	c.StrokeLines(draw.LineStyle{Color: c.Colours.Faint, Width: 0.5}, []vg.Point{r.Min, upper, r.Max, lower, r.Min})
}
