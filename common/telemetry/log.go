// Package telemetry makes the logger and the tracer of a service.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"nms.example/common/request"
)

// LogOptions configure NewLogger.
type LogOptions struct {
	Service, Version string
	Level            slog.Leveler
	// JSON writes one object per line; otherwise lines of key=value for people.
	JSON bool
	// Location is the zone of the time stamps, UTC when nil.
	Location *time.Location
}

// NewLogger writes to w, which may be a [LineBuffer]. Every line names service and version and, when they are in the context,
// request id, actor, trace and span. Passwords within URLs and attributes that are secrets by their
// name do not get through.
func NewLogger(w io.Writer, o LogOptions) *slog.Logger {
	location := o.Location
	if location == nil {
		location = time.UTC
	}
	options := &slog.HandlerOptions{Level: o.Level}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if o.JSON {
		handler = slog.NewJSONHandler(w, options)
	}
	lines, _ := w.(*LineBuffer)
	return slog.New(contextHandler{handler, location, lines}).With("service", o.Service, "version", o.Version)
}

// contextHandler adds what the context knows about the request, and takes out what nobody should read. It does
// the latter itself, since the standard handlers with a ReplaceAttr take twice as long for every line.
type contextHandler struct {
	slog.Handler

	location *time.Location
	lines    *LineBuffer // nil: every line is written at once
}

// Handle implements slog.Handler.
func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Time = r.Time.In(h.location)
	r.Message = RedactURLs(r.Message)
	if id := request.ID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if actor := request.Actor(ctx); actor != "" {
		r.AddAttrs(slog.String("actor", actor))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	if h.lines != nil && r.Level >= slog.LevelWarn {
		defer h.lines.Flush()
	}
	return h.Handler.Handle(ctx, redactRecord(r))
}

// WithAttrs implements slog.Handler.
func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i], _ = redactAttr(a)
	}
	return contextHandler{h.Handler.WithAttrs(clean), h.location, h.lines}
}

// WithGroup implements slog.Handler.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name), h.location, h.lines}
}

const redacted = "[redacted]"

// secretKeys are attributes that nobody should log, but may by mistake.
var secretKeys = map[string]bool{
	"password": true, "passwd": true, "secret": true, "token": true, "access_token": true,
	"refresh_token": true, "authorization": true, "cookie": true, "api_key": true, "x-api-key": true,
	"jwt_secret_key": true, "dsn": true,
}

// redactRecord returns the record itself when there is nothing to take out of it.
func redactRecord(r slog.Record) slog.Record {
	dirty := false
	r.Attrs(func(a slog.Attr) bool {
		_, dirty = redactAttr(a)
		return !dirty
	})
	if !dirty {
		return r
	}
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		a, _ = redactAttr(a)
		clean.AddAttrs(a)
		return true
	})
	return clean
}

// redactAttr returns the attribute as it may be read, and whether that is another one.
func redactAttr(a slog.Attr) (slog.Attr, bool) {
	switch a.Value.Kind() {
	case slog.KindLogValuer:
		a.Value = a.Value.Resolve()
		a, _ = redactAttr(a)
		return a, true
	case slog.KindGroup:
		return redactGroup(a)
	default:
	}
	if secretKeys[strings.ToLower(a.Key)] {
		return slog.String(a.Key, redacted), true
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if text := a.Value.String(); strings.Contains(text, "://") {
			return slog.String(a.Key, RedactURLs(text)), true
		}
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok && err != nil {
			return slog.String(a.Key, RedactURLs(err.Error())), true
		}
	default: // holds no text of ours
	}
	return a, false
}

func redactGroup(group slog.Attr) (slog.Attr, bool) {
	attrs := slices.Clone(group.Value.Group())
	dirty := false
	for i, a := range attrs {
		clean, changed := redactAttr(a)
		attrs[i], dirty = clean, dirty || changed
	}
	if !dirty {
		return group, false
	}
	return slog.Attr{Key: group.Key, Value: slog.GroupValue(attrs...)}, true
}

// userinfo finds what stands between "://" and the last "@" before the next slash or space: a password
// may hold an "@" that someone forgot to encode.
var userinfo = regexp.MustCompile(`://[^/\s"']*@`)

// RedactURLs replaces user and password of every URL within a text.
func RedactURLs(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return userinfo.ReplaceAllString(text, "://"+redacted+"@")
}
