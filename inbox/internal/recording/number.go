package recording

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"nms.example/common/rf"
)

var errNumber = errors.New("not a number")

// parseLevel reads a power. What is no finite number (nan, inf and the ways in which C libraries write them) is Missing.
func parseLevel(text []byte) (rf.Level, error) {
	if level, ok := plainLevel(text); ok {
		return level, nil
	}
	text = bytes.TrimSpace(text)
	if isNonFinite(text) {
		return Missing, nil
	}
	value, err := parseNumber(text)
	if err != nil {
		return 0, err
	}
	return levelOf(value)
}

// levelOf returns a power's level, Missing for what is not finite.
func levelOf(value float64) (rf.Level, error) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return Missing, nil
	}
	level, err := rf.LevelOf(value)
	if err != nil {
		return 0, fmt.Errorf("%w: %g", err, value)
	}
	return level, nil
}

// plainLevel reads the usual form: blanks, an optional minus, up to three digits, up to two decimals.
func plainLevel(b []byte) (rf.Level, bool) {
	i := 0
	for i < len(b) && b[i] == ' ' {
		i++
	}
	negative := i < len(b) && b[i] == '-'
	if negative {
		i++
	}
	v, digits := 0, 0
	for ; i < len(b) && b[i]-'0' <= 9 && digits < 3; i++ {
		v = v*10 + int(b[i]-'0')
		digits++
	}
	v *= 100
	if i < len(b) && b[i] == '.' {
		i++
		for place := 10; i < len(b) && b[i]-'0' <= 9 && place > 0; i++ {
			v += int(b[i]-'0') * place
			place /= 10
		}
	}
	if digits == 0 || i != len(b) || v > rf.MaxLevel {
		return 0, false
	}
	if negative {
		v = -v
	}
	return rf.Level(v), true
}

func isNonFinite(text []byte) bool {
	switch strings.TrimLeft(strings.ToLower(string(text)), "+-") {
	case "nan", "inf", "infinity", "1.#inf", "1.#ind", "1.#qnan", "nan(ind)", "nan(snan)":
		return true
	default:
		return false
	}
}

// parseNumber reads a finite decimal number; hexadecimal ones and underscores are not taken.
func parseNumber(text []byte) (float64, error) {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9', c == '+', c == '-', c == '.', c == 'e', c == 'E':
		default:
			return 0, errNumber
		}
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(value, 0) {
		return 0, errNumber
	}
	return value, nil
}

// precision returns half a unit of the last decimal that text shows: how far a printed number may lie from the true one.
func precision(text []byte) float64 {
	decimals := 0
	if dot := bytes.IndexByte(text, '.'); dot >= 0 {
		decimals = len(text) - dot - 1
	}
	return 0.5 * math.Pow(10, -float64(decimals))
}
