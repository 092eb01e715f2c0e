package gate_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/console/internal/gate"
	"nms.example/console/internal/standtest"
)

func TestCallsOfForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	console := standtest.New(t).Console()
	own := "Origin: " + console.URL
	for name, c := range map[string]struct {
		headers []string
		taken   bool
	}{
		"of another site":                           {[]string{"Sec-Fetch-Site: cross-site"}, false},
		"of another port of this host":              {[]string{"Sec-Fetch-Site: same-site"}, false},
		"of another origin, in an older browser":    {[]string{"Origin: http://evil.example"}, false},
		"of a page without an origin":               {[]string{"Origin: null"}, false},
		"of another site that names our origin":     {[]string{own, "Sec-Fetch-Site: cross-site"}, false},
		"of the console's own pages":                {[]string{"Sec-Fetch-Site: same-origin"}, true},
		"of our own origin, in an older browser":    {[]string{own}, true},
		"of a person who has typed the address":     {[]string{"Sec-Fetch-Site: none"}, true},
		"of a program, which sends nothing like it": {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := of(t, console).login() // a login would end another's session
			for _, call := range [][3]string{
				{http.MethodGet, "/api/v1/auth/me", ""},
				{http.MethodPatch, "/api/v1/auth/me", `{"dark_theme":true}`},
				{http.MethodPost, refresh, ""},
				{http.MethodPost, session, `{"login":"admin_nms","password":"` + standtest.AdminPassword + `"}`},
			} {
				a := mine.call(call[0], call[1], call[2], c.headers...)
				if c.taken {
					require.Less(t, a.StatusCode, 300, "%s %s: %s", call[0], call[1], a.body)
					continue
				}
				require.Equal(t, http.StatusForbidden, a.StatusCode, "%s %s: %s", call[0], call[1], a.body)
				require.Contains(t, a.body, "foreign_origin")
				require.Empty(t, a.Cookies())
			}
		})
	}
}

