package app_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/apitest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/registry"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryOperationNeedsItsPermission(t *testing.T) {
	t.Parallel()
	b := prepare(t)
	b.settings["ENVIRONMENT"] = "prod"
	b.admin = b.start()
	apitest.CheckAccess(t, b.admin.Service.API(), b.token,
		"GET /", "GET /ctrl", "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json")
}

func TestServices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := registry.Instance{ID: uuid.New(), Service: "aaa", Version: "v9", Address: "10.1.1.1:1", HealthCode: 5, Uptime: 93784 * time.Second, Lag: new(1500 * time.Millisecond)}
	r := registry.New(redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: b.settings["REDIS_PREFIX"]}))
	var p struct {
		Total   int64
		Content []struct {
			ID, Service, Version, Address string
			HealthCode                    uint64 `json:"health_code"`
			Lag                           *float64
			Uptime                        struct{ Days, Hours, Minutes, Seconds int64 }
		}
	}
	waittest.Until(t, "both instances", func() bool {
		require.NoError(t, r.Beat(t.Context(), other))
		b.get("/services", &p)
		return p.Total == 2
	})
	a, me := p.Content[0], p.Content[1]
	require.Equal(t, []any{"aaa", "v9", "10.1.1.1:1", uint64(5), other.ID.String()}, []any{a.Service, a.Version, a.Address, a.HealthCode, a.ID})
	require.Equal(t, new(1.5), a.Lag)
	require.Equal(t, []int64{1, 2, 3}, []int64{a.Uptime.Days, a.Uptime.Hours, a.Uptime.Minutes})
	address, err := url.Parse(b.admin.URL)
	require.NoError(t, err)
	require.Equal(t, []any{"admin", b.admin.Service.Version(), address.Host, b.admin.Service.Instance().String()},
		[]any{me.Service, me.Version, me.Address, me.ID})
	b.get("/services?service=aaa", &p)
	require.EqualValues(t, 1, p.Total)
	b.get("/services?page=3", &p)
	require.Empty(t, p.Content)

	// A second instance appears, and is gone as soon as it stops.
	second := b.start()
	await := func(n int64) {
		require.Eventually(t, func() bool { b.get("/services?service=admin", &p); return p.Total == n }, patience, 20*time.Millisecond)
	}
	await(2)
	second.Stop(t)
	b.get("/services?service=admin", &p)
	require.EqualValues(t, 1, p.Total)
	waittest.Until(t, "it is known that nothing waits", func() bool {
		b.get("/services?service=admin", &p)
		return p.Content[0].Lag != nil && *p.Content[0].Lag == 0
	})
}

func TestServicesWithoutRedis(t *testing.T) {
	t.Parallel()
	b := prepare(t)
	server := redistest.StartServer(t)
	b.settings["REDIS_DSN"] = server.DSN.Reveal()
	b.admin = b.start()
	server.Kill()
	require.Eventually(t, func() bool {
		return b.client().Get("/services").Status == http.StatusServiceUnavailable
	}, patience, 20*time.Millisecond)
	require.Empty(t, b.events("").Content, "all else works")
	server.Restart()
	require.Eventually(t, func() bool {
		return b.client().Get("/services").Status == http.StatusOK
	}, patience, 20*time.Millisecond)
}

func TestTheJournalIsAppendOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// One in this month's partition, one in the default partition.
	b.publish(change("cfg.equipment.updated", "1", time.Now(), nil, nil),
		change("cfg.equipment.updated", "2", time.Now().AddDate(50, 0, 0), nil, nil))
	b.journalled(2)
	for _, statement := range []string{
		"UPDATE event SET actor = 'nobody'", "DELETE FROM event", "TRUNCATE event", "DELETE FROM event_default",
		"TRUNCATE event_default", "UPDATE event_default SET time = now()",
		"DELETE FROM event_" + time.Now().UTC().Format("2006_01"), "TRUNCATE event_" + time.Now().UTC().Format("2006_01"),
	} {
		_, err := b.pool.Exec(t.Context(), statement+" -- provoked by a test") // as the tables' owner, and a superuser at that
		refused(t, err, statement)
	}
	require.EqualValues(t, 2, b.count("event"))
}

func refused(t *testing.T, err error, statement string) {
	t.Helper()
	var pg *pgconn.PgError
	require.ErrorAs(t, err, &pg, statement)
	require.Equal(t, "42501", pg.Code, "%s: %s", statement, pg.Message)
}
