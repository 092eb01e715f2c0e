package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"
	"nms.example/common/waittest"
)

// bundle is one API on a real server.
type bundle struct {
	t        *testing.T
	api      *api.API
	server   *httptest.Server
	log      *logBuffer
	registry *prometheus.Registry
	client   *http.Client
}

// logBuffer collects log lines of several goroutines.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// tokens stands in for authn: the bearer token names the principal.
type tokens map[string]*authn.Principal

func (tk tokens) Authenticate(_ context.Context, r *http.Request) (*authn.Principal, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, nil //nolint:nilnil // the contract of api.Authenticator
	}
	if p := tk[token]; p != nil {
		return p, nil
	}
	return nil, authn.ErrBadToken
}

var principals = tokens{
	"reader": {Kind: authn.User, UserID: 1, Subject: "user:1", Access: authn.Mask(authn.CfgRead)},
	"nobody": {Kind: authn.User, UserID: 2, Subject: "user:2"},
	"stale":  {Kind: authn.User, UserID: 3, Subject: "user:3", PasswordChangeRequired: true},
}

func setup(t *testing.T, register func(*api.API), change ...func(*api.Options)) *bundle {
	t.Helper()
	b := &bundle{t: t, log: &logBuffer{}, registry: prometheus.NewRegistry()}
	options := api.Options{
		Title:         "test",
		Logger:        slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registerer:    b.registry,
		Authenticator: principals,
		MaxBodyBytes:  1 << 20,
		BodyTimeout:   waittest.Bound,
	}
	for _, c := range change {
		c(&options)
	}
	b.api = api.New(options)
	register(b.api)
	b.server = httptest.NewServer(b.api.Handler())
	t.Cleanup(b.server.Close)
	b.client = &http.Client{
		Timeout:       waittest.Bound,
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

type answer struct {
	*http.Response
	body []byte
}

// do sends a request; headers are pairs of name and value.
func (b *bundle) do(method, path string, body io.Reader, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, body)
	require.NoError(b.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := b.client.Do(r)
	require.NoError(b.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return answer{resp, data}
}

func (b *bundle) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, headers...)
}

func (b *bundle) post(path, body string, headers ...string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, strings.NewReader(body), headers...)
}

// problem checks that an answer is a whole problem and returns it.
func (b *bundle) problem(a answer, status int) api.Problem {
	b.t.Helper()
	require.Equal(b.t, status, a.StatusCode, "%s", a.body)
	require.Equal(b.t, "application/problem+json", a.Header.Get("Content-Type"))
	var p api.Problem
	require.NoError(b.t, json.Unmarshal(a.body, &p), "%s", a.body)
	require.Equal(b.t, status, p.Status)
	require.NotEmpty(b.t, p.Title)
	require.NotEmpty(b.t, p.Detail)
	require.Equal(b.t, a.Request.URL.EscapedPath(), p.Instance)
	require.Equal(b.t, a.Header.Get("X-Request-ID"), p.RequestID)
	require.NotEmpty(b.t, p.RequestID)
	require.NotEmpty(b.t, p.Errors)
	for _, e := range p.Errors {
		require.NotEmpty(b.t, e.Location)
		require.NotEmpty(b.t, e.Message)
		require.NotNil(b.t, fault.CodeOf(string(e.Code)), "%s", a.body)
	}
	return p
}

// at returns the message for a location, "" when there is none.
func at(p api.Problem, location string) string {
	for _, e := range p.Errors {
		if e.Location == location {
			return e.Message
		}
	}
	return ""
}

type place struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90"`
	Lng float64 `json:"lng"`
}

type thing struct {
	ID       int64  `json:"id" minimum:"1"`
	Name     string `json:"name" minLength:"1" maxLength:"20"`
	Location place  `json:"location"`
	Note     string `json:"note,omitempty"`
}

type thingInput struct{ Body thing }

type thingOutput struct{ Body thing }

// registerThings adds POST /api/v1/things, which echoes, and GET /api/v1/things/{id}.
func registerThings(a *api.API) {
	api.Register(a, huma.Operation{Method: http.MethodPost, Path: "/api/v1/things", OperationID: "create-thing", DefaultStatus: 201},
		api.Public, func(_ context.Context, in *thingInput) (*thingOutput, error) {
			return &thingOutput{Body: in.Body}, nil
		})
	api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/things/{id}", OperationID: "get-thing"},
		api.Public, func(_ context.Context, in *api.IDInput) (*thingOutput, error) {
			return &thingOutput{Body: thing{ID: in.ID, Name: "n"}}, nil
		})
}

const goodThing = `{"id":1,"name":"n","location":{"lat":1,"lng":2}}`

func bytesReader(s string) io.Reader { return strings.NewReader(s) }
