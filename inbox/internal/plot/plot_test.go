package plot_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/chart"
	"nms.example/common/rf"
	"nms.example/inbox/internal/plot"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/spectra"
	"nms.example/inbox/internal/statistics"
	"nms.example/inbox/internal/tracebody"
	"nms.example/inbox/internal/waterfall"
)

var moment = time.Date(2026, 6, 1, 12, 0, 30, 0, time.UTC)

// keep writes a picture to the folder that PLOT_DIR names, for a look at it.
func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	if dir := os.Getenv("PLOT_DIR"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), picture, 0o600))
	}
}

func spectrum(points int) *plot.Spectrum {
	axis := spectra.Axis{StartHz: 430_000_000, StepHz: math.Floor(10_000_000 / float64(points)), Points: points}
	scene := spectra.New(1, axis, spectra.Sites()[1])
	s := &plot.Spectrum{Trace: scene.Trace(moment), Time: moment, Lat: scene.Site.Lat, Lng: scene.Site.Lng}
	for _, heard := range scene.Signals(moment) {
		s.Signals = append(s.Signals, rf.Signal{Band: heard.Band, F0Hz: heard.F0Hz})
	}
	return s
}

func requirePNG(t *testing.T, picture []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	require.GreaterOrEqual(t, img.Bounds().Dx(), 1400)
	corner, ok := color.NRGBAModel.Convert(img.At(1, 1)).(color.NRGBA)
	require.True(t, ok)
	require.Equal(t, uint8(0xff), corner.A, "the background is filled")
}

func requireSVG(t *testing.T, picture []byte, texts ...string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
	for _, text := range texts {
		require.Contains(t, string(picture), text)
	}
}

func TestSpectrum(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*plot.Spectrum{"300": spectrum(300), "10000": spectrum(10_000)} {
		picture, err := s.Draw(chart.PNG, chart.Style{})
		require.NoError(t, err)
		requirePNG(t, picture)
		keep(t, "spectrum-"+name+"-light.png", picture)
		picture, err = s.Draw(chart.PNG, chart.Style{Theme: chart.Dark, Language: chart.Russian})
		require.NoError(t, err)
		requirePNG(t, picture)
		keep(t, "spectrum-"+name+"-dark.png", picture)
		picture, err = s.Draw(chart.SVG, chart.Style{})
		require.NoError(t, err)
		requireSVG(t, picture, "Frequency, MHz", "Power, dBm", "Spectrum", "2026-06-01 12:00:30", "noise floor")
		picture, err = s.Draw(chart.SVG, chart.Style{Language: chart.Russian})
		require.NoError(t, err)
		requireSVG(t, picture, "Частота, МГц", "Мощность, дБм")
		keep(t, "spectrum-"+name+".svg", picture)
	}
}

func TestSpectrumOfASingleValue(t *testing.T) {
	t.Parallel()
	s := &plot.Spectrum{Trace: &rf.Trace{StartHz: 5, StopHz: 5, StepHz: 1, NoiseDBm: -100, Levels: []rf.Level{-9000}}, Time: moment, Lat: -1, Lng: -1}
	for _, format := range []chart.Format{chart.PNG, chart.SVG} {
		_, err := s.Draw(format, chart.Style{})
		require.NoError(t, err)
	}
}

func TestTheNoiseFloorIsShownBesideTheLevels(t *testing.T) {
	t.Parallel()
	for noise, shown := range map[float64]bool{-100: true, -85: true, -140: true, -30: true, -151: false, 10: false} {
		s := &plot.Spectrum{Trace: &rf.Trace{StartHz: 5, StopHz: 7, StepHz: 1, NoiseDBm: noise, Levels: []rf.Level{-9000, -8500, -8000}}, Time: moment}
		picture, err := s.Draw(chart.SVG, chart.Style{})
		require.NoError(t, err)
		require.Equal(t, shown, strings.Contains(string(picture), "noise floor"), noise)
	}
}

