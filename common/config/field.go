package config

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// Variable describes one setting.
type Variable struct {
	Name        string
	Default     string
	Required    bool
	Description string
	// Expects says in words what is taken.
	Expects string
	// File reports whether <NAME>_FILE may name a file that holds the value.
	File bool
}

type field struct {
	Variable

	value    reflect.Value
	min, max string
}

// gather lists the fields of a struct and of the structs inside it. A field that can be set and names no variable is
// an error: its setting would never be read.
func gather(v reflect.Value) ([]field, error) {
	var fields []field
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		if !t.IsExported() {
			continue
		}
		name := t.Tag.Get("envconfig")
		switch {
		case name != "":
			fields = append(fields, newField(name, f, t.Tag))
		case f.Kind() == reflect.Struct:
			inner, err := gather(f)
			if err != nil {
				return nil, err
			}
			fields = append(fields, inner...)
		default:
			return nil, fmt.Errorf("config: %s.%s has no envconfig tag", v.Type(), t.Name)
		}
	}
	return fields, nil
}

func newField(name string, v reflect.Value, tag reflect.StructTag) field {
	return field{
		Variable: Variable{
			Name:        name,
			Default:     tag.Get("default"),
			Required:    tag.Get("required") == "true",
			Description: tag.Get("desc"),
			Expects:     expectation(v, tag),
			File:        isSensitive(v),
		},
		value: v, min: tag.Get("min"), max: tag.Get("max"),
	}
}

func isSensitive(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		v = reflect.New(v.Type().Elem()).Elem()
	}
	_, ok := reflect.TypeAssert[sensitive](v.Addr())
	return ok
}

func expectation(v reflect.Value, tag reflect.StructTag) string {
	if text := tag.Get("expect"); text != "" {
		return text
	}
	if e, ok := reflect.TypeAssert[expecting](v.Addr()); ok {
		return e.expects()
	}
	var text string
	_, isDuration := reflect.TypeAssert[time.Duration](v)
	switch kind := v.Kind(); {
	case isDuration:
		text = "a duration such as 30s or 5m"
	case kind == reflect.Bool:
		text = "True or False"
	case kind == reflect.Uint16:
		return "a whole number from 0 to 65535"
	case v.CanInt(), v.CanUint():
		text = "a whole number"
	case v.CanFloat():
		text = "a number"
	case kind == reflect.Slice:
		return "a list separated by commas"
	default:
		return "a text"
	}
	switch low, high := tag.Get("min"), tag.Get("max"); {
	case low != "" && high != "":
		text += fmt.Sprintf(" from %s to %s", low, high)
	case low != "":
		text += " of at least " + low
	case high != "":
		text += " of at most " + high
	}
	return text
}

// decode sets the field from the variable's text.
func (f field) decode(value string) error {
	if d, ok := reflect.TypeAssert[envconfig.Decoder](f.value.Addr()); ok {
		return d.Decode(value)
	}
	if f.value.Kind() == reflect.Slice {
		return f.decodeList(value)
	}
	value = strings.TrimSpace(value)
	if f.value.Kind() == reflect.Bool {
		value = normaliseBool(value)
	}
	if err := parse(value, f.value); err != nil {
		return err
	}
	return f.checkBounds()
}

func (f field) decodeList(value string) error {
	items := splitList(value)
	list := reflect.MakeSlice(f.value.Type(), len(items), len(items))
	for i, item := range items {
		element := field{value: list.Index(i)}
		if err := element.decode(item); err != nil {
			return err
		}
	}
	f.value.Set(list)
	return nil
}

// parse has envconfig turn one text into dst: one at a time, since envconfig ends at its first fault and one message is to
// name them all. It reads the environment of the process only, so the text, which may come from a file, goes to it as the default of a
// variable whose name no environment can hold. Secrets do not come here: their types decode themselves.
func parse(value string, dst reflect.Value) error {
	if value == "" {
		return errNotTaken
	}
	one := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "Value",
		Type: dst.Type(),
		Tag:  reflect.StructTag(`envconfig:"=" default:` + strconv.Quote(value)),
	}}))
	if err := envconfig.Process("", one.Interface()); err != nil {
		return errNotTaken // envconfig's own text holds the value
	}
	dst.Set(one.Elem().Field(0))
	return nil
}

// normaliseBool takes the words that the original's settings library took beside Go's own.
func normaliseBool(value string) string {
	switch strings.ToLower(value) {
	case "true", "yes", "on", "y", "t", "1":
		return "true"
	case "false", "no", "off", "n", "f", "0":
		return "false"
	}
	return value
}

var errBounds = errors.New("is out of its bounds")

func (f field) checkBounds() error {
	if f.min == "" && f.max == "" {
		return nil
	}
	got, err := magnitude(f.value)
	if err != nil {
		return err
	}
	for _, bound := range []struct {
		text  string
		wrong func(limit float64) bool
	}{
		{f.min, func(limit float64) bool { return !(got >= limit) }},
		{f.max, func(limit float64) bool { return !(got <= limit) }},
	} {
		if bound.text == "" {
			continue
		}
		at := reflect.New(f.value.Type()).Elem()
		if err := parse(bound.text, at); err != nil {
			return fmt.Errorf("bound of %s: %w", f.Name, err)
		}
		if limit, err := magnitude(at); err != nil || bound.wrong(limit) {
			return errBounds
		}
	}
	return nil
}

func magnitude(v reflect.Value) (float64, error) {
	switch {
	case v.CanInt():
		return float64(v.Int()), nil
	case v.CanUint():
		return float64(v.Uint()), nil
	case v.CanFloat():
		return v.Float(), nil
	}
	return 0, errNotTaken
}
