// Package tracebody reads the JSON body of one trace in a single pass: the decimal digits of the power
// values go straight into little-endian int16 hundredths of their unit, the form in which they are stored,
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
	GUID uuid.UUID
	// StartHz, StopHz and StepHz are the axis, see rf.Trace.
	StartHz, StopHz, StepHz float64
	// NoiseDBm is the noise floor in the trace's unit.
	NoiseDBm float64
	// Time is when the trace was measured, in UTC, cut to the microseconds that PostgreSQL keeps.
	Time     time.Time
	Lat, Lng float64
	// AltM is the height above sea level in metres; nil when it was not sent.
	AltM *float64
	// Power is the values in their stored form, see package rf.
	Power []byte
	Context
	// Meta is a JSON object of the sender's own, with all fields that this package does not know; empty when
	// there is none.
	Meta []byte
}

// Points returns the number of power values.
func (t *Trace) Points() int { return len(t.Power) / rf.BytesPerPoint }

// Limits are the bounds that come from settings.
type Limits struct {
	// MaxPoints bounds the number of values of one trace.
	MaxPoints int
	// Oldest and Newest bound the timestamp; a zero value leaves that side open.
	Oldest, Newest time.Time
	// Kept says that older traces are not kept at all, whoever sends them.
	Kept bool
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
	fieldAlt
	fieldSource
	fieldEquipment
	fieldRBW
	fieldENBW
	fieldUnit
	fieldDetector
	fieldTraceMode
	fieldSweepTime
	fieldAttenuation
	fieldGain
	fieldAntenna
	fieldAzimuth
	fieldOverload
	fieldMeta
	fieldCount
)

// requiredCount is how many fields, the first ones, a trace must have.
const requiredCount = fieldAlt

var fieldNames = [fieldCount]string{
	"guid", "start_freq_hz", "stop_freq_hz", "step_freq_hz", "noise", "numpoints", "y_val_dbm",
	"timestamp", "location", "location.lat", "location.lng", "location.alt_m", "source", "equipment_id", "rbw_hz", "enbw_hz",
	"unit", "detector", "trace_mode", "sweep_time_s", "attenuation_db", "gain_db", "antenna", "azimuth_deg", "overload", "meta",
}

// Messages of refused fields.
const (
	msgRequired   = "is required"
	msgRepeated   = "is given more than once"
	msgGUID       = "must be a UUID"
	msgWhole      = "must be a whole number"
	msgFrequency  = "must lie between -1 PHz and 1 PHz"
	msgNumber     = "must be a number"
	msgFinite     = "must be a finite number"
	msgNoise      = "must lie between -327.67 and 327.67"
	msgPower      = "must lie between -327.67 and 327.67; send null for a value that the receiver does not have"
	msgNoPower    = "must be a number; send null for a value that the receiver does not have"
	msgInfinite   = "must be a finite number; send null for a value that the receiver does not have"
	msgArray      = "must be an array of numbers"
	msgObject     = "must be an object"
	msgTime       = "must be an RFC 3339 date and time"
	msgTimeComma  = "must be an RFC 3339 date and time, with a full stop before the fraction of a second"
	msgNoOffset   = "must carry its offset from UTC"
	msgTooOld     = "is older than the accepted window"
	msgExpired    = "is older than what is kept here"
	msgAhead      = "lies too far in the future"
	msgStep       = "must be above 0, at least 0.000001"
	msgStop       = "must not lie below start_freq_hz"
	msgPoints     = "must be the number of values in y_val_dbm"
	msgSpan       = "must lead from start_freq_hz to stop_freq_hz in numpoints - 1 steps, within half a step"
	msgNoValues   = "must hold at least one value"
	msgUnmeasured = "must hold at least one value that is not null: nothing was measured"
	msgLat        = "must lie between -90 and 90 degrees"
	msgLng        = "must lie between -180 and 180 degrees"
	msgAlt        = "must lie between -20000 and 1000000000 m"
	msgManyPoints = "holds too many values"
	msgText       = "must be text"
	msgLabel      = "must be valid UTF-8 without blanks at the ends or invisible characters"
	msgSource     = "must have 1 to 80 characters"
	msgUnit       = "must be one of dBm, dBm/Hz, dBuV, dBuV/m, dBFS"
	msgDetector   = "must be one of sample, peak, rms, average, quasi-peak, min"
	msgTraceMode  = "must be one of clear-write, max-hold, min-hold, average"
	msgEquipment  = "must be a whole number from 1 to 9007199254740991"
	msgBandwidth  = "must lie above 0, up to 1 PHz"
	msgSweep      = "must lie above 0, up to 1000000000 s"
	msgDB         = "must lie between -327.67 and 327.67 dB"
	msgAntenna    = "must have 1 to 200 characters"
	msgAzimuth    = "must lie between -180 and 360 degrees"
	msgFlag       = "must be true or false"
	msgMeta       = "must not take more than 8 KiB, together with all fields that are not known here"
	msgMetaTwice  = "must not hold a name that is also sent beside it, and no field that is not known here may be sent twice"
	msgMetaText   = "must be valid UTF-8, as must be all fields that are not known here"
	msgMetaDepth  = "must not nest deeper than 64 levels"
)

