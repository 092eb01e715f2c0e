package tracebody

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

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
		return s.whole(fieldStart, depth, &t.StartHz, msgFrequency)
	case "stop_freq_hz":
		return s.whole(fieldStop, depth, &t.StopHz, msgFrequency)
	case "step_freq_hz":
		return s.whole(fieldStep, depth, &t.StepHz, msgFrequency)
	case "noise":
		return s.float(fieldNoise, depth, &t.NoiseDBm, float64(rf.MaxLevel)/100, msgPower)
	case "numpoints":
		return s.whole(fieldPoints, depth, &s.points, msgPoints)
	case "y_val_dbm":
		return s.powers(depth)
	case "timestamp":
		return s.text(fieldTime, depth, s.time, msgTime)
	case "location":
		return s.location(depth)
	default:
		return s.skip(depth)
	}
}

func (s *scanner) location(depth int) bool {
	s.start(fieldLocation)
	s.seen[fieldLat], s.faults[fieldLat] = false, ""
	s.seen[fieldLng], s.faults[fieldLng] = false, ""
	if s.peek() != '{' {
		s.faults[fieldLocation] = msgObject
		return s.skip(depth)
	}
	return s.object(depth+1, func(key []byte, depth int) bool {
		switch string(key) {
		case "lat":
			return s.float(fieldLat, depth, &s.trace.Lat, 90, msgLat)
		case "lng":
			return s.float(fieldLng, depth, &s.trace.Lng, 180, msgLng)
		default:
			return s.skip(depth)
		}
	})
}

// start notes that a field is there; an earlier one of the same name is forgotten.
func (s *scanner) start(f field) { s.seen[f], s.faults[f] = true, "" }

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

func (s *scanner) whole(f field, depth int, into *int64, bounds string) bool {
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
	case !fits || v > rf.MaxFrequency || v < -rf.MaxFrequency:
		s.faults[f] = bounds
	}
	*into = v
	return true
}

func (s *scanner) float(f field, depth int, into *float64, bound float64, bounds string) bool {
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
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(v) > bound {
		s.faults[f] = bounds
	}
	*into = v + 0 // −0 becomes 0, so that equal content is equal in every comparison
	return true
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

func (s *scanner) time(text []byte) string {
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		if _, err := time.Parse("2006-01-02T15:04:05", string(text)); err == nil {
			return msgNoOffset
		}
		return msgTime
	}
	s.trace.Time = at.UTC().Truncate(time.Microsecond)
	return ""
}

// powers reads the values into their stored form.
func (s *scanner) powers(depth int) bool {
	s.start(fieldPower)
	s.powerFaults = nil
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
	case s.nonFinite():
		s.powerFault(msgFinite)
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
		s.powerFault(msgNumber)
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
