package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/request"
	"nms.example/common/waittest"
)

// say is an operation that answers with a fixed text.
func say(a *api.API, method, path, text string, options ...api.OperationOption) {
	type output struct {
		Body string
	}
	api.Register(a, huma.Operation{Method: method, Path: path}, api.Public,
		func(context.Context, *struct{}) (*output, error) { return &output{Body: text}, nil }, options...)
}

func TestEveryPathWithAndWithoutSlash(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		for _, method := range []string{"GET", "POST", "PATCH", "PUT", "DELETE"} {
			say(a, method, "/api/v1/cfg/commands", method+" list")
			say(a, method, "/api/v1/cfg/commands/{id}", method+" item")
			say(a, method, "/api/v1/cfg/commands/export", method+" export")
			say(a, method, "/api/v1/cfg/commands/{id}/history", method+" history")
		}
		say(a, "POST", "/api/v1/cfg/commands:batch", "batch")
		say(a, "GET", "/", "root")
	})
	for _, method := range []string{"GET", "POST", "PATCH", "PUT", "DELETE"} {
		for path, want := range map[string]string{
			"": "list", "/7": "item", "/export": "export", "/exp": "item", "/7/history": "history",
		} {
			for _, slash := range []string{"", "/", "/?_=b"} {
				a := b.do(method, "/api/v1/cfg/commands"+path+slash, nil)
				require.Equal(t, 200, a.StatusCode, path+slash)
				require.JSONEq(t, fmt.Sprintf("%q", method+" "+want), string(a.body), path+slash)
			}
		}
	}
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `"batch"`, string(b.post("/api/v1/cfg/commands:batch"+slash, "").body))
		b.problem(b.get("/api/v1/cfg/commands:batch"+slash), 405)
		b.problem(b.post("/api/v1/cfg/commands:other"+slash, ""), 404)
	}
	require.JSONEq(t, `"root"`, string(b.get("/").body))
	b.problem(b.get("/api/v1/cfg/commands//"), 404)
	b.problem(b.get("//api/v1/cfg/commands"), 404)
	require.Equal(t, 200, b.get("/api/v1/cf%67/commands").StatusCode, "an escaped letter is the letter")
}

