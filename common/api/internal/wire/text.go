package wire

import (
	"strings"
	"unicode/utf8"

	"nms.example/common/fault"
)

// MaxLocation bounds a location in bytes: it may hold a property name of the client's.
const MaxLocation = 200

// Unreadable makes the fault for a body that cannot be read as a whole.
func Unreadable(code *fault.Code, message string) *fault.Error {
	return fault.List(fault.Malformed, "the request body "+message, fault.NewDetail(fault.Input, code, message))
}

const (
	msgNUL  = "must not contain the character NUL"
	msgHalf = "must not contain half of a surrogate pair"
)

// MsgInvalid is the message of refusals because of single places.
const MsgInvalid = "validation failed"

// Invalid makes the fault for one place of an otherwise readable request.
func Invalid(location string, code *fault.Code, message string) *fault.Error {
	return fault.List(fault.Invalid, MsgInvalid, fault.NewDetail(fault.Request(location), code, message))
}

// BadText says why a decoded text cannot be taken; code is nil when it can.
func BadText(s string) (code *fault.Code, message string) {
	if strings.IndexByte(s, 0) >= 0 {
		return fault.CodeCharacters, msgNUL
	}
	if !utf8.ValidString(s) {
		return fault.CodeNotUTF8, "is not valid UTF-8"
	}
	return nil, ""
}

// Printable makes a client's text safe to keep: valid UTF-8, no control characters, at most limit bytes.
func Printable(s string, limit int) string {
	if plainText(s) {
		return s[:min(len(s), limit)]
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(clean) <= limit {
		return clean
	}
	return strings.ToValidUTF8(clean[:limit], "")
}

// plainText reports whether a text is printable ASCII.
func plainText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// PlainQuery reports whether a query string has nothing in it that could decode to something else or something bad.
func PlainQuery(raw string) bool {
	for i := range len(raw) {
		if c := raw[i]; c == '%' || c == ';' || c >= 0x80 || c < ' ' {
			return false
		}
	}
	return true
}
