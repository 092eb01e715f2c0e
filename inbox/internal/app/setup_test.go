package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/bus"
	"nms.example/common/bustest"
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
	claims := authntest.Claims(access)
	claims.UserID, claims.Login, claims.Role = 1, "tester", "tester"
	return authntest.WithSecret(tb, secret).Sign(tb, claims)
}

// call sends a request to a path from the root on; headers come in pairs.
func (b *bundle) call(method, path string, body []byte, headers ...string) *servicetest.Answer {
	b.t.Helper()
	lines := make([]string, 0, len(headers)/2)
	for i := 0; i < len(headers); i += 2 {
		lines = append(lines, headers[i]+": "+headers[i+1])
	}
	var content any
	if body != nil {
		content = body
	}
	return b.instance.Client(b.t).Outside().As(b.token).Call(method, path, content, lines...)
}

// post sends JSON.
func (b *bundle) post(path, body string, headers ...string) *servicetest.Answer {
	b.t.Helper()
	return b.call(http.MethodPost, path, []byte(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func (b *bundle) get(path string, headers ...string) *servicetest.Answer {
	b.t.Helper()
	return b.call(http.MethodGet, path, nil, headers...)
}

// published returns the events that come from now on.
func (b *bundle) published(binding string) <-chan event.Event {
	b.t.Helper()
	var seen sync.Map
	events := make(chan event.Event, 10)
	conn := b.broker.Dial()
	ctx, stop := context.WithCancel(context.WithoutCancel(b.t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, conn, bus.Subscription{
			Queue: "test.followed", Bindings: []string{binding},
			Handler: func(_ context.Context, e event.Event) error {
				if _, again := seen.LoadOrStore(e.ID, true); !again { // who publishes sends again what was confirmed late
					events <- e
				}
				return nil
			},
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