// TestASpectrumWithEverything has gaps of one value and of many, one value between two gaps, and all that a receiver
// may tell.
func TestASpectrumWithEverything(t *testing.T) {
	t.Parallel()
	for _, points := range []int{300, 10_000} {
		s := spectrum(points)
		levels := s.Trace.Levels
		for i := range levels {
			if x := 100 * i / points; x < 3 || x == 20 || x > 40 && x < 55 && x != 48 || i == 7*points/10 {
				levels[i] = rf.Missing
			}
		}
		s.Trace.Unit, s.AltM = rf.UnitDBuVPerM, new(210.5)
		s.Context = tracebody.Context{
			Source: new("Приёмник RX7, мачта «Север»"), EquipmentID: new(int64(4)), RBWHz: new(3000.0), ENBWHz: new(3193.5), Unit: new("dBuV/m"),
			Detector: new("quasi-peak"), TraceMode: new("max-hold"), SweepTimeS: new(0.5), AttenuationDB: new(10.0), GainDB: new(-1.5),
			Antenna: new(strings.Repeat("log-periodic ", 15) + "80–1300 MHz"), AzimuthDeg: new(120.0), Overload: new(true),
		}
		for name, style := range map[string]chart.Style{"light": {}, "dark": {Theme: chart.Dark, Language: chart.Russian}} {
			picture, err := s.Draw(chart.PNG, style)
			require.NoError(t, err)
			requirePNG(t, picture)
			keep(t, fmt.Sprintf("gaps-%d-%s.png", points, name), picture)
		}
		picture, err := s.Draw(chart.SVG, chart.Style{})
		require.NoError(t, err)
		requireSVG(t, picture, "Field strength, dBµV/m", "RX7", "equipment 4", "RBW 3 kHz", "ENBW 3.1935 kHz", "quasi-peak", "max-hold", "sweep 0.5 s",
			"attenuation 10 dB", "gain −1.5 dB", "log-periodic", "…", "azimuth 120°", "OVERLOAD", "210.5 m")
	}
}

// TestGapsAreSeen compares the colours of the picture where values are and where they are missing.
func TestGapsAreSeen(t *testing.T) {
	t.Parallel()
	s := &plot.Spectrum{Trace: &rf.Trace{StartHz: 0, StopHz: 9, StepHz: 1, NoiseDBm: -100, Levels: make([]rf.Level, 10)}, Time: moment}
	for i := 3; i < 6; i++ {
		s.Trace.Levels[i] = rf.Missing
	}
	for _, theme := range []chart.Theme{chart.Light, chart.Dark} {
		picture, err := s.Draw(chart.PNG, chart.Style{Theme: theme})
		require.NoError(t, err)
		img := decoded(t, picture)
		middle := img.Rect.Dy() * 2 / 3 // below the levels, between two lines of the grid or not
		gap := 0
		for c, pixels := range colours(img, image.Rect(0, middle, img.Rect.Max.X, middle+1)) {
			if share := float64(pixels) / float64(img.Rect.Dx()); share > 0.2 && share < 0.5 {
				gap++
				t.Log(c, share)
			}
		}
		require.Equal(t, 1, gap, "a third of the axis has a colour of its own")
	}
	for i := range s.Trace.Levels {
		s.Trace.Levels[i] = rf.Missing
	}
	_, err := s.Draw(chart.PNG, chart.Style{})
	require.NoError(t, err, "a cut may hold missing values alone")
}

// scenery is a grid of a made-up scene with a true gap and, as told, levels that clip the scale.
func scenery(rows int, axis spectra.Axis) *waterfall.Grid {
	scene := spectra.New(1, axis, spectra.Sites()[1])
	g := &waterfall.Grid{
		Columns: axis.Points, Sweeps: int64(rows), Sources: 1, Unit: rf.UnitDBm,
		Band: rf.Band{StartHz: scene.Axis.StartHz, StopHz: scene.Axis.StopHz()},
	}
	for row := range rows {
		at := moment.Add(time.Duration(row) * 2 * time.Second)
		g.Edges = append(g.Edges, at)
		levels := scene.Trace(at).Levels
		if row*9/rows == 4 {
			for i := range levels {
				levels[i] = waterfall.Gap
			}
		}
		g.Levels = append(g.Levels, levels...)
	}
	g.Edges = append(g.Edges, moment.Add(time.Duration(rows)*2*time.Second))
	return g
}

