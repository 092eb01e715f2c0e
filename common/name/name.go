// Package name is the one rule for the names that people give: of equipment, sections, commands, parameters, roles,
// logins, API keys. Check says whether a name may be given, Fold which names are equal.
//
// The databases enforce the same rule (name_is_clean, name_key and login_key in the migrations); a test compares
// both over every code point.
package name

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"nms.example/common/fault"
)

// ErrBlanks says that a name begins or ends with a blank.
var ErrBlanks = errors.New("must not begin or end with blanks")

// InvisibleError says which character of a name, counted from 1, is a control character or invisible.
type InvisibleError int

func (e InvisibleError) Error() string {
	return fmt.Sprintf("must not contain control or invisible characters; number %d is one", int(e))
}

// Check refuses a name that would look like another one: with blanks (Unicode's White_Space) at its ends, which is
// ErrBlanks, or with a character that nobody sees, which is an InvisibleError. Lengths are not its business.
func Check(name string) error {
	first, _ := utf8.DecodeRuneInString(name)
	last, _ := utf8.DecodeLastRuneInString(name)
	if unicode.IsSpace(first) || unicode.IsSpace(last) {
		return ErrBlanks
	}
	return CheckVisible(name)
}

// CheckVisible refuses a text of one line that holds a character which nobody sees, with an InvisibleError.
func CheckVisible(text string) error {
	n := 0
	for _, r := range text {
		n++
		if invisible(r) {
			return InvisibleError(n)
		}
	}
	return nil
}

// Visible returns a text of others on one line, with nothing in it that nobody sees: blanks of every kind become spaces, and what else is
// invisible, or no character at all, becomes U+FFFD.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case !invisible(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		default:
			return utf8.RuneError
		}
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// CheckAt is Check with a refusal that a client may see, of what stands at the place.
func CheckAt(place fault.Place, name string) error { return refusal(place, Check(name)) }

// CheckVisibleAt is CheckVisible with a refusal that a client may see, of what stands at the place.
func CheckVisibleAt(place fault.Place, text string) error { return refusal(place, CheckVisible(text)) }

func refusal(place fault.Place, err error) error {
	if err == nil {
		return nil
	}
	return fault.At(place, fault.CodeCharacters, err.Error())
}

const (
	noBreakSpace = '\u00A0' // looks like a space and is none
	brailleBlank = '\u2800' // a symbol by its category
)

// invisible reports whether a character shows nothing, or nothing that everybody sees alike: controls, formats, separators
// of lines, private use, and what Unicode lets a font leave out.
func invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7F
	}
	return r == noBreakSpace || r == brailleBlank ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Fold returns the form in which names are compared: names are equal when their folds are, that is after compatibility
// normalisation (NFKC, Unicode Standard Annex 15) and full case folding (Unicode Standard, section 3.13, without the
// Turkic mappings). So "ΟΔΟΣ" is "οδος", "STRASSE" is "straße", and "ﬁ" is "FI". It is no text to show or to keep:
// the databases' form of the same name may be another.
func Fold(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return norm.NFKC.String(cases.Fold().String(strings.Map(upperCherokee, norm.NFKC.String(name))))
		}
	}
	return strings.ToLower(name)
}

// upperCherokee makes Cherokee all of one case, because cases.Fold exchanges its cases in place of folding one of them.
func upperCherokee(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return r
}
