package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	schema "nms.example/sql"

	"nms.example/common/config"
)

// Limits are the bounds that an operator may set; a service embeds them in its settings. They hold for
// each of its pools.
type Limits struct {
	MaxConns         int32         `envconfig:"DB_MAX_CONNS" default:"10" min:"2" max:"1000" desc:"Most connections that one instance opens to one database. All instances together must stay under PostgreSQL's max_connections."`
	StatementTimeout time.Duration `envconfig:"DB_STATEMENT_TIMEOUT" default:"30s" min:"100ms" max:"1h" desc:"Longest time that one SQL statement may run."`
}

// Settings say how to open a pool.
type Settings struct {
	// DSN is the database's URL. Its own parameters (pool_max_conns, statement_timeout, …) win over the
	// fields below.
	DSN config.PostgresDSN
	// ApplicationName is shown in pg_stat_activity; usually the service's name.
	ApplicationName string
	Limits          Limits // zero fields take their defaults

	// ConnectTimeout bounds Open and, shared out among the servers that DSN names, each attempt to connect; default 5 s.
	ConnectTimeout time.Duration
	// LockTimeout bounds each wait for a row or table lock; default 10 s.
	LockTimeout time.Duration
	// CommitTimeout is how long a transaction waits for the answer to its COMMIT before its outcome counts as unknown;
	// default 10 s. With synchronous replication a commit waits for the standby.
	CommitTimeout time.Duration
	// IdleInTransactionTimeout is how long a transaction may do nothing before the server breaks it off;
	// default 30 s.
	IdleInTransactionTimeout time.Duration
	// Tracing adds OpenTelemetry spans. They hold the statements and never their arguments.
	Tracing bool
}

const (
	defaultMaxConns    = 10
	defaultStatement   = 30 * time.Second
	defaultConnect     = 5 * time.Second
	defaultLock        = 10 * time.Second
	defaultCommit      = 10 * time.Second
	defaultIdleInTx    = 30 * time.Second
	connLifetime       = time.Hour
	connLifetimeJitter = 10 * time.Minute // so that not all connections are renewed at one time
	connIdleTime       = 10 * time.Minute
	healthCheckPeriod  = 30 * time.Second
	pingTimeout        = 2 * time.Second
	cancelDeadline     = time.Second // how long a cancelled statement may take to answer
)

func (s Settings) withDefaults() Settings {
	if s.Limits.MaxConns == 0 {
		s.Limits.MaxConns = defaultMaxConns
	}
	for field, value := range map[*time.Duration]time.Duration{
		&s.Limits.StatementTimeout:  defaultStatement,
		&s.ConnectTimeout:           defaultConnect,
		&s.LockTimeout:              defaultLock,
		&s.CommitTimeout:            defaultCommit,
		&s.IdleInTransactionTimeout: defaultIdleInTx,
	} {
		if *field == 0 {
			*field = value
		}
	}
	return s
}

// poolConfig turns the settings into the driver's. The driver's own errors about an URL quote parts of it,
// so they are not passed on.
func (s Settings) poolConfig(d schema.Database) (*pgxpool.Config, error) {
	if s.DSN.IsZero() {
		return nil, fmt.Errorf("database %s is not set: give %s", d, d.Variable())
	}
	url := s.DSN.Reveal()
	cfg, err := pgxpool.ParseConfig(url)
	if file, ok := errors.AsType[*fs.PathError](err); ok { // of a certificate or a key; its text is no secret
		return nil, fmt.Errorf("%s names a file that cannot be read: %w", d.Variable(), file)
	}
	if err != nil {
		return nil, errors.New(d.Variable() + " has a part that PostgreSQL's URLs do not know, or names a file that holds no certificate or key")
	}
	if !strings.Contains(url, "pool_max_conns=") {
		cfg.MaxConns = s.Limits.MaxConns
	}
	if !strings.Contains(url, "pool_max_conn_lifetime=") {
		cfg.MaxConnLifetime = connLifetime
		cfg.MaxConnLifetimeJitter = connLifetimeJitter
	}
	if !strings.Contains(url, "pool_max_conn_idle_time=") {
		cfg.MaxConnIdleTime = connIdleTime
	}
	if !strings.Contains(url, "pool_health_check_period=") {
		cfg.HealthCheckPeriod = healthCheckPeriod
	}
	cfg.PingTimeout = pingTimeout
	cfg.AfterConnect = registerTypes

	conn := cfg.ConnConfig
	schema.WantWritable(&conn.Config, url)
	if conn.ConnectTimeout == 0 { // for each server; all of them are to be tried in the time
		conn.ConnectTimeout = s.ConnectTimeout / time.Duration(len(schema.Hosts(&conn.Config)))
	}
	conn.OnPgError = func(_ *pgconn.PgConn, err *pgconn.PgError) bool {
		return !strings.EqualFold(err.Severity, "FATAL") && err.Code != codeReadOnly // the next connection finds the primary
	}
	cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		watch(&c.Config)
		return nil
	}
	for name, value := range map[string]string{
		"application_name":                    s.ApplicationName,
		"timezone":                            "UTC",
		"statement_timeout":                   milliseconds(s.Limits.StatementTimeout),
		"lock_timeout":                        milliseconds(s.LockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(s.IdleInTransactionTimeout),
	} {
		if conn.RuntimeParams[name] == "" {
			conn.RuntimeParams[name] = value
		}
	}
	if s.Tracing {
		conn.Tracer = otelpgx.NewTracer(otelpgx.WithDisableConnectionDetailsInAttributes())
	}
	return cfg, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