func TestWaterfall(t *testing.T) {
	t.Parallel()
	rows, axis := 40, spectra.Axis{StartHz: 430_000_000, StepHz: 100_000, Points: 100}
	if os.Getenv("PLOT_DIR") != "" { // as large as for users, which takes its time under the race detector
		rows, axis = 450, spectra.DefaultAxis
	}
	g := scenery(rows, axis)
	zone, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	picture, err := plot.Waterfall(g, plot.Scale{}, chart.PNG, chart.Style{})
	require.NoError(t, err)
	requirePNG(t, picture)
	keep(t, "waterfall-light.png", picture)
	picture, err = plot.Waterfall(g, plot.Scale{Min: new(-110.0), Max: new(-62.5)}, chart.PNG, chart.Style{Theme: chart.Dark, Language: chart.Russian, Zone: zone})
	require.NoError(t, err)
	requirePNG(t, picture)
	keep(t, "waterfall-dark.png", picture)
	picture, err = plot.Waterfall(g, plot.Scale{}, chart.SVG, chart.Style{Zone: zone})
	require.NoError(t, err)
	requireSVG(t, picture, "Waterfall", "Time, Europe/Moscow", "Frequency, MHz", "15:00:30", "MSK", fmt.Sprintf("%d sweeps of 1 source", rows), "image-rendering:pixelated",
		"no data", "maximum")
}

// TestNoPixelIsBlended has each pixel be a colour of the scale or that of gaps, and every cell seen, in a picture of more cells than pixels
// and in one of few.
func TestNoPixelIsBlended(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{3, 4}, {1000, 2000}} {
		rows, columns := size[0], size[1]
		g := &waterfall.Grid{Columns: columns, Band: rf.Band{StartHz: 0, StopHz: 1e6}, Sweeps: 1, Sources: 1, Levels: make([]rf.Level, rows*columns)}
		for row := range rows + 1 {
			g.Edges = append(g.Edges, moment.Add(time.Duration(row)*time.Second))
		}
		for i := range g.Levels {
			g.Levels[i] = -10000
		}
		burst := (rows/2)*columns + columns/2
		g.Levels[burst] = -2000
		for i := range columns {
			g.Levels[i] = waterfall.Gap
		}
		for _, theme := range []chart.Theme{chart.Light, chart.Dark} {
			picture, err := plot.Waterfall(g, plot.Scale{Min: new(-100.0), Max: new(-20.0)}, chart.PNG, chart.Style{Theme: theme})
			require.NoError(t, err)
			img := decoded(t, picture)
			if rows == 3 {
				require.Len(t, colours(img, image.Rect(200, 150, 1100, 850)), 3, "weak, strong and a gap")
			}
			strong := 0
			for c, pixels := range colours(img, image.Rect(0, 0, 1340, img.Rect.Max.Y)) { // the legend is beyond
				if c.R >= 0xfd && c.R <= 0xfe && c.G > 0xe0 && c.B < 0x30 {
					strong += pixels
				}
			}
			require.Positive(t, strong, "the one burst of %d cells is seen", len(g.Levels))
		}
	}
}

// decoded returns the pixels of a PNG, which has no transparent ones.
func decoded(t *testing.T, picture []byte) *image.RGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	rgba, ok := img.(*image.RGBA)
	require.True(t, ok, "%T", img)
	return rgba
}