func TestSlashesInsideASegment(t *testing.T) {
	t.Parallel()
	type input struct {
		ID string `path:"id"`
	}
	type output struct{ Body string }
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/roles/{id}"}, api.Public,
			func(_ context.Context, in *input) (*output, error) { return &output{Body: in.ID}, nil })
	})
	for escaped, want := range map[string]string{
		"a%2Fb": "a/b", "a%2fb/": "a/b", "a+b%2Fc": "a+b/c", "a%20b": "a b", "a+b": "a+b", "%D1%8F": "я", "a%3Ab": "a:b", "a:b": "a:b",
	} {
		a := b.get("/api/v1/roles/" + escaped)
		require.JSONEq(t, fmt.Sprintf("%q", want), string(a.body), escaped)
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		say(a, "GET", "/api/v1/small", "x")
		say(a, "GET", "/api/v1/large", strings.Repeat("x", 200_000))
	})
	for _, path := range []string{"/api/v1/small", "/api/v1/large", "/openapi.json"} {
		for _, coding := range []string{"", "gzip"} {
			get := b.get(path, "Accept-Encoding", coding)
			head := b.do(http.MethodHead, path, nil, "Accept-Encoding", coding)
			require.Equal(t, 200, head.StatusCode)
			require.Empty(t, head.body)
			for _, name := range []string{"Content-Type", "Content-Encoding", "Etag", "Vary"} {
				require.Equal(t, get.Header[name], head.Header[name], "%s %s", path, name)
			}
		}
	}
	require.Equal(t, int64(4), b.do(http.MethodHead, "/api/v1/small", nil).ContentLength)
	head := b.do(http.MethodHead, "/api/v1/nothing", nil)
	require.Equal(t, 404, head.StatusCode)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	ops := map[string]api.Access{
		"/api/v1/public": api.Public, "/api/v1/known": api.Authenticated, "/api/v1/read": api.Need(authn.CfgRead),
	}
	type output struct{ Body string }
	b := setup(t, func(a *api.API) {
		for path, access := range ops {
			api.Register(a, huma.Operation{Method: http.MethodGet, Path: path}, access,
				func(ctx context.Context, _ *struct{}) (*output, error) {
					return &output{Body: request.Actor(ctx)}, nil
				})
		}
	})
	for _, c := range []struct {
		path, token string
		status      int
		challenge   string
	}{
		{"/api/v1/public", "", 200, ""},
		{"/api/v1/public", "wrong", 200, ""},
		{"/api/v1/known", "", 401, `Bearer realm="nms"`},
		{"/api/v1/known", "wrong", 401, `Bearer realm="nms", error="invalid_token"`},
		{"/api/v1/known", "nobody", 200, ""},
		{"/api/v1/known", "stale", 200, ""},
		{"/api/v1/read", "", 401, `Bearer realm="nms"`},
		{"/api/v1/read", "nobody", 403, ""},
		{"/api/v1/read", "stale", 403, ""},
		{"/api/v1/read", "reader", 200, ""},
	} {
		var headers []string
		if c.token != "" {
			headers = []string{"Authorization", "Bearer " + c.token}
		}
		a := b.get(c.path, headers...)
		require.Equal(t, c.status, a.StatusCode, "%s as %s", c.path, c.token)
		require.Equal(t, c.challenge, a.Header.Get("WWW-Authenticate"))
		if c.status != 200 {
			b.problem(a, c.status)
		}
	}
	require.JSONEq(t, `"user:1"`, string(b.get("/api/v1/read", "Authorization", "Bearer reader").body))

	var listed int
	for _, op := range b.api.Operations() {
		if access, ok := ops[op.Path]; ok {
			listed++
			require.Equal(t, access, op.Access)
			require.NotEmpty(t, op.OperationID)
		}
	}
	require.Equal(t, len(ops), listed)
}

func TestWrongRegistrationsPanic(t *testing.T) {
	t.Parallel()
	a := api.New(api.Options{})
	handler := func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }
	op := huma.Operation{Method: http.MethodGet, Path: "/api/v1/x", OperationID: "x"}
	require.Panics(t, func() { api.Register(a, op, api.Access{}, handler) }, "no access")
	api.Register(a, op, api.Public, handler)
	op.Path = "/api/v1/y"
	require.Panics(t, func() { api.Register(a, op, api.Public, handler) }, "id twice")
	require.Panics(t, func() { huma.Register(a.Huma(), huma.Operation{Method: "GET", Path: "/z"}, handler) })
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		a.Engine().GET("/id", func(g *gin.Context) { g.String(200, request.ID(g.Request.Context())) })
	})
	a := b.get("/id", "X-Request-ID", "mine-1")
	require.Equal(t, "mine-1", a.Header.Get("X-Request-ID"))
	require.Equal(t, "mine-1", string(a.body))
	for _, bad := range []string{"", "with space", "a\tb", strings.Repeat("x", 65), `"}{"`} {
		a := b.get("/id", "X-Request-ID", bad)
		id, err := uuid.Parse(a.Header.Get("X-Request-ID"))
		require.NoError(t, err)
		require.EqualValues(t, 7, id.Version())
		require.Equal(t, id.String(), string(a.body))
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	type output struct{ Body []string }
	serve := func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/addr"}, api.Public,
			func(ctx context.Context, _ *struct{}) (*output, error) {
				return &output{Body: []string{api.ClientAddr(ctx).String(), api.UserAgent(ctx)}}, nil
			})
	}
	trusted, err := api.ParseNetworks([]string{"127.0.0.1", "10.0.0.0/8", " fd00::/8"})
	require.NoError(t, err)
	behind := setup(t, serve, func(o *api.Options) { o.TrustedProxies = trusted })
	open := setup(t, serve)

	for forwarded, want := range map[string]string{
		"":                                    "127.0.0.1",
		"203.0.113.7":                         "203.0.113.7",
		"6.6.6.6, 203.0.113.7":                "203.0.113.7",
		"6.6.6.6, 203.0.113.7, 10.1.2.3":      "203.0.113.7",
		"203.0.113.7:4711,10.1.2.3":           "203.0.113.7",
		"[2001:db8::1]:4711":                  "2001:db8::1",
		"2001:db8::1":                         "2001:db8::1",
		"::ffff:203.0.113.7":                  "203.0.113.7",
		"6.6.6.6, garbage, 10.1.2.3":          "10.1.2.3",
		"10.9.9.9, 10.1.2.3":                  "10.9.9.9",
		strings.Repeat("10.1.1.1,", 50) + " ": "127.0.0.1",
	} {
		a := behind.get("/api/v1/addr", "X-Forwarded-For", forwarded)
		require.Contains(t, string(a.body), `"`+want+`"`, forwarded)
		require.Contains(t, string(open.get("/api/v1/addr", "X-Forwarded-For", forwarded).body), `"127.0.0.1"`)
	}
	a := behind.get("/api/v1/addr", "X-Forwarded-For", "6.6.6.6", "X-Forwarded-For", "203.0.113.9")
	require.Contains(t, string(a.body), `"203.0.113.9"`)
	a = open.get("/api/v1/addr", "User-Agent", "good\xff\tagent "+strings.Repeat("я", 300))
	require.Contains(t, string(a.body), `"goodagent яяя`)
	require.Less(t, len(a.body), 300)

	_, err = api.ParseNetworks([]string{"10.0.0.0/8", "hunter2"})
	require.EqualError(t, err, "entry 2 is neither an address nor a network in CIDR notation")
	require.Equal(t, netip.MustParsePrefix("10.0.0.0/8"), trusted[1])
}

