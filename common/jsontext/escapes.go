// Package jsontext looks at JSON as it is written, for what encoding/json passes over.
package jsontext

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Escapes reports what the \u escapes of a valid JSON text stand for that PostgreSQL's jsonb does not take: NUL, and half of a
// surrogate pair (RFC 8259, section 8.2), in whose place encoding/json puts U+FFFD.
func Escapes(text []byte) (nul, half bool) {
	const short, long = len(`\n`), len(`\u0000`)
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return nul, half
		}
		if text = text[i:]; text[1] != 'u' {
			text = text[short:]
			continue
		}
		r := character(text)
		text = text[long:]
		switch {
		case r == 0:
			nul = true
		case !utf16.IsSurrogate(r):
		case bytes.HasPrefix(text, []byte(`\u`)) && utf16.DecodeRune(r, character(text)) != utf8.RuneError:
			text = text[long:]
		default:
			half = true
		}
	}
}

// character reads the escape that text begins with.
func character(text []byte) rune {
	r, _ := strconv.ParseUint(string(text[2:6]), 16, 16) // valid JSON has four hexadecimal digits there
	return rune(r)
}
