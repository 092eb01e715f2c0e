package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a chart's texts and of the room between its parts, in points.
const (
	TitleSize vg.Length = 12
	labelSize vg.Length = 11
	MarkSize  vg.Length = 10

	Margin     vg.Length = 6 // on all sides
	TitleRoom  vg.Length = 8 // below the title
	labelRoom  vg.Length = 4 // between an axis's label and those of its marks
	MarkRoom   vg.Length = 3 // between the label of a mark and the mark, beside the area
	markLength vg.Length = 4
	endRoom    vg.Length = 8 // right of the area, at least

	// MiddleOfDigits is how far above their baseline the middle of digits lies, as a part of their size.
	MiddleOfDigits vg.Length = 0.345
)

// Chart is a title and two axes.
type Chart struct {
	Title string
	// Notes stand below the title, in as many lines as they need.
	Notes []string
	X, Y  Axis
	// Beside is room for the labels of y's marks, if more than they need: that of another chart above or below.
	Beside vg.Length
}

// Axis maps values to a side of the area, low to its left or lower end.
type Axis struct {
	Label     string
	Low, High float64
	Marks     []Mark
}

// Mark is a labelled value.
type Mark struct {
	Value float64
	Label string
}

// NewAxis makes an axis without marks. One of a single value gets some room around it.
func NewAxis(label string, low, high float64) Axis {
	// The marks have to differ in the digits that float64 has.
	room := 1e-12 * math.Max(math.Abs(low), math.Abs(high))
	if low == high {
		room = math.Max(room, 1)
	}
	if high-low < room {
		low, high = low-room, high+room
	}
	return Axis{Label: label, Low: low, High: high}
}

// within returns the place of a value as a part of the axis's length.
func (a Axis) within(value float64) float64 { return (value - a.Low) / (a.High - a.Low) }

// Area is the part of a chart where its values are drawn; nothing is drawn beyond it.
type Area struct {
	draw.Canvas

	// Across and Up are its axes.
	Across, Up Axis
}

// Draw paints the title and the axes, and returns the area that they leave.
func (ch Chart) Draw(c Canvas) Area {
	title, label, labels := c.Face(TitleSize).Extents(), c.Face(labelSize).Extents(), c.Face(MarkSize).Extents()
	inner := c.Crop(Margin, Margin, Margin, Margin)
	below := label.Ascent + label.Descent + labelRoom      // where the labels of x's marks begin
	beside := below + max(c.Widest(ch.Y.Marks), ch.Beside) // where those of y's end
	left, right := beside+MarkRoom+markLength, max(endRoom, c.Widest(ch.X.Marks)/2)
	line := labels.Ascent + labels.Descent
	notes := c.wrap(ch.Notes, inner.Max.X-inner.Min.X-left)
	free := inner.Crop(left, right, below+line+markLength, title.Ascent+title.Descent+TitleRoom+vg.Length(len(notes))*line)
	a := Area{Canvas: free.Canvas, Across: ch.X, Up: ch.Y}

	c.Write(ch.Title, TitleSize, AtLeft, vg.Point{X: a.Min.X, Y: inner.Max.Y - title.Ascent})
	for i, note := range notes {
		c.Write(note, MarkSize, AtLeft, vg.Point{X: a.Min.X, Y: inner.Max.Y - title.Ascent - title.Descent - labels.Ascent - vg.Length(i)*line})
	}
	c.Write(ch.X.Label, labelSize, AtMiddle, vg.Point{X: a.Center().X, Y: inner.Min.Y + label.Descent})
	c.writeUpwards(ch.Y.Label, labelSize, AtMiddle, vg.Point{X: inner.Min.X + label.Ascent, Y: a.Center().Y})
	for _, m := range ch.X.Marks {
		foot := vg.Point{X: a.X(a.Across.within(m.Value)), Y: a.Min.Y}
		c.rule(foot, foot.Sub(vg.Point{Y: markLength}))
		c.Write(m.Label, MarkSize, AtMiddle, vg.Point{X: foot.X, Y: inner.Min.Y + below + labels.Descent})
	}
	for _, m := range ch.Y.Marks {
		foot := vg.Point{X: a.Min.X, Y: a.Y(a.Up.within(m.Value))}
		c.rule(foot, foot.Sub(vg.Point{X: markLength}))
		c.Write(m.Label, MarkSize, AtRight, vg.Point{X: inner.Min.X + beside, Y: foot.Y - MiddleOfDigits*MarkSize})
	}
	return a
}

// DrawSides draws the sides of the area that have marks: last, so that values do not cover them.
func (a Area) DrawSides(c Canvas) {
	if len(a.Across.Marks) > 0 {
		c.rule(a.Min, vg.Point{X: a.Max.X, Y: a.Min.Y})
	}
	if len(a.Up.Marks) > 0 {
		c.rule(a.Min, vg.Point{X: a.Min.X, Y: a.Max.Y})
	}
}

// Widest returns the width of the longest of the marks' labels.
func (c Canvas) Widest(marks []Mark) vg.Length {
	face, width := c.Face(MarkSize), vg.Length(0)
	for _, m := range marks {
		width = max(width, face.Width(m.Label))
	}
	return width
}

// At returns the point of a pair of values.
func (a Area) At(x, y float64) vg.Point {
	return vg.Point{X: a.X(a.Across.within(x)), Y: a.Y(a.Up.within(y))}
}

// Visible widens a part of x's axis that would be thinner than a line.
func (a Area) Visible(from, to float64) (float64, float64) {
	if least := (a.Across.High - a.Across.Low) / 400; to-from < least {
		middle := (from + to) / 2
		return middle - least/2, middle + least/2
	}
	return from, to
}

// DrawGrid draws a line for each mark.
func (a Area) DrawGrid(c color.Color) {
	style := draw.LineStyle{Color: c, Width: 0.6}
	for _, m := range a.Across.Marks {
		a.DrawLine(style, a.At(m.Value, a.Up.Low), a.At(m.Value, a.Up.High))
	}
	for _, m := range a.Up.Marks {
		a.DrawLine(style, a.At(a.Across.Low, m.Value), a.At(a.Across.High, m.Value))
	}
}

// DrawLine draws lines from point to point.
func (a Area) DrawLine(style draw.LineStyle, points ...vg.Point) {
	a.StrokeLines(style, a.ClipLinesXY(points)...)
}

// Fill fills an outline.
func (a Area) Fill(c color.Color, outline ...vg.Point) {
	a.FillPolygon(c, a.ClipPolygonXY(outline))
}
