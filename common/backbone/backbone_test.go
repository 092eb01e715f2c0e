package backbone_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/backbone"
	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/outbox"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/service"
	"nms.example/common/servicetest"
	"nms.example/common/telemetry"
	"nms.example/common/waittest"
)

var identity = service.Identity{
	ID: uuid.New(), Name: "probe", About: "A service for tests",
	Events: event.NewCatalogue("probe", event.Declare[struct{}]("probe.thing.created", "A thing was made")),
}

type settings struct {
	config.Base
	backbone.Settings

	NMS config.PostgresDSN `envconfig:"DB_NMS_DSN" required:"true"`
}

type input struct{}

type output struct {
	Body struct {
		Subject string `json:"subject"`
	}
}

// writeEvent registers the one operation of the test's service: it leaves an event in the outbox.
func writeEvent(s *service.Service, pool *db.Pool[db.NMS]) {
	api.Register(s.API(), huma.Operation{Method: http.MethodPost, Path: "/api/v1/probe", OperationID: "probe"},
		api.Need(authn.CfgWrite), func(ctx context.Context, _ *input) (*output, error) {
			out := new(output)
			out.Body.Subject = authn.FromContext(ctx).Subject
			return out, pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
				return outbox.Write(ctx, tx, identity.Events, event.Event{
					Type: "probe.thing.created", Subject: "1", Data: json.RawMessage(`{}`),
				})
			})
		})
}

// probe is a service that hears of what its own operation writes.
type probe struct {
	pool *db.Pool[db.NMS]
	back *backbone.Backbone
	hear func(context.Context, event.Event) error
}

func (p *probe) build(ctx context.Context, s *service.Service) error {
	var set settings
	if err := s.Load(&set); err != nil {
		return err
	}
	var err error
	if p.pool, err = backbone.Database[db.NMS](ctx, s, set.NMS, set.Limits); err != nil {
		return err
	}
	if p.back, err = backbone.Open(ctx, s, set.Settings); err != nil {
		return err
	}
	backbone.Relay(s, p.pool, p.back)
	s.Go("consumer", func(ctx context.Context) error {
		return bus.Consume(ctx, p.back.Bus, bus.Subscription{Queue: "probe.test", Bindings: []string{"probe.#"}, Handler: p.hear})
	})
	writeEvent(s, p.pool)
	return nil
}

// token is that of an administrator.
func (p *probe) token(t *testing.T) string {
	t.Helper()
	token, _, err := p.back.Guard.Keyring.Sign(authn.Claims{
		UserID: 7, Login: "someone", Role: "administrator", Access: authn.AllPermissions, SessionID: uuid.New(),
	})
	require.NoError(t, err)
	return token
}

func TestAServiceOnItsBackbone(t *testing.T) {
	t.Parallel()
	broker := bustest.New(t)
	events, traces := make(chan event.Event, 1), make(chan string, 1)
	p := probe{hear: func(ctx context.Context, e event.Event) error {
		traces <- telemetry.TraceParent(ctx)
		events <- e
		return nil
	}}
	i := servicetest.Start(t, identity, p.build, map[string]string{
		"DB_NMS_DSN": pgtest.DSN[db.NMS](t).Reveal(), "MQ_DSN": broker.DSN.Reveal(),
		"REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": redistest.Prefix(t),
		"JWT_SECRET_KEY": "a key of the tests, long enough for HS256",
		"RATE_LIMIT":     "0.001", "RATE_BURST": "2",
	})
	// Nothing fails for long but the feed of revocations, because no auth has filled Redis.
	require.Eventually(t, func() bool { return i.Service.HealthCode() == service.Cache }, waittest.Bound, 20*time.Millisecond)
	broker.AwaitBinding("probe.test", 1)

	token := p.token(t)
	require.Equal(t, http.StatusUnauthorized, post(t, i.URL, ""))
	require.Equal(t, http.StatusOK, post(t, i.URL, token))
	select {
	case e := <-events:
		require.Equal(t, "probe.thing.created", e.Type)
		require.Equal(t, "user:7", e.Actor)
		require.Regexp(t, event.TraceParentPattern, e.TraceParent)
		require.Equal(t, traceID, traceIDOf(e.TraceParent), "the event belongs to the trace of its request")
		require.Equal(t, traceID, traceIDOf(<-traces), "and so does what its consumer does")
	case <-time.After(waittest.Bound):
		require.Fail(t, "the event did not arrive", i.Log())
	}
	require.Equal(t, http.StatusOK, post(t, i.URL, token))
	require.Equal(t, http.StatusTooManyRequests, post(t, i.URL, token))
}

// traceID is that of the requests' W3C trace context.
const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

func traceIDOf(traceparent string) string { return strings.Split(traceparent+"-", "-")[1] }

func post(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/probe", http.NoBody)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Traceparent", "00-"+traceID+"-00f067aa0ba902b7-01")
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	return resp.StatusCode
}

// What cannot be reached is named in one sentence, without the password, and what was opened before is
// closed: the tests' pools check that at their end.
func TestUnreachableParts(t *testing.T) {
	t.Parallel()
	build := func(ctx context.Context, s *service.Service) error {
		var set settings
		if err := s.Load(&set); err != nil {
			return err
		}
		if _, err := backbone.Database[db.NMS](ctx, s, set.NMS, set.Limits); err != nil {
			return err
		}
		_, err := backbone.Open(ctx, s, set.Settings)
		return err
	}
	good := map[string]string{
		"DB_NMS_DSN": pgtest.DSN[db.NMS](t).Reveal(), "MQ_DSN": "amqp://guest:s3cret@127.0.0.1:1/",
		"REDIS_DSN": redistest.DSN(t).Reveal(), "JWT_SECRET_KEY": "a key of the tests, long enough for HS256",
	}
	good["START_TIMEOUT"] = "1s" // nobody will come
	_, err := servicetest.TryStart(t, identity, build, good)
	require.Error(t, err)
	require.Contains(t, err.Error(), "127.0.0.1:1")
	require.NotContains(t, err.Error(), "s3cret")

	bad := map[string]string{}
	maps.Copy(bad, good)
	bad["DB_NMS_DSN"] = "postgres://nms:s3cret@127.0.0.1:1/nms"
	_, err = servicetest.TryStart(t, identity, build, bad)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "s3cret")
	require.NotContains(t, err.Error(), "\n")
}
