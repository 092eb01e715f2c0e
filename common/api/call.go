package api

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// call is what is known about one request. It is the request's context itself, and its parent is
// exchanged in place while the request is understood (caller, deadline): that saves a copy of the
// http.Request for each step. This is safe because it happens on the request's own goroutine before
// the handler sees the context.
type call struct {
	context.Context

	server    context.Context // of before the request
	id        string
	url       *url.URL // as asked for
	addr      netip.Addr
	userAgent string
	actor     string
	route     *route // nil until a route matched
	body      *requestBody
	writer    *responseWriter // valid until finish has ended; gin's own goes to another request before
	cause     error           // why it failed, for the log
	span      trace.SpanContext
	cancel    context.CancelFunc
}

type callKey struct{}

// Value implements context.Context.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// callOf finds the call of a request's context, nil outside a request.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// ClientAddr gives the client's address: the peer's, or behind a trusted proxy the one that the proxy
// reports. It is the zero Addr outside a request.
func ClientAddr(ctx context.Context) netip.Addr {
	if c := callOf(ctx); c != nil {
		return c.addr
	}
	return netip.Addr{}
}

// maxUserAgent bounds what UserAgent gives, in bytes.
const maxUserAgent = 256

// UserAgent gives the client's User-Agent as valid UTF-8 without control characters, cut to 256 bytes,
// so that it can be stored; empty when it sent none.
func UserAgent(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return printable(c.userAgent, maxUserAgent)
	}
	return ""
}

// Body gives the request's body as a stream, inflated as Content-Encoding says. It is for operations
// registered with [StreamBody]; elsewhere huma has read it already. Read errors are fault.Error.
func Body(ctx context.Context) io.Reader {
	if c := callOf(ctx); c != nil && c.body != nil {
		return c.body
	}
	return http.NoBody
}

// printable makes a client's text safe to keep: valid UTF-8, no control characters, at most limit bytes.
func printable(s string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(clean) <= limit {
		return clean
	}
	return strings.ToValidUTF8(clean[:limit], "")
}

// maxInstance bounds the path repeated in a problem, in bytes.
const maxInstance = 1024

// instance gives the path as a problem names it, escaped as a URI.
func (c *call) instance() string {
	path := c.url.EscapedPath()
	if len(path) > maxInstance {
		return path[:maxInstance]
	}
	return path
}
