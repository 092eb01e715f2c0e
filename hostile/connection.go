package hostile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"nms.example/common/waittest"
)

const (
	// answerTimeout bounds one exchange; more than the service's own time-outs for a request.
	answerTimeout = waittest.Bound
	// maxAnswer bounds what is read of one answer, in bytes.
	maxAnswer = 64 << 20
	// inlineWrite is what surely fits into the socket's buffer, so that writing cannot wait for reading.
	inlineWrite = 32 << 10
)

// reply is an answer that has been read.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	head    bool // of HEAD
	endless bool // a stream; its body was not read
	closing bool // the server closes the connection after it
}

// connection sends requests as bytes, whatever they are, and reads answers.
type connection struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

func (c *connection) dial(ctx context.Context) error {
	conn, err := (&net.Dialer{Timeout: answerTimeout}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return err
	}
	c.conn, c.reader = conn, bufio.NewReaderSize(conn, 16<<10)
	return nil
}

// exchange sends one request and reads its answer. The error says that none came: the connection was closed.
func (c *connection) exchange(ctx context.Context, method string, request []byte) (*reply, error) {
	reused := c.conn != nil
	r, err := c.try(ctx, method, request)
	if err != nil && reused && ctx.Err() == nil { // the server may have closed it in between
		return c.try(ctx, method, request)
	}
	return r, err
}

func (c *connection) try(ctx context.Context, method string, request []byte) (*reply, error) {
	if c.conn == nil {
		if err := c.dial(ctx); err != nil {
			return nil, err
		}
	}
	_ = c.conn.SetDeadline(time.Now().Add(answerTimeout))
	written := make(chan error, 1)
	if len(request) <= inlineWrite {
		_, err := c.conn.Write(request)
		written <- err
	} else {
		conn := c.conn
		go func() {
			_, err := conn.Write(request)
			written <- err
		}()
	}
	r, err := readReply(c.reader, method)
	select {
	case failed := <-written:
		if err != nil || failed != nil || r.closing || r.endless {
			c.close()
		}
	default: // answered before all was sent
		c.close()
		<-written
	}
	return r, err
}

func readReply(reader *bufio.Reader, method string) (*reply, error) {
	request := &http.Request{Method: method}
	response, err := http.ReadResponse(reader, request)
	for err == nil && response.StatusCode < 200 {
		response, err = http.ReadResponse(reader, request)
	}
	if err != nil {
		return nil, err
	}
	r := &reply{status: response.StatusCode, header: response.Header, head: method == http.MethodHead, closing: response.Close}
	if strings.HasPrefix(r.header.Get("Content-Type"), "text/event-stream") {
		r.endless = true // closing the body would wait for its end; the connection is closed
		return r, nil
	}
	defer response.Body.Close()
	if r.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return nil, fmt.Errorf("hostile: the answer %d breaks off: %w", r.status, err)
	}
	if r.header.Get("Content-Encoding") == "gzip" && !r.head {
		return r, r.inflate()
	}
	return r, nil
}

func (r *reply) inflate() error {
	inflated, err := gzip.NewReader(bytes.NewReader(r.body))
	if err == nil {
		r.body, err = io.ReadAll(io.LimitReader(inflated, maxAnswer))
	}
	if err != nil {
		return fmt.Errorf("hostile: the answer %d is no gzip: %w", r.status, err)
	}
	return nil
}
