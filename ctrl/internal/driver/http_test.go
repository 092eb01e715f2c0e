package driver_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"

	"nms.example/ctrl/internal/driver"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		seen = append(seen, r.Method+" "+r.URL.Path+" "+string(body)+" "+r.Header.Get("X-Token"))
		mu.Unlock()
		switch r.URL.Path {
		case "/base/gain":
			_, _ = io.WriteString(w, `{"gain":12.50,"state":{"a/b":["on"]}}`)
		case "/base/refused":
			w.WriteHeader(http.StatusConflict)
		case "/base/late":
			w.WriteHeader(http.StatusRequestTimeout)
		case "/base/failed":
			w.WriteHeader(http.StatusBadGateway)
		case "/base/moved":
			http.Redirect(w, r, "/base/gain", http.StatusTemporaryRedirect)
		case "/base/lost":
			<-hang
		case "/base/cut":
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(func() { close(hang); server.Close() })
	e := driver.Endpoint{Address: server.URL + "/base/", Options: json.RawMessage(`{"header":"X-Token","prefix":"T "}`), Secret: config.NewSecret("s3cret")}
	poll(t, "http", e)
	values := poll(t, "http", e, `gain {"path":"/gain","pointer":"/gain"}`, `state {"path":"/gain","pointer":"/state/a~1b/0"}`,
		`none {"path":"/gain","pointer":"/none"}`, `lost {"path":"/refused"}`)
	require.Equal(t, []any{json.Number("12.50"), "on", nil, nil}, []any{values[0].Value, values[1].Value, values[2].Value, values[3].Value})

	put := func(path string) string {
		return `{"method":"PUT","path":"` + path + `","body":{"gain":"{gain}","name":"a {name}"}}`
	}
	for path, want := range map[string]driver.Outcome{
		"/gain": driver.Accepted, "/refused": driver.Refused, "/moved": driver.Unknown, "/late": driver.Unknown, "/failed": driver.Unknown, "/lost": driver.Unknown, "/cut": driver.Unknown,
	} {
		mu.Lock()
		seen = nil
		mu.Unlock()
		ctx := patient(t)
		if path == "/lost" {
			ctx = until(t, func() bool {
				mu.Lock()
				defer mu.Unlock()
				return len(seen) > 0
			})
		}
		outcome, _, err := try(ctx, t, "http", e, put(path), gain)
		require.Equal(t, want, outcome, path)
		require.Equal(t, want == driver.Accepted, err == nil, path)
		mu.Lock()
		require.Equal(t, []string{"PUT /base" + path + ` {"gain":12.5,"name":"a x"} T s3cret`}, seen, "once, and no redirection is followed")
		mu.Unlock()
	}
	r, err := find(t, loopback, "http").Prepare(json.RawMessage(put("/gain")), gain)
	require.NoError(t, err)
	require.Equal(t, `PUT /gain {"gain":12.5,"name":"a x"}`, r.Wire, "without the secret")
}

func TestHeadersThatHTTPCannotHave(t *testing.T) {
	t.Parallel()
	d := find(t, loopback, "http")
	for _, header := range []string{"X Token", "X-Tökén", "X-Token:", "(x)", "Host", "content-length", "Transfer-Encoding", "x\ty"} {
		options, err := json.Marshal(map[string]string{"header": header})
		require.NoError(t, err)
		require.Error(t, d.CheckOptions(options), header)
	}
	require.NoError(t, d.CheckOptions(json.RawMessage(`{"header":"X-Token"}`)))

	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)
	e := driver.Endpoint{Address: server.URL, Secret: config.NewSecret("one\ntwo")}
	require.Error(t, d.CheckSecret(e.Options, e.Secret))
	require.NoError(t, d.CheckSecret(e.Options, config.NewSecret("one two")))
	outcome, _, err := try(patient(t), t, "http", e, `{"method":"PUT","path":"/"}`, nil)
	require.EqualError(t, err, "the secret cannot be the value of a header: it has a line break or another control character")
	require.Equal(t, driver.NotSent, outcome)
	_, err = d.Poll(patient(t), e, nil)
	require.Error(t, err)
	require.Zero(t, asked.Load())
}

// What nobody would see on a screen, or what changes it, is shown as such.
func TestAnswersHoldNothingThatNobodySees(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusConflict)
		}
		_, _ = io.WriteString(w, "\"no\u202E\x1b[2J\u200b\tway\"")
	}))
	t.Cleanup(server.Close)
	e := driver.Endpoint{Address: server.URL}
	_, reply, _ := try(patient(t), t, "http", e, `{"method":"PUT","path":"/"}`, nil)
	require.Equal(t, "409 \"no\uFFFD\uFFFD[2J\uFFFD way\"", reply.Text)
	require.Equal(t, "\"no\uFFFD\uFFFD[2J\uFFFD way\"", poll(t, "http", e, `text {"path":"/"}`)[0].Value)
}

// Some equipment repeats what it was sent. The secret goes nowhere from there.
func TestTheSecretIsNotInWhatIsAnswered(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/json":
			_ = json.NewEncoder(w).Encode(map[string]string{"token": r.Header.Get("Authorization")})
			return
		case "/number":
			_, _ = io.WriteString(w, `{"token":`+r.Header.Get("Authorization")+`}`)
			return
		}
		if r.Method == http.MethodPut {
			http.Error(w, "wrong token "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/broken" {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+r.Header.Get("Authorization")+"\r\n\r\n")
				_ = conn.Close()
			}
			return
		}
		_, _ = io.WriteString(w, `{"token":"`+r.Header.Get("Authorization")+`"}`)
	}))
	t.Cleanup(server.Close)
	e := driver.Endpoint{Address: server.URL, Options: json.RawMessage(`{"prefix":"Bearer "}`), Secret: config.NewSecret("s3cret")}
	outcome, reply, err := try(patient(t), t, "http", e, `{"method":"PUT","path":"/"}`, nil)
	require.Error(t, err)
	require.Equal(t, driver.Refused, outcome)
	require.Equal(t, "401 wrong token Bearer (secret)", strings.TrimSpace(reply.Text))
	require.Equal(t, "Bearer (secret)", poll(t, "http", e, `token {"path":"/","pointer":"/token"}`)[0].Value)
	for secret, value := range map[string]any{`pa"ss\w<o>rd`: "Bearer (secret)", "12345678": "Bearer (secret)"} {
		e := e
		e.Secret = config.NewSecret(secret)
		require.Equal(t, value, poll(t, "http", e, `token {"path":"/json","pointer":"/token"}`)[0].Value, "as JSON has it")
		_, reply, _ := try(patient(t), t, "http", e, `{"method":"PUT","path":"/json"}`, nil)
		require.JSONEq(t, `{"token":"Bearer (secret)"}`, strings.TrimPrefix(reply.Text, "200 "))
	}
	e.Options, e.Secret = nil, config.NewSecret("12345678")
	require.Equal(t, "(secret)", poll(t, "http", e, `token {"path":"/number","pointer":"/token"}`)[0].Value, "a number")
	e.Secret = config.NewSecret("s3cret")
	_, err = find(t, loopback, "http").Poll(patient(t), e, []driver.Point{{Parameter: "x", Read: json.RawMessage(`{"path":"/broken"}`)}})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "s3cret")
}
