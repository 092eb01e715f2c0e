package api

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"nms.example/common/api/internal/wire"
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
	body      *wire.Body
	writer    *wire.Writer // valid until finish has ended; gin's own goes to another request before
	cause     error        // why it failed, for the log
	span      trace.SpanContext

	deadline deadline
	recheck  *recheck // nil for answers that are soon over
}

// deadline is the deadline of a call, as a context that is made when somebody first asks about the end: most answers
// come from memory, where nobody does, and a timer for each costs more than the look-up.
type deadline struct {
	at  time.Time // zero: none, or not known yet
	ctx atomic.Pointer[context.Context]

	mu     sync.Mutex
	cancel context.CancelFunc
	ended  bool
}

// bounded returns the context that ends with the call's deadline, nil when it has none.
func (c *call) bounded() context.Context {
	d := &c.deadline
	if ctx := d.ctx.Load(); ctx != nil {
		return *ctx
	}
	if d.at.IsZero() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx := d.ctx.Load(); ctx != nil {
		return *ctx
	}
	ctx, cancel := context.WithDeadline(unbounded{c}, d.at)
	d.cancel = cancel
	if d.ended {
		cancel()
	}
	d.ctx.Store(&ctx)
	return ctx
}

// end ends the context of a call that has a deadline.
func (c *call) end() {
	d := &c.deadline
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.cancel != nil {
		d.cancel()
	}
}

// unbounded is a call without its deadline.
type unbounded struct{ *call }

func (u unbounded) Deadline() (time.Time, bool) { return u.Context.Deadline() }
func (u unbounded) Done() <-chan struct{}       { return u.Context.Done() }
func (u unbounded) Err() error                  { return u.Context.Err() }
func (u unbounded) Value(key any) any           { return u.Context.Value(key) }

// Deadline implements context.Context.
func (c *call) Deadline() (time.Time, bool) {
	deadline, ok := c.Context.Deadline()
	if own := c.deadline.at; !own.IsZero() && (!ok || own.Before(deadline)) {
		return own, true
	}
	return deadline, ok
}

// Done implements context.Context.
func (c *call) Done() <-chan struct{} {
	if ctx := c.bounded(); ctx != nil {
		return ctx.Done()
	}
	return c.Context.Done()
}

// Err implements context.Context.
func (c *call) Err() error {
	if ctx := c.bounded(); ctx != nil {
		return ctx.Err() //nolint:wrapcheck // the contract of contexts
	}
	return c.Context.Err() //nolint:wrapcheck // as above
}

type callKey struct{}

// Value implements context.Context.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	if ctx := c.deadline.ctx.Load(); ctx != nil {
		return (*ctx).Value(key) // so that the context package finds its own parent in there
	}
	return c.Context.Value(key)
}

// callOf finds the call of a request's context, nil outside a request.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// ClientAddr returns the client's address: the peer's, or behind a trusted proxy the one that the proxy
// reports. It is the zero Addr outside a request.
func ClientAddr(ctx context.Context) netip.Addr {
	if c := callOf(ctx); c != nil {
		return c.addr
	}
	return netip.Addr{}
}

// maxUserAgent bounds what UserAgent returns, in bytes.
const maxUserAgent = 256

// UserAgent returns the client's User-Agent as valid UTF-8 without control characters, cut to 256 bytes,
// so that it can be stored; empty when it sent none.
func UserAgent(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return wire.Printable(c.userAgent, maxUserAgent)
	}
	return ""
}

// Body returns the request's body as a stream, inflated as Content-Encoding says. It is for operations
// registered with [StreamBody]; elsewhere huma has read it already. Read errors are fault.Error.
func Body(ctx context.Context) io.Reader {
	if c := callOf(ctx); c != nil && c.body != nil {
		return c.body
	}
	return http.NoBody
}

// maxInstance bounds the path repeated in a problem, in bytes.
const maxInstance = 1024

// instance returns the path as a problem names it, escaped as a URI.
func (c *call) instance() string {
	path := c.url.EscapedPath()
	if len(path) > maxInstance {
		return path[:maxInstance]
	}
	return path
}
