package api

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

const headerVary = "Vary"

// What is said of traces and what is measured in them. They never change, but a wrong one may be withdrawn: a client's own
// cache may then show it for as long as it may keep it without asking. Credentials are part of what an answer is for, so
// that a browser shows nothing to who logs in next, and asks again once the access token is another one.
const (
	cacheImmutable = "private, max-age=3600, immutable"
	// cacheAsk is for answers that also show what is found in a trace: more may come.
	cacheAsk    = "private, no-cache"
	varyCaller  = "Authorization, X-API-Key"
	varyForms   = "Accept, " + varyCaller
	aboutCached = "The answer has a strong ETag and does not change: a client may show it for an hour without asking, also where the trace " +
		"is withdrawn meanwhile; pictures and SigMF of a whole trace, which show signals too, are asked for each time. With If-None-Match the values are not read."
)

// version is a representation before it is made: its tag and for how long clients may keep it.
type version struct {
	etag, cache, vary string
}

// versionOf makes the version of what is said about a trace in some form. parts are what else it depends on.
func (r *routes) versionOf(head *trace.Head, cache string, parts ...string) version {
	stamp := func(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 36) }
	parts = append(parts, r.Build, time.Local.String(), stamp(head.Time), stamp(head.ReceivedAt))
	return version{etag: api.ETagOf([]byte(strings.Join(parts, "\x00"))), cache: cache, vary: varyForms}
}

// parts are what a trace's form depends on beside the trace.
func (in *FormInput) parts(form representation) []string {
	return []string{form.name, strconv.Itoa(in.Points), in.Theme, in.Language}
}

// showsSignals reports whether a form of a trace shows the signals that were found in it.
func (f representation) showsSignals() bool {
	switch f.name {
	case "png", "svg", "sigmf", "sigmf-meta":
		return true
	default:
		return false
	}
}

// partsOf tells signals apart from others.
func partsOf(signals []signal.Signal) string {
	var text strings.Builder
	for i := range signals {
		fmt.Fprint(&text, signals[i].GUID, signals[i].ReceivedAt.UnixMicro(), " ")
	}
	return text.String()
}

// headers are those of the answer, and of 304 in its place.
func (v version) headers() []string { return []string{headerVary, v.vary, "Cache-Control", v.cache} }

// evaluate returns what answers 304 or 412, nil where the client needs the body.
func (v version) evaluate(in *api.Conditional) error {
	return in.Evaluate(v.etag, v.headers()...)
}

// cached documents the headers of an answer.
func cached(answer *huma.Response) {
	text := &huma.Schema{Type: huma.TypeString}
	answer.Headers = map[string]*huma.Param{
		"ETag":          {Schema: text, Description: "Tag of this form of the trace"},
		"Cache-Control": {Schema: text, Description: "For how long a client may show it without asking"},
	}
}
