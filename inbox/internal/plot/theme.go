package plot

import (
	"image/color"

	"gonum.org/v1/plot/palette/moreland"
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
}

type colours struct {
	background, text, faint, grid color.Color
	line, envelope, noise, band   color.Color
	centre, gap                   color.Color
}

func (t Theme) colours() colours {
	if t == Dark {
		return colours{
			background: rgb(0x10161d), text: rgb(0xdfe6ee), faint: rgb(0x8b99a8), grid: rgb(0x25303b),
			line: rgb(0x63b6ff), envelope: color.NRGBA{0x63, 0xb6, 0xff, 0x55}, noise: rgb(0xffb35c), band: color.NRGBA{0x4f, 0xd1, 0x8b, 0x38},
			centre: color.NRGBA{0x4f, 0xd1, 0x8b, 0xb0}, gap: rgb(0x1b242d),
		}
	}
	return colours{
		background: rgb(0xffffff), text: rgb(0x1c2733), faint: rgb(0x66727f), grid: rgb(0xe3e8ed),
		line: rgb(0x0a5fae), envelope: color.NRGBA{0x0a, 0x5f, 0xae, 0x45}, noise: rgb(0xb9540f), band: color.NRGBA{0x1f, 0x9d, 0x57, 0x30},
		centre: color.NRGBA{0x1f, 0x9d, 0x57, 0xb0}, gap: rgb(0xeceff2),
	}
}

func rgb(hex uint32) color.Color {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// scale is a colour map of 256 steps, dark for weak and light for strong, even to the eye (K. Moreland's
// extended black body).
func scale() [256]color.NRGBA {
	var steps [256]color.NRGBA
	m := moreland.ExtendedBlackBody()
	m.SetMin(0)
	m.SetMax(255)
	for i := range steps {
		c, err := m.At(float64(i))
		if err != nil {
			continue // every step lies within the bounds
		}
		r, g, b, _ := c.RGBA()
		steps[i] = color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
	}
	return steps
}
