package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"
	"nms.example/common/waittest"
)

// door is an authenticator whose answer changes while requests are open.
type door struct {
	principal atomic.Pointer[authn.Principal]
	refusal   atomic.Pointer[fault.Error]
	asked     atomic.Int64
}

func newDoor() *door {
	d := &door{}
	d.let(authn.Mask(authn.CfgRead))
	return d
}

func (d *door) let(access authn.Mask) {
	d.principal.Store(&authn.Principal{Kind: authn.User, UserID: 1, Subject: "user:1", Access: access})
}

func (d *door) Authenticate(context.Context, *http.Request) (*authn.Principal, error) {
	d.asked.Add(1)
	if refusal := d.refusal.Load(); refusal != nil {
		return nil, refusal
	}
	return d.principal.Load(), nil
}

// stand is an API with a stream of events, a stream of lines and an operation that waits for its end.
type stand struct {
	*bundle
	*door

	source   chan api.Event
	draining chan struct{}
	closed   atomic.Int64
	why      error
	render   func(ctx context.Context) // is called for each event, when set
}

func newStand(t *testing.T, recheck time.Duration) *stand {
	t.Helper()
	s := &stand{door: newDoor(), source: make(chan api.Event), draining: make(chan struct{})}
	s.bundle = setup(t, s.register, func(o *api.Options) {
		o.Authenticator, o.Recheck, o.Draining = s.door, recheck, s.draining
		o.BodyTimeout = time.Minute
	})
	s.client.Timeout = time.Minute
	return s
}

func (s *stand) register(a *api.API) {
	api.RegisterEvents(a, huma.Operation{Method: "GET", Path: "/api/v1/events", OperationID: "events"}, api.Need(authn.CfgRead),
		func(context.Context, *api.EventsInput) (*api.Events[api.Event], error) {
			return &api.Events[api.Event]{
				From: s.source, Render: func(ctx context.Context, e api.Event) (api.Event, bool, error) {
					if s.render != nil {
						s.render(ctx)
					}
					if e.Name == "broken" {
						return e, false, s.why
					}
					return e, e.Name != "hidden", nil
				},
				Err: func() error { return s.why }, Close: func() { s.closed.Add(1) },
			}, nil
		})
	api.Register(a, huma.Operation{Method: "GET", Path: "/api/v1/wait", OperationID: "wait"}, api.Need(authn.CfgRead),
		func(ctx context.Context, _ *struct{}) (*struct{}, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, api.Timeout(0))
	op := huma.Operation{Method: "POST", Path: "/api/v1/lines", OperationID: "lines", MaxBodyBytes: -1}
	api.Register(a, op, api.Need(authn.CfgRead), func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			out := api.OpenStream(hc, "application/x-ndjson", 5*time.Second)
			in := bufio.NewScanner(api.Body(ctx))
			for in.Scan() {
				_, _ = out.Write(append(in.Bytes(), '\n'))
				_ = out.Flush()
			}
			if err := in.Err(); err != nil {
				_, _ = out.Write([]byte(api.ProblemOf(ctx, err).Detail + "\n"))
			}
		}}, nil
	}, api.Timeout(0), api.StreamBody(&huma.RequestBody{Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: &huma.Schema{Type: "string"}}}}))
}

// open begins to read the events.
func (s *stand) open() *events {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.server.URL+"/api/v1/events", nil)
	require.NoError(s.t, err)
	resp, err := s.client.Do(r)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	require.Equal(s.t, http.StatusOK, resp.StatusCode)
	require.Equal(s.t, "text/event-stream", resp.Header.Get("Content-Type"))
	lines := bufio.NewReader(resp.Body)
	first, err := lines.ReadString('\n')
	require.NoError(s.t, err)
	require.Equal(s.t, ": welcome\n", first)
	return &events{s.t, lines}
}

// events is what a stream has still to say.
type events struct {
	t     *testing.T
	lines *bufio.Reader
}

// next reads what has to come next.
func (e *events) next(want string) {
	e.t.Helper()
	text := make([]byte, len(want))
	_, err := io.ReadFull(e.lines, text)
	require.NoError(e.t, err)
	require.Equal(e.t, want, string(text))
}

// rest reads to the end.
func (e *events) rest() string {
	e.t.Helper()
	text, err := io.ReadAll(e.lines)
	require.NoError(e.t, err, "the answer is whole")
	return string(text)
}

