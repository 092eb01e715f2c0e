package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"nms.example/common/fault"
)

// Listener gives every refusal the form of a problem, those included that net/http writes by itself, before any
// handler: of what is no HTTP, of a header over its bound, of a transfer coding that it does not know.
func (a *API) Listener(under net.Listener) net.Listener { return &listener{Listener: under, api: a} }

type listener struct {
	net.Listener

	api *API
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		// The type is embedded, not the interface: net/http also asks for CloseWrite and ReadFrom.
		return &connection{TCPConn: tcp, api: l.api}, nil
	}
	return conn, err
}

type connection struct {
	*net.TCPConn

	api *API
	// length is set once a line began with lengthName; line is the beginning of the present line.
	length atomic.Bool
	line   []byte
	// ended lets no further request be read.
	ended atomic.Bool
}

const lengthName = "content-length"

// Read implements io.Reader. It looks for Content-Length: a request that has Transfer-Encoding too may be an
// attempt at smuggling, and must be the last one of its connection (RFC 9112, 6.1), but net/http takes the
// length away before anybody sees it. Lines of bodies count too; they cost a connection, no more.
func (c *connection) Read(p []byte) (int, error) {
	if c.ended.Load() {
		return 0, io.EOF
	}
	n, err := c.TCPConn.Read(p)
	if !c.length.Load() {
		c.look(p[:max(n, 0)])
	}
	return n, err
}

func (c *connection) look(p []byte) {
	for len(p) > 0 {
		if need := len(lengthName) - len(c.line); need > 0 {
			begin := p[:min(need, len(p))]
			if end := bytes.IndexByte(begin, '\n'); end >= 0 {
				c.line, p = c.line[:0], p[end+1:]
				continue
			}
			c.line, p = append(c.line, begin...), p[len(begin):]
			if len(c.line) == len(lengthName) && strings.EqualFold(string(c.line), lengthName) {
				c.length.Store(true)
				return
			}
		}
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			return
		}
		c.line, p = c.line[:0], p[end+1:]
	}
}

type connectionKey struct{}

// ConnContext is for http.Server, beside Listener.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// ambiguous reports whether a request might have two lengths.
func ambiguous(r *http.Request) bool {
	if len(r.TransferEncoding) == 0 {
		return false
	}
	c, ok := r.Context().Value(connectionKey{}).(*connection)
	return ok && c.length.Load()
}

// bareHeaders follows the status line of net/http's own refusals, which it writes in one piece. No answer of a
// handler begins so: they all carry a request id, and headers are sorted.
const bareHeaders = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// bareRefusals are those, by status. 501 and 505 become 400: the fault is the client's, and a 5xx would wake
// somebody up.
var bareRefusals = map[string]*fault.Error{
	"417": fault.At(fault.Malformed, "header.Expect", "the expectation cannot be met"),
	"431": fault.At(fault.Malformed, "header", "the header is too large"),
	"501": fault.At(fault.Malformed, "header.Transfer-Encoding", "the transfer coding is not supported"),
	"505": fault.At(fault.Malformed, "request", "the version of HTTP is not supported"),
}

var errNotHTTP = fault.At(fault.Malformed, "request", "the request is not valid HTTP")

// Write implements io.Writer.
func (c *connection) Write(p []byte) (int, error) {
	refusal, status := bareRefusal(p)
	if refusal == nil {
		return c.TCPConn.Write(p)
	}
	if err := c.refuse(refusal, status); err != nil {
		return 0, err
	}
	return len(p), nil
}

// bareRefusal recognises a refusal of net/http's own; nil for everything else.
func bareRefusal(p []byte) (refusal *fault.Error, status int) {
	const start = "HTTP/1.1 "
	if len(p) < len(start)+3 || p[len(start)] < '4' || string(p[:len(start)]) != start {
		return nil, 0
	}
	code := string(p[len(start) : len(start)+3])
	line := bytes.Index(p, []byte("\r\n"))
	// 417 is written as an answer without a body; no handler gives it.
	if line < 0 || code != "417" && !bytes.HasPrefix(p[line:], []byte(bareHeaders)) {
		return nil, 0
	}
	switch code {
	case "417":
		status = http.StatusExpectationFailed
	case "431":
		status = http.StatusRequestHeaderFieldsTooLarge
	default:
		status = http.StatusBadRequest
	}
	if refusal = bareRefusals[code]; refusal == nil {
		refusal = errNotHTTP
	}
	return refusal, status
}

// refuse writes the problem in place of what net/http would have written.
func (c *connection) refuse(refusal *fault.Error, status int) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("api: request id: %w", err)
	}
	p := &Problem{Title: http.StatusText(status), Status: status, Detail: refusal.Message, Instance: "/", RequestID: id.String()}
	for _, d := range refusal.Details {
		p.add(d.Location, d.Message)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("api: problem: %w", err)
	}
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %d\r\n", status, p.Title, len(body))
	h := http.Header{"Content-Type": {ProblemContentType}, "Cache-Control": cacheNever, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
	setCommonHeaders(h, p.RequestID)
	_ = h.Write(&answer) // a buffer takes everything
	answer.WriteString("\r\n")
	answer.Write(body)
	_, err = c.TCPConn.Write(answer.Bytes())

	client, _, _ := net.SplitHostPort(c.RemoteAddr().String())
	c.api.options.Logger.LogAttrs(context.Background(), slog.LevelInfo, "request", //nolint:forbidigo // there is no request yet
		slog.String("request_id", p.RequestID), slog.String("method", "other"), slog.String("route", unmatched),
		slog.Int("status", status), slog.String("client", client), slog.String("error", refusal.Message))
	c.api.metrics.observe("", nil, status, 0)
	return err
}