func TestCORS(t *testing.T) {
	t.Parallel()
	serve := func(a *api.API) { say(a, "GET", "/api/v1/x", "x") }
	listed := setup(t, serve, func(o *api.Options) { o.CORSOrigins = []string{"https://nms.example.org/"} })
	star := setup(t, serve, func(o *api.Options) { o.CORSOrigins = []string{"https://nms.example.org", "*"} })
	dev := setup(t, serve, func(o *api.Options) { o.Dev = true })
	none := setup(t, serve)

	for _, c := range []struct {
		b                   *bundle
		origin              string
		allowed, credential string
	}{
		{listed, "https://nms.example.org", "https://nms.example.org", "true"},
		{listed, "https://evil.example.org", "", ""},
		{listed, "null", "", ""},
		{star, "https://nms.example.org", "https://nms.example.org", "true"},
		{star, "https://other.example.org", "*", ""},
		{dev, "http://localhost:4041", "http://localhost:4041", "true"},
		{dev, "http://127.0.0.1:4041", "http://127.0.0.1:4041", "true"},
		{dev, "http://[::1]:4041", "http://[::1]:4041", "true"},
		{dev, "http://localhost.evil.org", "", ""},
		{dev, "http://127.0.0.1.evil.org", "", ""},
		{none, "http://localhost:4041", "", ""},
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			a := c.b.do(method, "/api/v1/x", nil, "Origin", c.origin,
				"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization")
			require.Equal(t, c.allowed, a.Header.Get("Access-Control-Allow-Origin"), c.origin)
			require.Equal(t, c.credential, a.Header.Get("Access-Control-Allow-Credentials"), c.origin)
			if c.b != none {
				require.Contains(t, a.Header.Values("Vary"), "Origin")
			}
		}
		a := c.b.do("OPTIONS", "/api/v1/x", nil, "Origin", c.origin, "Access-Control-Request-Method", "POST")
		require.Equal(t, 204, a.StatusCode)
		require.Equal(t, c.allowed != "", a.Header.Get("Access-Control-Allow-Methods") != "")
	}
	require.Contains(t, listed.get("/api/v1/x", "Origin", "https://nms.example.org").Header.Get("Access-Control-Expose-Headers"), "ETag")
	require.Equal(t, []string{"Accept-Encoding", "Origin"}, listed.get("/api/v1/x").Header.Values("Vary"))
	require.Equal(t, []string{"Accept-Encoding"}, none.get("/api/v1/x").Header.Values("Vary"))
}