// recorded is a service that tells what reached it.
func recorded(t *testing.T, answer http.HandlerFunc) (url string, got chan *http.Request) {
	t.Helper()
	got = make(chan *http.Request, 64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

func TestCallsGoToTheirServicesAndNowhereElse(t *testing.T) { //nolint:tparallel // as below
	t.Parallel()
	service, got := recorded(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	console := standtest.New(t).Console(map[string]string{"CFG_URL": service})
	b := of(t, console).login()
	for _, path := range []string{
		"/api/v1/auth/token", "/api/v1/auth/token/", "/api/v1/auth/Token", "/api/v1/auth/%74oken", "/api/v1/auth/introspect", "/api/v1/auth/token/x",
		"/api/v1/cfg/../auth/token", "/api/v1/cfg/%2e%2e/auth/token", "/api/v1/cfg/a%2Fb", "/api/v1/cfg//equipments", `/api/v1/cfg/a%5Cb`, "/api/v1/cfg/./x",
		"/api/v1/unknown/x", "/api/v1/", "/api/", "/api/v2/cfg/equipments", "/api/v1/http://127.0.0.1/x",
	} {
		a := b.call(http.MethodPost, path, `{}`)
		require.Equal(t, http.StatusNotFound, a.StatusCode, "%s: %s", path, a.body)
		require.Equal(t, http.StatusNotFound, b.get(path).StatusCode, path)
	}
	require.Empty(t, got, "none of them has reached a service")

	t.Run("whatever host a client names", func(t *testing.T) { //nolint:paralleltest // the next one counts the calls
		conn, err := net.Dial("tcp", strings.TrimPrefix(console.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "GET http://127.0.0.2:1/api/v1/cfg/equipments HTTP/1.1\r\nHost: 127.0.0.2:1\r\nCookie: %s=%s\r\nConnection: close\r\n\r\n", gate.Cookie, b.cookie)
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Contains(t, string(answer), "200 OK")
		require.Equal(t, "/api/v1/cfg/equipments", (<-got).URL.Path)
	})
	t.Run("without a session nobody is called", func(t *testing.T) { //nolint:paralleltest // as above
		stranger := of(t, console)
		require.Equal(t, http.StatusUnauthorized, stranger.get("/api/v1/cfg/equipments", "Authorization: Bearer x", "X-API-Key: nms_x").StatusCode)
		require.Empty(t, got)
	})
}

func TestHeadersThatPass(t *testing.T) {
	t.Parallel()
	service, got := recorded(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range map[string]string{
			"Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*", "Server": "x", "Connection": "X-Private", "X-Private": "1",
			"Content-Security-Policy": "default-src *", "ETag": `"7"`, "Retry-After": "3", "Content-Type": "application/json",
		} {
			w.Header().Set(name, value)
		}
		fmt.Fprint(w, "{}")
	})
	b := of(t, standtest.New(t).Console(map[string]string{"CFG_URL": service})).login()
	access, _, err := gate.Tokens(standtest.Key, b.cookie)
	require.NoError(t, err)
	a := b.call(http.MethodPatch, "/api/v1/cfg/equipments/1?x=a%20b", `{"a":1}`, "Authorization: Bearer forged", "X-API-Key: nms_forged", "X-Forwarded-For: 8.8.8.8",
		"Forwarded: for=8.8.8.8", "Connection: X-Hop", "X-Hop: 1", "Te: trailers", "If-Match: \"6\"", "Last-Event-ID: 9", "User-Agent: page", "X-Request-ID: of-the-page", "Cookie: other=1")
	r := <-got

	require.Equal(t, "/api/v1/cfg/equipments/1?x=a%20b", r.URL.String())
	require.Equal(t, "Bearer "+access, r.Header.Get("Authorization"))
	require.Equal(t, []string{`"6"`, "9", "page", "application/json", "127.0.0.1", "of-the-page"},
		[]string{r.Header.Get("If-Match"), r.Header.Get("Last-Event-ID"), r.Header.Get("User-Agent"), r.Header.Get("Content-Type"), r.Header.Get("X-Forwarded-For"), r.Header.Get("X-Request-ID")})
	for _, name := range []string{"Cookie", "X-Api-Key", "Forwarded", "X-Hop", "Te"} {
		require.Empty(t, r.Header.Get(name), name)
	}
	require.Equal(t, []string{`"7"`, "3"}, []string{a.Header.Get("ETag"), a.Header.Get("Retry-After")})
	for _, name := range []string{"Set-Cookie", "Access-Control-Allow-Origin", "Server", "X-Private"} {
		require.Empty(t, a.Header.Get(name), name)
	}
	require.Equal(t, []string{"default-src 'none'; frame-ancestors 'none'"}, a.Header["Content-Security-Policy"])
	require.Len(t, a.Header["X-Request-Id"], 1)
}

// A body goes through piece by piece, whatever its size: the service has the first bytes before the last are sent.
func TestBodiesAreStreamed(t *testing.T) {
	t.Parallel()
	const pieces, size = 256, 1 << 20
	begun, read := make(chan struct{}), make(chan int64, 1)
	service, _ := recorded(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadFull(r.Body, make([]byte, size))
		if err == nil {
			close(begun)
		}
		n, _ := io.Copy(io.Discard, r.Body) // the count tells
		read <- n + size
		w.WriteHeader(http.StatusNoContent)
	})
	b := of(t, standtest.New(t).Console(map[string]string{"INBOX_URL": service})).login()
	body, write := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/api/v1/inbox/traces", body)
	require.NoError(t, err)
	r.AddCookie(&http.Cookie{Name: gate.Cookie, Value: b.cookie})
	go func() {
		piece := make([]byte, size)
		for i := range pieces {
			if i == 8 {
				<-begun
			}
			if _, err := write.Write(piece); err != nil {
				return // the answer says why
			}
		}
		_ = write.Close() // never fails
	}()
	sent, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer sent.Body.Close()
	require.Equal(t, http.StatusNoContent, sent.StatusCode)
	require.EqualValues(t, pieces*size, <-read)
}

// An event reaches the browser when it is there, and a console that stops ends its streams.
func TestStreamsPassAtOnceAndEndWithTheConsole(t *testing.T) {
	t.Parallel()
	more := make(chan string)
	gone := make(chan struct{})
	service, _ := recorded(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case text := <-more:
				fmt.Fprintf(w, "data: %s\n\n", text)
				_ = http.NewResponseController(w).Flush() // the reader tells
			case <-r.Context().Done():
				close(gone)
				return
			}
		}
	})
	console := standtest.New(t).Console(map[string]string{"INBOX_URL": service})
	b := of(t, console).login()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/api/v1/inbox/stream", http.NoBody)
	require.NoError(t, err)
	r.AddCookie(&http.Cookie{Name: gate.Cookie, Value: b.cookie})
	r.Header.Set("Accept", "text/event-stream")
	go func() { more <- "0" }()
	stream, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer stream.Body.Close()
	lines := bufio.NewReader(stream.Body)
	for i := range 3 {
		if i > 0 {
			more <- strconv.Itoa(i)
		}
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("data: %d\n", i), line)
		_, err = lines.ReadString('\n')
		require.NoError(t, err)
	}
	console.Stop(t)
	select {
	case <-gone:
	case <-time.After(waittest.Bound):
		require.Fail(t, "the service's stream goes on")
	}
}

func TestAServiceThatIsAwayIsNamedAsSuch(t *testing.T) {
	t.Parallel()
	b := of(t, standtest.New(t).Console(map[string]string{"CFG_URL": "http://127.0.0.1:1"})).login()
	a := b.get("/api/v1/cfg/equipments")
	require.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
	require.Contains(t, a.body, "service_unreachable")
	require.NotContains(t, a.body, "127.0.0.1:1")
	require.NotEmpty(t, a.Header.Get("Retry-After"))
}
