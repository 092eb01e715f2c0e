// Package validator compiles the rules of a telemetry parameter's values and checks values against them.
package validator

import (
	"encoding/json"
)

// MaxValue is the most bytes that a value may have.
const MaxValue = 16 << 10

// Finding is one thing that is wrong with a value.
type Finding struct {
	Location string `json:"location" doc:"Where in the value, as a JSON pointer below value: value, value/0/name"`
	Message  string `json:"message" doc:"What is wrong there"`
}

// Validator checks values.
type Validator struct{}

// Compile reads a validator.
func Compile(raw json.RawMessage) (*Validator, error) { return &Validator{}, nil }

// Validate checks a value.
func (v *Validator) Validate(value json.RawMessage) ([]Finding, error) { return nil, nil }
