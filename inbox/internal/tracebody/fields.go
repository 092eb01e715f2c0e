package tracebody

import (
	"encoding/binary"
	"strconv"

	"github.com/google/uuid"

	"nms.example/common/rf"
)

// member reads one member of the trace.
func (s *scanner) member(key []byte, depth int) bool {
	t := s.trace
	switch string(key) {
	case "guid":
		return s.text(fieldGUID, depth, s.guid, msgGUID)
	case "start_freq_hz":
		return s.float(fieldStart, depth, &t.StartHz, hertz)
	case "stop_freq_hz":
		return s.float(fieldStop, depth, &t.StopHz, hertz)
	case "step_freq_hz":
		return s.float(fieldStep, depth, &t.StepHz, hertz)
	case "noise":
		return s.float(fieldNoise, depth, &t.NoiseDBm, span{-float64(rf.MaxLevel) / 100, float64(rf.MaxLevel) / 100, false, msgNoise})
	case "numpoints":
		return s.whole(fieldPoints, depth, &s.points, -rf.MaxFrequency, rf.MaxFrequency, msgPoints)
	case "y_val_dbm":
		return s.powers(depth)
	case "timestamp":
		return s.text(fieldTime, depth, s.time, msgTime)
	case "location":
		return s.location(depth)
	case "meta":
		return s.ownMeta(depth)
	case "received_at": // of an answer that is sent again
		return s.skip(depth)
	}
	if known, ok := s.contextMember(key, depth); known {
		return ok
	}
	return s.unknownMember(key, depth, false)
}

// span is what a number may be.
type span struct {
	low, high float64
	above     bool // low itself is out
	message   string
}

func (w *span) holds(v float64) bool { return (v > w.low || v == w.low && !w.above) && v <= w.high }

var hertz = span{-rf.MaxFrequency, rf.MaxFrequency, false, msgFrequency}

func (s *scanner) location(depth int) bool {
	s.start(fieldLocation)
	if s.repeated[fieldLocation] {
		return s.skip(depth)
	}
	if s.peek() != '{' {
		s.faults[fieldLocation] = msgObject
		return s.skip(depth)
	}
	return s.object(depth+1, func(key []byte, depth int) bool {
		switch string(key) {
		case "lat":
			return s.float(fieldLat, depth, &s.trace.Lat, span{-90, 90, false, msgLat})
		case "lng":
			return s.float(fieldLng, depth, &s.trace.Lng, span{-180, 180, false, msgLng})
		case "alt_m":
			return s.quantity(fieldAlt, depth, &s.trace.AltM, span{minAltitude, maxAltitude, false, msgAlt})
		default:
			return s.unknownMember(key, depth, true)
		}
	})
}

// start notes that a field is there.
func (s *scanner) start(f field) {
	s.seen[f], s.faults[f] = true, ""
	s.repeated[f], s.met[f] = s.repeated[f] || s.met[f], true
}

// wrong skips a value of a kind that the field does not take.
func (s *scanner) wrong(f field, depth int, message string) bool {
	s.faults[f] = message
	return s.skip(depth)
}

func (s *scanner) text(f field, depth int, read func([]byte) string, message string) bool {
	s.start(f)
	if s.peek() != '"' {
		return s.wrong(f, depth, message)
	}
	text, ok := s.str()
	if ok {
		s.faults[f] = read(text)
	}
	return ok
}

// isNumber reports whether a number (or what only a number may begin with) is at hand.
func (s *scanner) isNumber() bool { return s.peek() == '-' || s.peek()-'0' <= 9 }

// nonFinite walks over one of Python's names for what is no finite number.
func (s *scanner) nonFinite() bool {
	switch s.peek() {
	case 'N':
		return s.literal("NaN")
	case 'I':
		return s.literal("Infinity")
	case '-':
		return s.literal("-Infinity")
	default:
		return false
	}
}

