package catalogue

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"nms.example/common/fault"
	"nms.example/common/name"
)

// Checker collects what is wrong with the fields of an input, all of it at once.
type Checker struct{ details []fault.Detail }

// Line checks a text of one line: minimum to maximum characters, each of which can be seen. was is the one that the item
// has, empty for a new item: what is older than the rule may stay.
func (c *Checker) Line(field, value, was string, minimum, maximum int) {
	if !c.text(field, value, minimum, maximum, unicode.IsControl) || value == was {
		return
	}
	if err := name.CheckVisible(value); err != nil {
		c.Add(field, fault.CodeCharacters, err.Error())
	}
}

// Name checks a name that a person gives, of minimum to maximum characters, by the rule of package name. was is the one that
// the item has, empty for a new item: what is older than the rule may stay.
func (c *Checker) Name(field, value, was string, minimum, maximum int) {
	if !c.text(field, value, minimum, maximum, func(rune) bool { return false }) || value == was {
		return
	}
	if err := name.Check(value); err != nil {
		c.Add(field, fault.CodeCharacters, err.Error())
	}
}

// Prose checks a text that may have several lines.
func (c *Checker) Prose(field, value string, minimum, maximum int) {
	c.text(field, value, minimum, maximum, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

func (c *Checker) text(field, value string, minimum, maximum int, refused func(rune) bool) (fine bool) {
	if !utf8.ValidString(value) {
		c.Add(field, fault.CodeNotUTF8, "must be valid UTF-8")
		return false
	}
	fine = true
	switch n := utf8.RuneCountInString(value); {
	case n < minimum:
		c.Add(field, fault.CodeTooShort, fmt.Sprintf("must have %d to %d characters", minimum, maximum))
		fine = false
	case n > maximum:
		c.Add(field, fault.CodeTooLong, fmt.Sprintf("must have %d to %d characters", minimum, maximum))
		fine = false
	}
	if strings.ContainsFunc(value, refused) {
		c.Add(field, fault.CodeCharacters, "must not contain control characters")
		fine = false
	}
	return fine
}

// ID checks a reference to another item.
func (c *Checker) ID(field string, id int64) {
	if id < 1 {
		c.Add(field, fault.CodeBelow, "must be at least 1")
	}
}

// OptionalID checks a reference that may be null.
func (c *Checker) OptionalID(field string, id *int64) {
	if id != nil {
		c.ID(field, *id)
	}
}

// Add notes what is wrong with a field.
func (c *Checker) Add(field string, code *fault.Code, message string) {
	c.details = append(c.details, fault.NewDetail(fault.Field(field), code, message))
}

// Take notes all details of a fault.
func (c *Checker) Take(err *fault.Error) { c.details = append(c.details, err.Details...) }

var errInput = fault.List(fault.Invalid, "the item is refused")

// Err is nil when nothing was wrong.
func (c *Checker) Err() error {
	if len(c.details) == 0 {
		return nil
	}
	return errInput.With(c.details...)
}
