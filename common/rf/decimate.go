package rf

// Thinned is a trace reduced for display: values that are no longer evenly spaced, each with the
// frequency that it was measured at.
type Thinned struct {
	FrequencyHz []int64
	Levels      []Level
}

// Decimate thins the trace to at most points values, 2 at the least: the values are split into
// points/2 buckets of (nearly) equal size and of each bucket the minimum and the maximum stay, in
// their order of frequency. So no peak and no notch is lost, whatever the reduction. A trace that is
// short enough already comes back whole.
func (t *Trace) Decimate(points int) Thinned {
	points = max(points, 2)
	n := len(t.Levels)
	if n <= points {
		out := Thinned{FrequencyHz: make([]int64, n), Levels: append([]Level(nil), t.Levels...)}
		for i := range out.FrequencyHz {
			out.FrequencyHz[i] = t.FrequencyAt(i)
		}
		return out
	}
	buckets := points / 2
	out := Thinned{FrequencyHz: make([]int64, 0, points), Levels: make([]Level, 0, points)}
	for b := range buckets {
		low, high := t.extremes(b*n/buckets, (b+1)*n/buckets)
		for _, i := range [2]int{min(low, high), max(low, high)} {
			out.FrequencyHz = append(out.FrequencyHz, t.FrequencyAt(i))
			out.Levels = append(out.Levels, t.Levels[i])
			if low == high {
				break
			}
		}
	}
	return out
}

// extremes gives the indexes of the lowest and the highest value of [from, to), the first of equals.
func (t *Trace) extremes(from, to int) (low, high int) {
	low, high = from, from
	for i := from + 1; i < to; i++ {
		if t.Levels[i] < t.Levels[low] {
			low = i
		}
		if t.Levels[i] > t.Levels[high] {
			high = i
		}
	}
	return low, high
}
