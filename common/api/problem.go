package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/fault"
)

// ProblemContentType is the media type of every refusal (RFC 9457).
const ProblemContentType = "application/problem+json"

// statusClientClosed is what the log and the metrics show when the client went away before its answer;
// nobody receives it.
const statusClientClosed = 499

// maxProblemErrors bounds the list in one answer: a body of a hundred thousand bad numbers must not
// make an answer many times its size.
const maxProblemErrors = 100

// Problem is the body of every refusal. It never holds the offending value, nor a text of the
// database's or of Go's; the request id finds those in the log.
type Problem struct { //nolint:errname // the name of RFC 9457
	Title     string          `json:"title" doc:"The status in words"`
	Status    int             `json:"status" doc:"The HTTP status"`
	Detail    string          `json:"detail" doc:"What went wrong with this request"`
	Instance  string          `json:"instance" doc:"Path of the request"`
	RequestID string          `json:"request_id" doc:"Finds the request in the logs"`
	Errors    []ProblemDetail `json:"errors" minItems:"1" doc:"The reasons, at least one"`
	OAuth     string          `json:"error,omitempty" doc:"Error code of RFC 6749, from token operations only"`

	header http.Header
	code   *fault.Code // of the reason when there is no other
}

// ProblemDetail is one reason of a refusal.
type ProblemDetail struct {
	Location string `json:"location" doc:"The place in the request: body.location.lat, query.limit, path.id, header.If-Match, request"`
	Message  string `json:"message" doc:"What is wrong there"`
	Code     Code   `json:"code"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError: Retry-After, WWW-Authenticate and the like.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return ProblemContentType }

// setHeader puts a header beside the problem.
func (p *Problem) setHeader(name, value string) {
	if p.header == nil {
		p.header = make(http.Header, 1)
	}
	p.header.Set(name, value)
}

var kindStatus = map[fault.Kind]int{
	fault.Malformed:          http.StatusBadRequest,
	fault.Unauthenticated:    http.StatusUnauthorized,
	fault.Forbidden:          http.StatusForbidden,
	fault.NotFound:           http.StatusNotFound,
	fault.Conflict:           http.StatusConflict,
	fault.PreconditionFailed: http.StatusPreconditionFailed,
	fault.TooLarge:           http.StatusRequestEntityTooLarge,
	fault.UnsupportedMedia:   http.StatusUnsupportedMediaType,
	fault.Invalid:            http.StatusUnprocessableEntity,
	fault.PreconditionNeeded: http.StatusPreconditionRequired,
	fault.TooMany:            http.StatusTooManyRequests,
	fault.Unavailable:        http.StatusServiceUnavailable,
}

// StatusOf returns the HTTP status that err is answered with.
func StatusOf(err error) int {
	var se huma.StatusError
	if f := fault.As(err); f != nil {
		if status, ok := kindStatus[f.Kind]; ok {
			return status
		}
		return http.StatusInternalServerError
	}
	switch {
	case errors.As(err, &se):
		return se.GetStatus()
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// ProblemOf makes the problem that answers err within the request of ctx. The cause of a 5xx is kept
// for the access log. Services need it only where they write per-item results.
func ProblemOf(ctx context.Context, err error) *Problem {
	if done, ok := errors.AsType[*Problem](err); ok {
		return done.complete(ctx)
	}
	if f := fault.As(err); f != nil {
		return faultProblem(ctx, f, err)
	}
	if se, ok := errors.AsType[huma.StatusError](err); ok {
		return newProblem(ctx, se.GetStatus(), se.Error())
	}
	// Past its deadline a request fails in many ways, an i/o timeout of a driver among them.
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		remember(ctx, err)
		late := newProblem(ctx, http.StatusServiceUnavailable, "the request took longer than it may")
		late.code = fault.CodeTimeout
		late.setHeader("Retry-After", retryAfter(time.Second))
		return late
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		if c, refusal := callOf(ctx), fault.As(context.Cause(ctx)); c != nil && refusal != nil {
			return challenge(c, refusal) // the caller was let in, and may not go on
		}
		remember(ctx, err)
		return newProblem(ctx, statusClientClosed, "the request was given up")
	}
	remember(ctx, err)
	return newProblem(ctx, http.StatusInternalServerError, "internal error")
}

// faultProblem turns a domain's refusal into the answer; err is the whole chain around f.
func faultProblem(ctx context.Context, f *fault.Error, err error) *Problem {
	status, ok := kindStatus[f.Kind]
	if !ok {
		remember(ctx, err)
		return newProblem(ctx, http.StatusInternalServerError, "internal error")
	}
	if status >= http.StatusInternalServerError {
		remember(ctx, err)
	}
	p := newProblem(ctx, status, f.Message)
	for _, d := range f.Details {
		p.reason(callOf(ctx), d)
	}
	p.OAuth, p.code = f.OAuth, f.Code()
	if f.RetryAfter > 0 {
		p.setHeader("Retry-After", retryAfter(f.RetryAfter))
	}
	if status == http.StatusUnauthorized {
		p.setHeader("WWW-Authenticate", `Bearer realm="nms"`) // a 401 must carry one (RFC 9110, 15.5.2)
	}
	return p.complete(ctx)
}

// retryAfter rounds up to whole seconds, at least one: a client that comes a moment early is refused again.
func retryAfter(d time.Duration) string {
	seconds := int64((d + time.Second - 1) / time.Second)
	return strconv.FormatInt(max(seconds, 1), 10)
}

// newProblem makes a problem without reasons; complete adds the general one when none follows.
func newProblem(ctx context.Context, status int, detail string) *Problem {
	title := http.StatusText(status)
	if status == statusClientClosed {
		title = "Client Closed Request"
	}
	if detail == "" {
		detail = title
	}
	p := &Problem{Title: title, Status: status, Detail: detail}
	p.stamp(ctx)
	return p
}

// stamp fills in which request the problem belongs to.
func (p *Problem) stamp(ctx context.Context) {
	if c := callOf(ctx); c != nil {
		if p.Instance == "" {
			p.Instance = c.instance()
		}
		if p.RequestID == "" {
			p.RequestID = c.id
		}
	}
}

// add appends a reason; the last one that fits says how the list goes on.
func (p *Problem) add(reason ProblemDetail) {
	switch n := len(p.Errors); {
	case n < maxProblemErrors:
		p.Errors = append(p.Errors, reason)
	case n == maxProblemErrors:
		p.Errors = append(p.Errors, ProblemDetail{"request", "more errors follow; they are left out", Code(codeMore.Name)})
	}
}

// reason appends a fault's reason, whose place is somewhere in the request of c.
func (p *Problem) reason(c *call, d fault.Detail) { p.add(reasonOf(c, d)) }

func reasonOf(c *call, d fault.Detail) ProblemDetail {
	return ProblemDetail{Location: locate(c, d.Place()), Message: d.Message(), Code: Code(d.Code().Name)}
}

// complete makes sure of what every problem has: the request's marks and at least one reason with a place.
func (p *Problem) complete(ctx context.Context) *Problem {
	p.stamp(ctx)
	if c := callOf(ctx); c != nil && c.route != nil && c.route.oauth && p.OAuth == "" {
		switch p.Status {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
			p.OAuth = "invalid_request"
		}
	}
	if len(p.Errors) == 0 {
		code := p.code
		if code == nil {
			code = generalCode(p.Status)
		}
		p.Errors = []ProblemDetail{{generalLocation(p.Status), p.Detail, Code(code.Name)}}
	}
	for i := range p.Errors {
		if p.Errors[i].Location == "" {
			p.Errors[i].Location = "request"
		}
	}
	return p
}

// generalLocation names the part of a request that a status without further reasons speaks of.
func generalLocation(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "header.Authorization"
	case http.StatusNotFound:
		return "path"
	case http.StatusMethodNotAllowed:
		return "method"
	case http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusRequestTimeout:
		return "body"
	default:
		return "request"
	}
}

// remember keeps the cause of a failure for the access log of the request.
func remember(ctx context.Context, err error) {
	if c := callOf(ctx); c != nil && c.cause == nil {
		c.cause = err
	}
}
