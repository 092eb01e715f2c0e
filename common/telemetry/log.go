// Package telemetry makes the logger and the tracer of a service.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"regexp"
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

// NewLogger writes to w. Every line names service and version and, when they are in the context,
// request id, actor, trace and span. Passwords within URLs and attributes that are secrets by their
// name do not get through.
func NewLogger(w io.Writer, o LogOptions) *slog.Logger {
	location := o.Location
	if location == nil {
		location = time.UTC
	}
	options := &slog.HandlerOptions{
		Level: o.Level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
				return slog.Time(slog.TimeKey, a.Value.Time().In(location))
			}
			return redactAttr(a)
		},
	}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if o.JSON {
		handler = slog.NewJSONHandler(w, options)
	}
	return slog.New(contextHandler{handler}).With("service", o.Service, "version", o.Version)
}

// contextHandler adds what the context knows about the request.
type contextHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := request.ID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if actor := request.Actor(ctx); actor != "" {
		r.AddAttrs(slog.String("actor", actor))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

const redacted = "[redacted]"

// secretKeys are attributes that nobody should log, but may by mistake.
var secretKeys = map[string]bool{
	"password": true, "passwd": true, "secret": true, "token": true, "access_token": true,
	"refresh_token": true, "authorization": true, "cookie": true, "api_key": true, "x-api-key": true,
	"jwt_secret_key": true, "dsn": true,
}

func redactAttr(a slog.Attr) slog.Attr {
	if secretKeys[strings.ToLower(a.Key)] && a.Value.Kind() != slog.KindGroup {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if text := a.Value.String(); strings.Contains(text, "://") {
			return slog.String(a.Key, RedactURLs(text))
		}
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok && err != nil {
			return slog.String(a.Key, RedactURLs(err.Error()))
		}
	default: // holds no text of ours
	}
	return a
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
