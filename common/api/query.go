package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// checkQuery refuses what huma would pass over or pass on: a parameter that the operation does not know, so that a
// misspelt filter never means "everything"; one that is given twice, of which only the first would count, or page beside
// a cursor, which would not count either; broken
// escapes, which net/url drops; NUL and invalid UTF-8; for floating-point parameters NaN, infinities and
// hexadecimal; and moments without an offset. Names that begin with _ are what browsers add against caches: they are ignored.
// Of moments, t and z become T and Z, as huma wants them.
func checkQuery(u *url.URL, r *route) error {
	if u.RawQuery == "" {
		return nil
	}
	if len(r.numbers) == 0 && len(r.times) == 0 && wire.PlainQuery(u.RawQuery) && r.knowsAll(u.RawQuery) &&
		(!strings.Contains(u.RawQuery, pageParameter+"=") || !strings.Contains(u.RawQuery, cursorParameter+"=")) {
		return nil
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return fault.List(fault.Malformed, "the query string cannot be read",
			fault.NewDetail(fault.Request("query"), wire.CodeMalformed, "is not validly escaped")).Because(err)
	}
	for name, list := range values {
		for _, value := range append(list, name) {
			if code, msg := wire.BadText(value); code != nil {
				return wire.Invalid(queryLocation(name), code, msg)
			}
		}
	}
	if err := r.checkNames(values); err != nil {
		return err
	}
	for _, name := range r.numbers {
		for text := range strings.SplitSeq(values.Get(name), ",") {
			if !strings.ContainsAny(text, "nNiIxX_") {
				continue
			}
			if _, err := strconv.ParseFloat(text, 64); err == nil { // else huma says so, with all other reasons
				return wire.Invalid("query."+name, fault.CodeWrongType, "expected number")
			}
		}
	}
	return r.readTimes(u, values)
}

// readTimes brings the moments of a query into one letter case (RFC 3339, section 5.6, allows both).
func (r *route) readTimes(u *url.URL, values url.Values) error {
	changed := false
	var reasons []fault.Detail
	for _, name := range r.times {
		text := values.Get(name)
		upper := strings.ToUpper(text)
		if _, err := time.Parse("2006-01-02T15:04:05", upper); err == nil { // a fraction may follow
			reasons = append(reasons, fault.NewDetail(fault.Request("query."+name), fault.CodeNoOffset, "must carry its offset from UTC"))
		}
		if upper != text {
			values.Set(name, upper)
			changed = true
		}
	}
	if changed {
		u.RawQuery = values.Encode()
	}
	if len(reasons) > 0 {
		return fault.List(fault.Invalid, wire.MsgInvalid, reasons...)
	}
	return nil
}

// The parameters of PageInput, of which one leads to a page.
const (
	pageParameter   = "page"
	cursorParameter = "cursor"
)

// checkNames refuses parameters that are unknown, given more than once, or without effect beside another, in the order of their
// names.
func (r *route) checkNames(values url.Values) error {
	var reasons []fault.Detail
	for name, list := range values {
		switch {
		case strings.HasPrefix(name, "_"):
		case !slices.Contains(r.query, name):
			reasons = append(reasons, fault.NewDetail(fault.Request(queryLocation(name)), codeUnknown, r.unknown()))
		case len(list) > 1:
			reasons = append(reasons, fault.NewDetail(fault.Request(queryLocation(name)), fault.CodeRepeated, "is given more than once"))
		case name == pageParameter && values.Get(cursorParameter) != "" && slices.Contains(r.query, cursorParameter):
			reasons = append(reasons, fault.NewDetail(fault.Request(queryLocation(name)), fault.CodeContradicts, "must not stand beside cursor"))
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	slices.SortFunc(reasons, func(a, b fault.Detail) int { return strings.Compare(a.Place().String(), b.Place().String()) })
	return fault.List(fault.Invalid, wire.MsgInvalid, reasons...)
}

// unknown says which parameters the operation does know.
func (r *route) unknown() string {
	if len(r.query) == 0 {
		return "is unknown; this call takes no query parameters"
	}
	return "is unknown; this call knows " + strings.Join(r.query, ", ")
}

// knowsAll reports whether each parameter of a query string without escapes is known and given once.
func (r *route) knowsAll(raw string) bool {
	var given uint64 // a bit for each known parameter
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if part == "" || strings.HasPrefix(name, "_") {
			continue
		}
		i := slices.Index(r.query, name)
		if i < 0 || i > 63 || given&(1<<i) != 0 {
			return false
		}
		given |= 1 << i
	}
	return true
}

func queryLocation(name string) string {
	return strings.TrimSuffix("query."+wire.Printable(name, wire.MaxLocation), ".")
}
