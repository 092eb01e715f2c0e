package hostile

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// attempt is one request.
type attempt struct {
	attack string // what kind, for the summary
	what   string // which one of the kind, for the findings
	op     *operation
	method string
	target string
	header []string // "Name: value"; they replace those of the same name that a good request has
	body   []byte
	// chunked sends the body without its length.
	chunked bool
	// want lists the statuses that are right; empty takes each that the rules for all answers allow.
	want []int
	// elsewhere is a request that may come out at another route than op's, whose answers the document describes.
	elsewhere bool
	// mayClose allows that the connection is closed without an answer.
	mayClose bool
	// names allows that the names of unknown fields and parameters come back in the places of the reasons.
	names bool
	// anonymous leaves the good credentials out.
	anonymous bool
}

func (a *attempt) String() string {
	what := a.what
	if len(what) > 120 {
		what = what[:120] + "…"
	}
	target := a.target
	if len(target) > 200 {
		target = target[:200] + "…"
	}
	return fmt.Sprintf("%s %s %s: %q", a.method, target, a.attack, what)
}

// wire writes the request.
func (a *attempt) wire(host, id, token string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", a.method, a.target)
	add := func(name, value string) {
		if !slices.ContainsFunc(a.header, func(line string) bool {
			given, _, _ := strings.Cut(line, ":")
			return strings.EqualFold(given, name)
		}) {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	add("Host", host)
	add("X-Request-ID", id)
	if !a.anonymous {
		add("Authorization", "Bearer "+token)
	}
	if len(a.body) > 0 && a.op != nil && a.op.media() != "" {
		add("Content-Type", a.op.media())
	}
	for _, line := range a.header {
		b.WriteString(line)
		b.WriteString("\r\n")
	}
	switch {
	case a.chunked:
		fmt.Fprintf(&b, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(a.body))
		b.Write(a.body)
		b.WriteString("\r\n0\r\n\r\n")
	case len(a.body) > 0 || a.method == http.MethodPost || a.method == http.MethodPatch || a.method == http.MethodPut:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(a.body))
		b.Write(a.body)
	default:
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// refused are the statuses of a refused request.
var refused = []int{400, 404, 405, 408, 409, 412, 413, 414, 415, 417, 422, 428, 429, 431}
