package validator

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"nms.example/common/fault"
)

// older is the original system's form: {"length": n, "parser": name}.
type older struct {
	length int // in characters; 0 when it was not given
	parser string
}

// maxOlderLength bounds length.
const maxOlderLength = 65535

// isOlder tells the older form by its keys: a schema has others, "length" and "parser" mean nothing in one.
func isOlder(object map[string]any) bool {
	_, length := object["length"]
	_, parser := object["parser"]
	if !length && !parser {
		return false
	}
	for key := range object {
		if key != "length" && key != "parser" {
			return false
		}
	}
	return true
}

func compileOlder(object map[string]any) (older, error) {
	var o older
	if raw, ok := object["length"]; ok {
		number, isNumber := raw.(json.Number)
		length, err := strconv.Atoi(string(number))
		if !isNumber || err != nil || length < 1 || length > maxOlderLength {
			return o, schemaFault("length", fault.CodeOutOfRange, fmt.Sprintf("must be a whole number from 1 to %d", maxOlderLength))
		}
		o.length = length
	}
	if raw, ok := object["parser"]; ok {
		name, isText := raw.(string)
		if n := utf8.RuneCountInString(name); !isText || n < 1 || n > 50 {
			return o, schemaFault("parser", fault.CodeLength, "must be a name of 1 to 50 characters")
		}
		o.parser = name
	}
	return o, nil
}

var hexDigits = regexp.MustCompile(`^[0-9A-Fa-f]*$`)

// parsers are the names whose meaning is known here. Any other name is the client's own: it is kept, and
// only the length is checked.
var parsers = map[string]struct {
	reads   func(text string) bool
	message string
}{
	"str":    {func(string) bool { return true }, ""},
	"string": {func(string) bool { return true }, ""},
	"int":    {isInt, "must be a whole number"},
	"uint":   {func(s string) bool { _, err := strconv.ParseUint(s, 10, 64); return err == nil }, "must be a whole number from 0"},
	"float":  {func(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }, "must be a number"},
	"bool": {func(s string) bool {
		return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") || s == "0" || s == "1"
	}, "must be true or false"},
	"hex": {hexDigits.MatchString, "must consist of hexadecimal digits"},
}

func isInt(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

func (o older) check(value any) []Finding {
	text, ok := textOf(value)
	if !ok {
		return []Finding{{"value", fault.CodeWrongType, "must be a text, a number, true or false"}}
	}
	var findings []Finding
	if n := utf8.RuneCountInString(text); o.length > 0 && n > o.length {
		findings = append(findings, Finding{"value", fault.CodeTooLong, fmt.Sprintf("must have at most %d characters", o.length)})
	}
	if p, known := parsers[o.parser]; known && !p.reads(text) {
		findings = append(findings, Finding{"value", fault.CodeBadFormat, p.message})
	}
	return findings
}

// textOf returns a value as a line of telemetry carries it.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return string(v), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}
