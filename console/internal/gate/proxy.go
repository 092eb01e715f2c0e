package gate

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"time"
)

const (
	prefix = "/api/v1/"
	// pieceTime is how long either side may take for one piece of a body.
	pieceTime = 60 * time.Second
	typeSSE   = "text/event-stream"
)

// forwarded are the headers of a call that its service gets. The cookie, credentials of the caller's own and all that
// belongs to a connection stay here.
//
//nolint:gochecknoglobals // a constant table
var forwarded = []string{"Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Type",
	"If-Match", "If-None-Match", "Last-Event-Id", "Traceparent", "Tracestate"}

// kept are the headers of an answer that the browser does not get: those that the console sets by itself, and what a
// service has no business to set here.
//
//nolint:gochecknoglobals // a constant table
var kept = []string{"Access-Control-Allow-Credentials", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
	"Content-Security-Policy", "Referrer-Policy", "Server", "Set-Cookie", "Vary", "X-Content-Type-Options", "X-Request-Id"}

// Routes of calls, as the log and the metrics name them.
const (
	routeForeign = "/api/* of a foreign page"
	routeCall    = "/api/v1/{service}/*"
)

// Route names the calls that the gate answers; empty for all other requests.
func (g *Gate) Route(r *http.Request) string {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		return ""
	}
	if g.foreign(r) {
		return routeForeign
	}
	if _, found := g.services[serviceOf(r.URL.Path)]; found {
		return routeCall
	}
	return ""
}

// serviceOf returns the service that a path names, empty for none.
func serviceOf(path string) string {
	rest, found := strings.CutPrefix(path, prefix)
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// foreign reports whether a call comes from a page of another origin: also one that only reads, since pages of other ports of
// this host are of the same site, and get the cookie sent along.
func (g *Gate) foreign(r *http.Request) bool {
	judged := *r
	judged.Method = http.MethodPost // reading is let through otherwise
	return g.origin.Check(&judged) != nil
}

// ServeHTTP answers a call that Route has named.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.foreign(r) {
		g.write(w, r, errForeign)
		return
	}
	service, found := g.services[serviceOf(r.URL.Path)]
	if !found || !plain(r.URL) || withheld(r.URL.Path) {
		g.write(w, r, errNoCall)
		return
	}
	t, renewed, err := g.session(r)
	if err != nil {
		if errors.Is(err, errSession) {
			http.SetCookie(w, NoCookie())
		}
		g.write(w, r, err)
		return
	}
	if renewed != nil {
		http.SetCookie(w, renewed)
	}
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), bearerKey{}, t.Access))
	defer cancel()
	if g.draining != nil && strings.Contains(r.Header.Get("Accept"), typeSSE) {
		defer g.endWithService(cancel)()
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &pieces{ReadCloser: r.Body, move: http.NewResponseController(w).SetReadDeadline}
	}
	service.ServeHTTP(w, r.WithContext(context.WithValue(ctx, writerKey{}, w)))
}

// endWithService ends a stream when the service begins to stop, for which the stop waits.
func (g *Gate) endWithService(cancel context.CancelFunc) (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-g.draining:
			cancel()
		case <-done:
		}
	}()
	return func() { close(done) }
}

// session returns the tokens of a request, renewed where their time is over, and then with their cookie.
func (g *Gate) session(r *http.Request) (t tokens, renewed *http.Cookie, err error) {
	sent, err := r.Cookie(Cookie)
	if err != nil {
		return t, nil, errSession
	}
	if t, err = g.sealer.open(sent.Value); err != nil {
		return t, nil, errSession.Because(err)
	}
	if t.fresh(g.now()) {
		return t, nil, nil
	}
	if t, err = g.refresher.refresh(r.Context(), t); err != nil {
		return t, nil, err
	}
	renewed, err = g.cookie(t)
	return t, renewed, err
}

// plain reports whether a path is what it seems: nothing in it that a service or a proxy between could read otherwise.
func plain(u *url.URL) bool {
	trimmed := strings.TrimSuffix(u.Path, "/")
	return path.Clean(u.Path) == trimmed && !strings.ContainsAny(u.Path, "\\\x00") &&
		!strings.Contains(strings.ToLower(u.EscapedPath()), "%2f")
}

// withheld reports whether a call is for services and not for pages: those that answer with tokens, or about them.
func withheld(path string) bool {
	switch strings.ToLower(strings.TrimSuffix(path, "/")) {
	case prefix + "auth", prefix + "auth/token", prefix + "auth/introspect":
		return true
	}
	return strings.HasPrefix(strings.ToLower(path), prefix+"auth/token/")
}

type (
	bearerKey struct{}
	writerKey struct{}
)

// newTransport reaches services, which are few and near: many connections to each are kept.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 5 * time.Second,
		DisableCompression: true, // the browser says what it takes
	}
}

// proxy hands calls on to one service.
func (g *Gate) proxy(target *url.URL, transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = target.Host
			p.Out.Header = http.Header{}
			for _, name := range forwarded {
				if values := p.In.Header[name]; values != nil {
					p.Out.Header[name] = values
				}
			}
			ctx := p.In.Context()
			bearer, _ := ctx.Value(bearerKey{}).(string)
			p.Out.Header.Set("Authorization", "Bearer "+bearer)
			introduce(ctx, p.Out.Header, p.In.UserAgent())
		},
		ModifyResponse: func(answer *http.Response) error {
			for _, name := range kept {
				answer.Header.Del(name)
			}
			if w, ok := answer.Request.Context().Value(writerKey{}).(http.ResponseWriter); ok {
				// Also of streams, which last longer than any server's write timeout.
				answer.Body = &pieces{ReadCloser: answer.Body, move: http.NewResponseController(w).SetWriteDeadline}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil {
				err = context.Cause(r.Context())
			} else {
				err = errUnreachable.Because(err)
			}
			g.write(w, r, err)
		},
	}
}

// pieces moves a deadline of the browser's connection on with each piece of a body.
type pieces struct {
	io.ReadCloser
	move func(time.Time) error
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	_ = p.move(time.Now().Add(pieceTime)) // unsupported only without a connection
	n, err := p.ReadCloser.Read(b)
	_ = p.move(time.Now().Add(pieceTime)) // a quiet stream has waited for long
	return n, err
}
