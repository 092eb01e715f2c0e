package tracebody

import (
	"bytes"
	"encoding/json"
)

// maxDepth is how deep values may nest, as in encoding/json.
const maxDepth = 10000

// scanner walks over a body. Its methods return false when the body is not JSON; s.i is then near the
// place. What is JSON but not a trace is noted in faults.
type scanner struct {
	b      []byte
	i      int
	trace  *Trace
	limits Limits

	notObject   bool
	points      int64
	seen        [fieldCount]bool
	repeated    [fieldCount]bool
	met         [fieldCount]bool // a field of null is met, and not seen
	faults      [fieldCount]string
	powerFaults []powerFault
	missing     int // values of null

	key     part // where the name of the member at hand stands
	meta    part // the sender's own
	unknown []unknown
	tooMany bool // of the unknown ones
}

func (s *scanner) document() bool {
	s.space()
	if s.peek() != '{' {
		s.notObject = true
		if !s.skip(0) {
			return false
		}
	} else if !s.object(1, s.member) {
		return false
	}
	s.space()
	return s.i == len(s.b)
}

// peek returns the byte at hand, 0 at the end (a byte that no JSON may hold outside a string).
func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// object walks over an object, its opening brace at hand, and calls member with each key; member
// consumes the value.
func (s *scanner) object(depth int, member func(key []byte, depth int) bool) bool {
	if depth > maxDepth {
		return false
	}
	s.i++
	s.space()
	if s.peek() == '}' {
		s.i++
		return true
	}
	for {
		s.space()
		begins := s.i
		key, ok := s.str()
		if !ok {
			return false
		}
		s.key = part{begins, s.i}
		s.space()
		if s.peek() != ':' {
			return false
		}
		s.i++
		s.space()
		if !member(key, depth) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
		case '}':
			s.i++
			return true
		default:
			return false
		}
	}
}

// str walks over a string and returns its text, unescaped.
func (s *scanner) str() ([]byte, bool) {
	if s.peek() != '"' {
		return nil, false
	}
	start, escaped := s.i, false
	for s.i++; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			text := s.b[start+1 : s.i-1]
			if !escaped {
				return text, true
			}
			var plain string
			if err := json.Unmarshal(s.b[start:s.i], &plain); err != nil {
				s.i = start
				return nil, false
			}
			return []byte(plain), true
		case c == '\\':
			escaped = true
			s.i++
		case c < ' ':
			return nil, false
		}
	}
	return nil, false
}

// skip walks over any value.
func (s *scanner) skip(depth int) bool {
	switch s.peek() {
	case '{':
		return s.object(depth+1, func(_ []byte, depth int) bool { return s.skip(depth) })
	case '[':
		return s.list(depth+1, s.skip)
	case '"':
		_, ok := s.str()
		return ok
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		_, ok := s.number()
		return ok
	}
}

// list walks over an array, its opening bracket at hand; item consumes each value.
func (s *scanner) list(depth int, item func(depth int) bool) bool {
	if depth > maxDepth {
		return false
	}
	s.i++
	s.space()
	if s.peek() == ']' {
		s.i++
		return true
	}
	for {
		s.space()
		if !item(depth) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
		case ']':
			s.i++
			return true
		default:
			return false
		}
	}
}

func (s *scanner) literal(word string) bool {
	if !bytes.HasPrefix(s.b[s.i:], []byte(word)) {
		return false
	}
	s.i += len(word)
	return true
}

// number walks over a number by JSON's grammar and returns its text.
func (s *scanner) number() ([]byte, bool) {
	start := s.i
	if s.peek() == '-' {
		s.i++
	}
	switch c := s.peek(); {
	case c == '0':
		s.i++
	case c >= '1' && c <= '9':
		s.digits()
	default:
		return nil, false
	}
	if s.peek() == '.' {
		s.i++
		if s.digits() == 0 {
			return nil, false
		}
	}
	if s.peek()|0x20 == 'e' {
		s.i++
		if c := s.peek(); c == '+' || c == '-' {
			s.i++
		}
		if s.digits() == 0 {
			return nil, false
		}
	}
	return s.b[start:s.i], true
}

func (s *scanner) digits() int {
	start := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	return s.i - start
}