func (s *scanner) whole(f field, depth int, into *int64, low, high int64, bounds string) bool {
	s.start(f)
	if !s.isNumber() {
		return s.wrong(f, depth, msgWhole)
	}
	text, ok := s.number()
	if !ok {
		return false
	}
	d := takeApart(text)
	v, fits := d.whole()
	switch {
	case !fits && d.exponent <= 18:
		s.faults[f] = msgWhole
	case !fits || v < low || v > high:
		s.faults[f] = bounds
	}
	*into = v
	return true
}

func (s *scanner) float(f field, depth int, into *float64, within span) bool {
	s.start(f)
	if s.nonFinite() {
		s.faults[f] = msgFinite
		return true
	}
	if !s.isNumber() {
		return s.wrong(f, depth, msgNumber)
	}
	text, ok := s.number()
	if !ok {
		return false
	}
	v, fits := floatOf(text)
	if !fits || !within.holds(v) {
		s.faults[f] = within.message
	}
	*into = v
	return true
}

// floatOf returns the float64 nearest to a number; −0 becomes 0, so that equal content is equal in every
// comparison.
func floatOf(text []byte) (v float64, fits bool) {
	const exact = 15 // digits of a whole number that a float64 holds
	if digits := text; len(digits) <= exact {
		if digits[0] == '-' {
			digits = digits[1:]
		}
		var whole int64
		for _, c := range digits {
			if c -= '0'; c > 9 {
				whole = -1
				break
			}
			whole = whole*10 + int64(c)
		}
		switch {
		case whole < 0:
		case len(digits) < len(text):
			return float64(-whole), true
		default:
			return float64(whole), true
		}
	}
	v, err := strconv.ParseFloat(string(text), 64)
	return v + 0, err == nil
}

func (s *scanner) guid(text []byte) string {
	if len(text) != 36 && len(text) != 32 {
		return msgGUID
	}
	id, err := uuid.ParseBytes(text)
	if err != nil {
		return msgGUID
	}
	s.trace.GUID = id
	return ""
}

// powers reads the values into their stored form.
func (s *scanner) powers(depth int) bool {
	s.start(fieldPower)
	s.powerFaults, s.missing = nil, 0
	s.trace.Power = s.trace.Power[:0]
	if s.peek() != '[' {
		return s.wrong(fieldPower, depth, msgArray)
	}
	if depth+1 > maxDepth {
		return false
	}
	s.i++
	s.space()
	if s.peek() == ']' {
		s.i++
		return true
	}
	for {
		if s.i = plainPowers(s.b, s.i, &s.trace.Power, s.limits.MaxPoints); s.i > 0 && s.b[s.i-1] == ']' {
			return true
		}
		done, ok := s.anyPower(depth + 1)
		if !ok || done {
			return ok
		}
	}
}

// anyPower reads one value of any form and the comma or the bracket behind it.
func (s *scanner) anyPower(depth int) (done, ok bool) {
	s.space()
	switch {
	case s.peek() == 'n' && s.literal("null"):
		s.missing++
		s.keep(rf.Missing)
	case s.nonFinite():
		s.powerFault(msgInfinite)
		s.keep(0)
	case s.isNumber():
		text, ok := s.number()
		if !ok {
			return false, false
		}
		level, fits := takeApart(text).hundredths()
		if !fits {
			s.powerFault(msgPower)
		}
		s.keep(level)
	default:
		if !s.skip(depth) {
			return false, false
		}
		s.powerFault(msgNoPower)
		s.keep(0)
	}
	s.space()
	switch s.peek() {
	case ',':
		s.i++
		return false, true
	case ']':
		s.i++
		return true, true
	default:
		return false, false
	}
}

func (s *scanner) powerFault(message string) {
	if len(s.powerFaults) < maxPowerFaults {
		s.powerFaults = append(s.powerFaults, powerFault{len(s.trace.Power) / rf.BytesPerPoint, message})
	}
}

func (s *scanner) keep(level rf.Level) {
	if len(s.trace.Power) >= s.limits.MaxPoints*rf.BytesPerPoint {
		s.faults[fieldPower] = msgManyPoints
		return
	}
	s.trace.Power = binary.LittleEndian.AppendUint16(s.trace.Power, uint16(level))
}
