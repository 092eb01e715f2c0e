package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"nms.example/common/config"
	"nms.example/common/telemetry"
	"nms.example/common/waittest"
)

// continued returns a context that continues the trace of a traceparent text.
func continued(ctx context.Context, traceParent string) context.Context {
	return telemetry.Propagator().Extract(ctx, propagation.MapCarrier{"traceparent": traceParent})
}

func TestTraceParentRoundTrip(t *testing.T) {
	t.Parallel()
	ctx := continued(t.Context(), traceParent)
	require.Equal(t, traceParent, telemetry.TraceParent(ctx))
	require.Empty(t, telemetry.TraceParent(t.Context()))
	require.Empty(t, telemetry.TraceParent(continued(t.Context(), "nonsense")))
}

func TestWithoutCollectorTheCallersTracePasses(t *testing.T) {
	t.Parallel()
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{Service: "auth"})
	require.NoError(t, err)
	require.False(t, tracing.Enabled())
	ctx, span := tracing.Tracer("test").Start(continued(t.Context(), traceParent), "work")
	defer span.End()
	require.Equal(t, traceParent, telemetry.TraceParent(ctx))
	require.NoError(t, tracing.Shutdown(t.Context()))
}

func TestSpansReachTheCollector(t *testing.T) {
	t.Parallel()
	calls := make(chan *http.Request, 8)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { calls <- r }))
	t.Cleanup(collector.Close)
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{
		Service: "auth", Endpoint: collector.URL + "/", Sample: 1, Headers: config.NewSecret("x-key=a%20b, y=2"),
	})
	require.NoError(t, err)
	_, span := tracing.Tracer("test").Start(continued(t.Context(), traceParent), "work")
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", span.SpanContext().TraceID().String())
	require.NotEqual(t, "00f067aa0ba902b7", span.SpanContext().SpanID().String())
	span.End()
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	require.NoError(t, tracing.Shutdown(ctx))
	r := <-calls
	require.Equal(t, "/v1/traces", r.URL.Path)
	require.Equal(t, "a b", r.Header.Get("X-Key"))
	require.Equal(t, "2", r.Header.Get("Y"))
}

func TestUnsampledRootsAreNotRecorded(t *testing.T) {
	t.Parallel()
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{
		Service: "auth", Endpoint: "http://127.0.0.1:1", Sample: 0,
	})
	require.NoError(t, err)
	ctx, span := tracing.Tracer("test").Start(t.Context(), "work")
	defer span.End()
	require.False(t, span.IsRecording())
	require.True(t, trace.SpanContextFromContext(ctx).HasTraceID(), "the log still has a trace id")
	require.NoError(t, tracing.Shutdown(t.Context()))
}

func TestBadHeadersAreRefusedWithoutTheirText(t *testing.T) {
	t.Parallel()
	_, err := telemetry.NewTracing(t.Context(), telemetry.TracingOptions{
		Endpoint: "http://127.0.0.1:1", Headers: config.NewSecret("s3cret"),
	})
	require.ErrorContains(t, err, "OTEL_EXPORTER_OTLP_HEADERS")
	require.NotContains(t, err.Error(), "s3cret")
}
