package catalogue

import (
	"encoding/json"
	"math"
	"strconv"

	"nms.example/common/validator"

	"nms.example/ctrl/internal/nmsdb"
)

// Parameter is a live telemetry parameter.
type Parameter struct {
	ID   int64
	Name string

	version   int32
	numbers   *bounds              // the validator, when it says no more than what a number has to be
	validator *validator.Validator // nil: the catalogue's cannot be compiled, no value is valid
}

func newParameter(row nmsdb.ParameterListRow) *Parameter {
	p := &Parameter{ID: row.ID, Name: row.Name, version: row.Version, numbers: boundsOf(row.ValueValidator)}
	if compiled, err := validator.Compile(row.ValueValidator); err == nil { // an older version may have taken others
		p.validator = compiled
	}
	return p
}

// Valid reports whether the catalogue's validator takes a value, which is one JSON value. number is the same as a number, NaN
// when it is none.
func (p *Parameter) Valid(raw json.RawMessage, number float64) bool {
	if p.numbers != nil {
		return p.numbers.hold(number)
	}
	return p.ValidAsWritten(raw)
}

// ValidAsWritten is Valid of a value that float64 does not hold as it is written.
func (p *Parameter) ValidAsWritten(raw json.RawMessage) bool {
	if p.validator == nil {
		return false
	}
	found, err := p.validator.Validate(raw)
	return err == nil && len(found) == 0
}

// ValidNumber is Valid of a number that was never written.
func (p *Parameter) ValidNumber(number float64) bool {
	if p.numbers != nil {
		return p.numbers.hold(number)
	}
	return p.ValidAsWritten(strconv.AppendFloat(nil, number, 'g', -1, 64))
}

// bounds are what most parameters ask of a number. (Reading a decimal as float64 keeps the order, so that comparing with a bound
// needs no exact arithmetic.)
type bounds struct {
	integer           bool
	low, high         float64
	openLow, openHigh bool
}

// boundsOf reads a validator that is a JSON Schema of a number with bounds alone, nil when it is any other.
func boundsOf(raw json.RawMessage) *bounds {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	b := &bounds{low: math.Inf(-1), high: math.Inf(1)}
	typed := false
	for key, value := range members {
		switch key {
		case "type":
			var name string
			if json.Unmarshal(value, &name) != nil || name != "number" && name != "integer" {
				return nil
			}
			typed, b.integer = true, name == "integer"
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
			var bound float64
			if json.Unmarshal(value, &bound) != nil {
				return nil
			}
			b.bind(key, bound)
		case "$schema", "title", "description", "x-unit":
		default:
			return nil
		}
	}
	if !typed {
		return nil
	}
	return b
}

func (b *bounds) bind(key string, bound float64) {
	switch key {
	case "minimum":
		if bound > b.low {
			b.low, b.openLow = bound, false
		}
	case "exclusiveMinimum":
		if bound >= b.low {
			b.low, b.openLow = bound, true
		}
	case "maximum":
		if bound < b.high {
			b.high, b.openHigh = bound, false
		}
	default:
		if bound <= b.high {
			b.high, b.openHigh = bound, true
		}
	}
}

func (b *bounds) hold(v float64) bool {
	switch {
	case math.IsNaN(v) || b.integer && v != math.Trunc(v):
		return false
	case v < b.low || b.openLow && v == b.low:
		return false
	default:
		return v < b.high || !b.openHigh && v == b.high
	}
}
