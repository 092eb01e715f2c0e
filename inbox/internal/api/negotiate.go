package api

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// representation is one form of an answer.
type representation struct {
	name        string // as in ?format=
	contentType string
}

// negotiate chooses the form: by name when one is given, else by the Accept header (RFC 9110, 12.5.1),
// the first one when that names none of them.
func negotiate(accept, format string, offered []representation) representation {
	for _, o := range offered {
		if o.name == format {
			return o
		}
	}
	type wish struct {
		pattern string
		quality float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(accept, ",") {
		pattern, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, ok := params["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		wishes = append(wishes, wish{pattern, quality})
	}
	// The best quality first; of equals the more specific one, then the order of the header.
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.quality != b.quality:
			if a.quality > b.quality {
				return -1
			}
			return 1
		default:
			return strings.Count(a.pattern, "*") - strings.Count(b.pattern, "*")
		}
	})
	for _, w := range wishes {
		for _, o := range offered {
			if w.quality > 0 && matches(w.pattern, o.contentType) {
				return o
			}
		}
	}
	return offered[0]
}

func matches(pattern, contentType string) bool {
	if pattern == "*/*" || pattern == contentType {
		return true
	}
	kind, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasPrefix(contentType, kind)
}
