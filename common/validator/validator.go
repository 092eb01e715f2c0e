// Package validator compiles the rules of a telemetry parameter's values and checks values against them.
//
// Rules come in two forms. A JSON Schema (2020-12) is compiled by santhosh-tekuri/jsonschema. The older
// form of the original system is {"length": n, "parser": name}: a value is a text (or what JSON writes for it)
// of at most n characters that the named parser reads; see parsers.
//
// Schemas come from users, so their cost is bounded when they are written: their size, the number of their
// subschemas, the size of their regular expressions (Go's are linear in time), and how often one place of a
// value can be visited. Nothing outside the schema itself is ever loaded.
package validator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"nms.example/common/fault"
)

// Bounds of a validator and of the values that it checks.
const (
	MaxSchema = 64 << 10 // bytes
	MaxValue  = 16 << 10 // bytes
	// maxDepth bounds the nesting of both.
	maxDepth = 32
	// maxObjects bounds the subschemas; the library's compiler takes quadratic time in them.
	maxObjects = 1000
	// maxNumber bounds the digits of a number, maxExponent its exponent: the library computes with exact fractions.
	maxNumber   = 100
	maxExponent = 400
)

// Finding is one thing that is wrong with a value.
type Finding struct {
	Location string // value, value.items[0].name
	Code     *fault.Code
	Message  string
}

// The refusals; the input is the schema.
var (
	ErrSchema = fault.List(fault.Invalid, "the validator is refused")
	ErrValue  = fault.List(fault.Invalid, "the value is refused")
)

var (
	codeSchema  = fault.Declare(fault.Invalid, "bad_schema", "It is neither a JSON Schema (2020-12) nor {length, parser}.")
	codeOutside = fault.Declare(fault.Invalid, "reference_outside", "The schema refers to something outside itself.")
	codeComplex = fault.Declare(fault.Invalid, "too_complex", "The schema or the value is too large, too deep, or would take too long to check.")
)

// schemaFault refuses a schema because of one of its fields, or with an empty name as a whole.
func schemaFault(field string, code *fault.Code, message string) error {
	return ErrSchema.With(fault.NewDetail(fault.Field(field), code, message))
}

func valueFault(code *fault.Code, message string) error {
	return ErrValue.With(fault.NewDetail(fault.Field("value"), code, message))
}

// Validator checks values. It is safe for concurrent use.
type Validator struct {
	rules interface{ check(value any) []Finding }
}

// Compile reads a validator. Its refusals are faults with fields such as "properties.a".
func Compile(raw json.RawMessage) (*Validator, error) {
	if len(raw) > MaxSchema {
		return nil, schemaFault("", codeComplex, "must not be over 64 KiB")
	}
	doc, code, problem := parse(raw)
	if code != nil {
		return nil, schemaFault("", code, problem)
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return nil, schemaFault("", fault.CodeWrongType, "must be an object")
	}
	if isOlder(object) {
		rules, err := compileOlder(object)
		if err != nil {
			return nil, err
		}
		return &Validator{rules: rules}, nil
	}
	rules, err := compileSchema(object)
	if err != nil {
		return nil, err
	}
	return &Validator{rules: rules}, nil
}

// Validate lists what is wrong with a value, nothing when it is valid. An error says that the value could not be
// looked at.
func (v *Validator) Validate(value json.RawMessage) ([]Finding, error) {
	if len(value) > MaxValue {
		return nil, valueFault(codeComplex, "must not be over 16 KiB")
	}
	doc, code, problem := parse(value)
	if code != nil {
		return nil, valueFault(code, problem)
	}
	return v.rules.check(doc), nil
}

// Bound says what is wrong with JSON that is kept or computed with, and of which no more is known: longer than so many bytes, nested
// too deep, or with numbers that cost too much. code is nil when nothing is.
func Bound(raw json.RawMessage, bytes int) (code *fault.Code, problem string) {
	if len(raw) > bytes {
		return fault.CodeTooLong, "must not be over " + strconv.Itoa(bytes) + " bytes"
	}
	_, code, problem = parse(raw)
	return code, problem
}

// parse reads JSON with exact numbers and says what is wrong with it.
func parse(raw []byte) (doc any, code *fault.Code, problem string) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&doc); err != nil {
		return nil, fault.CodeNotJSON, "must be JSON"
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.CodeNotJSON, "must be one JSON value"
	}
	if problem = bounded(doc, maxDepth); problem != "" {
		return nil, codeComplex, problem
	}
	return doc, nil, ""
}

// bounded looks for what would cost too much: nesting and numbers.
func bounded(v any, depth int) string {
	if depth < 0 {
		return "must not be nested over " + strconv.Itoa(maxDepth) + " levels"
	}
	switch v := v.(type) {
	case json.Number:
		_, exponent, _ := strings.Cut(strings.ToLower(string(v)), "e")
		if exponent != "" {
			if n, err := strconv.Atoi(exponent); err != nil || n > maxExponent || n < -maxExponent {
				return "must not hold numbers with exponents over " + strconv.Itoa(maxExponent)
			}
		}
		if len(v) > maxNumber {
			return "must not hold numbers of over " + strconv.Itoa(maxNumber) + " digits"
		}
	case []any:
		for _, item := range v {
			if problem := bounded(item, depth-1); problem != "" {
				return problem
			}
		}
	case map[string]any:
		for _, item := range v {
			if problem := bounded(item, depth-1); problem != "" {
				return problem
			}
		}
	}
	return ""
}
