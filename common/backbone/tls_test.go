package backbone_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/service"
	"nms.example/common/servicetest"
	"nms.example/common/tlstest"
	"nms.example/common/waittest"
)

// secured are servers with certificates of an authority that the system does not know. RabbitMQ and Redis ask for the client's, too.
type secured struct {
	authority   *tlstest.Authority
	client      tlstest.Pair
	nms         string
	mq, inRedis string
}

func startSecured(t *testing.T) *secured {
	t.Helper()
	s := &secured{authority: tlstest.New(t)}
	server := s.authority.Issue("127.0.0.1")
	s.client = s.authority.Issue("service.nms.example")
	pair := pgtest.NewPair(t, false, "ssl=on", "ssl_cert_file="+server.Certificate, "ssl_key_file="+server.Key)
	pgtest.PairDatabase[db.NMS](pair)
	s.nms = strings.Replace(pgtest.PairDSN[db.NMS](pair, pair.Primary).Reveal(), "sslmode=disable", "sslmode=verify-full", 1)
	s.mq = bustest.StartTLS(t, s.authority.File, server).DSN.Reveal()
	s.inRedis = redistest.StartTLS(t, s.authority.File, server).DSN.Reveal()
	return s
}

// files is the query of an address of RabbitMQ or Redis.
func files(authorities string, own tlstest.Pair) string {
	return "?" + url.Values{"cacertfile": {authorities}, "certfile": {own.Certificate}, "keyfile": {own.Key}}.Encode()
}

func TestServersOverTLS(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	t.Run("a service uses all of them", func(t *testing.T) { t.Parallel(); s.serve(t) })
	s.refusals(t)
}

func (s *secured) serve(t *testing.T) {
	t.Helper()
	events := make(chan event.Event, 1)
	p := probe{hear: func(_ context.Context, e event.Event) error { events <- e; return nil }}
	i := servicetest.Start(t, identity, p.build, map[string]string{
		"DB_NMS_DSN": s.nms + "&sslrootcert=" + url.QueryEscape(s.authority.File), "MQ_DSN": s.mq + files(s.authority.File, s.client),
		"REDIS_DSN": s.inRedis + files(s.authority.File, s.client), "JWT_SECRET_KEY": "a key of the tests, long enough for HS256",
	})
	waittest.Until(t, "the service has its database and the bus", func() bool { return i.Service.HealthCode() == service.Cache }) // no auth fills Redis
	waittest.Until(t, "Redis answers", func() bool { return p.back.Redis.Check(t.Context()) == nil })
	var encrypted bool
	require.NoError(t, p.pool.QueryRow(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&encrypted))
	require.True(t, encrypted)

	token := p.token(t)
	waittest.Until(t, "an event arrives", func() bool { // what is written before its queue is bound goes past it
		require.Equal(t, http.StatusOK, post(t, i.URL, token))
		select {
		case e := <-events:
			return e.Type == "probe.thing.created"
		default:
			return false
		}
	})
}

// refusals: what is wrong with TLS is said, whichever server it is.
func (s *secured) refusals(t *testing.T) {
	t.Helper()
	stranger, nothing := tlstest.New(t), filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(nothing, []byte("no certificate"), 0o600))
	const missing = "/nowhere/ca.pem"

	toDatabase := func(authorities string) string { return s.nms + "&sslrootcert=" + url.QueryEscape(authorities) }
	open := map[string]func(ctx context.Context, address string) error{
		"PostgreSQL": func(ctx context.Context, address string) error {
			var dsn config.PostgresDSN
			require.NoError(t, dsn.Decode(address))
			pool, err := db.Open[db.NMS](ctx, db.Settings{DSN: dsn})
			if err == nil {
				err = pool.Close(ctx)
			}
			return err
		},
		"RabbitMQ": func(ctx context.Context, address string) error {
			var dsn config.AMQPDSN
			require.NoError(t, dsn.Decode(address))
			conn, err := bus.Dial(ctx, bus.Settings{DSN: dsn, Name: "test"})
			if err == nil {
				err = conn.Close(ctx)
			}
			return err
		},
		"Redis": func(ctx context.Context, address string) error {
			var dsn config.RedisDSN
			require.NoError(t, dsn.Decode(address))
			client, err := redis.Open(redis.Settings{DSN: dsn})
			if err != nil {
				return err
			}
			defer func() { require.NoError(t, client.Close()) }()
			return client.Check(ctx)
		},
	}
	elsewhere := func(address string) string { return strings.Replace(address, "127.0.0.1", "localhost", 1) }
	expired := redistest.StartTLS(t, s.authority.File, s.authority.Expired("127.0.0.1")).DSN.Reveal()
	halfOfAPair := "?" + url.Values{"cacertfile": {s.authority.File}, "certfile": {s.client.Certificate}}.Encode()
	for name, one := range map[string]struct{ server, address, says string }{
		"PostgreSQL, another authority":    {"PostgreSQL", toDatabase(stranger.File), "certificate signed by unknown authority"},
		"PostgreSQL, another name":         {"PostgreSQL", elsewhere(toDatabase(s.authority.File)), "localhost"},
		"PostgreSQL, no file":              {"PostgreSQL", toDatabase(missing), "DB_NMS_DSN names a file that cannot be read: open " + missing},
		"PostgreSQL, nothing in the file":  {"PostgreSQL", toDatabase(nothing), "holds no certificate or key"},
		"RabbitMQ, another authority":      {"RabbitMQ", s.mq + files(stranger.File, s.client), "certificate signed by unknown authority"},
		"RabbitMQ, another name":           {"RabbitMQ", elsewhere(s.mq) + files(s.authority.File, s.client), "localhost"},
		"RabbitMQ, no file":                {"RabbitMQ", s.mq + files(missing, s.client), "cacertfile: stat " + missing},
		"RabbitMQ, nothing in the file":    {"RabbitMQ", s.mq + files(nothing, s.client), nothing + " holds no certificate in PEM"},
		"RabbitMQ, no certificate":         {"RabbitMQ", s.mq + "?cacertfile=" + url.QueryEscape(s.authority.File), "certificate required"},
		"RabbitMQ, somebody's certificate": {"RabbitMQ", s.mq + files(s.authority.File, stranger.Issue("x")), "tls: unknown certificate authority"},
		"Redis, another authority":         {"Redis", s.inRedis + files(stranger.File, s.client), "certificate signed by unknown authority"},
		"Redis, another name":              {"Redis", elsewhere(s.inRedis) + files(s.authority.File, s.client), "localhost"},
		"Redis, another name that is told": {"Redis", s.inRedis + files(s.authority.File, s.client) + "&server_name_indication=redis.example", "redis.example"},
		"Redis, expired":                   {"Redis", expired + files(s.authority.File, s.client), "certificate has expired"},
		"Redis, no file":                   {"Redis", s.inRedis + files(missing, s.client), "cacertfile: stat " + missing},
		"Redis, no key":                    {"Redis", s.inRedis + halfOfAPair, "certfile and keyfile belong together"},
		"Redis, no certificate":            {"Redis", s.inRedis + "?cacertfile=" + url.QueryEscape(s.authority.File), "certificate required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			waittest.Until(t, one.says, func() bool { // a slow machine may run into a time-out first
				err = open[one.server](t.Context(), one.address)
				return err == nil || strings.Contains(err.Error(), one.says)
			})
			require.ErrorContains(t, err, one.says)
			require.NotContains(t, err.Error(), "guest")
		})
	}
}
