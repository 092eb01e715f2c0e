package threshold

import "slices"

// Severity says how bad a condition is (RFC 8632, perceived severity); a higher one is worse.
type Severity uint8

// The severities. Cleared is none.
const (
	Cleared Severity = iota
	Indeterminate
	Warning
	Minor
	Major
	Critical
)

var names = []string{"cleared", "indeterminate", "warning", "minor", "major", "critical"}

// String returns the name.
func (s Severity) String() string { return names[s] }

// SeverityOf returns the severity of a name; ok is false for names of none, and for cleared.
func SeverityOf(name string) (s Severity, ok bool) {
	i := slices.Index(names, name)
	return Severity(max(i, 0)), i > 0
}

// Severities lists the names of the severities, the least bad first.
func Severities() []string { return slices.Clone(names[1:]) }
