package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Decoder is implemented by types that read their variable's text themselves. Its error must not hold the text.
type Decoder interface{ Decode(value string) error }

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
		name := t.Tag.Get("env")
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
			return nil, fmt.Errorf("config: %s.%s has no env tag", v.Type(), t.Name)
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
	if d, ok := reflect.TypeAssert[Decoder](f.value.Addr()); ok {
		return d.Decode(value)
	}
	if f.value.Kind() == reflect.Slice {
		return f.decodeList(value)
	}
	if err := parse(strings.TrimSpace(value), f.value); err != nil {
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

// parse turns one text into dst. The errors of strconv and time hold the text and are therefore not passed on.
func parse(value string, dst reflect.Value) error {
	var err error
	if unmarshaler, ok := reflect.TypeAssert[encoding.TextUnmarshaler](dst.Addr()); ok {
		err = unmarshaler.UnmarshalText([]byte(value))
	} else if d, ok := reflect.TypeAssert[*time.Duration](dst.Addr()); ok {
		*d, err = time.ParseDuration(value)
	} else {
		err = parseKind(value, dst)
	}
	if err != nil {
		return errNotTaken
	}
	return nil
}

func parseKind(value string, dst reflect.Value) error {
	var err error
	switch {
	case dst.Kind() == reflect.String:
		dst.SetString(value)
	case dst.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(normaliseBool(value))
		dst.SetBool(b)
	case dst.CanInt():
		var n int64
		n, err = strconv.ParseInt(value, 0, dst.Type().Bits())
		dst.SetInt(n)
	case dst.CanUint():
		var n uint64
		n, err = strconv.ParseUint(value, 0, dst.Type().Bits())
		dst.SetUint(n)
	case dst.CanFloat():
		var x float64
		x, err = strconv.ParseFloat(value, dst.Type().Bits())
		dst.SetFloat(x)
	default:
		err = errNotTaken
	}
	return err
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