func TestEventsEndWithTheirCaller(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *stand)
		want   string
	}{
		"revoked":                {func(s *stand) { s.refusal.Store(authn.ErrRevokedToken) }, `"status":401,"detail":"the access token was revoked"`},
		"permission taken away":  {func(s *stand) { s.let(0) }, `"status":403`},
		"the service stops":      {func(s *stand) { close(s.draining) }, `"status":503,"detail":"the service is stopping"`},
		"the source ends":        {func(s *stand) { close(s.source) }, `"status":503,"detail":"the stream has ended"`},
		"the source says why":    {func(s *stand) { s.why = fault.New(fault.CodeUnavailable, "too slow"); close(s.source) }, `"status":503,"detail":"too slow"`},
		"the source has trouble": {func(s *stand) { s.why = errors.New("inner"); close(s.source) }, `"status":503,"detail":"the stream has ended"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, 20*time.Millisecond)
			stream := s.open()
			asked := s.asked.Load()
			require.Eventually(t, func() bool { return s.asked.Load() > asked+2 }, waittest.Bound, time.Millisecond, "nobody looks at the caller")
			s.source <- api.Event{Name: "hidden"}
			s.source <- api.Event{Name: "trace", ID: "7", Data: []byte("{\r\n\"a\":1}")}
			stream.next("\nevent: trace\nid: 7\ndata: {\ndata: \"a\":1}\n\n")
			c.change(s)
			text := stream.rest()
			require.True(t, strings.HasPrefix(text, "event: end\ndata: {"), text)
			require.Contains(t, text, c.want)
			require.NotContains(t, text, "inner")
			require.True(t, strings.HasSuffix(text, "}\n\n"), text)
			require.Eventually(t, func() bool { return s.closed.Load() == 1 }, waittest.Bound, time.Millisecond)
		})
	}
}

// What has gathered when the caller may no longer have it is not sent.
func TestNothingGatheredIsSentAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newStand(t, 20*time.Millisecond)
	s.render = func(ctx context.Context) { <-ctx.Done() }
	stream := s.open()
	s.source <- api.Event{Name: "trace", ID: "7", Data: []byte("secret")}
	s.refusal.Store(authn.ErrRevokedToken)
	text := stream.rest()
	require.NotContains(t, text, "secret")
	require.True(t, strings.HasPrefix(text, "\nevent: end\ndata: {"), text)
}

// The caller is looked at when its token ends, however long the period.
func TestEventsEndWithTheToken(t *testing.T) {
	t.Parallel()
	s := newStand(t, time.Hour)
	p := *s.principal.Load()
	p.ExpiresAt = time.Now().Add(50 * time.Millisecond)
	s.principal.Store(&p)
	stream := s.open()
	s.refusal.Store(authn.ErrExpiredToken)
	require.Contains(t, stream.rest(), `"detail":"the access token has expired"`)
}

func TestAnyLongRequestEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	s := newStand(t, 20*time.Millisecond)
	done := make(chan answer, 1)
	go func() { done <- s.get("/api/v1/wait") }()
	require.Eventually(t, func() bool { return s.asked.Load() > 3 }, waittest.Bound, time.Millisecond)
	s.refusal.Store(authn.ErrRevokedToken)
	a := <-done
	require.Equal(t, "the access token was revoked", s.problem(a, 401).Detail)
	require.Contains(t, a.Header.Get("WWW-Authenticate"), "invalid_token")
}

// What was sent before is answered, and nothing more is taken, although the sender just waits.
func TestAStreamOfLinesEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	s := newStand(t, 20*time.Millisecond)
	body, send := io.Pipe()
	defer send.Close()
	done := make(chan answer, 1)
	go func() { done <- s.do("POST", "/api/v1/lines", body, "Content-Type", "application/x-ndjson") }()
	_, err := io.WriteString(send, "one\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.asked.Load() > 3 }, waittest.Bound, time.Millisecond)
	s.refusal.Store(authn.ErrRevokedToken)
	require.Equal(t, "one\nthe access token was revoked\n", string((<-done).body))
}

// Public answers have no caller to look at, and short ones are over before.
func TestNobodyElseIsLookedAt(t *testing.T) {
	t.Parallel()
	d, release := newDoor(), make(chan struct{})
	b := setup(t, func(a *api.API) {
		for path, access := range map[string]api.Access{"/api/v1/public": api.Public, "/api/v1/short": api.Authenticated} {
			options := []api.OperationOption{}
			if access.IsPublic() {
				options = append(options, api.Timeout(0))
			}
			api.Register(a, huma.Operation{Method: "GET", Path: path}, access, func(context.Context, *struct{}) (*struct{}, error) {
				<-release
				return &struct{}{}, nil
			}, options...)
		}
	}, func(o *api.Options) { o.Authenticator, o.Recheck = d, time.Millisecond })
	done := make(chan answer, 2)
	for _, path := range []string{"/api/v1/public", "/api/v1/short"} {
		go func() { done <- b.get(path) }()
	}
	require.Eventually(t, func() bool { return d.asked.Load() == 1 }, waittest.Bound, time.Millisecond)
	time.Sleep(50 * time.Millisecond) // fifty periods
	close(release)
	for range 2 {
		require.Equal(t, http.StatusNoContent, (<-done).StatusCode)
	}
	require.EqualValues(t, 1, d.asked.Load())
}
