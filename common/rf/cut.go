package rf

import (
	"math"
	"math/big"
)

// Cut returns the signal's band as a trace of its own: values on the source's step from the band's
// start, each interpolated linearly (in decibels) between the source's two neighbours and rounded to
// hundredths half to even; missing where one of the two is. With a minimum bandwidth above 0 the width is
// rounded up to a multiple of it, from the band's start upwards. The result ends at the last whole step
// inside the band.
//
// It fails with ErrBand, and with ErrOutside when any of its values would lie outside the source.
func (t *Trace) Cut(band Band, minBandwidthHz float64) (*Trace, error) {
	if !(band.StopHz >= band.StartHz && minBandwidthHz >= 0) {
		return nil, ErrBand
	}
	spacing, slack := t.SpacingHz(), t.slack()
	width := band.WidthHz()
	if minBandwidthHz > 0 {
		width = multiple(width, minBandwidthHz, slack)
	}
	if t.Check() != nil || !(band.StartHz >= t.StartHz-slack && band.StartHz+width <= t.StopHz+slack) {
		return nil, ErrOutside
	}
	offset := max(band.StartHz-t.StartHz, 0)
	index := int((offset + slack) / spacing)
	part := offset - float64(float64(index)*spacing)
	if part <= slack {
		part = 0
	}
	out := *t
	end := len(t.Levels) - 1
	out.Levels = make([]Level, min(int((width+slack)/spacing), end-index)+1)
	out.StartHz, out.StepHz = band.StartHz, tidy(spacing)
	out.StopHz = tidy(band.StartHz + float64(spacing*float64(len(out.Levels)-1)))
	for i := range out.Levels {
		at := index + i
		if part == 0 {
			out.Levels[i] = t.Levels[at]
			continue
		}
		out.Levels[i] = interpolate(t.Levels[at], t.Levels[min(at+1, end)], part, spacing)
	}
	return &out, nil
}

// multiple returns the smallest multiple of unit, one at the least, that is no less than width, within slack.
func multiple(width, unit, slack float64) float64 {
	count := math.Ceil(width / unit)
	if float64((count-1)*unit) >= width-slack {
		count--
	}
	return max(count, 1) * unit
}

// interpolate returns a + (b−a)·part/whole rounded half to even, exactly; Missing when a or b is. part lies in
// [0, whole).
func interpolate(a, b Level, part, whole float64) Level {
	if a == Missing || b == Missing {
		return Missing
	}
	value := float64(a) + float64((float64(b)-float64(a))*part/whole)
	// The sum is off by less than 1e-9. Far from a tie it rounds as the exact one does; close to one, fractions
	// of whole numbers decide.
	if math.Abs(math.Abs(value-math.Trunc(value))-0.5) > 1e-6 {
		return Level(math.RoundToEven(value))
	}
	exact := new(big.Rat).Quo(new(big.Rat).SetFloat64(part), new(big.Rat).SetFloat64(whole))
	exact.Mul(exact, big.NewRat(int64(b)-int64(a), 1))
	exact.Add(exact, big.NewRat(int64(a), 1))
	floor := new(big.Int).Div(exact.Num(), exact.Denom())
	rest := new(big.Rat).Sub(exact, new(big.Rat).SetInt(floor))
	level := floor.Int64()
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && level&1 != 0 {
		level++
	}
	return Level(level)
}