// colours counts the pixels of each colour in a part of a picture.
func colours(img *image.RGBA, part image.Rectangle) map[color.RGBA]int {
	counts := map[color.RGBA]int{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		line, begin := img.Pix[img.PixOffset(part.Min.X, y):img.PixOffset(part.Max.X, y)], 0
		for i := 4; i <= len(line); i += 4 { // neighbours are counted at once: most are alike
			if i == len(line) || [4]byte(line[i:]) != [4]byte(line[begin:]) {
				counts[color.RGBA{line[begin], line[begin+1], line[begin+2], line[begin+3]}] += (i - begin) / 4
				begin = i
			}
		}
	}
	return counts
}

func TestAClippedEndOfTheScaleSaysSo(t *testing.T) {
	t.Parallel()
	g := scenery(20, spectra.Axis{StartHz: 430_000_000, StepHz: 100_000, Points: 100})
	legend := func(s plot.Scale) string {
		picture, err := plot.Waterfall(g, s, chart.SVG, chart.Style{})
		require.NoError(t, err)
		return string(picture)
	}
	require.Contains(t, legend(plot.Scale{Max: new(-90.5)}), "≥ −90.5")
	require.Contains(t, legend(plot.Scale{Min: new(-80.0)}), "≤ −80")
	whole := legend(plot.Scale{Min: new(-200.0), Max: new(50.0)})
	require.NotContains(t, whole, "≥")
	require.NotContains(t, whole, "≤")
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	axis := spectra.DefaultAxis
	scene := spectra.New(1, axis, spectra.Sites()[1])
	r := &statistics.Result{From: moment, To: moment.Add(time.Hour), Sweeps: 30, Sources: 2, Unit: rf.UnitDBm, Threshold: new(-95)}
	n := axis.Points
	r.Highest, r.Mean, r.Lowest = make([]rf.Level, n), make([]rf.Level, n), make([]rf.Level, n)
	r.Number, r.Above = make([]uint64, n), make([]uint64, n)
	mW := make([]float64, n)
	for i := range r.Highest {
		r.Highest[i], r.Lowest[i] = rf.Missing, rf.MaxLevel
		r.FrequencyHz = append(r.FrequencyHz, axis.StartHz+float64(i)*axis.StepHz)
	}
	for sweep := range 30 {
		for i, l := range scene.Trace(moment.Add(time.Duration(sweep) * 2 * time.Second)).Levels {
			r.Highest[i], r.Lowest[i] = max(r.Highest[i], l), min(r.Lowest[i], l)
			mW[i] += rf.Milliwatts(l)
			r.Number[i]++
			if l > -9500 {
				r.Above[i]++
			}
		}
	}
	for i := range r.Mean {
		r.Mean[i] = rollup.MeanLevel(mW[i], r.Number[i])
		if x := 100 * i / n; x > 40 && x < 50 || x == 70 {
			r.Highest[i], r.Mean[i], r.Lowest[i], r.Number[i], r.Above[i] = rf.Missing, rf.Missing, rf.Missing, 0, 0
		}
	}
	for name, style := range map[string]chart.Style{"light": {}, "dark": {Theme: chart.Dark, Language: chart.Russian}} {
		picture, err := plot.Statistics(r, chart.PNG, style)
		require.NoError(t, err)
		requirePNG(t, picture)
		keep(t, "statistics-"+name+".png", picture)
	}
	picture, err := plot.Statistics(r, chart.SVG, chart.Style{})
	require.NoError(t, err)
	requireSVG(t, picture, "Statistics", "30 sweeps of 2 sources", "maximum", "mean", "minimum", "Occupancy above −95 dBm", "UTC", ">threshold<")
	r.Threshold, r.Above = nil, nil
	picture, err = plot.Statistics(r, chart.PNG, chart.Style{})
	require.NoError(t, err)
	keep(t, "statistics-short.png", picture)
	for i := range r.Number {
		r.Highest[i], r.Mean[i], r.Lowest[i], r.Number[i] = rf.Missing, rf.Missing, rf.Missing, 0
	}
	_, err = plot.Statistics(r, chart.PNG, chart.Style{})
	require.NoError(t, err, "missing values alone")
}
