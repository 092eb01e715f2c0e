// Package upload sends traces to an inbox as its API takes them: streams of lines, compressed, in batches, and again until
// each line has its answer.
package upload

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"nms.example/common/retry"
)

const (
	// attemptTimeout bounds one request: a batch over a slow line, and its commit.
	attemptTimeout = 5 * time.Minute
	// The pauses between attempts, unless inbox says how long.
	firstPause, longestPause = 500 * time.Millisecond, 30 * time.Second
	// maxResult bounds one line of the answer in bytes.
	maxResult = 1 << 20
	// maxProblem bounds what is read of an answer that is a refusal, in bytes.
	maxProblem = 64 << 10
)

// Client sends to one inbox. It is not safe for concurrent use.
type Client struct {
	// URL is the address of inbox, without a path.
	URL string
	// Authorize adds the credentials to a request.
	Authorize func(*http.Request)
	// Renew gets new credentials after a 401; nil where there is nothing to get them with.
	Renew func(context.Context) error
	// Backfill asks for traces of any age that inbox still keeps (permission inbox:manage).
	Backfill bool
	// Patience is how long to go on trying while no line gets an answer.
	Patience time.Duration
	// Waiting is told why there is a pause before the next attempt.
	Waiting func(reason error)

	packed bytes.Buffer
	packer *gzip.Writer
}

// Result is what inbox says of one line.
type Result struct {
	// Status is 201 (new), 200 (known) or a refusal.
	Status int
	// Errors are the reasons of a refusal.
	Errors []Reason
}

// Reason is a field and what is wrong with it.
type Reason struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

// StatusError is an answer that is no result: the whole request was refused.
type StatusError struct {
	Status     int
	Detail     string
	RetryAfter time.Duration
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("inbox answers %d %s", e.Status, http.StatusText(e.Status))
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// temporary reports whether the same request may be answered otherwise a little later.
func temporary(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= http.StatusInternalServerError
}

// errUnanswered means that the answer ended before it had a result for every line.
var errUnanswered = errors.New("the answer ended early")

// transport never follows a redirect: the credentials are for the address that the user gave.
var transport = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Send sends bodies, one JSON document each, and returns a result per body once each has one. Lost connections, 429 and
// 5xx are tried again, with the lines that have no result yet; a trace that was committed unseen is then known by its guid.
// It fails with a *StatusError, or with the error of the last attempt when Patience is over; the results that it returns
// with an error have Status 0 where there is none.
func (c *Client) Send(ctx context.Context, bodies [][]byte) ([]Result, error) {
	results := make([]Result, len(bodies))
	pending := make([]int, len(bodies))
	for i := range pending {
		pending[i] = i
	}
	pauses, since := retry.Growing(firstPause, longestPause), time.Now()
	for len(pending) > 0 {
		before := len(pending)
		var err error
		if pending, err = c.attempt(ctx, bodies, pending, results); len(pending) < before {
			pauses.Reset()
			since = time.Now()
			continue
		}
		pause, again := c.judge(ctx, &err)
		if !again || time.Since(since)+pause > c.Patience {
			return results, err
		}
		c.Waiting(err)
		if alive := pause == 0 && pauses.Wait(ctx) || pause > 0 && retry.Sleep(ctx, pause); !alive {
			return results, context.Cause(ctx)
		}
	}
	return results, nil
}

// judge says whether an attempt that brought nothing is worth another one, and after which pause if inbox asked for one.
// The error becomes the one to tell.
func (c *Client) judge(ctx context.Context, err *error) (pause time.Duration, again bool) {
	var status *StatusError
	switch {
	case ctx.Err() != nil:
		*err = context.Cause(ctx)
		return 0, false
	case !errors.As(*err, &status):
		return 0, true // the connection
	case status.Status == http.StatusUnauthorized && c.Renew != nil:
		if renewing := c.Renew(ctx); renewing != nil {
			*err = renewing
			return 0, false
		}
		return 0, true
	default:
		return status.RetryAfter, temporary(status.Status)
	}
}

// attempt sends the pending bodies once, fills in the results that come back, and returns those that are still pending.
func (c *Client) attempt(ctx context.Context, bodies [][]byte, pending []int, results []Result) ([]int, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	request, err := c.request(ctx, bodies, pending)
	if err != nil {
		return pending, err
	}
	response, err := transport.Do(request)
	if err != nil {
		return pending, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return pending, statusError(response)
	}
	err = readResults(response.Body, pending, results)
	left := pending[:0]
	for _, i := range pending {
		if results[i].Status == 0 {
			left = append(left, i)
		}
	}
	if err == nil && len(left) > 0 {
		err = errUnanswered
	}
	return left, err
}

// request makes the request for the pending bodies.
func (c *Client) request(ctx context.Context, bodies [][]byte, pending []int) (*http.Request, error) {
	c.packed.Reset()
	if c.packer == nil {
		packer, err := gzip.NewWriterLevel(&c.packed, gzip.BestSpeed)
		if err != nil {
			return nil, err
		}
		c.packer = packer
	}
	c.packer.Reset(&c.packed)
	for _, i := range pending {
		_, _ = c.packer.Write(bodies[i]) // a buffer takes everything
		_, _ = c.packer.Write([]byte{'\n'})
	}
	if err := c.packer.Close(); err != nil {
		return nil, err
	}
	address := strings.TrimRight(c.URL, "/") + "/api/v1/inbox/traces"
	if c.Backfill {
		address += "?backfill=true"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(c.packed.Bytes()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Content-Encoding", "gzip")
	c.Authorize(request)
	return request, nil
}

// readResults reads a result per line. A line that is refused for the time being stays without one, and its status is the
// error: it is the stream's last when inbox ended it.
func readResults(from io.Reader, pending []int, results []Result) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxResult)
	var later error
	for lines.Scan() {
		var result struct {
			Line   int      `json:"line"`
			Status int      `json:"status"`
			Errors []Reason `json:"errors"`
		}
		if err := json.Unmarshal(lines.Bytes(), &result); err != nil {
			return fmt.Errorf("a result that is not JSON: %w", err)
		}
		switch {
		case temporary(result.Status) || result.Status == http.StatusUnauthorized || result.Status == http.StatusForbidden:
			later = &StatusError{Status: result.Status, Detail: detailOf(result.Errors)}
		case result.Line < 1 || result.Line > len(pending) || result.Status < http.StatusOK:
			return fmt.Errorf("a result for line %d of %d", result.Line, len(pending))
		default:
			results[pending[result.Line-1]] = Result{result.Status, result.Errors}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return later
}

func detailOf(reasons []Reason) string {
	if len(reasons) == 0 {
		return ""
	}
	return strings.TrimSpace(reasons[0].Location + " " + reasons[0].Message)
}

// statusError reads a refusal (RFC 9457).
func statusError(response *http.Response) error {
	var problem struct {
		Detail string   `json:"detail"`
		Errors []Reason `json:"errors"`
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxProblem))
	_ = json.Unmarshal(text, &problem) // a proxy may answer with something else
	status := &StatusError{Status: response.StatusCode, Detail: problem.Detail}
	if reasons := detailOf(problem.Errors); reasons != "" {
		status.Detail = strings.TrimSpace(status.Detail + " (" + reasons + ")")
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		status.RetryAfter = time.Duration(seconds) * time.Second
	}
	return status
}
