package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
)

const smallAnswer = `{"id":1,"name":"n","location":{"lat":0,"lng":0}}` + "\n"

// bareGin answers the same bytes with nothing around.
func bareGin() http.Handler {
	engine := gin.New()
	body := []byte(smallAnswer)
	engine.GET("/api/v1/things/:id", func(g *gin.Context) { g.Data(200, "application/json", body) })
	return engine
}

// guarded is a verified GET with all that surrounds one: log, metrics, permission, limiter, deadline.
func guarded() http.Handler {
	a := api.New(api.Options{
		Logger:        slog.New(slog.DiscardHandler),
		Registerer:    prometheus.NewRegistry(),
		Authenticator: principals,
		Limiter:       endless{},
	})
	api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/things/{id}"}, api.Need(authn.CfgRead),
		func(_ context.Context, in *api.IDInput) (*thingOutput, error) {
			return &thingOutput{Body: thing{ID: in.ID, Name: "n"}}, nil
		})
	return a.Handler()
}

type endless struct{ api.Limiter }

func (endless) Allow(context.Context, string) (wait time.Duration, ok bool) { return 0, true }

// BenchmarkHandler measures the chain alone.
func BenchmarkHandler(b *testing.B) {
	for name, h := range map[string]http.Handler{"bare": bareGin(), "guarded": guarded()} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/v1/things/1", nil)
			r.Header.Set("Authorization", "Bearer reader")
			w := &sink{header: http.Header{}}
			h.ServeHTTP(w, r)
			require.JSONEq(b, smallAnswer, string(w.last))
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

// sink is a response writer that keeps only the last piece.
type sink struct {
	header http.Header
	last   []byte
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { s.last = append(s.last[:0], p...); return len(p), nil }

// BenchmarkServer measures what a client sees over a kept connection.
func BenchmarkServer(b *testing.B) {
	for name, h := range map[string]http.Handler{"bare": bareGin(), "guarded": guarded()} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(h)
			defer server.Close()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) { hammer(b, server.Listener.Addr().String(), pb.Next) })
		})
	}
}

// hammer sends one request after the other over one connection; it costs little beside the server.
func hammer(b *testing.B, addr string, next func() bool) {
	b.Helper()
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(b.Context(), "tcp", addr)
	if err != nil {
		b.Error(err)
		return
	}
	defer conn.Close()
	text := []byte("GET /api/v1/things/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader\r\n\r\n")
	buf := make([]byte, 4096)
	for next() {
		if _, err := conn.Write(text); err != nil {
			b.Error(err)
			return
		}
		n, err := conn.Read(buf)
		if err != nil || !bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 200 OK")) || !bytes.HasSuffix(buf[:n], []byte(smallAnswer)) {
			b.Errorf("%v after %q", err, buf[:n])
			return
		}
	}
}
