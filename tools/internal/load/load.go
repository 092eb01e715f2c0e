// Package load sends HTTP requests over a fixed number of connections and measures the answers. It writes
// requests as bytes and reads answers by hand, because it shares the machine with what it measures: net/http's
// client takes more processor time than some of the servers.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Target says whom to ask for what.
type Target struct {
	// Address is host and port.
	Address string
	// Request appends request n, complete with head and body, to dst. It is called by several goroutines at once.
	Request func(dst []byte, n int64) []byte
	// Want is the status that counts as success.
	Want int
}

// Plan says how much to ask.
type Plan struct {
	// Clients is the number of connections; each waits for an answer before its next request.
	Clients int
	// For is how long; every request begun in that time is ended.
	For time.Duration
	// Pace, when above 0, is the rate of all requests together per second. A request that a late connection
	// delays counts from the moment it was due, so that a slow server cannot hide its waits.
	Pace float64
}

// Result is what came of it.
type Result struct {
	// Done counts answers with the wanted status, Other those with another.
	Done, Other int64
	// OtherStatus is one of the other statuses, 0 without any.
	OtherStatus int
	// Took is the time until the last answer.
	Took time.Duration
	// waits are the times to the answers, sorted.
	waits []time.Duration
}

// PerSecond returns the successful requests per second.
func (r *Result) PerSecond() float64 { return float64(r.Done) / r.Took.Seconds() }

// Wait returns the time within which a share (0 to 1) of the requests was answered, 0 without any.
func (r *Result) Wait(share float64) time.Duration {
	if len(r.waits) == 0 {
		return 0
	}
	return r.waits[int(share*float64(len(r.waits)-1))]
}

// answerPatience bounds the wait for one answer.
const answerPatience = 30 * time.Second

// Run carries the plan out. An error means that a connection failed or that nothing was answered as wanted;
// single other statuses are counted in the result.
func Run(ctx context.Context, target Target, plan Plan) (*Result, error) {
	r := &runner{target: target, plan: plan, begun: time.Now()}
	errs := make([]error, plan.Clients)
	var running sync.WaitGroup
	for i := range plan.Clients {
		running.Go(func() { errs[i] = r.client(ctx) })
	}
	running.Wait()
	r.result.Took = time.Since(r.begun)
	slices.Sort(r.result.waits)
	err := errors.Join(errs...)
	if err == nil && r.result.Done == 0 {
		err = fmt.Errorf("%s: no answer %d, but %d others, as %d", target.Address, target.Want, r.result.Other, r.result.OtherStatus)
	}
	return &r.result, err
}

type runner struct {
	target Target
	plan   Plan
	begun  time.Time
	next   atomic.Int64

	mu     sync.Mutex
	result Result
}

// turn waits until request n is due; false: the time is over.
func (r *runner) turn(ctx context.Context, n int64) (due time.Time, ok bool) {
	due = time.Now()
	if r.plan.Pace > 0 {
		due = r.begun.Add(time.Duration(float64(n) / r.plan.Pace * float64(time.Second)))
	}
	if ctx.Err() != nil || due.Sub(r.begun) >= r.plan.For {
		return due, false
	}
	time.Sleep(time.Until(due))
	return due, true
}

func (r *runner) client(ctx context.Context) error {
	c, err := Dial(ctx, r.target.Address)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, c.Close)()
	var own Result
	var request []byte
	for {
		n := r.next.Add(1) - 1
		due, ok := r.turn(ctx, n)
		if !ok {
			break
		}
		request = r.target.Request(request[:0], n)
		status, err := c.Do(request)
		if err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		own.waits = append(own.waits, time.Since(due))
		if status == r.target.Want {
			own.Done++
		} else {
			own.Other, own.OtherStatus = own.Other+1, status
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Done += own.Done
	r.result.Other += own.Other
	r.result.OtherStatus = max(r.result.OtherStatus, own.OtherStatus)
	r.result.waits = append(r.result.waits, own.waits...)
	return nil
}

// Client is one connection. It is not safe for concurrent use.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
	// Body takes the last answer's body when it is not nil.
	Body *bytes.Buffer
}

// Dial connects.
func Dial(ctx context.Context, address string) (*Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// Close ends the connection.
func (c *Client) Close() { _ = c.conn.Close() }

// Do sends a request and reads the answer to its end.
func (c *Client) Do(request []byte) (status int, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(answerPatience)); err != nil {
		return 0, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	status, length, err := c.head()
	if err != nil {
		return status, err
	}
	return status, c.body(length)
}

// chunked stands for the length of a body that tells its end itself.
const chunked = -1

// head reads the status and the length of the body.
func (c *Client) head() (status int, length int64, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	const code, end = len("HTTP/1.1 "), len("HTTP/1.1 200")
	if len(line) <= end {
		return 0, 0, fmt.Errorf("no status line: %q", line)
	}
	if status, err = strconv.Atoi(string(line[code:end])); err != nil {
		return 0, 0, fmt.Errorf("no status line: %q", line)
	}
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return status, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case len(line) == 0:
			return status, length, nil
		case bytes.EqualFold(name, []byte("Content-Length")) && length != chunked:
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return status, 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = chunked
		}
	}
}

func (c *Client) body(length int64) error {
	sink := io.Discard
	if c.Body != nil {
		c.Body.Reset()
		sink = c.Body
	}
	if length != chunked {
		if c.Body == nil {
			_, err := c.in.Discard(int(length))
			return err
		}
		_, err := io.CopyN(sink, c.in, length)
		return err
	}
	if _, err := io.Copy(sink, httputil.NewChunkedReader(c.in)); err != nil {
		return err
	}
	_, err := c.in.ReadSlice('\n') // the empty line after the last chunk; there are no trailers
	return err
}

// Get returns the bytes of a GET request; headers are whole lines ("Accept: image/png").
func Get(host, path string, headers ...string) []byte {
	return Request("GET", host, path, nil, headers...)
}

// Request returns the bytes of a request.
func Request(method, host, path string, body []byte, headers ...string) []byte {
	out := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, host)
	for _, header := range headers {
		out = append(append(out, header...), "\r\n"...)
	}
	if body != nil {
		out = fmt.Appendf(out, "Content-Length: %d\r\n", len(body))
	}
	return append(append(out, "\r\n"...), body...)
}

// Same asks for the same every time.
func Same(request []byte) func([]byte, int64) []byte {
	return func(dst []byte, _ int64) []byte { return append(dst, request...) }
}
