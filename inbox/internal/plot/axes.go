package plot

import (
	"math"

	"nms.example/common/chart"
	"nms.example/common/rf"
)

// newFrequencyAxis makes an axis in the unit that suits the frequencies, which is divisor Hz.
func newFrequencyAxis(w words, startHz, stopHz float64) (a chart.Axis, divisor float64) {
	divisor, index := unit(math.Max(math.Abs(startHz), math.Abs(stopHz)))
	a = chart.NewAxis(w.frequency+", "+w.units[index], startHz/divisor, stopHz/divisor)
	a.Marks = chart.NiceMarks(a.Low, a.High, 10)
	return a, divisor
}

// newPowerAxis makes an axis of values in a unit with about count marks.
func newPowerAxis(w words, u rf.Unit, low, high float64, count int) chart.Axis {
	name, unit := w.quantity(u)
	a := chart.NewAxis(name+", "+unit, low, high)
	a.Marks = chart.NiceMarks(a.Low, a.High, count)
	return a
}
