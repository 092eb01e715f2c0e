package plot

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"nms.example/common/chart"
	"nms.example/common/rf"
	"nms.example/inbox/internal/statistics"
)

// Size of a picture of statistics in points, and of its lower part with the occupancy.
const (
	statisticsWidth  vg.Length = 760
	statisticsHeight vg.Length = 380
	occupancyHeight  vg.Length = 190
)

// curve is a line of a chart with its name.
type curve struct {
	name   string
	colour color.Color
	levels []rf.Level
	pick   func(column) rf.Level
	dashes []vg.Length
}

func (l curve) line(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: l.colour, Width: width, Dashes: l.dashes}
}

// Statistics returns the picture of statistics: the highest, mean and lowest level over frequency and, with a threshold, that and the
// occupancy below.
func Statistics(r *statistics.Result, format chart.Format, style chart.Style) ([]byte, error) {
	colours, w := coloursOf(style.Theme), wordsOf(style.Language)
	frequency, divisor := newFrequencyAxis(w, r.FrequencyHz[0], r.FrequencyHz[len(r.FrequencyHz)-1])
	low, high := levelRange(r)
	ch := chart.Chart{
		Title: fmt.Sprintf("%s · %s · %s", w.statistics, chart.Period(r.From, r.To, style.Location()), w.measured(r.Sweeps, r.Sources, r.Receiver)),
		Notes: []string{" "}, // room for the names of the curves
		X:     frequency,
		Y:     newPowerAxis(w, r.Unit, low, high, 8),
	}
	top := func(c column) rf.Level { return c.high }
	curves := []curve{
		{w.highest, colours.Line, r.Highest, top, nil},
		{w.mean, colours.Second, r.Mean, top, nil},
		{w.lowest, colours.Faint, r.Lowest, func(c column) rf.Level { return c.low }, nil},
	}
	height, below := statisticsHeight, vg.Length(0)
	if r.Above != nil {
		below = occupancyHeight
	}
	return chart.Render(format, statisticsWidth, height+below, colours.Colours, func(c chart.Canvas) {
		upper := c.Crop(0, 0, below, 0)
		percent := chart.NiceMarks(0, 100, 5)
		ch.Beside = max(c.Widest(ch.Y.Marks), c.Widest(percent))
		a := ch.Draw(upper)
		drawGaps(a, statisticsColumns(r, r.Highest), colours.Colours, divisor)
		a.DrawGrid(colours.Grid)
		for _, one := range curves {
			for _, run := range runs(statisticsColumns(r, one.levels), false) {
				drawCurve(a, run, divisor, one.line(0.9), func(c column) float64 { return rf.DBm(one.pick(c)) })
			}
		}
		if r.Threshold != nil {
			if level := float64(*r.Threshold); level > low && level < high {
				one := curve{name: w.threshold, colour: colours.centre, dashes: []vg.Length{5, 3}}
				a.DrawLine(one.line(0.9), a.At(a.Across.Low, level), a.At(a.Across.High, level))
				curves = append(curves, one)
			}
		}
		a.DrawSides(upper)
		drawNames(upper, a, curves)
		if r.Above != nil {
			shares := chart.Chart{X: frequency, Y: chart.NewAxis("%", 0, 100), Beside: ch.Beside}
			shares.Y.Marks = percent
			drawOccupancy(c.Crop(0, 0, 0, height), shares, r, w, divisor)
		}
	})
}

// statisticsColumns returns the columns of one of the arrays.
func statisticsColumns(r *statistics.Result, levels []rf.Level) []column {
	spacing := 1.0
	if n := len(r.FrequencyHz); n > 1 {
		spacing = (r.FrequencyHz[n-1] - r.FrequencyHz[0]) / float64(n-1)
	}
	return columnsOf(levels, r.FrequencyHz[0], spacing)
}

// levelRange returns the range of the axis, with some air, in whole tens.
func levelRange(r *statistics.Result) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i, l := range r.Highest {
		if l != rf.Missing {
			low, high = math.Min(low, rf.DBm(r.Lowest[i])), math.Max(high, rf.DBm(l))
		}
	}
	if low > high { // missing values alone
		return -120, -60
	}
	return math.Floor((low-3)/10) * 10, math.Ceil((high+5)/10) * 10
}

// drawCurve draws a line through unbroken columns; a single one is a dash as wide as its step.
func drawCurve(a chart.Area, run []column, divisor float64, style draw.LineStyle, of func(column) float64) {
	if len(run) == 1 {
		drawDash(a, style, run[0], divisor, of(run[0]))
		return
	}
	points := make([]vg.Point, len(run))
	for i, c := range run {
		points[i] = a.At(c.middleHz()/divisor, of(c))
	}
	a.DrawLine(style, points...)
}

// drawNames tells the curves' names in a line below the title.
func drawNames(c chart.Canvas, a chart.Area, curves []curve) {
	const length, room, between vg.Length = 20, 5, 18
	face := c.Face(chart.MarkSize)
	at := vg.Point{X: a.Min.X, Y: a.Max.Y + chart.TitleRoom - face.Extents().Descent}
	for _, one := range curves {
		middle := at.Add(vg.Point{Y: chart.MiddleOfDigits * chart.MarkSize})
		c.StrokeLines(one.line(1.4), []vg.Point{middle, middle.Add(vg.Point{X: length})})
		at.X += length + room
		c.Write(one.name, chart.MarkSize, chart.AtLeft, at)
		at.X += face.Width(one.name) + between
	}
}

// drawOccupancy draws the occupancy on a chart of its own.
func drawOccupancy(c chart.Canvas, ch chart.Chart, r *statistics.Result, w words, divisor float64) {
	_, unit := w.quantity(r.Unit)
	ch.Title = fmt.Sprintf("%s %s %s, %%", w.occupancy, chart.WithMinus(strconv.Itoa(*r.Threshold)), unit)
	// In hundredths of a per cent, which the columns thin as they do levels.
	shares := make([]rf.Level, len(r.Above))
	for i := range shares {
		if shares[i] = rf.Missing; r.Number[i] > 0 {
			shares[i] = rf.Level(math.Round(100 * r.Occupancy(i)))
		}
	}
	columns := statisticsColumns(r, shares)
	a := ch.Draw(c)
	drawGaps(a, columns, c.Colours, divisor)
	a.DrawGrid(c.Colours.Grid)
	for _, run := range runs(columns, false) {
		outline := []vg.Point{a.At(run[0].fromHz/divisor, 0)}
		for _, one := range run {
			outline = append(outline, a.At(one.fromHz/divisor, rf.DBm(one.high)), a.At(one.toHz/divisor, rf.DBm(one.high)))
		}
		outline = append(outline, a.At(run[len(run)-1].toHz/divisor, 0))
		a.Fill(c.Colours.Envelope, outline...)
		a.DrawLine(draw.LineStyle{Color: c.Colours.Line, Width: 0.9}, outline...)
	}
	a.DrawSides(c)
}
