package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"nms.example/common/config"
)

// Propagator carries trace contexts over process borders: W3C traceparent and tracestate.
func Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

const traceParentKey = "traceparent"

// TraceParent returns the context's trace as a W3C traceparent text, empty without one. It is what events
// and outbox rows keep.
func TraceParent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	Propagator().Inject(ctx, carrier)
	return carrier[traceParentKey]
}

// TracingOptions configure NewTracing.
type TracingOptions struct {
	Service, Version, Instance string
	// Endpoint is the collector's base URL; empty switches sending off.
	Endpoint string
	Headers  config.Secret // name=value, separated by commas
	// Sample is the share of traces begun here that are sent, 0 to 1.
	Sample float64
}

// Tracing is a service's tracer provider. Without an endpoint it makes no spans, and a caller's trace
// context passes through unchanged.
type Tracing struct {
	trace.TracerProvider

	shutdown func(context.Context) error
}

// Enabled reports whether spans are made and sent.
func (t *Tracing) Enabled() bool { return t.shutdown != nil }

// Shutdown sends what is left, until ctx ends.
func (t *Tracing) Shutdown(ctx context.Context) error {
	if t.shutdown == nil {
		return nil
	}
	return t.shutdown(ctx)
}

// NewTracing makes the provider. It does not wait for the collector.
func NewTracing(ctx context.Context, o TracingOptions) (*Tracing, error) {
	if o.Endpoint == "" {
		return &Tracing{TracerProvider: noop.NewTracerProvider()}, nil
	}
	headers, err := parseHeaders(o.Headers)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(strings.TrimSuffix(o.Endpoint, "/")+"/v1/traces"),
		otlptracehttp.WithHeaders(headers))
	if err != nil {
		return nil, fmt.Errorf("make the OpenTelemetry exporter: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Sample))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", o.Service),
			attribute.String("service.version", o.Version),
			attribute.String("service.instance.id", o.Instance))))
	return &Tracing{TracerProvider: provider, shutdown: provider.Shutdown}, nil
}

// parseHeaders reads the format that OpenTelemetry defines for OTEL_EXPORTER_OTLP_HEADERS: like baggage, with
// percent-encoded values.
func parseHeaders(text config.Secret) (map[string]string, error) {
	headers := map[string]string{}
	for item := range strings.SplitSeq(text.Reveal(), ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		name, value, ok := strings.Cut(item, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value separated by commas")
		}
		headers[name] = value
	}
	return headers, nil
}
