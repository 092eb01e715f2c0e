package hostile

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// mark is in every text that the kit sends. No refusal may hold it.
const mark = "zq7x"

// raw is JSON as it is to be sent, right or wrong.
type raw string

// maxDepth bounds samples of schemas that refer to themselves.
const maxDepth = 5

// sample makes a value that the schema takes: full with every property, else with the required ones alone.
func (d *document) sample(s schema, n int, full bool, depth int) any {
	s = d.resolve(s)
	if list, ok := s["examples"].([]any); ok && len(list) > 0 {
		return list[0]
	}
	if list, ok := s["enum"].([]any); ok && len(list) > 0 {
		return list[n%len(list)]
	}
	for _, combiner := range []string{"oneOf", "anyOf", "allOf"} {
		if list, ok := s[combiner].([]any); ok && len(list) > 0 {
			return d.sample(object(list[0]), n, full, depth)
		}
	}
	switch kind(s) {
	case "object":
		return d.sampleObject(s, n, full, depth)
	case "array":
		if least, _ := number(s, "minItems"); depth >= maxDepth && least == 0 {
			return []any{}
		}
		return []any{d.sample(object(s["items"]), n, full, depth+1)}
	case "integer", "number":
		return sampleNumber(s)
	case "boolean":
		return n%2 == 0
	case "null":
		return nil
	default:
		return sampleText(s, n)
	}
}

// kind returns the schema's type, of several the first that is not null.
func kind(s schema) string {
	switch v := s["type"].(type) {
	case string:
		return v
	case []any:
		for _, item := range v {
			if text, _ := item.(string); text != "null" {
				return text
			}
		}
		return "null"
	}
	if s["properties"] != nil {
		return "object"
	}
	return ""
}

func (d *document) sampleObject(s schema, n int, full bool, depth int) any {
	required := texts(s["required"])
	made := map[string]any{}
	for name, p := range object(s["properties"]) {
		property := d.resolve(object(p))
		if readOnly, _ := property["readOnly"].(bool); readOnly {
			continue
		}
		if slices.Contains(required, name) || full && depth < maxDepth {
			made[name] = d.sample(property, n, full, depth+1)
		}
	}
	return made
}

func sampleNumber(s schema) any {
	least, bounded := number(s, "minimum")
	if above, ok := number(s, "exclusiveMinimum"); ok {
		least, bounded = above+1, true
	}
	most, capped := number(s, "maximum")
	switch {
	case bounded && least > 1:
		return json.Number(strconv.FormatFloat(math.Ceil(least), 'f', -1, 64))
	case capped && most < 1:
		return json.Number(strconv.FormatFloat(math.Floor(most), 'f', -1, 64))
	}
	return json.Number("1") // also the id of what was made first
}

func sampleText(s schema, n int) string {
	unique := mark + strconv.FormatInt(int64(n), 36)
	switch format, _ := s["format"].(string); format {
	case "uuid":
		return "5ab7c1de-0000-4000-8000-" + strings.Repeat("0", 12-len(strconv.Itoa(n))) + strconv.Itoa(n)
	case "date-time":
		return "2026-01-02T03:04:05Z"
	case "date":
		return "2026-01-02"
	case "email":
		return unique + "@nms.example"
	case "uri":
		return "https://nms.example/" + unique
	case "ipv4":
		return "192.0.2.1"
	}
	if pattern, ok := s["pattern"].(string); ok {
		return rapid.StringMatching(pattern).Example(n)
	}
	if least, _ := number(s, "minLength"); len(unique) < int(least) {
		unique += strings.Repeat(" horse battery", int(least)/14+1)
	}
	if most, ok := number(s, "maxLength"); ok && len(unique) > int(most) {
		unique = unique[len(unique)-int(most):]
	}
	return unique
}

func texts(v any) []string {
	list, _ := v.([]any)
	made := make([]string, 0, len(list))
	for _, item := range list {
		if text, ok := item.(string); ok {
			made = append(made, text)
		}
	}
	return made
}

// encode writes a value as JSON, raw parts as they are.
func encode(v any) []byte { return appendValue(nil, v) }

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case raw:
		return append(b, v...)
	case map[string]any:
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendValue(b, name), ':')
			b = appendValue(b, v[name])
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, item)
		}
		return append(b, ']')
	default:
		text, _ := json.Marshal(v) //nolint:errchkjson // texts, numbers and truth values can be written
		return append(b, text...)
	}
}

// places lists every place in a value, the whole first, as functions that return a copy of the value with
// something else in that place.
func places(v any) []func(any) any {
	list := []func(any) any{func(other any) any { return other }}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			for _, within := range places(v[name]) {
				list = append(list, func(other any) any {
					changed := maps.Clone(v)
					changed[name] = within(other)
					return changed
				})
			}
		}
	case []any:
		for i := range v {
			for _, within := range places(v[i]) {
				list = append(list, func(other any) any {
					changed := slices.Clone(v)
					changed[i] = within(other)
					return changed
				})
			}
		}
	}
	return list
}
