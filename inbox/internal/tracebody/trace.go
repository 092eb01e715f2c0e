// Package tracebody reads the JSON body of one trace in a single pass: the decimal digits of the power
// values go straight into little-endian int16 hundredths of a dBm, the form in which they are stored,
// with no float in between. Everything else about a body is checked on the way, and every fault is
// reported with its field.
package tracebody

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"nms.example/common/fault"
	"nms.example/common/rf"
)

// Trace is a checked trace as it is stored.
type Trace struct {
	GUID                    uuid.UUID
	StartHz, StopHz, StepHz int64
	// NoiseDBm is the noise floor in dBm.
	NoiseDBm float64
	// Time is when the trace was measured, in UTC, cut to the microseconds that PostgreSQL keeps.
	Time     time.Time
	Lat, Lng float64
	// Power is the values in their stored form, see package rf.
	Power []byte
}

// Points gives the number of power values.
func (t *Trace) Points() int { return len(t.Power) / rf.BytesPerPoint }

// Limits are the bounds that come from settings.
type Limits struct {
	// MaxPoints bounds the number of values of one trace.
	MaxPoints int
	// Oldest and Newest bound the timestamp; a zero value leaves that side open.
	Oldest, Newest time.Time
}

// Refusals of a body. The error that Scan returns wraps one of them and carries the details.
var (
	// ErrMalformed means that the body is not JSON.
	ErrMalformed = fault.List(fault.Malformed, "the body is not valid JSON")
	// ErrInvalid means that fields are missing or out of their bounds.
	ErrInvalid = fault.List(fault.Invalid, "the trace is not valid")
)

type field uint8

const (
	fieldGUID field = iota
	fieldStart
	fieldStop
	fieldStep
	fieldNoise
	fieldPoints
	fieldPower
	fieldTime
	fieldLocation
	fieldLat
	fieldLng
	fieldCount
)

var fieldNames = [fieldCount]string{
	"guid", "start_freq_hz", "stop_freq_hz", "step_freq_hz", "noise", "numpoints", "y_val_dbm",
	"timestamp", "location", "location.lat", "location.lng",
}

// Messages of refused fields.
const (
	msgRequired   = "is required"
	msgGUID       = "must be a UUID"
	msgWhole      = "must be a whole number"
	msgFrequency  = "must lie between -1 PHz and 1 PHz"
	msgNumber     = "must be a number"
	msgFinite     = "must be a finite number"
	msgPower      = "must lie between -327.67 and 327.67 dBm"
	msgArray      = "must be an array of numbers"
	msgObject     = "must be an object"
	msgTime       = "must be an RFC 3339 date and time"
	msgNoOffset   = "must carry its offset from UTC"
	msgTooOld     = "is older than the accepted window"
	msgAhead      = "lies too far in the future"
	msgStep       = "must be above 0"
	msgStop       = "must not lie below start_freq_hz"
	msgPoints     = "must be the number of values in y_val_dbm"
	msgSpan       = "must run from start_freq_hz to stop_freq_hz by step_freq_hz"
	msgNoValues   = "must hold at least one value"
	msgLat        = "must lie between -90 and 90 degrees"
	msgLng        = "must lie between -180 and 180 degrees"
	msgManyPoints = "holds too many values"
)

// maxPowerFaults bounds how many faulty power values one answer names.
const maxPowerFaults = 10

type powerFault struct {
	index   int
	message string
}

// Scan reads one JSON object into trace. Fields may come in any order, unknown ones are skipped, of a
// repeated one the last counts. It keeps no part of body, and it reuses the capacity of trace.Power.
//
// NaN, Infinity and -Infinity are no JSON, but Python writes them: where a power or a degree stands they are
// refused as values, with their place, and not as a broken document.
//
// It fails with ErrMalformed, or with ErrInvalid and one detail per faulty field, located under
// "body". After a failure nothing of trace is of use but its GUID, so that the sender can be told which of
// its traces was refused: uuid.Nil when the body is not JSON or holds no sound one.
func Scan(body []byte, trace *Trace, limits Limits) error {
	trace.GUID = uuid.Nil
	s := scanner{b: body, trace: trace, limits: limits}
	if len(body) == 0 {
		return ErrMalformed.With(detail(fault.Input, msgRequired))
	}
	if !s.document() {
		trace.GUID = uuid.Nil
		return ErrMalformed.With(fault.NewDetail(fault.Input, fault.CodeNotJSON, fmt.Sprintf("is not valid JSON at byte %d", s.i)))
	}
	if s.notObject {
		return ErrInvalid.With(detail(fault.Input, msgObject))
	}
	s.judge()
	if details := s.details(); details != nil {
		return ErrInvalid.With(details...)
	}
	return nil
}

// judge checks what only the whole shows.
func (s *scanner) judge() {
	for f := range fieldCount {
		within := f == fieldLat || f == fieldLng
		if !s.seen[f] && s.faults[f] == "" && (!within || s.sound(fieldLocation)) {
			s.faults[f] = msgRequired
		}
	}
	if !s.sound(fieldGUID) {
		s.trace.GUID = uuid.Nil // that of a repeated field
	}
	s.judgeAxis()
	s.judgeTime()
}

// judgeAxis checks that frequencies and values fit together.
func (s *scanner) judgeAxis() {
	t := s.trace
	points := t.Points()
	if s.sound(fieldStep) && t.StepHz <= 0 {
		s.faults[fieldStep] = msgStep
	}
	if s.sound(fieldStart) && s.sound(fieldStop) && t.StopHz < t.StartHz {
		s.faults[fieldStop] = msgStop
	}
	if s.powersSound() && points == 0 {
		s.faults[fieldPower] = msgNoValues
	}
	if s.powersSound() && s.sound(fieldPoints) && s.points != int64(points) {
		s.faults[fieldPoints] = msgPoints
	}
	axis := s.sound(fieldStart) && s.sound(fieldStop) && s.sound(fieldStep) && s.powersSound()
	if axis && s.sound(fieldPoints) && !rf.SpansAxis(t.StartHz, t.StopHz, t.StepHz, points) {
		s.faults[fieldPower] = msgSpan
	}
}

// judgeTime checks that the timestamp lies within the window.
func (s *scanner) judgeTime() {
	switch t := s.trace.Time; {
	case !s.sound(fieldTime):
	case !s.limits.Oldest.IsZero() && t.Before(s.limits.Oldest):
		s.faults[fieldTime] = msgTooOld
	case !s.limits.Newest.IsZero() && t.After(s.limits.Newest):
		s.faults[fieldTime] = msgAhead
	}
}

func (s *scanner) sound(f field) bool { return s.seen[f] && s.faults[f] == "" }

func (s *scanner) powersSound() bool { return s.sound(fieldPower) && len(s.powerFaults) == 0 }

func (s *scanner) details() []fault.Detail {
	var details []fault.Detail
	for f, message := range s.faults {
		if message != "" {
			details = append(details, detail(fault.Field(fieldNames[f]), message))
		}
		if field(f) != fieldPower {
			continue
		}
		for _, p := range s.powerFaults {
			details = append(details, detail(fault.Field(fmt.Sprintf("%s[%d]", fieldNames[f], p.index)), p.message))
		}
	}
	return details
}
