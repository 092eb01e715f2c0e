package plot_test

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/chart"

	"nms.example/ctrl/internal/history"
	"nms.example/ctrl/internal/plot"
)

// show keeps a picture for whoever wants to look at it: PICTURES names the directory.
func show(t *testing.T, name string, picture []byte) {
	t.Helper()
	if dir := os.Getenv("PICTURES"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), picture, 0o600))
	}
}

// day is a day of a temperature with a gap, of buckets of 5 minutes.
func day(extent float64) *history.Series {
	from := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	s := &history.Series{From: from, To: from.Add(24 * time.Hour), Width: 5 * time.Minute}
	for i := range 288 {
		if i >= 120 && i < 160 {
			continue
		}
		mean := 20 + extent*math.Sin(float64(i)/40)
		b := history.Bucket{At: from.Add(time.Duration(i) * s.Width), Mean: mean, Min: mean - extent/5, Max: mean + extent/3, N: 10, Bad: int64(i % 2)}
		if i == 140 {
			b = history.Bucket{At: b.At, Min: math.NaN(), Max: math.NaN(), Mean: math.NaN(), Bad: 3}
		}
		s.Buckets = append(s.Buckets, b)
	}
	return s
}

func TestPicturesOfSeries(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	number := func(second int, value float64) history.Bucket {
		return history.Bucket{At: from.Add(time.Duration(second) * time.Second), Min: value, Mean: value, Max: value, N: 1}
	}
	for name, s := range map[string]*history.Series{
		"day":      day(5),
		"constant": day(0),
		"large":    day(1e300),
		"small":    day(1e-9),
		"nothing":  {From: from, To: from.Add(time.Hour), Width: time.Second},
		"one":      {From: from, To: from.Add(time.Hour), Width: time.Second, Buckets: []history.Bucket{number(1800, 3)}},
		"seldom":   {From: from, To: from.Add(time.Hour), Width: time.Second, Buckets: []history.Bucket{number(0, 1), number(60, 2), number(120, 1), number(3000, 4), number(3060, 1)}},
		"years":    {From: from, To: from.AddDate(10, 0, 0), Width: 24 * time.Hour, Buckets: []history.Bucket{number(0, 1), number(86400, 2)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for theme, style := range map[string]chart.Style{"light": {}, "dark": {Theme: chart.Dark, Language: chart.Russian}} {
				picture, err := plot.Series(s, "rx_temperature", 17, chart.PNG, style)
				require.NoError(t, err)
				show(t, name+"-"+theme+".png", picture)
				decoded, err := png.Decode(bytes.NewReader(picture))
				require.NoError(t, err)
				require.Equal(t, 1520, decoded.Bounds().Dx())
				drawing, err := plot.Series(s, "rx_temperature", 17, chart.SVG, style)
				require.NoError(t, err)
				require.Contains(t, string(drawing), "rx_temperature")
				require.NotContains(t, string(drawing), "NaN")
				require.NotContains(t, string(drawing), "Inf")
			}
		})
	}
}

// A line is drawn where there are numbers, and the background is shaded where there are none.
func TestTheLineEndsAtAGap(t *testing.T) {
	t.Parallel()
	colours := chart.Light.Colours()
	picture, err := plot.Series(day(5), "rx_temperature", 17, chart.PNG, chart.Style{})
	require.NoError(t, err)
	decoded, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	width, height := decoded.Bounds().Dx(), decoded.Bounds().Dy()
	found := func(share float64, like interface{ RGBA() (r, g, b, a uint32) }) bool {
		r, g, b, _ := like.RGBA()
		for y := range height {
			x, z, w, _ := decoded.At(int(share*float64(width)), y).RGBA()
			if x>>8 == r>>8 && z>>8 == g>>8 && w>>8 == b>>8 {
				return true
			}
		}
		return false
	}
	require.True(t, found(0.5, colours.Gap))
	require.False(t, found(0.5, colours.Line))
	require.False(t, found(0.25, colours.Gap))
}