// limiter allows so many calls per key.
type limiter struct{ keys chan string }

func (l limiter) Allow(_ context.Context, key string) (time.Duration, bool) {
	select {
	case l.keys <- key:
		return 0, true
	default:
		return 2500 * time.Millisecond, false
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	l := limiter{keys: make(chan string, 3)}
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/read"}, api.Need(authn.CfgRead),
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
		say(a, "GET", "/healthz", "x")
	}, func(o *api.Options) { o.Limiter = l })

	require.Equal(t, 204, b.get("/api/v1/read", "Authorization", "Bearer reader").StatusCode)
	require.Equal(t, 403, b.get("/api/v1/read", "Authorization", "Bearer nobody").StatusCode)
	require.Equal(t, 401, b.get("/api/v1/read", "Authorization", "Bearer guess").StatusCode)
	a := b.get("/api/v1/read", "Authorization", "Bearer reader")
	b.problem(a, 429)
	require.Equal(t, "3", a.Header.Get("Retry-After"))
	require.Equal(t, 200, b.get("/healthz").StatusCode)
	require.Equal(t, "user:1", <-l.keys)
	require.Equal(t, "user:2", <-l.keys)
	require.Equal(t, "addr:127.0.0.1", <-l.keys, "guesses count against the address")
}

func TestRateLimitOfAnOperationsOwn(t *testing.T) {
	t.Parallel()
	usual, own := limiter{keys: make(chan string, 2)}, limiter{keys: make(chan string, 1)}
	b := setup(t, func(a *api.API) {
		for path, option := range map[string]api.OperationOption{"/api/v1/own": api.LimitedBy(own), "/api/v1/none": api.LimitedBy(nil)} {
			api.Register(a, huma.Operation{Method: http.MethodGet, Path: path}, api.Need(authn.CfgRead),
				func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, option)
		}
	}, func(o *api.Options) { o.Limiter = usual })
	require.Equal(t, 204, b.get("/api/v1/own", "Authorization", "Bearer reader").StatusCode)
	require.Equal(t, 429, b.get("/api/v1/own", "Authorization", "Bearer reader").StatusCode)
	for range 3 {
		require.Equal(t, 204, b.get("/api/v1/none", "Authorization", "Bearer reader").StatusCode)
	}
	require.Empty(t, usual.keys)
	require.Equal(t, 401, b.get("/api/v1/own", "Authorization", "Bearer guess").StatusCode)
	require.Equal(t, 401, b.get("/api/v1/none").StatusCode)
	require.Equal(t, 429, b.get("/api/v1/none").StatusCode, "guesses are bounded as elsewhere")
}

func TestLogLineAndMetrics(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		registerThings(a)
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/read"}, api.Need(authn.CfgRead),
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	})
	b.get("/api/v1/read?_token=hunter2", "Authorization", "Bearer reader", "X-Request-ID", "r1")
	line := b.logLine("r1")
	for _, part := range []string{
		`"method":"GET"`, `"route":"/api/v1/read"`, `"status":204`, `"bytes":0`, `"duration_ms":`, `"actor":"user:1"`, `"client":"127.0.0.1"`,
	} {
		require.Contains(t, line, part)
	}
	require.NotContains(t, line, "hunter2")

	b.get("/api/v1/things/7/", "X-Request-ID", "r2")
	require.Contains(t, b.logLine("r2"), `"route":"/api/v1/things/{id}"`)
	b.get("/%0A%7B%22level%22:%22ERROR%22%7D", "X-Request-ID", "r3")
	require.Equal(t, 1, strings.Count(b.logLine("r3"), "\n"))
	b.do("BREW", "/api/v1/"+strings.Repeat("x", 1000), nil, "X-Request-ID", "r4")
	require.Contains(t, b.logLine("r4"), `"route":"unmatched"`)
	require.Less(t, len(b.logLine("r4")), 600)

	families, err := b.registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	var series []string
	for _, m := range families[0].GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetValue())
		}
		series = append(series, strings.Join(labels, " "))
	}
	require.ElementsMatch(t, []string{"GET /api/v1/read 204", "GET /api/v1/things/{id} 200", "GET unmatched 404", "other unmatched 404"}, series)
}

