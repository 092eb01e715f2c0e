package backbone_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/backbone"
	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/proctest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/service"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// ofKind are the settings of a service with one database, of whatever kind.
type ofKind struct {
	config.Base
	backbone.Settings

	DSN config.PostgresDSN `envconfig:"DB_TEST_DSN" required:"true"`
}

// between puts a proxy between a service and the server of a URL, and returns the URL through it.
func between(t *testing.T, text string) (through string, proxy *proctest.Proxy) {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	proxy = proctest.NewProxy(t, u.Host)
	u.Host = proxy.Address()
	return u.String(), proxy
}

// watched is a service on real servers behind proxies.
type watched struct {
	*servicetest.Instance

	t                    *testing.T
	kit                  *authntest.Kit
	database, bus, redis *proctest.Proxy
}

func watch[K db.Kind](t *testing.T, further func(s *service.Service, pool *db.Pool[K], b *backbone.Backbone)) *watched {
	t.Helper()
	w := &watched{t: t, kit: authntest.New(t)}
	prefix := redistest.Prefix(t)
	w.kit.Publish(t, redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: prefix}))
	settings := map[string]string{"JWT_SECRET_KEY": w.kit.Secret, "REDIS_PREFIX": prefix, "DB_MAX_CONNS": "3"}
	settings["DB_TEST_DSN"], w.database = between(t, pgtest.DSN[K](t).Reveal())
	settings["MQ_DSN"], w.bus = between(t, bustest.New(t).DSN.Reveal())
	settings["REDIS_DSN"], w.redis = between(t, redistest.DSN(t).Reveal())
	w.Instance = servicetest.Start(t, identity, func(ctx context.Context, s *service.Service) error {
		var set ofKind
		if err := s.Load(&set); err != nil {
			return err
		}
		pool, err := backbone.Database[K](ctx, s, set.DSN, set.Limits)
		if err != nil {
			return err
		}
		back, err := backbone.Open(ctx, s, set.Settings)
		if err != nil {
			return err
		}
		backbone.Relay(s, pool, back)
		if further != nil {
			further(s, pool, back)
		}
		return nil
	}, settings)
	w.healthy(0)
	return w
}

// healthy waits until the bits are these, in /ctrl and in the metric.
func (w *watched) healthy(bits service.HealthBit) {
	w.t.Helper()
	waittest.Until(w.t, fmt.Sprintf("health_code is %d", bits), func() bool {
		return w.Service.HealthCode() == bits && w.Metric(w.t, "nms_health_code") == float64(bits)
	})
}

// ready is the status of /readyz.
func (w *watched) ready() int {
	w.t.Helper()
	resp, err := http.Get(w.URL + "/readyz")
	require.NoError(w.t, err)
	require.NoError(w.t, resp.Body.Close())
	return resp.StatusCode
}

// bit cuts a server off and sees its bit set, and cleared again when the server is back.
func (w *watched) bit(proxy *proctest.Proxy, bits service.HealthBit, status int, dependencies ...string) {
	w.t.Helper()
	up := func() (sum float64) {
		for _, name := range dependencies {
			sum += w.Metric(w.t, "nms_dependency_up", `dependency="`+name+`"`)
		}
		return sum
	}
	require.InDelta(w.t, float64(len(dependencies)), up(), 0)
	require.Equal(w.t, http.StatusOK, w.ready())
	proxy.Cut()
	w.healthy(bits)
	waittest.Until(w.t, "the metric counts nothing that is down", func() bool { return up() == 0 })
	require.Equal(w.t, status, w.ready())
	proxy.Mend()
	w.healthy(0)
	waittest.Until(w.t, "everything is up and ready again", func() bool {
		return up() == float64(len(dependencies)) && w.ready() == http.StatusOK
	})
}

// Each bit of health_code is seen set and cleared with the server behind it, and so is what the alerts on dependencies ask for.
func TestEveryHealthBitIsSetAndCleared(t *testing.T) {
	t.Parallel()
	t.Run("auth", func(t *testing.T) {
		t.Parallel()
		w := watch[db.AUTH](t, nil)
		w.bit(w.database, service.AuthDB, http.StatusServiceUnavailable, "auth db")
		w.bit(w.bus, service.Bus, http.StatusOK, "bus")
		w.bit(w.redis, service.Cache, http.StatusOK, "cache", "authn feed")
	})
	t.Run("nms", func(t *testing.T) {
		t.Parallel()
		w := watch[db.NMS](t, nil)
		w.bit(w.database, service.NMSDB, http.StatusServiceUnavailable, "nms db")
	})
	t.Run("dwh", func(t *testing.T) {
		t.Parallel()
		w := watch[db.DWH](t, nil)
		w.bit(w.database, service.DWHDB, http.StatusServiceUnavailable, "dwh db")
	})
	t.Run("admin", func(t *testing.T) {
		t.Parallel()
		w := watch[db.ADMIN](t, nil)
		w.bit(w.database, service.AdminDB, http.StatusServiceUnavailable, "admin db")
	})
}

// An outage of the broker is followed through the metrics of outbox and bus: the backlog rises and falls, the loss is
// counted, and what was published and handled is.
func TestAnOutageOfTheBrokerIsSeenInTheMetrics(t *testing.T) {
	t.Parallel()
	var pool *db.Pool[db.NMS]
	w := watch(t, func(s *service.Service, p *db.Pool[db.NMS], b *backbone.Backbone) {
		pool = p
		writeEvent(s, p)
		s.Go("consumer", func(ctx context.Context) error {
			return bus.Consume(ctx, b.Bus, bus.Subscription{Queue: "probe.metrics", Bindings: []string{"probe.#"},
				Handler: func(context.Context, event.Event) error { return nil }})
		})
	})
	token := w.kit.Token(t, authn.Mask(authn.CfgWrite))
	metric := func(name string) float64 { return w.Metric(t, name) }

	require.Equal(t, http.StatusOK, post(t, w.URL, token))
	waittest.Until(t, "the first event is published", func() bool { return metric("nms_outbox_published_rows_total") == 1 })
	waittest.Until(t, "it is confirmed", func() bool { return metric("nms_bus_published_messages_total") >= 1 })
	waittest.Until(t, "an event is handled", func() bool { // the queue may not have been bound for the first
		require.Equal(t, http.StatusOK, post(t, w.URL, token))
		return metric("nms_bus_handled_events_total") >= 1
	})

	losses := metric("nms_bus_connection_losses_total")
	w.bus.Cut()
	waittest.Until(t, "the loss is counted", func() bool { return metric("nms_bus_connection_losses_total") > losses })
	require.Equal(t, http.StatusOK, post(t, w.URL, token))
	_, err := pool.Exec(t.Context(), "UPDATE outbox SET created_at = created_at - interval '2 minutes'")
	require.NoError(t, err)
	waittest.Until(t, "the alert NMSEventsWait is due", func() bool { return metric("nms_outbox_oldest_seconds") > 60 && metric("nms_outbox_rows") >= 1 })
	waittest.Until(t, "failures are counted", func() bool {
		return metric("nms_outbox_failures_total") >= 1 && metric("nms_bus_refused_messages_total") >= 1
	})
	w.bus.Mend()
	waittest.Until(t, "the backlog is gone", func() bool { return metric("nms_outbox_oldest_seconds") == 0 && metric("nms_outbox_rows") == 0 })
	require.Positive(t, metric("http_request_duration_seconds_count"))
	require.InDelta(t, 1, w.Metric(t, "nms_build_info", `service="probe"`), 0)
}
