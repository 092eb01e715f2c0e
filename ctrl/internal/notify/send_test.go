package notify

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/ctrl/internal/driver"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

const secretName = "key"

func hook(address string) *Receiver {
	name := secretName
	return &Receiver{ReceiverDraft: ReceiverDraft{Name: "duty", Kind: webhook, Address: address, Options: json.RawMessage("{}"), Secret: &name}}
}

// The signature is that of Standard Webhooks: this is its own example.
func TestSignatures(t *testing.T) {
	t.Parallel()
	require.Equal(t, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)))
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusTemporaryRedirect)
			return
		}
		if status, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/")); err == nil {
			w.Header().Set("Location", "/new")
			w.WriteHeader(status)
			return
		}
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	s := newSender(loopback(), secretDir(t, secretName, "very secret\n"))
	for _, path := range []string{"/new", "/old"} {
		d := told(t, hot)
		require.NoError(t, s.send(t.Context(), hook(server.URL+path), d))
		require.Equal(t, d.Guid.String(), got.Header.Get("Webhook-Id"))
		stamp := got.Header.Get("Webhook-Timestamp")
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), time.Unix(seconds, 0), time.Hour)
		require.Equal(t, "v1,"+Sign("very secret", d.Guid.String(), stamp, body), got.Header.Get("Webhook-Signature"))
		var m Message
		require.NoError(t, json.Unmarshal(body, &m))
		require.Equal(t, d.Guid.String(), m.ID)
		require.Equal(t, []Item{hot}, m.Alarms)
		require.NotContains(t, string(body), "very secret")
	}
	for status, refused := range map[int]bool{400: true, 413: true, 422: true, 401: false, 404: false, 429: false, 500: false, 503: false, 302: false} {
		err := s.send(t.Context(), hook(server.URL+"/status/"+strconv.Itoa(status)), told(t, hot))
		require.Error(t, err, status)
		_, is := errors.AsType[refusedError](err)
		require.Equal(t, refused, is, status)
	}
}

func TestWebhooksStayWithinTheNetworks(t *testing.T) {
	t.Parallel()
	inside := httptest.NewServer(http.NotFoundHandler())
	defer inside.Close()
	called := false
	outside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	listener := listenAt(t, "127.0.0.2:0")
	_ = outside.Listener.Close()
	outside.Listener = listener
	outside.Start()
	defer outside.Close()
	redirecting := httptest.NewServer(http.RedirectHandler(outside.URL, http.StatusTemporaryRedirect))
	defer redirecting.Close()
	s := newSender(driver.Networks{netip.MustParsePrefix("127.0.0.1/32")}, secretDir(t, secretName, base64.StdEncoding.EncodeToString([]byte("x"))))
	require.ErrorIs(t, s.send(t.Context(), hook(outside.URL), told(t, hot)), errNotAllowed)
	require.ErrorIs(t, s.send(t.Context(), hook(redirecting.URL), told(t, hot)), errNotAllowed, "on a redirect too")
	require.False(t, called)
	require.NotErrorIs(t, s.send(t.Context(), hook(inside.URL), told(t, hot)), errNotAllowed)
}
