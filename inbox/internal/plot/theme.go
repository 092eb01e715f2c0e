package plot

import (
	"image/color"
	"time"

	"github.com/mazznoer/colorgrad"
)

// Theme is the picture's colours.
type Theme uint8

// The themes. Both fill their background, so that a picture is readable wherever it is put.
const (
	Light Theme = iota
	Dark
)

// Language is that of a picture's texts.
type Language uint8

// The languages.
const (
	English Language = iota
	Russian
)

// Style is how a picture looks.
type Style struct {
	Theme    Theme
	Language Language
	// Zone is that of the times; nil: UTC.
	Zone *time.Location
}

// zone returns the zone of the times.
func (s Style) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

type colours struct {
	background, text, faint, grid color.Color
	line, envelope, noise, band   color.Color
	centre, gap                   color.Color
	// unmeasured is a waterfall's cell without a level. No step of the scale comes near it, see scale.
	unmeasured color.NRGBA
}

func (t Theme) colours() colours {
	if t == Dark {
		return colours{
			background: rgb(0x10161d), text: rgb(0xdfe6ee), faint: rgb(0x8b99a8), grid: rgb(0x25303b),
			line: rgb(0x63b6ff), envelope: color.NRGBA{0x63, 0xb6, 0xff, 0x55}, noise: rgb(0xffb35c), band: color.NRGBA{0x4f, 0xd1, 0x8b, 0x38},
			centre: color.NRGBA{0x4f, 0xd1, 0x8b, 0xb0}, gap: rgb(0x1b242d),
			unmeasured: color.NRGBA{A: 0xff},
		}
	}
	return colours{
		background: rgb(0xffffff), text: rgb(0x1c2733), faint: rgb(0x66727f), grid: rgb(0xe3e8ed),
		line: rgb(0x0a5fae), envelope: color.NRGBA{0x0a, 0x5f, 0xae, 0x45}, noise: rgb(0xb9540f), band: color.NRGBA{0x1f, 0x9d, 0x57, 0x30},
		centre: color.NRGBA{0x1f, 0x9d, 0x57, 0xb0}, gap: rgb(0xeceff2),
		unmeasured: color.NRGBA{0xff, 0xff, 0xff, 0xff},
	}
}

func rgb(hex uint32) color.Color {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// scale is a colour map of 256 steps: viridis, dark violet for weak over blue and green to yellow for strong. Its lightness rises evenly, so that it
// keeps its order for all kinds of colour blindness and in grey, and unlike inferno and magma it ends neither near black nor near white: those
// are left for what was not measured, in the dark and in the light theme. Cividis holds the greys of many screens and prints, and fewer steps that
// can be told apart (N. Smith, S. van der Walt, matplotlib; J. Nuñez, C. Anderton, R. Renslow, PLoS ONE 13(7), 2018).
func scale() [256]color.NRGBA {
	var steps [256]color.NRGBA
	gradient := colorgrad.Viridis()
	for i := range steps {
		r, g, b, _ := gradient.At(float64(i) / 255).RGBA255()
		steps[i] = color.NRGBA{r, g, b, 0xff}
	}
	return steps
}
