package tracebody

import (
	"math"

	"nms.example/common/rf"
)

// decimal is a JSON number taken apart: 0.d₁d₂d₃… × 10^exponent with d₁ ≠ 0.
type decimal struct {
	negative bool
	// digits are the significant ones, without leading zeros; empty for zero.
	digits   []byte
	exponent int64
}

// maxExponent is where exponents are cut off: far beyond any body's length in digits.
const maxExponent = math.MaxInt64 / 4

// takeApart splits a number that is known to follow JSON's grammar.
func takeApart(text []byte) decimal {
	var d decimal
	if text[0] == '-' {
		d.negative, text = true, text[1:]
	}
	digits := make([]byte, 0, len(text))
	var whole int64
	fraction := false
	for i, c := range text {
		switch {
		case c == '.':
			fraction = true
			continue
		case c|0x20 == 'e':
			d.exponent = exponentOf(text[i+1:])
		default:
			if len(digits) > 0 || c != '0' {
				digits = append(digits, c)
				if !fraction {
					whole++
				}
			} else if fraction {
				whole--
			}
			continue
		}
		break
	}
	d.digits, d.exponent = digits, d.exponent+whole
	return d
}

func exponentOf(text []byte) int64 {
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		text = text[1:]
	}
	var e int64
	for _, c := range text {
		if e = e*10 + int64(c-'0'); e > maxExponent/10 {
			e = maxExponent / 10
		}
	}
	if negative {
		return -e
	}
	return e
}

// hundredths rounds the number times 100 half to even; false when the result is no level.
func (d decimal) hundredths() (rf.Level, bool) {
	places := d.exponent + 2
	switch {
	case len(d.digits) == 0 || places < 0:
		return 0, true
	case places > 5:
		return 0, false
	}
	var v int
	for i := range int(places) {
		v *= 10
		if i < len(d.digits) {
			v += int(d.digits[i] - '0')
		}
	}
	if rest := d.digits[min(int(places), len(d.digits)):]; len(rest) > 0 {
		more := false
		for _, c := range rest[1:] {
			more = more || c != '0'
		}
		if rest[0] > '5' || rest[0] == '5' && (more || v&1 == 1) {
			v++
		}
	}
	if v > rf.MaxLevel {
		return 0, false
	}
	if d.negative {
		v = -v
	}
	return rf.Level(v), true
}

// whole returns the number as an integer; false when it has a fraction or does not fit.
func (d decimal) whole() (int64, bool) {
	end := len(d.digits)
	for end > 0 && d.digits[end-1] == '0' {
		end--
	}
	if end == 0 {
		return 0, true
	}
	if d.exponent < int64(end) || d.exponent > 18 {
		return 0, false
	}
	var v int64
	for i := range int(d.exponent) {
		v *= 10
		if i < end {
			v += int64(d.digits[i] - '0')
		}
	}
	if d.negative {
		v = -v
	}
	return v, true
}
