package plot

import (
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/chart"
)

// How colours are seen without one kind of cones, on linear RGB (G. Machado, M. Oliveira, L. Fernandes, IEEE Transactions on
// Visualization and Computer Graphics 15(6), 2009, severity 1).
var sights = map[string][3][3]float64{
	"all colours": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"no red":      {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"no green":    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"no blue":     {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen returns a colour as L*, a*, b* of CIE 1976 (D65).
func seen(c color.NRGBA, sight [3][3]float64) [3]float64 {
	linear := func(v uint8) float64 {
		if s := float64(v) / 255; s > 0.04045 {
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	in := [3]float64{linear(c.R), linear(c.G), linear(c.B)}
	var out [3]float64
	for i, row := range sight {
		out[i] = math.Max(0, math.Min(1, row[0]*in[0]+row[1]*in[1]+row[2]*in[2]))
	}
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124*out[0] + 0.3576*out[1] + 0.1805*out[2]) / 0.9505)
	y := f(0.2126*out[0] + 0.7152*out[1] + 0.0722*out[2])
	z := f((0.0193*out[0] + 0.1192*out[1] + 0.9505*out[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// TestNoGapLooksLikeALevel: two colours 2.3 apart can just be told apart, these are many times as far for all kinds of sight.
func TestNoGapLooksLikeALevel(t *testing.T) {
	t.Parallel()
	for _, theme := range []chart.Theme{chart.Light, chart.Dark} {
		for name, sight := range sights {
			gap := seen(coloursOf(theme).unmeasured, sight)
			for i, step := range scale() {
				require.Greater(t, distance(gap, seen(step, sight)), 16.0, "theme %d, %s, step %d", theme, name, i)
			}
		}
	}
}

func TestTheScaleKeepsItsOrderForAll(t *testing.T) {
	t.Parallel()
	for name, sight := range sights {
		lightness := math.Inf(-1)
		for i, step := range scale() {
			if i%8 == 0 {
				now := seen(step, sight)[0]
				require.Greater(t, now, lightness, "%s, step %d", name, i)
				lightness = now
			}
		}
	}
}
