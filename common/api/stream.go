package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Stream writes an answer piece by piece, each under a deadline of its own, so that a slow reader is
// neither cut off by the server's write timeout nor able to hold the handler for ever.
//
//	return &huma.StreamResponse{Body: func(hc huma.Context) {
//	    s := api.OpenStream(hc, "application/x-ndjson", 30*time.Second)
//	    …
//	}}, nil
type Stream struct {
	writer  http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

// OpenStream starts a streamed answer; timeout bounds each Write and Flush. Headers may still be set
// through hc until the first Flush. A stream stays uncompressed when it is flushed before its first 50 KiB.
func OpenStream(hc huma.Context, contentType string, timeout time.Duration) *Stream {
	g := humagin.Unwrap(hc)
	g.Header("Content-Type", contentType)
	g.Header("Cache-Control", "no-store")
	g.Header("X-Accel-Buffering", "no") // proxies must not wait for the end
	return &Stream{writer: g.Writer, control: http.NewResponseController(g.Writer), timeout: timeout}
}

// Write implements io.Writer. An error means that the client is gone.
func (s *Stream) Write(p []byte) (int, error) {
	s.extend()
	return s.writer.Write(p)
}

// Flush sends what was written to the client. An error means that the client is gone.
func (s *Stream) Flush() error {
	s.extend()
	return s.control.Flush()
}

func (s *Stream) extend() {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timeout)) // unsupported only without a connection
}
