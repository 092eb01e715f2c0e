// Package password decides which passwords are taken and does the slow hashing, in a bounded number of
// workers whose threads give way to everything else.
package password

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"nms.example/common/fault"
)

// Bounds of a password.
const (
	MinChars = 12 // Unicode characters
	MaxBytes = 72 // bcrypt reads no more
)

// Codes of these refusals.
var (
	codeShort  = fault.Declare(fault.Invalid, "password_too_short", "The password needs at least 12 characters.")
	codeLong   = fault.Declare(fault.Invalid, "password_too_long", "The password may have at most 72 bytes in UTF-8.")
	codeCommon = fault.Declare(fault.Invalid, "password_common", "The password is one of those that are tried first.")
	codeOwn    = fault.Declare(fault.Invalid, "password_is_name", "The password is the login or the name.")
)

// The refusals of a new password.
var (
	ErrShort  = fault.New(codeShort, "the password needs at least 12 characters")
	ErrLong   = fault.New(codeLong, "the password may have at most 72 bytes: bcrypt reads no more")
	ErrCommon = fault.New(codeCommon, "the password is one of those that are tried first; choose another")
	ErrOwn    = fault.New(codeOwn, "the password must not be the login or the name")
)

// commonList holds the 10,000 most frequent passwords and all longer ones of the list that comes with
// zxcvbn (https://github.com/dropbox/zxcvbn, data/passwords.txt at 67c4ece, MIT licence in
// common.LICENSE.txt), in lower case.
//
//go:embed common.txt
var commonList string

var common = func() map[string]struct{} {
	set := make(map[string]struct{}, 11000)
	for word := range strings.Lines(commonList) {
		set[strings.TrimSuffix(word, "\n")] = struct{}{}
	}
	return set
}()

// Check refuses what may not become a password. own are texts that everybody knows of the user. place
// is what the refusal points to.
func Check(password string, place fault.Place, own ...string) error {
	refuse := func(f *fault.Error) error {
		return f.With(fault.NewDetail(place, f.Code(), f.Message))
	}
	switch {
	case utf8.RuneCountInString(password) < MinChars:
		return refuse(ErrShort)
	case len(password) > MaxBytes:
		return refuse(ErrLong)
	case isCommon(strings.ToLower(password)):
		return refuse(ErrCommon)
	}
	for _, text := range own {
		if strings.EqualFold(strings.TrimSpace(text), strings.TrimSpace(password)) {
			return refuse(ErrOwn)
		}
	}
	return nil
}

// isCommon finds listed passwords, also with digits and signs around them ("Password2026!"), a few
// characters repeated ("abcabcabcabc") and rows of the keyboard, alphabet or digits.
func isCommon(password string) bool {
	if _, ok := common[password]; ok {
		return true
	}
	core := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	if _, ok := common[core]; ok {
		return true
	}
	return isRepeated(password) || isRow(password)
}

// isRepeated holds for a unit that makes all of the password, when it is short or listed.
func isRepeated(password string) bool {
	for size := 1; size <= len(password)/2; size++ {
		unit := password[:size]
		if strings.HasPrefix(strings.Repeat(unit, len(password)/size+1), password) {
			if _, listed := common[unit]; listed || size <= len(password)/3 {
				return true
			}
		}
	}
	return false
}

// rows are what fingers and alphabets do by themselves, in both directions and around the end.
var rows = []string{
	"01234567890123456789", "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./",
	"abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
	"1q2w3e4r5t6y7u8i9o0p", "йцукенгшщзхъфывапролджэячсмитьбю", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}

func isRow(password string) bool {
	for _, row := range rows {
		if strings.Contains(row+row, password) || strings.Contains(row+row, reversed(password)) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}
