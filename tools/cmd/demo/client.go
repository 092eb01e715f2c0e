package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// client speaks HTTP to the services and carries the token.
type client struct {
	http  *http.Client
	token string
}

func newClient() *client {
	const patience = 15 * time.Second
	return &client{http: &http.Client{Timeout: patience}}
}

type request struct {
	method, url            string
	kind, encoding, accept string
	body                   []byte
}

// do sends a request and reads the whole answer, which may have 64 MB.
func (c *client) do(ctx context.Context, r request) (int, []byte, error) {
	const most = 64 << 20
	httpRequest, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return 0, nil, err
	}
	for name, value := range map[string]string{"Content-Type": r.kind, "Content-Encoding": r.encoding, "Accept": r.accept} {
		if value != "" {
			httpRequest.Header.Set(name, value)
		}
	}
	if c.token != "" {
		httpRequest.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(httpRequest)
	if err != nil {
		return 0, nil, plainly(err, r.url)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, most))
	return response.StatusCode, raw, err
}

// plainly turns a refused connection into the sentence that helps.
func plainly(err error, url string) error {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return fmt.Errorf("nothing answers at %s; is the stack running? (./task status)", url)
	}
	return err
}

// expect compares the status and, on a difference, quotes the problem document's own words.
func expect(status int, raw []byte, want int) error {
	if status == want {
		return nil
	}
	var problem struct {
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
		Errors    []struct {
			Location string `json:"location"`
			Message  string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(raw, &problem) != nil || problem.Detail == "" {
		return fmt.Errorf("the answer is %d and not %d: %.200s", status, want, raw)
	}
	var details []string
	for _, one := range problem.Errors {
		details = append(details, one.Location+": "+one.Message)
	}
	return fmt.Errorf("the answer is %d and not %d: %s (%s; request %s)", status, want, problem.Detail,
		strings.Join(details, ", "), problem.RequestID)
}
