package tracebody

import (
	"nms.example/common/rf"
)

// plainPowers reads values of the usual form (an optional minus, up to three digits, up to two
// decimals, a comma or the closing bracket right behind) from b[i:] for as long as they come, and
// returns the place where it stopped: behind the bracket, or before the first value of another form.
// It is the one loop that the time of a large body is spent in, hence its plainness.
func plainPowers(b []byte, i int, stored *[]byte, maxPoints int) int {
	out := *stored
	limit := maxPoints * rf.BytesPerPoint
	for {
		start := i
		// A value, its separator and a blank before it need at most 9 bytes; the last few values of a
		// body that ends early are left to the general reader, so that no index here needs a check.
		if len(b)-i < 10 || len(out)+rf.BytesPerPoint > limit {
			break
		}
		w := b[i : i+10 : i+10]
		n := 0
		if w[0] == ' ' {
			n = 1
		}
		sign := 0
		if w[n] == '-' {
			sign = -1
			n++
		}
		v := int(w[n] - '0')
		if v > 9 {
			break
		}
		n++
		if d := w[n] - '0'; d <= 9 {
			if v == 0 {
				break
			}
			v = v*10 + int(d)
			n++
			if d = w[n] - '0'; d <= 9 {
				v = v*10 + int(d)
				n++
			}
		}
		v *= 100
		if w[n] == '.' {
			d := w[n+1] - '0'
			if d > 9 {
				break
			}
			v += int(d) * 10
			n += 2
			if d = w[n] - '0'; d <= 9 {
				v += int(d)
				n++
			}
		}
		end := w[n]
		if end != ',' && end != ']' || v > rf.MaxLevel {
			break
		}
		v = (v ^ sign) - sign
		out = append(out, byte(v), byte(v>>8))
		i = start + n + 1
		if end == ']' {
			*stored = out
			return i
		}
	}
	*stored = out
	return i
}
