package plot

import (
	"image/color"

	"github.com/mazznoer/colorgrad"

	"nms.example/common/chart"
)

// colours are those of a theme, with those of spectra and waterfalls.
type colours struct {
	chart.Colours

	band, centre color.Color
	// unmeasured is a waterfall's cell without a level. No step of the scale comes near it, see scale.
	unmeasured color.NRGBA
}

func coloursOf(t chart.Theme) colours {
	if t == chart.Dark {
		return colours{
			t.Colours(), color.NRGBA{0x4f, 0xd1, 0x8b, 0x38}, color.NRGBA{0x4f, 0xd1, 0x8b, 0xb0}, color.NRGBA{A: 0xff},
		}
	}
	return colours{
		t.Colours(), color.NRGBA{0x1f, 0x9d, 0x57, 0x30}, color.NRGBA{0x1f, 0x9d, 0x57, 0xb0}, color.NRGBA{0xff, 0xff, 0xff, 0xff},
	}
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
