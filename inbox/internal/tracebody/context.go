package tracebody

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nms.example/common/rf"
)

// Context is what a receiver may tell of a measurement. A field that was not sent is nil.
type Context struct {
	Source        *string  `json:"source,omitempty" minLength:"1" maxLength:"80" doc:"Name of the receiver"`
	EquipmentID   *int64   `json:"equipment_id,omitempty" minimum:"1" maximum:"9007199254740991" doc:"Id of the receiver among the equipment of cfg"`
	RBWHz         *float64 `json:"rbw_hz,omitempty" exclusiveMinimum:"0" maximum:"1000000000000000" doc:"Resolution bandwidth (-3 dB), Hz"`
	ENBWHz        *float64 `json:"enbw_hz,omitempty" exclusiveMinimum:"0" maximum:"1000000000000000" doc:"Equivalent noise bandwidth of one value, Hz"`
	Unit          *string  `json:"unit,omitempty" enum:"dBm,dBm/Hz,dBuV,dBuV/m,dBFS" doc:"Unit of the values and of the noise floor; dBm when absent"`
	Detector      *string  `json:"detector,omitempty" enum:"sample,peak,rms,average,quasi-peak,min" doc:"How a value was made of its samples"`
	TraceMode     *string  `json:"trace_mode,omitempty" enum:"clear-write,max-hold,min-hold,average" doc:"How sweeps were put together"`
	SweepTimeS    *float64 `json:"sweep_time_s,omitempty" exclusiveMinimum:"0" maximum:"1000000000" doc:"How long the sweep took, s"`
	AttenuationDB *float64 `json:"attenuation_db,omitempty" minimum:"-327.67" maximum:"327.67" doc:"Attenuation before the receiver, dB"`
	GainDB        *float64 `json:"gain_db,omitempty" minimum:"-327.67" maximum:"327.67" doc:"Gain before the receiver, dB"`
	Antenna       *string  `json:"antenna,omitempty" minLength:"1" maxLength:"200" doc:"The antenna"`
	AzimuthDeg    *float64 `json:"azimuth_deg,omitempty" minimum:"-180" maximum:"360" doc:"Where the antenna looked, degrees from north, clockwise"`
	Overload      *bool    `json:"overload,omitempty" doc:"The receiver was overloaded"`
}

// Bounds of the context's fields.
const (
	maxSource    = 80
	maxAntenna   = 200
	maxEquipment = 1<<53 - 1 // the largest number that every JSON reader takes exactly
	maxSweep     = 1e9       // s
	maxDB        = 327.67
	minAltitude  = -20_000       // m, below every ocean's floor
	maxAltitude  = 1_000_000_000 // m, beyond the Moon
)

// The words that enumerated fields take.
var (
	units      = texts(rf.Units())
	detectors  = []string{"sample", "peak", "rms", "average", "quasi-peak", "min"}
	traceModes = []string{"clear-write", "max-hold", "min-hold", "average"}
)

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// AppendJSON appends the fields that are set as members of a JSON object, each behind a comma.
func (c *Context) AppendJSON(dst []byte) []byte {
	if *c == (Context{}) {
		return dst
	}
	members, err := json.Marshal(c)
	if err != nil || len(members) <= len("{}") {
		return dst // no field fails, and no number in it is without bounds
	}
	return append(append(dst, ','), members[1:len(members)-1]...)
}

// contextMember reads one member of the context; known is false when it is none.
func (s *scanner) contextMember(key []byte, depth int) (known, ok bool) {
	c := &s.trace.Context
	switch string(key) {
	case "source":
		return true, s.label(fieldSource, depth, &c.Source, maxSource, msgSource)
	case "equipment_id":
		return true, s.equipment(depth)
	case "rbw_hz":
		return true, s.quantity(fieldRBW, depth, &c.RBWHz, span{0, rf.MaxFrequency, true, msgBandwidth})
	case "enbw_hz":
		return true, s.quantity(fieldENBW, depth, &c.ENBWHz, span{0, rf.MaxFrequency, true, msgBandwidth})
	case "unit":
		return true, s.word(fieldUnit, depth, &c.Unit, units, msgUnit)
	case "detector":
		return true, s.word(fieldDetector, depth, &c.Detector, detectors, msgDetector)
	case "trace_mode":
		return true, s.word(fieldTraceMode, depth, &c.TraceMode, traceModes, msgTraceMode)
	case "sweep_time_s":
		return true, s.quantity(fieldSweepTime, depth, &c.SweepTimeS, span{0, maxSweep, true, msgSweep})
	case "attenuation_db":
		return true, s.quantity(fieldAttenuation, depth, &c.AttenuationDB, span{-maxDB, maxDB, false, msgDB})
	case "gain_db":
		return true, s.quantity(fieldGain, depth, &c.GainDB, span{-maxDB, maxDB, false, msgDB})
	case "antenna":
		return true, s.label(fieldAntenna, depth, &c.Antenna, maxAntenna, msgAntenna)
	case "azimuth_deg":
		return true, s.quantity(fieldAzimuth, depth, &c.AzimuthDeg, span{-180, 360, false, msgAzimuth})
	case "overload":
		return true, s.flag(fieldOverload, depth, &c.Overload)
	default:
		return false, true
	}
}

// absent walks over a null, which says as much as no field at all.
func (s *scanner) absent(f field) bool {
	if s.peek() != 'n' || !s.literal("null") {
		return false
	}
	s.start(f)
	s.seen[f] = false
	return true
}

// quantity reads an optional number.
func (s *scanner) quantity(f field, depth int, into **float64, within span) bool {
	*into = nil
	if s.absent(f) {
		return true
	}
	value := new(float64)
	*into = value
	return s.float(f, depth, value, within)
}

func (s *scanner) equipment(depth int) bool {
	s.trace.EquipmentID = nil
	if s.absent(fieldEquipment) {
		return true
	}
	id := new(int64)
	s.trace.EquipmentID = id
	return s.whole(fieldEquipment, depth, id, 1, maxEquipment, msgEquipment)
}

// label reads an optional text that people tell things apart by.
func (s *scanner) label(f field, depth int, into **string, maxLength int, lengthMessage string) bool {
	*into = nil
	if s.absent(f) {
		return true
	}
	begins := s.i
	return s.text(f, depth, func(text []byte) string {
		label := string(text)
		switch {
		case label == "" || utf8.RuneCountInString(label) > maxLength:
			return lengthMessage
		case !utf8.Valid(s.b[begins:s.i]) || label != strings.TrimSpace(label) || strings.ContainsFunc(label, invisible):
			return msgLabel
		}
		*into = &label
		return ""
	}, msgText)
}

// invisible finds characters that make two texts look the same.
func invisible(r rune) bool {
	return r != ' ' && (unicode.IsControl(r) || unicode.In(r, unicode.Z, unicode.Cf, unicode.Co))
}

// word reads an optional text out of a few.
func (s *scanner) word(f field, depth int, into **string, words []string, message string) bool {
	*into = nil
	if s.absent(f) {
		return true
	}
	return s.text(f, depth, func(text []byte) string {
		i := slices.Index(words, string(text))
		if i < 0 {
			return message
		}
		*into = &words[i]
		return ""
	}, message)
}

// flag reads an optional true or false.
func (s *scanner) flag(f field, depth int, into **bool) bool {
	*into = nil
	if s.absent(f) {
		return true
	}
	s.start(f)
	first := s.peek()
	if first != 't' && first != 'f' {
		return s.wrong(f, depth, msgFlag)
	}
	value := first == 't'
	*into = &value
	return s.skip(depth)
}
