package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nms.example/common/api"
	"nms.example/common/fault"
)

// leaks are pieces of texts that Go, its libraries and PostgreSQL write, none of which a client should see.
var leaks = []string{
	"SQLSTATE", "pgconn", "pq:", "ERROR:", "violates", "relation \"", "syntax error", "goroutine ", "runtime error", "panic",
	"json: ", "strconv.", "invalid character", "unexpected EOF", "cannot unmarshal", "uuid: ", "dial tcp", "redis:", ".go:",
}

// judge says what is wrong with the answer to an attempt, "" when nothing is.
func (k *kit) judge(a *attempt, id string, r *reply) string {
	switch {
	case r.status >= 500 && (r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == ""):
		return "a failure of the server: " + excerpt(r.body)
	case r.status < 200 || r.status >= 300 && r.status < 400 && r.status != http.StatusNotModified:
		return "neither an answer nor a refusal"
	case len(a.want) > 0 && !slices.Contains(a.want, r.status):
		return fmt.Sprintf("want one of %v: %s", a.want, excerpt(r.body))
	}
	if problem := k.judgeHeader(a, id, r); problem != "" {
		return problem
	}
	if r.status >= 400 && !r.head {
		if problem := judgeProblem(a, r); problem != "" {
			return problem
		}
	}
	if a.op == nil || a.elsewhere || r.status == http.StatusMethodNotAllowed {
		return ""
	}
	return k.document.conforms(a.op, r)
}

func (k *kit) judgeHeader(a *attempt, id string, r *reply) string {
	given := r.header.Values("X-Request-ID")
	switch {
	case len(given) != 1 || given[0] == "":
		return "not one X-Request-ID"
	case id != "" && given[0] != id:
		return "the X-Request-ID of another request"
	case r.header.Get("X-Injected") != "" || strangeCookie(r.header.Get("Set-Cookie")):
		return "a header that the client made"
	case r.status == http.StatusTooManyRequests && r.header.Get("Retry-After") == "":
		return "429 without Retry-After"
	case r.status == http.StatusUnauthorized && r.header.Get("WWW-Authenticate") == "" && !a.elsewhere:
		return "401 without WWW-Authenticate"
	}
	return ""
}

// judgeProblem checks a refusal's body (RFC 9457 and the contract).
func judgeProblem(a *attempt, r *reply) string {
	if got := r.header.Get("Content-Type"); got != api.ProblemContentType {
		return fmt.Sprintf("a refusal of type %q: %s", got, excerpt(r.body))
	}
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.DisallowUnknownFields()
	var p api.Problem
	if err := decoder.Decode(&p); err != nil {
		return fmt.Sprintf("a refusal that is no problem: %v: %s", err, excerpt(r.body))
	}
	path, _, _ := strings.Cut(a.target, "?")
	switch {
	case p.Status != r.status || p.Title == "" || p.Detail == "" || p.Instance == "" || len(p.Errors) == 0:
		return "an incomplete problem: " + excerpt(r.body)
	case p.RequestID != r.header.Get("X-Request-ID"):
		return "the problem's request_id is not the answer's"
	case strings.Contains(p.Instance, mark) && !strings.Contains(path, mark):
		return "the path of another request"
	case strings.Contains(p.Title+p.Detail, mark):
		return "the offending value in its detail: " + excerpt(r.body)
	}
	if !slices.ContainsFunc(p.Errors, func(reason api.ProblemDetail) bool {
		code := fault.CodeOf(string(reason.Code))
		return code != nil && slices.Contains(api.StatusesOf(code), r.status)
	}) {
		return "no reason with a code of this status: " + excerpt(r.body)
	}
	for _, reason := range p.Errors {
		if problem := judgeReason(a, p.Detail, reason); problem != "" {
			return problem + ": " + excerpt(r.body)
		}
	}
	return ""
}

func judgeReason(a *attempt, detail string, reason api.ProblemDetail) string {
	switch {
	case reason.Location == "" || reason.Message == "":
		return "a reason without a place or a text"
	case fault.CodeOf(string(reason.Code)) == nil:
		return "a reason without a known code"
	case strings.Contains(reason.Message, mark) || strings.Contains(reason.Location, mark) && !a.names:
		return "the offending value in a reason"
	}
	for _, leak := range leaks {
		if strings.Contains(reason.Message, leak) || strings.Contains(detail, leak) {
			return "a text from inside"
		}
	}
	return ""
}

func excerpt(body []byte) string {
	const most = 600
	if len(body) > most {
		return fmt.Sprintf("%s… (%d bytes)", body[:most], len(body))
	}
	return string(body)
}

// strangeCookie reports whether a cookie is none that a service sets: those are for its own host alone.
func strangeCookie(cookie string) bool {
	return cookie != "" && !strings.HasPrefix(cookie, "__Host-nms-")
}