func TestMiddlewareMayStartATrace(t *testing.T) {
	t.Parallel()
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{0xab, 15: 1}, SpanID: trace.SpanID{1}})
	type output struct{ Body []string }
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/traced"}, api.Need(authn.CfgRead),
			func(ctx context.Context, _ *struct{}) (*output, error) {
				_, bounded := ctx.Deadline()
				return &output{Body: []string{
					trace.SpanContextFromContext(ctx).TraceID().String(), request.Actor(ctx),
					api.ClientAddr(ctx).String(), strconv.FormatBool(bounded),
				}}, nil
			})
	}, func(o *api.Options) {
		o.Middleware = []gin.HandlerFunc{func(g *gin.Context) {
			g.Request = g.Request.WithContext(trace.ContextWithSpanContext(g.Request.Context(), span))
			g.Next()
		}}
	})
	a := b.get("/api/v1/traced", "Authorization", "Bearer reader", "X-Request-ID", "traced")
	require.JSONEq(t, `["ab000000000000000000000000000001","user:1","127.0.0.1","true"]`, string(a.body))
	require.Contains(t, b.logLine("traced"), `"trace_id":"ab000000000000000000000000000001"`)
}

func TestSecurityHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)
	for _, a := range []answer{
		b.get("/api/v1/things/1"), b.get("/api/v1/things/0"), b.get("/nothing"), b.do("DELETE", "/api/v1/things", nil),
		b.get("/api/v1/things/%00"),
	} {
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Contains(t, a.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Equal(t, "no-referrer", a.Header.Get("Referrer-Policy"))
		require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		require.NotEmpty(t, a.Header.Get("Content-Length"))
	}
}

// raw sends bytes as they are and returns the answer.
func (b *bundle) raw(text string) (*http.Response, string) {
	b.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.t.Context(), "tcp", b.server.Listener.Addr().String())
	require.NoError(b.t, err)
	defer conn.Close()
	require.NoError(b.t, conn.SetDeadline(time.Now().Add(waittest.Bound)))
	_, err = io.WriteString(conn, text)
	require.NoError(b.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(b.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return resp, string(body)
}

func TestRawSocketOddities(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings, func(o *api.Options) { o.BodyTimeout = 3 * time.Second })
	head := "POST /api/v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
	}{
		"chunked":            {head + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(goodThing), goodThing), 201},
		"broken chunk":       {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400},
		"declared too large": {head + "Content-Length: 99999999999\r\n\r\n", 413},
		"slow body":          {head + "Content-Length: 100\r\n\r\n{", 408},
		"slow chunk":         {head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{", 408},
		"expect, refused":    {head + "Expect: 100-continue\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\n", 415},
		"encoding twice":     {head + "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415},
		"bad escape in path": {"GET /api/v1/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"two ids":            {"GET /api/v1/things/0 HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\r\nX-Request-ID: b\r\n\r\n", 422},
		"HTTP/1.0":           {"GET /api/v1/things/0 HTTP/1.0\r\n\r\n", 422},
		"absolute":           {"GET http://x/api/v1/things/0/ HTTP/1.1\r\nHost: x\r\n\r\n", 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, body := b.raw(strings.Replace(c.text, "\r\nHost: x", "\r\nHost: x\r\nConnection: close", 1))
			require.Equal(t, c.status, resp.StatusCode, body)
			if c.status >= 400 {
				require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
				require.NotContains(t, body, "chunk")
				require.NotContains(t, body, "i/o timeout")
			}
		})
	}
}
