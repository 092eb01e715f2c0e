package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/api/internal/wire"
)

// panicError is the cause in the log of a request that panicked.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// maxLoggedPath bounds a path in the log, in bytes.
const maxLoggedPath = 256

// maxAttrs is the most attributes that a request's line has.
const maxAttrs = 11

// logRequest writes the one line that every request gets. The query string is left out: it may hold
// secrets. The handlers of slog quote what a client sent.
func (a *API) logRequest(r *http.Request, c *call, rw *wire.Writer, elapsed time.Duration) {
	level := logLevel(c, rw.Status)
	// The context of before the request: what a log handler would take from the request's own (id,
	// trace, actor) is named below already.
	ctx := c.server
	handler := a.options.Logger.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	// Without the caller's place in the code: it is this line for every request, and costly to find.
	record := slog.NewRecord(time.Now(), level, "request", 0)
	attrs := make([]slog.Attr, 0, maxAttrs) // together, since the record allocates at each call
	attrs = append(attrs,
		slog.String("request_id", c.id),
		slog.String("method", boundedMethod(r.Method)),
		slog.String("route", c.pattern()),
		slog.String("path", wire.Printable(c.url.Path, maxLoggedPath)),
		slog.Int("status", rw.Status),
		slog.Int64("bytes", rw.Sent),
		slog.Float64("duration_ms", float64(elapsed.Microseconds())/1000),
		slog.String("client", c.addr.String()))
	if c.actor != "" {
		attrs = append(attrs, slog.String("actor", c.actor))
	}
	if c.span.HasTraceID() {
		attrs = append(attrs, slog.String("trace_id", c.span.TraceID().String()))
	}
	if c.cause != nil {
		attrs = append(attrs, slog.String("error", c.cause.Error()))
	}
	record.AddAttrs(attrs...)
	_ = handler.Handle(ctx, record) // as slog.Logger does: there is nowhere to report it
}

// logLevel keeps probes and scrapes out of the usual log and lifts failures. That a probe says "not ready" (503) is news
// once, and the health checks tell it.
func logLevel(c *call, status int) slog.Level {
	probe := c.route != nil && c.route.unlimited
	switch {
	case probe && (status < http.StatusBadRequest || status == http.StatusServiceUnavailable):
		return slog.LevelDebug
	case status == http.StatusInternalServerError:
		return slog.LevelError
	case status > http.StatusInternalServerError:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// pattern returns the route as the document writes it.
func (c *call) pattern() string {
	if c.route == nil {
		return unmatched
	}
	return c.route.pattern
}

const unmatched = "unmatched"

// boundedMethod keeps invented methods out of labels and lines.
func boundedMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// metrics counts and times requests by method, route and status. A nil *metrics does nothing.
type metrics struct {
	durations *prometheus.HistogramVec
	known     sync.Map // seriesKey → prometheus.Observer; WithLabelValues allocates
}

type seriesKey struct {
	method, route string
	status        int
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	if registerer == nil {
		return nil
	}
	m := &metrics{durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "http_request_duration_seconds",
		Help:    "Time from a request's arrival to the end of its answer.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"method", "route", "status"})}
	registerer.MustRegister(m.durations)
	return m
}

func (m *metrics) observe(method string, r *route, status int, elapsed time.Duration) {
	if m == nil {
		return
	}
	key := seriesKey{method: boundedMethod(method), route: unmatched, status: status}
	if r != nil {
		key.route = r.pattern
	}
	known, ok := m.known.Load(key)
	if !ok {
		known, _ = m.known.LoadOrStore(key,
			m.durations.WithLabelValues(key.method, key.route, strconv.Itoa(key.status)))
	}
	if observer, ok := known.(prometheus.Observer); ok {
		observer.Observe(elapsed.Seconds())
	}
}
