package wire

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// colons counts the members of all objects in a valid document as they are written. A document whose members are fewer
// once it is decoded names one twice; encoding/json would take the last of them silently.
func colons(data []byte) (n int) {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case ':':
			n++
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return n
}

// members counts the members of all objects in a decoded document.
func members(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += members(item)
		}
	case map[string]any:
		n = len(v)
		for _, item := range v {
			n += members(item)
		}
	}
	return n
}

// Repeated returns the place, such as ".values.gain", of the first member of a valid document that its object has already; found is
// false when there is none. known is how many members all objects have once it is decoded.
func Repeated(data []byte, known int) (place string, found bool) {
	if colons(data) == known {
		return "", false
	}
	return repeated(json.NewDecoder(bytes.NewReader(data)), "")
}

// RepeatedInAnyCase does so for a document that encoding/json has read into a struct: to that, members of the document itself are the same in any letter case
// (https://pkg.go.dev/encoding/json#Unmarshal).
func RepeatedInAnyCase(data []byte, known int) (place string, found bool) {
	if colons(data) == known {
		return "", false
	}
	if place, found = repeated(json.NewDecoder(bytes.NewReader(data)), ""); found {
		return place, true
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return "", false
	}
	var seen []string
	for decoder.More() {
		key, err := decoder.Token()
		name, isName := key.(string)
		var skipped json.RawMessage
		if err != nil || !isName || decoder.Decode(&skipped) != nil ||
			slices.ContainsFunc(seen, func(other string) bool { return strings.EqualFold(other, name) }) {
			return "." + name, true
		}
		seen = append(seen, name)
	}
	return "", false
}

func repeated(decoder *json.Decoder, place string) (at string, found bool) {
	token, err := decoder.Token()
	if err != nil {
		return place, true // it was decoded before: this does not happen
	}
	switch token {
	case json.Delim('['):
		for i := 0; decoder.More(); i++ {
			if at, found = repeated(decoder, place+"["+strconv.Itoa(i)+"]"); found {
				return at, true
			}
		}
		_, err = decoder.Token()
	case json.Delim('{'):
		seen := map[string]bool{}
		for decoder.More() {
			key, err := decoder.Token()
			name, isName := key.(string)
			if below := place + "." + name; err != nil || !isName || seen[name] {
				return below, true
			}
			seen[name] = true
			if at, found = repeated(decoder, place+"."+name); found {
				return at, true
			}
		}
		_, err = decoder.Token()
	}
	return place, err != nil
}
