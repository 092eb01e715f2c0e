package api

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
	"nms.example/common/request"
)

const headerRequestID = "X-Request-Id" // canonical form of X-Request-ID

// ServeHTTP implements http.Handler: everything that surrounds a route.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: r.Context(), url: r.URL, id: requestID(r), addr: a.clientAddr(r), userAgent: r.UserAgent()}
	c.Context = request.WithID(r.Context(), c.id)
	r = r.WithContext(c)
	rw, _ := a.writers.Get().(*wire.Writer)
	rw.Reset(w, r)
	c.writer = rw
	defer a.finish(rw, r, c, time.Now())

	setCommonHeaders(rw.Header(), c.id)
	if wire.Ambiguous(r) {
		rw.Header()["Connection"] = []string{"close"}
	}
	if a.cors.answer(rw, r) {
		return
	}
	if code, msg := wire.BadText(r.URL.Path); code != nil {
		a.WriteError(rw, r, fault.List(fault.Malformed, msg, fault.NewDetail(fault.Request("path"), code, msg)))
		return
	}
	if a.serveSite(rw, r, c) {
		return
	}
	wire.Route(r)
	a.engine.ServeHTTP(rw, r)
}

// requestID takes the client's id when it is harmless, else makes one that sorts by time.
func requestID(r *http.Request) string {
	if ids := r.Header[headerRequestID]; len(ids) == 1 && request.ValidID(ids[0]) {
		return ids[0]
	}
	id, err := uuid.NewV7()
	if err != nil { // the system's randomness failed; a request can do without
		return "unknown"
	}
	return id.String()
}

// Headers of every answer. The policies concern browsers that show an answer as a page.
//
//nolint:gochecknoglobals // constants in all but syntax
var (
	headerNosniff  = []string{"nosniff"}
	headerPolicy   = []string{"default-src 'none'; frame-ancestors 'none'"}
	headerReferrer = []string{"no-referrer"}
	headerVary     = []string{"Accept-Encoding"}
)

func setCommonHeaders(h http.Header, id string) {
	h[headerRequestID] = []string{id}
	h["X-Content-Type-Options"] = headerNosniff
	h["Content-Security-Policy"] = headerPolicy
	h["Referrer-Policy"] = headerReferrer
	h["Vary"] = headerVary
}

// finish ends a request: whatever happened, there is an answer, a log line and a measurement.
func (a *API) finish(rw *wire.Writer, r *http.Request, c *call, start time.Time) {
	failure := recover()
	if failure != nil {
		a.panicked(rw, r, c, failure)
	}
	if c.recheck != nil {
		c.recheck.stop()
	}
	c.end()
	broken := failure != nil && !rw.Holding()
	if !broken {
		if c.body != nil && !c.body.SkipRest(c.server, r) {
			leaveConnection(rw, r)
		}
		rw.Complete()
	}
	if c.body != nil {
		_ = c.body.Close() // never fails
	}
	elapsed := time.Since(start)
	a.logRequest(r, c, rw, elapsed)
	a.metrics.observe(r.Method, c.route, rw.Status, elapsed)
	rw.Release()
	a.writers.Put(rw)
	if broken {
		// The client must see that the answer is not whole: the connection is cut.
		panic(http.ErrAbortHandler) //nolint:forbidigo // the way net/http is told so
	}
}

// leaveConnection makes a request the last one of its connection, on which bytes of its body may still stand.
func leaveConnection(rw *wire.Writer, r *http.Request) {
	rw.Header()["Connection"] = []string{"close"}
	if rw.Holding() {
		return
	}
	wire.EndConnection(r) // the header is on its way already
}

// panicked answers a panic with 500 when nothing was sent yet.
func (a *API) panicked(rw *wire.Writer, r *http.Request, c *call, failure any) {
	if err, ok := failure.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
		c.cause = &panicError{value: failure, stack: debug.Stack()}
	}
	if rw.Discard() {
		a.WriteError(rw, r, newProblem(c, http.StatusInternalServerError, "internal error"))
	}
}

// WriteError answers with the problem of err, outside the handlers of operations, which return their errors.
func (a *API) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(r.Context(), err).complete(r.Context())
	h := w.Header()
	maps.Copy(h, p.header)
	h["Content-Type"] = []string{ProblemContentType}
	w.WriteHeader(p.Status)
	if wire.BodyAllowed(p.Status) {
		_ = json.NewEncoder(w).Encode(p) //nolint:errchkjson // a client that is gone needs no answer
	}
}

func (a *API) notFound(g *gin.Context) {
	a.WriteError(g.Writer, g.Request, newProblem(g.Request.Context(), http.StatusNotFound, "there is nothing at this path"))
}

// methodNotAllowed answers for paths that exist with other methods; gin has set Allow.
func (a *API) methodNotAllowed(g *gin.Context) {
	allow := g.Writer.Header().Get("Allow")
	if !strings.Contains(allow, http.MethodOptions) {
		g.Writer.Header().Set("Allow", allow+", "+http.MethodOptions)
	}
	if g.Request.Method == http.MethodOptions {
		g.Status(http.StatusNoContent)
		return
	}
	a.WriteError(g.Writer, g.Request,
		newProblem(g.Request.Context(), http.StatusMethodNotAllowed, "the method is not allowed at this path"))
}

// noteSpan remembers the trace that middleware started, for the log line.
func (a *API) noteSpan(g *gin.Context) {
	ctx := g.Request.Context()
	if c := callOf(ctx); c != nil {
		c.span = trace.SpanContextFromContext(ctx)
	}
}

// admit decides whether a request may reach its handler, and answers it when not.
func (a *API) admit(g *gin.Context, r *route) bool {
	c := callOf(g.Request.Context())
	c.route = r
	if r.timeout > 0 {
		c.deadline.at = time.Now().Add(r.timeout)
	}
	if r.staysOpen() {
		a.prepareRecheck(c, g.Request, r)
	}
	err := a.identify(c, g.Request, r)
	if err == nil {
		err = checkQuery(g.Request.URL, r)
	}
	if err == nil {
		err = a.prepareBody(c, g, r)
	}
	if err != nil {
		a.WriteError(g.Writer, g.Request, err)
		return false
	}
	if c.recheck != nil {
		c.recheck.start()
	}
	return true
}
