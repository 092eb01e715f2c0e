package validator

import (
	"math/big"
	"strconv"
	"strings"
)

// maxPlain bounds a decimal that is written without an exponent, in characters.
const maxPlain = 40

// decimal writes a number of a schema exactly, as a person would: -75.24, 0.1, 1e300. JSON has no numbers but decimals,
// so every bound is one.
func decimal(r *big.Rat) string {
	places, _ := r.FloatPrec()
	text := r.FloatString(places)
	if len(text) <= maxPlain {
		return text
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent := len(digits) - 1 - len(fraction)
	first, rest := digits[:1], strings.TrimRight(digits[1:], "0")
	if rest != "" {
		rest = "." + rest
	}
	return sign + first + rest + "e" + strconv.Itoa(exponent)
}
