package servicetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/apitest"
)

// Client calls an instance over HTTP as one caller. What goes wrong fails its test. Its methods may be used from
// several goroutines of the test; those that return a client change a copy.
type Client struct {
	t         testing.TB
	base      string
	token     string
	headers   []string
	transport http.RoundTripper
}

// Client returns a client of the instance's own API, /api/v1/<name>, that has no token yet.
func (i *Instance) Client(t testing.TB) *Client {
	return &Client{t: t, base: i.URL + "/api/v1/" + i.Service.Identity().Name, transport: i.transport}
}

// ClientOf returns a client of the API of a service that runs as a process of its own at a URL (http://host:port), which
// has no token yet.
func ClientOf(t testing.TB, url, service string) *Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{t: t, base: url + "/api/v1/" + service, transport: transport}
}

// For reports to another test, such as a subtest: the one that runs it.
func (c *Client) For(t testing.TB) *Client {
	other := *c
	other.t = t
	return &other
}

// As calls with an access token, or with an API key (nms_…), or, when it is empty, with neither.
func (c *Client) As(token string) *Client {
	other := *c
	other.token = token
	return &other
}

// With adds headers, each "Name: value", to every call.
func (c *Client) With(headers ...string) *Client {
	other := *c
	other.headers = append(append([]string{}, c.headers...), headers...)
	return &other
}

// At calls another instance of the service as the same caller.
func (c *Client) At(i *Instance) *Client {
	other := i.Client(c.t)
	other.token, other.headers = c.token, c.headers
	return other
}

// Outside calls paths from the root of the instance on (/ctrl, /metrics), outside its API.
func (c *Client) Outside() *Client {
	other := *c
	other.base, _, _ = strings.Cut(c.base, "/api/")
	return &other
}

// Call sends a request to a path below the API and reads the whole answer, compressed when it came so. body is nil for
// none, a text or bytes of JSON, url.Values for a form, or a value to encode as JSON; headers, each "Name: value", take
// precedence over all others.
func (c *Client) Call(method, path string, body any, headers ...string) *Answer {
	c.t.Helper()
	content, contentType := c.content(body)
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, content)
	require.NoError(c.t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	switch {
	case strings.HasPrefix(c.token, "nms_"):
		r.Header.Set("X-Api-Key", c.token)
	case c.token != "":
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, list := range [][]string{c.headers, headers} {
		for _, h := range list {
			name, value, found := strings.Cut(h, ": ")
			require.True(c.t, found, "no header: %q", h)
			r.Header.Set(name, value)
		}
	}
	answer, err := c.transport.RoundTrip(r) // redirections are answers like others
	require.NoError(c.t, err, "%s %s", method, path)
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err, "%s %s", method, path)
	return &Answer{t: c.t, call: method + " " + path, Status: answer.StatusCode, Header: answer.Header, Body: raw}
}

func (c *Client) content(body any) (content io.Reader, contentType string) {
	c.t.Helper()
	switch b := body.(type) {
	case nil:
		return http.NoBody, ""
	case url.Values:
		return strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case string:
		return strings.NewReader(b), "application/json"
	case []byte:
		return bytes.NewReader(b), "application/json"
	default:
		raw, err := json.Marshal(b)
		require.NoError(c.t, err)
		return bytes.NewReader(raw), "application/json"
	}
}

// Get calls with GET.
func (c *Client) Get(path string, headers ...string) *Answer {
	c.t.Helper()
	return c.Call(http.MethodGet, path, nil, headers...)
}

// Post calls with POST; body is that of Call.
func (c *Client) Post(path string, body any, headers ...string) *Answer {
	c.t.Helper()
	return c.Call(http.MethodPost, path, body, headers...)
}

// Patch calls with PATCH; body is that of Call.
func (c *Client) Patch(path string, body any, headers ...string) *Answer {
	c.t.Helper()
	return c.Call(http.MethodPatch, path, body, headers...)
}

// Delete calls with DELETE.
func (c *Client) Delete(path string, headers ...string) *Answer {
	c.t.Helper()
	return c.Call(http.MethodDelete, path, nil, headers...)
}

// Answer is an answer that has been read.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	t    testing.TB
	call string
}

// Is expects a status.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	require.Equal(a.t, status, a.Status, "%s: %s", a.call, a.Body)
	return a
}

// Into decodes the body.
func (a *Answer) Into(v any) *Answer {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.Body, v), "%s: %d %s", a.call, a.Status, a.Body)
	return a
}

// Field returns a member of the body, which is an object; nil when it has none of that name.
func (a *Answer) Field(name string) any {
	a.t.Helper()
	var all map[string]any
	a.Into(&all)
	return all[name]
}

// ID returns the body's number "id".
func (a *Answer) ID() int64 {
	a.t.Helper()
	var item struct {
		ID int64 `json:"id"`
	}
	a.Into(&item)
	require.Positive(a.t, item.ID, "%s: %s", a.call, a.Body)
	return item.ID
}

// Problem expects a complete problem of a status.
func (a *Answer) Problem(status int) api.Problem {
	a.t.Helper()
	a.Is(status)
	return apitest.Problem(a.t, a.Header, a.Body, status)
}

// Refused expects a complete problem of a status, one of whose reasons has the place ("body.name") and the code
// ("name_taken").
func (a *Answer) Refused(status int, place, code string) *Answer {
	a.t.Helper()
	reasons := []string{}
	for _, e := range a.Problem(status).Errors {
		reasons = append(reasons, e.Location+" "+string(e.Code))
	}
	require.Contains(a.t, reasons, place+" "+code, "%s: %s", a.call, a.Body)
	return a
}
