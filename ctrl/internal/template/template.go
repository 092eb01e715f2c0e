// Package template fills the placeholders of what a driver sends: "{gain}" in a text stands for the argument gain. A text
// that is nothing but a placeholder becomes the argument itself, with its JSON type; within a longer text the argument is
// written out. {{ and }} stand for braces.
package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Args are the arguments of a command by name; numbers are json.Number.
type Args map[string]any

// Escape makes an argument's text fit for the place that it is written to, or refuses it.
type Escape func(text string) (string, error)

// part matches a doubled brace, a placeholder or a stray brace.
var part = regexp.MustCompile(`\{\{|\}\}|\{([a-z][a-z0-9_]{0,49})\}|[{}]`)

var (
	// ErrBraces says that a text has a brace that neither belongs to a placeholder nor is doubled.
	ErrBraces = errors.New("has a brace that is neither doubled nor part of a placeholder such as {gain}")
	// ErrMember says that the name of a member has a placeholder, which would stay as it is.
	ErrMember = errors.New("has a placeholder in the name of a member, where none is filled")
	// ErrMissing says that an argument is missing.
	ErrMissing = errors.New("an argument is missing")
	// ErrScalar says that an argument is neither a text, a number nor a truth value, and stands within a longer text.
	ErrScalar = errors.New("an array, an object or null does not fit into a text")
)

// Names lists the placeholders in a JSON value (maps, slices and scalars, as encoding/json decodes), sorted. The name of a member
// must not hold one.
func Names(v any) ([]string, error) {
	if inMembers(v) {
		return nil, ErrMember
	}
	names := map[string]bool{}
	_, err := walk(v, func(text string) (any, error) {
		for _, m := range part.FindAllStringSubmatch(text, -1) {
			switch {
			case m[1] != "":
				names[m[1]] = true
			case len(m[0]) == 1:
				return nil, ErrBraces
			}
		}
		return text, nil
	})
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list, err
}

// inMembers reports whether the name of a member holds a placeholder.
func inMembers(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, inMembers)
	case map[string]any:
		for name, item := range v {
			for _, m := range part.FindAllStringSubmatch(name, -1) {
				if m[1] != "" {
					return true
				}
			}
			if inMembers(item) {
				return true
			}
		}
	}
	return false
}

// Value fills the placeholders in a JSON value.
func Value(v any, args Args) (any, error) {
	return walk(v, func(text string) (any, error) {
		if m := part.FindStringSubmatch(text); m != nil && m[1] != "" && len(m[0]) == len(text) {
			arg, ok := args[m[1]]
			if !ok {
				return nil, fmt.Errorf("%w: %s", ErrMissing, m[1])
			}
			return arg, nil
		}
		return Text(text, args, nil)
	})
}

// Text fills the placeholders in a text. escape is asked about each argument; nil lets all pass.
func Text(text string, args Args, escape Escape) (string, error) {
	var b strings.Builder
	last := 0
	for _, m := range part.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[last:m[0]])
		last = m[1]
		if m[2] < 0 {
			if m[1]-m[0] == 1 {
				return "", ErrBraces
			}
			b.WriteByte(text[m[0]])
			continue
		}
		filled, err := write(text[m[2]:m[3]], args, escape)
		if err != nil {
			return "", err
		}
		b.WriteString(filled)
	}
	b.WriteString(text[last:])
	return b.String(), nil
}

func write(name string, args Args, escape Escape) (string, error) {
	arg, ok := args[name]
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrMissing, name)
	}
	var text string
	switch arg := arg.(type) {
	case string:
		text = arg
	case json.Number:
		text = arg.String()
	case bool:
		text = strconv.FormatBool(arg)
	default:
		return "", ErrScalar
	}
	if escape == nil {
		return text, nil
	}
	return escape(text)
}

// walk copies a JSON value with its texts replaced. Names of members are not filled.
func walk(v any, replace func(string) (any, error)) (any, error) {
	switch v := v.(type) {
	case string:
		return replace(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			filled, err := walk(item, replace)
			if err != nil {
				return nil, err
			}
			list[i] = filled
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			filled, err := walk(item, replace)
			if err != nil {
				return nil, err
			}
			object[name] = filled
		}
		return object, nil
	default:
		return v, nil
	}
}
