package rf

// Thinned is a trace reduced for display: values that are no longer evenly spaced, each with the
// frequency that it was measured at.
type Thinned struct {
	FrequencyHz []float64
	Levels      []Level
}

// Decimate thins the trace to at most points values, 2 at the least: the values are split into
// points/2 buckets of (nearly) equal size and of each bucket the minimum and the maximum stay, in
// their order of frequency. So no peak and no notch is lost, whatever the reduction. Of a bucket without any
// measured value one missing value stays. A trace that is short enough already comes back whole.
func (t *Trace) Decimate(points int) Thinned {
	points = max(points, 2)
	n := len(t.Levels)
	if n <= points {
		return Thinned{FrequencyHz: t.Frequencies(), Levels: append([]Level(nil), t.Levels...)}
	}
	buckets, spacing := points/2, t.SpacingHz()
	out := Thinned{FrequencyHz: make([]float64, 0, points), Levels: make([]Level, 0, points)}
	for b := range buckets {
		low, high := t.extremes(b*n/buckets, (b+1)*n/buckets)
		for _, i := range [2]int{min(low, high), max(low, high)} {
			out.FrequencyHz = append(out.FrequencyHz, tidy(t.StartHz+float64(float64(i)*spacing)))
			out.Levels = append(out.Levels, t.Levels[i])
			if low == high {
				break
			}
		}
	}
	return out
}

// extremes returns the indexes of the lowest and the highest measured value of [from, to), the first of equals;
// from and from when all are missing.
func (t *Trace) extremes(from, to int) (low, high int) {
	low, high = from, from
	for i := from + 1; i < to; i++ {
		switch level := t.Levels[i]; {
		case level == Missing:
		case t.Levels[low] == Missing:
			low, high = i, i
		case level < t.Levels[low]:
			low = i
		case level > t.Levels[high]:
			high = i
		}
	}
	return low, high
}
