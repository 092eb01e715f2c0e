package api

import (
	"slices"
	"strings"

	"nms.example/common/fault"
)

// locate says where in a request the place of a refusal is: a field is a query parameter of the operation, written with
// hyphens, or else a member of the body; the target is the last parameter of the path. c is nil outside a request.
func locate(c *call, p fault.Place) string {
	if location, ok := p.Location(); ok {
		return location
	}
	var r *route
	if c != nil {
		r = c.route
	}
	switch p {
	case fault.Target:
		return r.targetLocation()
	case fault.Version:
		return "header.If-Match"
	}
	if r != nil {
		if parameter := strings.ReplaceAll(p.Name(), "_", "-"); parameter != "" && slices.Contains(r.query, parameter) {
			return "query." + parameter
		}
		if p == fault.Input && !r.hasBody {
			return "query"
		}
	}
	if location, ok := p.Within("body"); ok {
		return location
	}
	return ""
}

// targetLocation is the parameter of the path that names the item which the operation is about.
func (r *route) targetLocation() string {
	if r == nil {
		return "path"
	}
	begin, end := strings.LastIndexByte(r.pattern, '{'), strings.LastIndexByte(r.pattern, '}')
	if begin < 0 || end < begin {
		return "request"
	}
	return "path." + r.pattern[begin+1:end]
}
