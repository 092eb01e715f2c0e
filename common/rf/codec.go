package rf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// MaxLevel is the largest level in hundredths of the unit; the smallest is −MaxLevel.
const MaxLevel = 32767

// Missing stands for a value that the receiver does not have.
const Missing Level = math.MinInt16

// BytesPerPoint is the size of one stored power value.
const BytesPerPoint = 2

// Faults of the codec and of operations whose result would leave the range of a level.
var (
	ErrRange     = errors.New("power is outside -327.67 to 327.67 dBm")
	ErrNotFinite = errors.New("power is not a finite number")
	ErrOddLength = errors.New("stored powers have an odd number of bytes")
)

// Level is a power in hundredths of the unit, dBm as a rule; or Missing.
type Level = int16

// LevelOf rounds a power in dBm to hundredths, half to even by the shortest decimal text of the number.
// It fails with ErrNotFinite or ErrRange.
func LevelOf(dBm float64) (Level, error) {
	if math.IsNaN(dBm) || math.IsInf(dBm, 0) {
		return 0, ErrNotFinite
	}
	scaled := dBm * 100
	if math.Abs(scaled) > MaxLevel+1 {
		return 0, ErrRange
	}
	// Far from a tie the binary product rounds as the decimal text does: the product is off by less
	// than 1e-11 here. Close to one, the digits decide.
	level := math.RoundToEven(scaled)
	if math.Abs(math.Abs(scaled-math.Trunc(scaled))-0.5) < 1e-6 {
		level = roundDigits(dBm)
	}
	if math.Abs(level) > MaxLevel {
		return 0, ErrRange
	}
	return Level(level), nil
}

// roundDigits rounds the shortest decimal text of v to hundredths, half to even.
func roundDigits(v float64) float64 {
	text := strconv.AppendFloat(make([]byte, 0, 32), math.Abs(v), 'f', -1, 64)
	var whole int64
	places, rest, tail := -1, byte('0'), false
	for _, c := range text {
		switch {
		case c == '.':
			places = 0
		case places < 2:
			whole = whole*10 + int64(c-'0')
			if places >= 0 {
				places++
			}
		case places == 2:
			rest, places = c, 3
		default:
			tail = tail || c != '0'
		}
	}
	for places = max(places, 0); places < 2; places++ {
		whole *= 10
	}
	if rest > '5' || rest == '5' && (tail || whole%2 == 1) {
		whole++
	}
	return math.Copysign(float64(whole), v)
}

// DBm returns a level's power in its unit, the float64 nearest to the two-place decimal; NaN for Missing.
func DBm(level Level) float64 {
	if level == Missing {
		return math.NaN()
	}
	return float64(level) / 100
}

// Encode turns powers in dBm into levels. The error wraps ErrNotFinite or ErrRange and names the index.
func Encode(dBm []float64) ([]Level, error) {
	levels := make([]Level, len(dBm))
	for i, v := range dBm {
		l, err := LevelOf(v)
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", i, err)
		}
		levels[i] = l
	}
	return levels, nil
}

// Decode turns levels into powers; Missing becomes NaN.
func Decode(levels []Level) []float64 {
	dBm := make([]float64, len(levels))
	for i, l := range levels {
		dBm[i] = DBm(l)
	}
	return dBm
}

// AppendBytes appends the stored form of levels: little-endian, two bytes each.
func AppendBytes(dst []byte, levels []Level) []byte {
	for _, l := range levels {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(l))
	}
	return dst
}

// FromBytes reads the stored form. It fails with ErrOddLength.
func FromBytes(stored []byte) ([]Level, error) {
	if len(stored)%BytesPerPoint != 0 {
		return nil, ErrOddLength
	}
	levels := make([]Level, len(stored)/BytesPerPoint)
	for i := range levels {
		levels[i] = Level(binary.LittleEndian.Uint16(stored[i*BytesPerPoint:]))
	}
	return levels, nil
}

// AppendDBm appends a level as JSON with the fewest digits: "-75.24", "-80", "0.5"; "null" for Missing.
func AppendDBm(dst []byte, level Level) []byte {
	if level == Missing {
		return append(dst, "null"...)
	}
	v := int(level)
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	dst = strconv.AppendInt(dst, int64(v/100), 10)
	switch tens, ones := byte(v/10%10), byte(v%10); {
	case ones != 0:
		dst = append(dst, '.', '0'+tens, '0'+ones)
	case tens != 0:
		dst = append(dst, '.', '0'+tens)
	}
	return dst
}
