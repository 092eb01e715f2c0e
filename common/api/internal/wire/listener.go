package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"nms.example/common/fault"
)

// Answer makes the whole answer, status line included, that goes out in place of a refusal of net/http's own. client is
// the peer's address.
type Answer func(refusal *fault.Error, status int, client string) ([]byte, error)

// Listen returns a listener whose connections put an answer in place of what net/http writes by itself, before any
// handler: refusals of what is no HTTP, of a header over its bound, of a transfer coding that it does not know.
func Listen(under net.Listener, answer Answer) net.Listener {
	return &listener{Listener: under, answer: answer}
}

type listener struct {
	net.Listener

	answer Answer
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		// The type is embedded, not the interface: net/http also asks for CloseWrite and ReadFrom.
		return &connection{TCPConn: tcp, answer: l.answer}, nil
	}
	return conn, err
}

type connection struct {
	*net.TCPConn

	answer Answer
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

// ConnContext is for http.Server, beside Listen.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// EndConnection makes a request the last one of its connection although its answer has begun.
func EndConnection(r *http.Request) {
	if conn, ok := r.Context().Value(connectionKey{}).(*connection); ok {
		conn.ended.Store(true)
	}
}

// Ambiguous reports whether a request might have two lengths.
func Ambiguous(r *http.Request) bool {
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
	"417": fault.At(fault.Request("header.Expect"), CodeExpectation, "the expectation cannot be met"),
	"431": fault.At(fault.Request("header"), CodeHeader, "the header is too large"),
	"501": fault.At(fault.Request("header.Transfer-Encoding"), CodeMalformed, "the transfer coding is not supported"),
	"505": fault.At(fault.Request("request"), CodeMalformed, "the version of HTTP is not supported"),
}

var errNotHTTP = fault.At(fault.Request("request"), CodeMalformed, "the request is not valid HTTP")

// Write implements io.Writer.
func (c *connection) Write(p []byte) (int, error) {
	refusal, status := bareRefusal(p)
	if refusal == nil {
		return c.TCPConn.Write(p)
	}
	client, _, _ := net.SplitHostPort(c.RemoteAddr().String())
	answer, err := c.answer(refusal, status, client)
	if err == nil {
		_, err = c.TCPConn.Write(answer)
	}
	if err != nil {
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
	// 417 is written as an answer without a body; no handler answers it.
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
