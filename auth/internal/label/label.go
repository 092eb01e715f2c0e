// Package label checks the texts by which people tell things apart.
package label

import (
	"strings"
	"unicode"

	"nms.example/common/fault"
)

// Check refuses, pointing to place, a text with spaces around it or with characters that nobody sees:
// two different texts would look the same.
func Check(text string, place fault.Place) error {
	if text == strings.TrimSpace(text) && !strings.ContainsFunc(text, invisible) {
		return nil
	}
	return fault.At(place, fault.CodeCharacters, "must not begin or end with spaces or hold invisible characters")
}

func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}
