// Package plot draws values over time.
package plot

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"nms.example/common/chart"

	"nms.example/ctrl/internal/history"
)

// Size of a picture in points; a PNG has twice as many pixels.
const (
	width  vg.Length = 760
	height vg.Length = 320
)

// Columns is the most buckets that a picture shows, one per pixel of its area.
const Columns = 1300

// apart is how many times farther than most a bucket may lie behind the one before it and still be joined to it.
const apart = 3

type words struct{ equipment, mean, span, values, bad, none string }

func wordsOf(l chart.Language) words {
	if l == chart.Russian {
		return words{"оборудование", "среднее", "от минимума до максимума", "значений", "негодных", "чисел нет"}
	}
	return words{"equipment", "mean", "minimum to maximum", "values", "bad", "no numbers"}
}

// Series returns the picture of a parameter of a piece of equipment: the mean of each bucket as a line, from its minimum to its
// maximum as an area. Where there are no numbers the background is shaded.
func Series(s *history.Series, parameter string, equipment int64, format chart.Format, style chart.Style) ([]byte, error) {
	colours, w := style.Theme.Colours(), wordsOf(style.Language)
	numbers := slices.DeleteFunc(slices.Clone(s.Buckets), func(b history.Bucket) bool { return b.N == 0 })
	low, high := span(numbers)
	ch := chart.Chart{
		Title: fmt.Sprintf("%s · %s %d · %s", parameter, w.equipment, equipment, chart.Period(s.From, s.To, style.Location())),
		Notes: notes(s, w),
		X:     chart.NewTimeAxis(style.Language, s.From, s.To, 10, style.Location()),
		Y:     chart.NewAxis(parameter, low, high),
	}
	ch.Y.Marks = chart.NiceMarks(ch.Y.Low, ch.Y.High, 8)
	return chart.Render(format, width, height, colours, func(c chart.Canvas) {
		p := picture{Area: ch.Draw(c), series: s, colours: colours}
		rows, usual := joined(numbers, s.Width)
		p.gaps(rows, usual)
		p.DrawGrid(colours.Grid)
		for _, row := range rows {
			p.row(row)
		}
		p.DrawSides(c)
	})
}

// notes are what stands below the title.
func notes(s *history.Series, w words) []string {
	var n, bad int64
	for _, b := range s.Buckets {
		n, bad = n+b.N, bad+b.Bad
	}
	list := []string{w.none}
	if n > 0 {
		list = []string{fmt.Sprintf("%s: %d", w.values, n), w.mean + ", " + w.span}
	}
	if bad > 0 {
		list = append(list, fmt.Sprintf("%s: %d", w.bad, bad))
	}
	return list
}

// span is from the lowest to the highest number, with some air.
func span(numbers []history.Bucket) (low, high float64) {
	if len(numbers) == 0 {
		return 0, 1
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, b := range numbers {
		low, high = math.Min(low, b.Min), math.Max(high, b.Max)
	}
	air := high/20 - low/20
	return low - air, high + air
}

// joined splits buckets into rows without gaps. Values may come more seldom than there are buckets: usual is what most of them are apart, which
// is no gap.
func joined(numbers []history.Bucket, width time.Duration) (rows [][]history.Bucket, usual time.Duration) {
	if len(numbers) == 0 {
		return nil, width
	}
	steps := make([]time.Duration, len(numbers)-1)
	for i := range steps {
		steps[i] = numbers[i+1].At.Sub(numbers[i].At)
	}
	usual = width
	if len(steps) > 0 {
		usual = max(width, slices.Sorted(slices.Values(steps))[len(steps)/2])
	}
	rows = [][]history.Bucket{numbers[:1:1]}
	for i, b := range numbers[1:] {
		if steps[i] > apart*usual {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], b)
	}
	return rows, usual
}

// picture is where a series is drawn; its axis across counts seconds from the beginning.
type picture struct {
	chart.Area

	series  *history.Series
	colours chart.Colours
}

func (p *picture) second(at time.Time) float64 { return at.Sub(p.series.From).Seconds() }

// gaps shades what lies between rows, and before and behind them.
func (p *picture) gaps(rows [][]history.Bucket, usual time.Duration) {
	from := 0.0
	shade := func(to float64) {
		if to-from > apart*usual.Seconds() {
			p.Fill(p.colours.Gap, p.At(from, p.Up.Low), p.At(from, p.Up.High), p.At(to, p.Up.High), p.At(to, p.Up.Low))
		}
	}
	for _, row := range rows {
		shade(p.second(row[0].At))
		from = p.second(row[len(row)-1].At.Add(p.series.Width))
	}
	shade(p.second(p.series.To))
}

// row draws buckets that are joined; a single one is a dash as wide as it is, or just wide enough to be seen.
func (p *picture) row(row []history.Bucket) {
	line := draw.LineStyle{Color: p.colours.Line, Width: 0.9}
	half := p.series.Width.Seconds() / 2
	mean, upper, lower := make([]vg.Point, len(row)), make([]vg.Point, len(row)), make([]vg.Point, len(row))
	for i, b := range row {
		x := p.second(b.At) + half
		mean[i], upper[i], lower[i] = p.At(x, b.Mean), p.At(x, b.Max), p.At(x, b.Min)
	}
	if len(row) == 1 {
		b := row[0]
		from, to := p.Visible(p.second(b.At), p.second(b.At)+2*half)
		mean = []vg.Point{p.At(from, b.Mean), p.At(to, b.Mean)}
		upper, lower = []vg.Point{p.At(from, b.Max), p.At(to, b.Max)}, []vg.Point{p.At(from, b.Min), p.At(to, b.Min)}
	}
	slices.Reverse(lower)
	p.Fill(p.colours.Envelope, slices.Concat(upper, lower)...)
	p.DrawLine(line, mean...)
}
