package rf

import (
	"errors"
	"slices"
)

// ErrUnit says that a trace's unit is no power, so that no power can be computed from it.
var ErrUnit = errors.New("the unit is no power")

// Unit is what the values of a trace are measured in.
type Unit string

// The units.
const (
	// UnitDBm is decibels over a milliwatt.
	UnitDBm Unit = "dBm"
	// UnitDBmPerHz is a power density: decibels over a milliwatt per hertz.
	UnitDBmPerHz Unit = "dBm/Hz"
	// UnitDBuV is decibels over a microvolt.
	UnitDBuV Unit = "dBuV"
	// UnitDBuVPerM is a field strength: decibels over a microvolt per metre.
	UnitDBuVPerM Unit = "dBuV/m"
	// UnitDBFS is decibels over full scale.
	UnitDBFS Unit = "dBFS"
)

// Units returns all units.
func Units() []Unit { return []Unit{UnitDBm, UnitDBmPerHz, UnitDBuV, UnitDBuVPerM, UnitDBFS} }

// Valid reports whether the unit is one of Units.
func (u Unit) Valid() bool { return slices.Contains(Units(), u) }

// OrDBm returns the unit, UnitDBm for an empty one.
func (u Unit) OrDBm() Unit {
	if u == "" {
		return UnitDBm
	}
	return u
}
