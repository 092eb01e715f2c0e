package db_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	schema "nms.example/sql"

	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dsn(t *testing.T, text string) config.PostgresDSN {
	t.Helper()
	var d config.PostgresDSN
	require.NoError(t, d.Decode(text))
	return d
}

// with changes the URL of a test database.
func with(t *testing.T, d config.PostgresDSN, change func(*url.URL)) config.PostgresDSN {
	t.Helper()
	u, err := url.Parse(d.Reveal())
	require.NoError(t, err)
	change(u)
	return dsn(t, u.String())
}

// impostor is a server that answers each connection with one message, or never with nil.
func impostor(t *testing.T, answer *pgproto3.ErrorResponse) config.PostgresDSN {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			if answer == nil {
				continue
			}
			backend := pgproto3.NewBackend(conn, conn)
			if _, err := backend.ReceiveStartupMessage(); err == nil {
				backend.Send(answer)
				_ = backend.Flush()
			}
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
	return dsn(t, fmt.Sprintf("postgres://nms:pa55word@%s/nms?sslmode=disable", listener.Addr()))
}

func TestOpenRefusesInOneSentence(t *testing.T) {
	t.Parallel()
	migrated := pgtest.DSN[db.NMS](t)
	for name, test := range map[string]struct {
		dsn  config.PostgresDSN
		want string
	}{
		"not set":      {config.PostgresDSN{}, "database nms is not set: give DB_NMS_DSN"},
		"nobody":       {dsn(t, "postgres://nms:pa55word@127.0.0.1:1/nms"), "database nms cannot be reached at 127.0.0.1:1 (DB_NMS_DSN): nothing listens there"},
		"unknown host": {dsn(t, "postgres://nms:pa55word@nowhere.invalid/nms"), "the host name is not known"},
		"no server of several": {dsn(t, "postgres://nms:pa55word@127.0.0.1:1,nowhere.invalid:2/nms"),
			"at any of its servers (DB_NMS_DSN): 127.0.0.1:1: nothing listens there; nowhere.invalid:2: the host name is not known"},
		"silent":      {impostor(t, nil), "no answer in time"},
		"password":    {impostor(t, &pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "pa55word"}), `refuses the user "nms": wrong password`},
		"starting up": {impostor(t, &pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P03"}), "is starting up or shutting down"},
		"full":        {impostor(t, &pgproto3.ErrorResponse{Severity: "FATAL", Code: "53300"}), "no connection left"},
		"no database": {with(t, migrated, func(u *url.URL) { u.Path = "/nms_none" }), `has no database "nms_none": create it first`},
		"no schema":   {pgtest.EmptyDSN(t), "database nms is not migrated yet but this build needs version"},
		"wrong part":  {with(t, migrated, func(u *url.URL) { u.RawQuery = "sslmode=pa55word" }), "DB_NMS_DSN has a part"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if name == "silent" {
				timeout = time.Second
			}
			_, err := db.Open[db.NMS](t.Context(), db.Settings{DSN: test.dsn, ConnectTimeout: timeout})
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "pa55")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestOpenComparesTheSchemaVersion(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.NMS](t)
	pool := pgtest.Open[db.NMS](t, db.Settings{DSN: d})
	latest := schema.Latest(schema.NMS)

	_, err := pool.Exec(t.Context(), "INSERT INTO schema_migrations VALUES ('29990101000000')")
	require.NoError(t, err)
	pgtest.Open[db.NMS](t, db.Settings{DSN: d}) // a newer schema is fine

	_, err = pool.Exec(t.Context(), "DELETE FROM schema_migrations WHERE version > '20261123000001'")
	require.NoError(t, err)
	_, err = db.Open[db.NMS](t.Context(), db.Settings{DSN: d})
	require.EqualError(t, err, "database nms is at version 20261123000001 but this build needs "+string(latest)+": run `migrate up nms`")
	require.EqualError(t, pool.Check()(t.Context()), err.Error(), "a running service notices, too")
}

func TestServerParameters(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.DWH](t)
	show := func(pool *db.Pool[db.DWH], name string) (value string) {
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&value))
		return value
	}
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: d, ApplicationName: "inbox", Limits: db.Limits{StatementTimeout: 7 * time.Second}})
	for name, want := range map[string]string{
		"application_name": "inbox", "timezone": "UTC", "statement_timeout": "7s", "lock_timeout": "10s",
		"idle_in_transaction_session_timeout": "30s",
	} {
		require.Equal(t, want, show(pool, name), name)
	}
	own := with(t, d, func(u *url.URL) { u.RawQuery += "&statement_timeout=1234&application_name=mine&pool_max_conns=3" })
	pool = pgtest.Open[db.DWH](t, db.Settings{DSN: own, ApplicationName: "inbox", Tracing: true})
	require.Equal(t, "1234ms", show(pool, "statement_timeout"), "the URL's own parameters win")
	require.Equal(t, "mine", show(pool, "application_name"))
	require.InDelta(t, 3, figure(t, pool, "nms_db_pool_connections_max"), 0)
}

// figure reads one of the pool's metrics, summed over its labels.
func figure[K db.Kind](t *testing.T, pool *db.Pool[K], name string) (sum float64) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(pool.Collector()))
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == name {
			for _, m := range family.GetMetric() {
				require.Equal(t, string(pool.Database()), m.GetLabel()[0].GetValue())
				sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
			return sum
		}
	}
	require.Fail(t, "no such metric", name)
	return 0
}

func TestTwoPoolsShareARegistry(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(pgtest.New[db.DWH](t).Collector()))
	require.NoError(t, registry.Register(pgtest.New[db.NMS](t).Collector()))
	_, err := registry.Gather()
	require.NoError(t, err)
}

func TestABusyPoolIsHealthy(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.DSN[db.DWH](t), Limits: db.Limits{MaxConns: 1}})
	require.NoError(t, pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, _ db.Tx[db.DWH]) error {
		require.NoError(t, pool.Check()(ctx)) // it does not wait for the connection
		return nil
	}))
	require.NoError(t, pool.Check()(t.Context()))
}

func TestAGoneDatabaseIsUnhealthy(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.DWH](t)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: d})
	other := pgtest.New[db.ADMIN](t)
	var name string
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&name))
	_, err := other.Exec(t.Context(), "DROP DATABASE "+name+" WITH (FORCE)")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return pool.Check()(t.Context()) != nil }, waittest.Bound, 50*time.Millisecond)
	require.ErrorContains(t, pool.Check()(t.Context()), "has no database")
}

func TestCloseIsBounded(t *testing.T) {
	t.Parallel()
	pool, err := db.Open[db.DWH](t.Context(), db.Settings{DSN: pgtest.DSN[db.DWH](t)})
	require.NoError(t, err)
	rows, err := pool.Query(t.Context(), "SELECT 1")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.EqualError(t, pool.Close(ctx), "database dwh: 1 connections are still in use")
	rows.Close()
	require.NoError(t, pool.Close(t.Context()), "the rest is closed as it comes back")
}

func TestListenHearsAndGivesTheConnectionUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.DWH](t)
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	enough := errors.New("enough")
	err := pool.Listen(ctx, "outbox", func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := pool.Exec(ctx, "INSERT INTO outbox (slot, event) VALUES (1, '{}')"); err != nil {
			return err
		}
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		return enough
	})
	require.ErrorIs(t, err, enough)
}
