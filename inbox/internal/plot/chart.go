package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"nms.example/common/rf"
)

// Sizes of a chart's texts and of the room between its parts, in points.
const (
	titleSize vg.Length = 12
	labelSize vg.Length = 11
	markSize  vg.Length = 10

	margin     vg.Length = 6 // on all sides
	titleRoom  vg.Length = 8 // below the title
	labelRoom  vg.Length = 4 // between an axis's label and those of its marks
	markRoom   vg.Length = 3 // between the label of a mark and the mark, beside the area
	markLength vg.Length = 4
	endRoom    vg.Length = 8 // right of the area, at least

	// middleOfDigits is how far above their baseline the middle of digits lies, as a part of their size.
	middleOfDigits vg.Length = 0.345
)

// chart is a title and two axes.
type chart struct {
	title string
	// notes stand below the title, in as many lines as they need.
	notes []string
	x, y  axis
	// beside is room for the labels of y's marks, if more than they need: that of another chart above or below.
	beside vg.Length
}

// axis maps values to a side of the area, low to its left or lower end.
type axis struct {
	label     string
	low, high float64
	marks     []mark
}

// mark is a labelled value.
type mark struct {
	value float64
	label string
}

// newAxis makes an axis without marks. One of a single value gets some room around it.
func newAxis(label string, low, high float64) axis {
	if low == high {
		low, high = low-1, high+1
	}
	return axis{label: label, low: low, high: high}
}

// newFrequencyAxis makes an axis in the unit that suits the frequencies, which is divisor Hz.
func newFrequencyAxis(w words, startHz, stopHz float64) (a axis, divisor float64) {
	divisor, index := unit(math.Max(math.Abs(startHz), math.Abs(stopHz)))
	a = newAxis(w.frequency+", "+w.units[index], startHz/divisor, stopHz/divisor)
	a.marks = niceMarks(a.low, a.high, 10)
	return a, divisor
}

// newPowerAxis makes an axis of values in a unit with about count marks.
func newPowerAxis(w words, u rf.Unit, low, high float64, count int) axis {
	name, unit := w.quantity(u)
	a := newAxis(name+", "+unit, low, high)
	a.marks = niceMarks(a.low, a.high, count)
	return a
}

// within returns the place of a value as a part of the axis's length.
func (a axis) within(value float64) float64 { return (value - a.low) / (a.high - a.low) }

// area is the part of a chart where its values are drawn; nothing is drawn beyond it.
type area struct {
	draw.Canvas

	x, y axis
}

// draw paints the title and the axes, and returns the area that they leave.
func (ch chart) draw(c canvas) area {
	title, label, labels := c.face(titleSize).Extents(), c.face(labelSize).Extents(), c.face(markSize).Extents()
	inner := c.crop(margin, margin, margin, margin)
	below := label.Ascent + label.Descent + labelRoom      // where the labels of x's marks begin
	beside := below + max(c.widest(ch.y.marks), ch.beside) // where those of y's end
	left, right := beside+markRoom+markLength, max(endRoom, c.widest(ch.x.marks)/2)
	line := labels.Ascent + labels.Descent
	notes := c.wrap(ch.notes, inner.Max.X-inner.Min.X-left)
	free := inner.crop(left, right, below+line+markLength, title.Ascent+title.Descent+titleRoom+vg.Length(len(notes))*line)
	a := area{Canvas: free.Canvas, x: ch.x, y: ch.y}

	c.write(ch.title, titleSize, atLeft, vg.Point{X: a.Min.X, Y: inner.Max.Y - title.Ascent})
	for i, note := range notes {
		c.write(note, markSize, atLeft, vg.Point{X: a.Min.X, Y: inner.Max.Y - title.Ascent - title.Descent - labels.Ascent - vg.Length(i)*line})
	}
	c.write(ch.x.label, labelSize, atMiddle, vg.Point{X: a.Center().X, Y: inner.Min.Y + label.Descent})
	c.writeUpwards(ch.y.label, labelSize, atMiddle, vg.Point{X: inner.Min.X + label.Ascent, Y: a.Center().Y})
	for _, m := range ch.x.marks {
		foot := vg.Point{X: a.X(a.x.within(m.value)), Y: a.Min.Y}
		c.rule(foot, foot.Sub(vg.Point{Y: markLength}))
		c.write(m.label, markSize, atMiddle, vg.Point{X: foot.X, Y: inner.Min.Y + below + labels.Descent})
	}
	for _, m := range ch.y.marks {
		foot := vg.Point{X: a.Min.X, Y: a.Y(a.y.within(m.value))}
		c.rule(foot, foot.Sub(vg.Point{X: markLength}))
		c.write(m.label, markSize, atRight, vg.Point{X: inner.Min.X + beside, Y: foot.Y - middleOfDigits*markSize})
	}
	return a
}

// drawSides draws the sides of the area that have marks: last, so that values do not cover them.
func (a area) drawSides(c canvas) {
	if len(a.x.marks) > 0 {
		c.rule(a.Min, vg.Point{X: a.Max.X, Y: a.Min.Y})
	}
	if len(a.y.marks) > 0 {
		c.rule(a.Min, vg.Point{X: a.Min.X, Y: a.Max.Y})
	}
}

// widest returns the width of the longest of the marks' labels.
func (c canvas) widest(marks []mark) vg.Length {
	face, width := c.face(markSize), vg.Length(0)
	for _, m := range marks {
		width = max(width, face.Width(m.label))
	}
	return width
}

// at returns the point of a pair of values.
func (a area) at(x, y float64) vg.Point {
	return vg.Point{X: a.X(a.x.within(x)), Y: a.Y(a.y.within(y))}
}

// drawGrid draws a line for each mark.
func (a area) drawGrid(c color.Color) {
	style := draw.LineStyle{Color: c, Width: 0.6}
	for _, m := range a.x.marks {
		a.drawLine(style, a.at(m.value, a.y.low), a.at(m.value, a.y.high))
	}
	for _, m := range a.y.marks {
		a.drawLine(style, a.at(a.x.low, m.value), a.at(a.x.high, m.value))
	}
}

func (a area) drawLine(style draw.LineStyle, points ...vg.Point) {
	a.StrokeLines(style, a.ClipLinesXY(points)...)
}

func (a area) fill(c color.Color, outline ...vg.Point) {
	a.FillPolygon(c, a.ClipPolygonXY(outline))
}
