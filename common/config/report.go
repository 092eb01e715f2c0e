package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errNotTaken is what a decoder says when the words of `expects` say it all.
var errNotTaken = errors.New("is not one that is taken")

// Fault is one variable that is missing or wrong. It never holds the variable's value.
type Fault struct {
	Name     string
	Missing  bool
	Expected string
}

// String returns the fault as a sentence's part.
func (f Fault) String() string {
	state := "is wrong"
	if f.Missing {
		state = "is missing"
	}
	if f.Expected == "" {
		return f.Name + " " + state
	}
	return f.Name + " " + state + " (expected: " + f.Expected + ")"
}

// Error holds everything that is wrong with the configuration at once.
type Error struct{ Faults []Fault }

// Error returns all faults on one line.
func (e *Error) Error() string {
	parts := make([]string, 0, len(e.Faults))
	for _, f := range e.Faults {
		parts = append(parts, f.String())
	}
	return "the configuration is not complete: " + strings.Join(parts, "; ")
}

// Validator is implemented by settings that have rules across fields or beyond a field's type. It is
// called after every field was read, also when some were wrong.
type Validator interface{ Validate(r *Report) }

// Report collects what is to be said about a configuration.
type Report struct {
	// Environment is the one that the settings are for.
	Environment Environment

	faults   []Fault
	warnings []string
}

// Fault adds a variable that cannot be used; expected says in words what would be taken. A variable
// that already has a fault keeps its first one.
func (r *Report) Fault(name, expected string) { r.add(Fault{Name: name, Expected: expected}) }

// Missing adds a variable that must be set.
func (r *Report) Missing(name, expected string) {
	r.add(Fault{Name: name, Missing: true, Expected: expected})
}

// Warnf adds a sentence for the log, once. It must not hold values.
func (r *Report) Warnf(format string, args ...any) {
	// A struct that embeds one Validator has its method too, so that it is called for both.
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.warnings, text) {
		r.warnings = append(r.warnings, text)
	}
}

func (r *Report) add(f Fault) {
	if slices.ContainsFunc(r.faults, func(o Fault) bool { return o.Name == f.Name }) {
		return
	}
	r.faults = append(r.faults, f)
}

func (r *Report) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return &Error{Faults: r.faults}
}
