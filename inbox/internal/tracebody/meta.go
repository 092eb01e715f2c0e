package tracebody

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxMeta bounds what a trace may carry of its sender's own, in bytes as it is kept: compact JSON in UTF-8.
	maxMeta = 8 << 10
	// maxMetaDepth is how deep it may nest: within what the database's reader of JSON takes.
	maxMetaDepth = 64
	// maxUnknown is more unknown fields than maxMeta has room for.
	maxUnknown = maxMeta / len(`"":0,`)
)

// part is a piece of a body: b[from:to].
type part struct{ from, to int }

// unknown is a field that this package does not know. It goes into the trace's meta.
type unknown struct {
	name       string
	key, value part
	// located: it is a member of location.
	located bool
}

// ownMeta notes the sender's meta.
func (s *scanner) ownMeta(depth int) bool {
	s.meta = part{}
	if s.absent(fieldMeta) {
		return true
	}
	s.start(fieldMeta)
	if s.peek() != '{' {
		return s.wrong(fieldMeta, depth, msgObject)
	}
	begins := s.i
	if !s.skip(depth) {
		return false
	}
	s.meta = part{begins, s.i}
	return true
}

// unknownMember notes a member that nothing else takes.
func (s *scanner) unknownMember(name []byte, depth int, located bool) bool {
	u := unknown{name: string(name), key: s.key, value: part{from: s.i}, located: located}
	if !s.skip(depth) {
		return false
	}
	u.value.to = s.i
	if len(s.unknown) > maxUnknown {
		s.tooMany = true
		return true
	}
	s.unknown = append(s.unknown, u)
	return true
}

// judgeMeta puts the sender's meta and the unknown fields together and checks them.
func (s *scanner) judgeMeta() {
	s.trace.Meta = s.trace.Meta[:0]
	switch {
	case s.faults[fieldMeta] != "":
	case s.tooMany:
		s.faults[fieldMeta] = msgMeta
	case s.meta != part{} || len(s.unknown) > 0:
		s.faults[fieldMeta] = s.composeMeta()
	}
}

// composeMeta writes the trace's meta: the sender's own members, the unknown fields, and those of location in an
// object of that name. It returns what is wrong with them.
func (s *scanner) composeMeta() string {
	out := bytes.NewBuffer(append(s.trace.Meta, '{'))
	taken := map[string]bool{}
	if s.meta != (part{}) {
		out.Reset()
		if err := json.Compact(out, s.b[s.meta.from:s.meta.to]); err != nil {
			return msgMetaText
		}
		out.Truncate(out.Len() - 1) // its closing brace
		if len(s.unknown) > 0 {
			var own map[string]json.RawMessage
			if json.Unmarshal(s.b[s.meta.from:s.meta.to], &own) != nil {
				return msgMetaText
			}
			for name := range own {
				taken[name] = true
			}
		}
	}
	if !s.appendUnknown(out, false, taken) {
		return msgMetaTwice
	}
	if s.hasLocated() {
		if taken["location"] {
			return msgMetaTwice
		}
		s.separate(out)
		out.WriteString(`"location":{`)
		if !s.appendUnknown(out, true, map[string]bool{}) {
			return msgMetaTwice
		}
		out.WriteByte('}')
	}
	out.WriteByte('}')
	kept := unescaped(out.Bytes())
	if len(kept) > maxMeta {
		return msgMeta // without keeping a buffer of that size
	}
	s.trace.Meta = kept
	switch {
	case !utf8.Valid(s.trace.Meta):
		return msgMetaText
	case depthOf(s.trace.Meta) > maxMetaDepth:
		return msgMetaDepth
	case !unique(s.trace.Meta):
		return msgMetaTwice
	default:
		return ""
	}
}

// unique reports whether no object within valid JSON names a member twice.
func unique(text []byte) bool {
	s := scanner{b: text}
	return s.unique(0)
}

// unique walks over any value as skip does; false where an object names a member twice.
func (s *scanner) unique(depth int) bool {
	switch s.peek() {
	case '{':
		names := map[string]bool{}
		return s.object(depth+1, func(key []byte, depth int) bool {
			if names[string(key)] {
				return false
			}
			names[string(key)] = true
			return s.unique(depth)
		})
	case '[':
		return s.list(depth+1, s.unique)
	default:
		return s.skip(depth)
	}
}

// unescaped writes the characters of valid JSON as themselves where they are escaped needlessly, in place: a text is kept
// in one form, and takes as much of its bound, whatever its sender's library escapes.
func unescaped(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			out = append(out, text[i])
			i++
			continue
		}
		r, size := escaped(text[i:])
		if r < 0 {
			out = append(out, text[i:i+size]...)
		} else {
			out = utf8.AppendRune(out, r)
		}
		i += size
	}
	return out
}

// escaped reads the escape that text begins with: its character, -1 for one that has to stay as it is (quotes, backslashes,
// control characters, half a surrogate pair), and its length in bytes.
func escaped(text []byte) (r rune, size int) {
	const short, long = len(`\n`), len(`\u0000`)
	if text[1] == '/' {
		return '/', short
	}
	if text[1] != 'u' {
		return -1, short
	}
	r, size = hex4(text[2:]), long
	if utf16.IsSurrogate(r) {
		if len(text) < 2*long || text[long] != '\\' || text[long+1] != 'u' {
			return -1, long
		}
		if r = utf16.DecodeRune(r, hex4(text[long+2:])); r == utf8.RuneError {
			return -1, long
		}
		return r, 2 * long
	}
	if r < ' ' || r == '"' || r == '\\' {
		return -1, long
	}
	return r, size
}

// hex4 reads four hexadecimal digits.
func hex4(text []byte) rune {
	v, _ := strconv.ParseUint(string(text[:4]), 16, 16) // valid JSON
	return rune(v)
}

func (s *scanner) hasLocated() bool {
	for _, u := range s.unknown {
		if u.located {
			return true
		}
	}
	return false
}

// appendUnknown appends the unknown fields of one place; false when the name of one is taken.
func (s *scanner) appendUnknown(out *bytes.Buffer, located bool, taken map[string]bool) bool {
	for _, u := range s.unknown {
		if u.located != located {
			continue
		}
		if taken[u.name] {
			return false
		}
		taken[u.name] = true
		s.separate(out)
		out.Write(s.b[u.key.from:u.key.to])
		out.WriteByte(':')
		if json.Compact(out, s.b[u.value.from:u.value.to]) != nil {
			return false
		}
	}
	return true
}

// separate writes a comma, unless an object has just begun.
func (s *scanner) separate(out *bytes.Buffer) {
	if b := out.Bytes(); b[len(b)-1] != '{' {
		out.WriteByte(',')
	}
}

// depthOf tells how deep valid JSON nests.
func depthOf(text []byte) int {
	depth, deepest, inside := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inside && c == '\\':
			i++
		case c == '"':
			inside = !inside
		case inside:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
