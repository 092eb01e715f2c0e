package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// Listener writes every refusal as a problem, those included that net/http writes by itself, before any
// handler: of what is no HTTP, of a header over its bound, of a transfer coding that it does not know.
func (a *API) Listener(under net.Listener) net.Listener { return wire.Listen(under, a.answerUnread) }

// ConnContext is for http.Server, beside Listener.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return wire.ConnContext(ctx, conn)
}

// answerUnread makes the answer to what never became a request.
func (a *API) answerUnread(refusal *fault.Error, status int, client string) ([]byte, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("api: request id: %w", err)
	}
	p := &Problem{Title: http.StatusText(status), Status: status, Detail: refusal.Message, Instance: "/", RequestID: id.String()}
	for _, d := range refusal.Details {
		p.reason(nil, d)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("api: problem: %w", err)
	}
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %d\r\n", status, p.Title, len(body))
	h := http.Header{"Content-Type": {ProblemContentType}, "Cache-Control": wire.CacheNever, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
	setCommonHeaders(h, p.RequestID)
	_ = h.Write(&answer) // a buffer takes everything
	answer.WriteString("\r\n")
	answer.Write(body)

	a.options.Logger.LogAttrs(context.Background(), slog.LevelInfo, "request", //nolint:forbidigo // there is no request yet
		slog.String("request_id", p.RequestID), slog.String("method", "other"), slog.String("route", unmatched),
		slog.Int("status", status), slog.String("client", client), slog.String("error", refusal.Message))
	a.metrics.observe("", nil, status, 0)
	return answer.Bytes(), nil
}
