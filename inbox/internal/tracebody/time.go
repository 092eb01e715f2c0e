package tracebody

import (
	"time"
)

// maxTime bounds the text of a timestamp: its fraction may have as many digits as fit.
const maxTime = 64

// time reads an RFC 3339 date and time, T and Z in any letter case. time.Parse alone would let more through: a
// comma in the seconds, one digit for the hour.
func (s *scanner) time(text []byte) string {
	const shape = "0000-00-00T00:00:00"
	if len(text) < len(shape) || len(text) > maxTime {
		return msgTime
	}
	var buffer [maxTime]byte
	upper := buffer[:copy(buffer[:], text)]
	for i, c := range []byte(shape) {
		switch {
		case c == 'T' && upper[i] == 't':
			upper[i] = 'T'
		case c == '0' && upper[i]-'0' > 9, c != '0' && upper[i] != c:
			return msgTime
		}
	}
	if msg := checkZone(upper[len(shape):]); msg != "" {
		return msg
	}
	at, err := time.Parse(time.RFC3339Nano, string(upper))
	if err != nil {
		return msgTime
	}
	s.trace.Time = at.UTC().Truncate(time.Microsecond)
	return ""
}

// checkZone looks at what follows the seconds: a fraction, and an offset or Z, which becomes upper case.
func checkZone(zone []byte) string {
	if len(zone) > 1 && zone[0] == ',' {
		return msgTimeComma
	}
	if len(zone) > 1 && zone[0] == '.' && zone[1]-'0' <= 9 {
		zone = zone[1:]
		for len(zone) > 0 && zone[0]-'0' <= 9 {
			zone = zone[1:]
		}
	}
	switch {
	case len(zone) == 0:
		return msgNoOffset
	case len(zone) == 1 && zone[0] == 'z':
		zone[0] = 'Z'
	case len(zone) == 6 && (zone[1] > '2' || zone[1] == '2' && zone[2] > '3' || zone[4] > '5'):
		return msgTime // time.Parse takes offsets of up to 24:60
	}
	return ""
}