// maxPowerFaults bounds how many faulty power values one answer names.
const maxPowerFaults = 10

type powerFault struct {
	index   int
	message string
}

// Scan reads one JSON object into trace. Fields may come in any order, each once; unknown ones are kept
// in Meta. It keeps no part of body, and it reuses the capacity of trace.Power and trace.Meta. A
// value of null is missing (rf.Missing); an optional field of null is as good as absent.
//
// NaN, Infinity and -Infinity are no JSON, but Python writes them: where a number of the trace stands they are
// refused as values, with their place, and not as a broken document.
//
// It fails with ErrMalformed, or with ErrInvalid and one detail per faulty field, located under
// "body". After a failure nothing of trace is of use but its GUID, so that the sender can be told which of
// its traces was refused: uuid.Nil when the body is not JSON or holds no sound one.
func Scan(body []byte, trace *Trace, limits Limits) error {
	trace.GUID = uuid.Nil
	trace.AltM, trace.Context = nil, Context{}
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
	for f := range requiredCount {
		within := f == fieldLat || f == fieldLng
		if !s.seen[f] && s.faults[f] == "" && (!within || s.sound(fieldLocation)) {
			s.faults[f] = msgRequired
		}
	}
	for f, repeated := range s.repeated {
		if repeated {
			s.faults[f] = msgRepeated
		}
	}
	if s.repeated[fieldPower] {
		s.powerFaults = nil
	}
	if !s.sound(fieldGUID) {
		s.trace.GUID = uuid.Nil // that of a repeated field
	}
	s.judgeAxis()
	s.judgeTime()
	s.judgeMeta()
}

// judgeAxis checks that frequencies and values fit together.
func (s *scanner) judgeAxis() {
	t := s.trace
	points := t.Points()
	if s.sound(fieldStep) && t.StepHz < rf.MinStep {
		s.faults[fieldStep] = msgStep
	}
	if s.sound(fieldStart) && s.sound(fieldStop) && t.StopHz < t.StartHz {
		s.faults[fieldStop] = msgStop
	}
	if s.powersSound() && points == s.missing {
		s.faults[fieldPower] = msgUnmeasured
		if points == 0 {
			s.faults[fieldPower] = msgNoValues
		}
	}
	if s.powersSound() && s.sound(fieldPoints) && s.points != int64(points) {
		s.faults[fieldPoints] = msgPoints
	}
	axis := s.sound(fieldStart) && s.sound(fieldStop) && s.sound(fieldStep) && s.powersSound()
	if axis && s.sound(fieldPoints) && !rf.SpansAxis(t.StartHz, t.StopHz, t.StepHz, points) {
		s.faults[fieldStep] = msgSpan
	}
}

// judgeTime checks that the timestamp lies within the window.
func (s *scanner) judgeTime() {
	switch t := s.trace.Time; {
	case !s.sound(fieldTime):
	case !s.limits.Oldest.IsZero() && t.Before(s.limits.Oldest):
		s.faults[fieldTime] = msgTooOld
		if s.limits.Kept {
			s.faults[fieldTime] = msgExpired
		}
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
