package gate_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/servicetest"

	"nms.example/console/internal/gate"
	"nms.example/console/internal/standtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		standtest.Remove()
		os.Exit(code)
	}),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"), // idle connections of the tests' own client
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

// browser is a client with one cookie, as a browser is one.
type browser struct {
	t      *testing.T
	url    string
	cookie string
}

func of(t *testing.T, console *servicetest.Instance) *browser {
	t.Helper()
	return &browser{t: t, url: console.URL}
}

// at is the same browser at another instance.
func (b *browser) at(console *servicetest.Instance) *browser {
	other := *b
	other.url = console.URL
	return &other
}

// answer is one that has been read.
type answer struct {
	*http.Response
	body string
}

// call sends a call, takes over the cookie that comes, and reads the answer.
func (b *browser) call(method, path, body string, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: gate.Cookie, Value: b.cookie})
	}
	sent, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(b.t, err)
	defer sent.Body.Close()
	raw, err := io.ReadAll(sent.Body)
	require.NoError(b.t, err)
	for _, c := range sent.Cookies() {
		if c.Name == gate.Cookie {
			b.cookie = c.Value
		}
	}
	return answer{sent, string(raw)}
}

func (b *browser) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.call(http.MethodGet, path, "", headers...)
}

const (
	session = "/api/v1/console/session"
	refresh = "/api/v1/console/refresh"
)

// login logs in as the first user.
func (b *browser) login() *browser {
	b.t.Helper()
	a := b.call(http.MethodPost, session, `{"login":"admin_nms","password":"`+standtest.AdminPassword+`"}`)
	require.Equal(b.t, http.StatusOK, a.StatusCode, a.body)
	require.NotEmpty(b.t, b.cookie)
	return b
}
