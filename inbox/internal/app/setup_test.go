package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/inbox/internal/app"
)

const secret = "a key for tests that is long enough, 0123456789"

// bundle is a running inbox with servers' parts of its own.
type bundle struct {
	t        *testing.T
	instance *servicetest.Instance
	pool     *db.Pool[db.DWH]
	broker   *bustest.Broker
	settings map[string]string
	token    string
	letters  chan bus.DeadLetter // nil until somebody reads them
}

func setup(t *testing.T, changes ...string) *bundle {
	t.Helper()
	dsn := pgtest.DSN[db.DWH](t)
	broker := bustest.New(t)
	settings := map[string]string{
		"DB_DWH_DSN": dsn.Reveal(), "MQ_DSN": broker.DSN.Reveal(), "REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": redistest.Prefix(t),
		"JWT_SECRET_KEY": secret,
	}
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		settings[name] = value
	}
	return &bundle{
		t: t, settings: settings, broker: broker,
		pool:     pgtest.Open[db.DWH](t, db.Settings{DSN: dsn, ApplicationName: "test"}),
		instance: servicetest.Start(t, app.Identity, app.Build, settings),
		token:    token(t, authn.Mask(authn.InboxRead|authn.InboxWrite)),
	}
}

func token(tb testing.TB, access authn.Mask) string {
	tb.Helper()
	var settings struct {
		config.Base
		authn.Settings
	}
	_, err := config.Load(&settings, config.WithSettings(map[string]string{"JWT_SECRET_KEY": secret}))
	require.NoError(tb, err)
	keys, err := authn.NewKeyring(settings.Settings)
	require.NoError(tb, err)
	text, _, err := keys.Sign(authn.Claims{UserID: 1, Login: "tester", Role: "tester", Access: access, SessionID: uuid.New()})
	require.NoError(tb, err)
	return text
}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, into), "%s", a.body)
}

// call sends a request; headers come in pairs.
func (b *bundle) call(method, path string, body []byte, headers ...string) answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.instance.URL+path, bytes.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return answer{response.StatusCode, response.Header, content}
}

// post sends JSON.
func (b *bundle) post(path, body string, headers ...string) answer {
	b.t.Helper()
	return b.call(http.MethodPost, path, []byte(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func (b *bundle) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.call(http.MethodGet, path, nil, headers...)
}

// published returns the events that come from now on.
func (b *bundle) published(binding string) <-chan event.Event {
	b.t.Helper()
	events := make(chan event.Event, 10)
	conn := b.broker.Dial()
	ctx, stop := context.WithCancel(context.WithoutCancel(b.t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, conn, bus.Subscription{
			Queue: "test.followed", Bindings: []string{binding},
			Handler: func(_ context.Context, e event.Event) error { events <- e; return nil },
		})
	}()
	b.t.Cleanup(func() { stop(); require.NoError(b.t, <-done) })
	b.broker.AwaitBinding("test.followed", 1)
	return events
}

func gzipped(t *testing.T, body string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(body))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

const (
	traces  = "/api/v1/inbox/traces"
	signals = "/api/v1/inbox/signals"
)

// sample is a trace of five values on 100.0 to 100.4 kHz.
func sample(guid uuid.UUID, at time.Time) string {
	return fmt.Sprintf(`{"guid":%q,"start_freq_hz":100000,"stop_freq_hz":100400,"step_freq_hz":100,"noise":-101.5,"numpoints":5,`+
		`"y_val_dbm":[-75.24,-80,0.005,327.67,-12.345],"timestamp":%q,"location":{"lat":55.75,"lng":37.62}}`,
		guid, at.Format(time.RFC3339Nano))
}
