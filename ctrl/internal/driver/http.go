package driver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nms.example/common/config"

	"nms.example/ctrl/internal/template"
)

// httpDriver speaks HTTP with JSON bodies. The endpoint's address is the base URL; its secret, when it has one, goes into the
// header that the option "header" names (default Authorization), behind the option "prefix".
type httpDriver struct {
	networks  Networks
	transport *http.Transport
}

type (
	httpOptions struct {
		Header string `json:"header"`
		Prefix string `json:"prefix"`
	}
	httpSend struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Body   any    `json:"body,omitempty"`
	}
	httpRead struct {
		Path    string `json:"path"`
		Pointer string `json:"pointer"` // RFC 6901; empty: the whole answer
	}
)

func newHTTP(networks Networks) httpDriver {
	dialer := net.Dialer{Control: networks.control}
	return httpDriver{networks: networks, transport: &http.Transport{
		DialContext: dialer.DialContext,
		// A connection for each request: one that was kept might be closed just now, and net/http would send again.
		DisableKeepAlives: true,
		Proxy:             nil,
	}}
}

func (d httpDriver) CheckAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be an http or https URL without user, query and fragment")
	}
	return d.networks.CheckLiteral(u.Hostname())
}

func (httpDriver) CheckOptions(options json.RawMessage) error {
	var o httpOptions
	if len(options) == 0 {
		return nil
	}
	if err := strict(options, &o); err != nil {
		return err
	}
	if o.Header != "" && !headerName.MatchString(o.Header) || slices.Contains(ownHeaders, strings.ToLower(o.Header)) {
		return errors.New(`"header" must be the name of a header that HTTP itself does not use`)
	}
	if strings.ContainsFunc(o.Prefix, func(r rune) bool { return r < ' ' || r > '~' || r == ':' }) {
		return errors.New(`"prefix" must be printable ASCII without colons`)
	}
	return nil
}

// headerName is a token (RFC 9110, section 5.6.2).
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")

// ownHeaders say how a request is sent and what it holds: the driver and net/http set them.
var ownHeaders = []string{
	"accept", "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive", "proxy-connection", "te",
	"trailer", "transfer-encoding", "upgrade",
}

const errSecretLine PlainError = "the secret cannot be the value of a header: it has a line break or another control character"

func (httpDriver) CheckSecret(_ json.RawMessage, secret config.Secret) error {
	if strings.ContainsFunc(secret.Reveal(), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }) {
		return errSecretLine
	}
	return nil
}

func (httpDriver) CheckSend(tmpl json.RawMessage) error {
	var t httpSend
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, t.Method) {
		return errors.New(`needs "method": GET, POST, PUT, PATCH or DELETE`)
	}
	return checkPath(t.Path)
}

func (httpDriver) CheckRead(tmpl json.RawMessage) error {
	var t httpRead
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if t.Pointer != "" && t.Pointer[0] != '/' {
		return errors.New(`"pointer" must be a JSON pointer such as /status/gain`)
	}
	return checkPath(t.Path)
}

func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' || r == '\\' }) {
		return errors.New(`needs "path", beginning with /`)
	}
	return nil
}

func (httpDriver) Prepare(tmpl json.RawMessage, args template.Args) (Request, error) {
	var t httpSend
	if err := strict(tmpl, &t); err != nil {
		return Request{}, err
	}
	path, err := template.Text(t.Path, args, func(text string) (string, error) {
		if text == "." || text == ".." {
			return "", errors.New("an argument must not lead to another path")
		}
		return strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), nil // fit for the path as for a query
	})
	if err != nil {
		return Request{}, err
	}
	body, err := template.Value(t.Body, args)
	if err != nil {
		return Request{}, err
	}
	wire := t.Method + " " + path
	if body != nil {
		shown, err := json.Marshal(body)
		if err != nil {
			return Request{}, err
		}
		wire += " " + string(shown)
	}
	return request(wire, httpSend{Method: t.Method, Path: path, Body: body})
}

func (d httpDriver) Poll(ctx context.Context, e Endpoint, points []Point) ([]Value, error) {
	if len(points) == 0 {
		_, _, err := d.do(ctx, e, httpSend{Method: http.MethodGet, Path: "/"})
		return nil, err
	}
	answers := map[string]any{} // one request for each path
	values := make([]Value, 0, len(points))
	for _, p := range points {
		var t httpRead
		if err := strict(p.Read, &t); err != nil {
			return nil, err
		}
		document, known := answers[t.Path]
		if !known {
			status, body, err := d.do(ctx, e, httpSend{Method: http.MethodGet, Path: t.Path})
			if err != nil {
				return values, err
			}
			if status != http.StatusOK {
				values = append(values, Value{Parameter: p.Parameter, At: time.Now(), Problem: "the answer has the status " + strconv.Itoa(status)})
				continue
			}
			if exact(body, &document) != nil {
				document = string(body)
			}
			answers[t.Path] = document
		}
		value, ok := pointed(document, t.Pointer)
		if !ok {
			values = append(values, Value{Parameter: p.Parameter, At: time.Now(), Problem: "the answer has no " + t.Pointer})
			continue
		}
		values = append(values, Value{Parameter: p.Parameter, Value: value, At: time.Now()})
	}
	return values, nil
}

func (d httpDriver) Send(ctx context.Context, e Endpoint, r Request) (Outcome, Reply, error) {
	var t httpSend
	if err := exact(r.Body, &t); err != nil {
		return NotSent, Reply{}, err
	}
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	status, body, err := d.do(ctx, e, t)
	reply := Reply{strings.TrimSpace(strconv.Itoa(status) + " " + string(body))}
	switch {
	case err != nil && !connected.Load():
		return NotSent, Reply{}, err
	case err != nil:
		return Unknown, Reply{}, err
	case status >= 200 && status < 300:
		return Accepted, reply, nil
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return Refused, reply, errRefused
	case status < 400: // nobody follows it; many servers redirect behind what they have carried out
		return Unknown, reply, errRedirect
	default:
		return Unknown, reply, errFailed
	}
}

const errRedirect PlainError = "the equipment redirects, which is not followed"

// do sends one request.
func (d httpDriver) do(ctx context.Context, e Endpoint, t httpSend) (status int, body []byte, err error) {
	var o httpOptions
	if len(e.Options) > 0 {
		if err := strict(e.Options, &o); err != nil {
			return 0, nil, err
		}
	}
	var content io.Reader = http.NoBody
	if t.Body != nil {
		raw, err := json.Marshal(t.Body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, t.Method, strings.TrimSuffix(e.Address, "/")+t.Path, content)
	if err != nil {
		return 0, nil, err
	}
	req.GetBody = nil // nothing is sent twice
	if t.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	if err := d.CheckSecret(e.Options, e.Secret); err != nil { // the file may be another one by now
		return 0, nil, err
	}
	if secret := e.Secret.Reveal(); secret != "" {
		header := o.Header
		if header == "" {
			header = "Authorization"
		}
		req.Header.Set(header, o.Prefix+secret)
	}
	resp, err := d.transport.RoundTrip(req) // which follows nothing
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && t.Method == http.MethodGet && resp.StatusCode/100 == 3 {
		err = errRedirect
	}
	return resp.StatusCode, body, err
}

// pointed finds what a JSON pointer (RFC 6901) points to.
func pointed(document any, pointer string) (any, bool) {
	if pointer == "" {
		return document, true
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch at := document.(type) {
		case map[string]any:
			next, ok := at[token]
			if !ok {
				return nil, false
			}
			document = next
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			document = at[i]
		default:
			return nil, false
		}
	}
	return document, true
}
