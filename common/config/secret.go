package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// redacted stands in for every secret that someone prints.
const redacted = "[redacted]"

// Secret is a text that nothing prints: every fmt verb, slog, JSON and text encoding print
// "[redacted]". Only Reveal returns the text itself.
//
// The text is kept behind a pointer, because fmt walks into unexported fields of an enclosing struct
// without asking for methods; it then finds an address only.
type Secret struct{ text *string }

// NewSecret wraps a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Decode implements Decoder.
func (s *Secret) Decode(value string) error {
	*s = NewSecret(value)
	return nil
}

// Reveal returns the secret itself. Hand it to the library that needs it and to nothing else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// String returns "[redacted]", or nothing when there is no secret.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// GoString is String for %#v.
func (s Secret) GoString() string { return "config.Secret(" + s.String() + ")" }

// Format covers every verb, also those such as %d and %x that would otherwise show the bytes.
func (s Secret) Format(f fmt.State, verb rune) { formatRedacted(f, verb, s) }

// LogValue keeps the secret out of log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps the secret out of JSON and every other encoding built on text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Secret) sensitive() {}

func (s *Secret) expects() string { return "a secret text" }

// sensitive marks types whose value may also come from the file that <NAME>_FILE names.
type sensitive interface{ sensitive() }

// expecting is implemented by types that can say in words what they take.
type expecting interface{ expects() string }

type redactedText interface {
	fmt.Stringer
	fmt.GoStringer
}

func formatRedacted(f fmt.State, verb rune, v redactedText) {
	text := v.String()
	switch {
	case verb == 'q':
		text = fmt.Sprintf("%q", text)
	case verb == 'v' && f.Flag('#'), verb != 'v' && verb != 's':
		text = v.GoString()
	}
	// A formatter has nowhere to report a failed write to.
	_, _ = io.WriteString(f, text)
}

// errEncoding is the only thing that is said about a percent sign gone wrong: the text around it may
// be part of a password.
var errEncoding = errors.New("an address whose special characters are percent-encoded")

// splitList reads a list whose items are separated by commas or, in files, by lines.
func splitList(value string) []string {
	var items []string
	for item := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
