// Package frame takes values of telemetry parameters in, keeps them, and answers what the newest ones are.
//
// A frame is the values of one piece of equipment at one moment, however they came: polled, posted, pushed. Frames of concurrent
// callers share transactions: while the committers are busy, what comes is gathered, and goes together next.
package frame

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"nms.example/common/jsontext"
)

// Quality says what a value is worth. (Its numbers are those of the column frame.quality.)
type Quality uint8

// The qualities.
const (
	Good      Quality = iota
	Uncertain         // the source doubts it
	Bad               // the source has no value
	Invalid           // the catalogue's validator refuses it
)

// exact marks, in the column, a value that stands in text_value.
const exact = 1 << 4

// Qualities are the names, by number.
var Qualities = []string{"good", "uncertain", "bad", "invalid"}

// String returns the name.
func (q Quality) String() string { return Qualities[q] }

// QualityOf returns the quality of a name; ok is false when there is none.
func QualityOf(name string) (q Quality, ok bool) {
	i := slices.Index(Qualities, name)
	return Quality(max(i, 0)), i >= 0
}

// Value is a parameter's value.
type Value struct {
	Parameter int64
	Number    float64         // NaN when it is no number
	Exact     json.RawMessage // a text, a truth value, or a number that float64 does not hold; nil when Number is the value
	Quality   Quality
}

// Frame is the values of a piece of equipment at a moment. Sort brings it into the form in which it is stored.
type Frame struct {
	Equipment int64
	At        time.Time
	Values    []Value
}

// maxValues bounds the values that are stored as one frame; a larger one is divided.
const maxValues = 200

// Sort orders the values by parameter; of one that is there more than once the first is kept. PostgreSQL keeps microseconds.
func (f *Frame) Sort() {
	f.At = f.At.Truncate(time.Microsecond)
	byParameter := func(a, b Value) int { return cmp.Compare(a.Parameter, b.Parameter) }
	if !slices.IsSortedFunc(f.Values, byParameter) {
		slices.SortStableFunc(f.Values, byParameter)
	}
	f.Values = slices.CompactFunc(f.Values, func(a, b Value) bool { return a.Parameter == b.Parameter })
}

// Bounds of a value.
const (
	maxText   = 4096 // bytes of a text as it is written, with its quotes and escapes
	maxDigits = 100
	// maxNumber is the largest number: sums of any count of them stay within float64.
	maxNumber = 1e300
)

// Parse reads a value from JSON; ok is false when it is neither a number, a text, a truth value nor null, too large or too long, or a text
// that PostgreSQL does not take.
func Parse(raw json.RawMessage) (v Value, ok bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return v, false
	}
	v.Number = math.NaN()
	switch c := raw[0]; {
	case c == 'n':
		v.Quality = Bad
		return v, true
	case c == 't' || c == 'f':
		v.Exact = raw
		return v, true
	case c == '"':
		v.Exact = raw
		nul, half := jsontext.Escapes(raw)
		return v, len(raw) <= maxText && !nul && !half
	case c == '-' || c >= '0' && c <= '9':
		return number(raw)
	default:
		return v, false
	}
}

func number(raw json.RawMessage) (v Value, ok bool) {
	text := string(raw)
	if len(text) > maxDigits {
		return v, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(n) > maxNumber {
		return v, false
	}
	v.Number = n
	if len(text) > 15 && !strings.ContainsAny(text, ".eE") && strconv.FormatFloat(n, 'f', -1, 64) != text {
		v.Exact = raw
	}
	return v, true
}

// Of returns the value of what a driver has read: a string, a json.Number or a bool; nil when it could not be read.
func Of(parameter int64, read any) Value {
	raw, err := json.Marshal(read)
	if err != nil {
		raw = nil
	}
	v, ok := Parse(raw)
	if !ok {
		v = Value{Number: math.NaN(), Quality: Bad}
	}
	v.Parameter = parameter
	return v
}

// Usable reports whether a value of a stored frame is a number that is good or uncertain; qualities is its column quality.
func Usable(number float64, qualities []byte, i int) bool {
	return !math.IsNaN(number) && (i >= len(qualities) || Quality(qualities[i]&(exact-1)) <= Uncertain)
}

// mark is the byte of the column quality.
func (v *Value) mark() byte {
	if v.Exact != nil {
		return byte(v.Quality) | exact
	}
	return byte(v.Quality)
}

// Scale makes number · scale + offset of a number; what is none stays. A number that float64 does not hold is rounded, and one that is
// too large, before or after, becomes a bad value.
func (v *Value) Scale(scale, offset float64) {
	if math.IsNaN(v.Number) {
		return
	}
	if scale != 1 || offset != 0 {
		v.Number, v.Exact = v.Number*scale+offset, nil
	}
	if math.Abs(v.Number) > maxNumber {
		v.Number, v.Exact, v.Quality = math.NaN(), nil, Bad
	}
}
