package rf

// Cut returns the signal's band as a trace of its own: values on the source's step from the band's
// start, each interpolated linearly (in dBm) between the source's two neighbours and rounded to
// hundredths half to even. With a minimum bandwidth above 0 the width is rounded up to a multiple of
// it, from the band's start upwards. The result ends at the last whole step inside the band.
//
// It fails with ErrBand, and with ErrOutside when any of its values would lie outside the source.
func (t *Trace) Cut(band Band, minBandwidthHz int64) (*Trace, error) {
	if band.StopHz < band.StartHz || minBandwidthHz < 0 {
		return nil, ErrBand
	}
	width := band.WidthHz()
	if minBandwidthHz > 0 {
		if minBandwidthHz > MaxFrequency || width > 2*MaxFrequency {
			return nil, ErrOutside
		}
		width = max(1, (width+minBandwidthHz-1)/minBandwidthHz) * minBandwidthHz
	}
	points := width/t.StepHz + 1
	out := &Trace{
		StartHz: band.StartHz, StopHz: band.StartHz + (points-1)*t.StepHz,
		StepHz: t.StepHz, NoiseDBm: t.NoiseDBm,
	}
	if band.StartHz < t.StartHz || band.StartHz+width > t.StopHz {
		return nil, ErrOutside
	}
	index := (band.StartHz - t.StartHz) / t.StepHz
	part := (band.StartHz - t.StartHz) % t.StepHz
	out.Levels = make([]Level, points)
	for i := range out.Levels {
		at := int(index) + i
		if part == 0 {
			out.Levels[i] = t.Levels[at]
			continue
		}
		out.Levels[i] = interpolate(t.Levels[at], t.Levels[at+1], part, t.StepHz)
	}
	return out, nil
}

// interpolate gives a + (b−a)·part/whole rounded half to even, exactly: the sum is taken over the
// common denominator. part lies in [0, whole).
func interpolate(a, b Level, part, whole int64) Level {
	// |b−a| < 2^16 and part < 2^51 keep the product inside an int64 up to whole = 2^47; wider steps
	// are scaled down, which moves the result by far less than a thousandth of a hundredth.
	for whole > 1<<46 {
		part, whole = part>>1, whole>>1
	}
	product := (int64(b) - int64(a)) * part
	quotient, rest := product/whole, product%whole
	if rest < 0 {
		quotient, rest = quotient-1, rest+whole
	}
	value := int64(a) + quotient
	if 2*rest > whole || 2*rest == whole && value&1 != 0 {
		value++
	}
	return Level(value)
}
