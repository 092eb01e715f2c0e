package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/amacneil/dbmate/v2/pkg/dbmate"
	"github.com/amacneil/dbmate/v2/pkg/driver/postgres"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	schema "nms.example/sql"
)

const (
	connectTimeout = 10 * time.Second
	closeTimeout   = 5 * time.Second
	// lockKey is the advisory lock of all migrators of a database: "nms_migr" in ASCII.
	lockKey int64 = 0x6e6d735f6d696772
	// lockInterval is how often a migrator asks for the lock that another holds. It asks instead of
	// waiting inside PostgreSQL, because CREATE INDEX CONCURRENTLY would wait for the waiter in turn.
	lockInterval = 100 * time.Millisecond
	// lockTimeout is how long a migration may wait for a table that the services use: with it in the
	// queue, everyone else waits too.
	lockTimeout = "60s"

	driverName = "nms"
)

func (t Target) config() (*pgx.ConnConfig, error) {
	pool, err := pgxpool.ParseConfig(t.URL) // unlike pgx.ParseConfig it knows the pool's parameters
	if err != nil || !strings.HasPrefix(t.URL, "postgres://") && !strings.HasPrefix(t.URL, "postgresql://") {
		return nil, fmt.Errorf("%s is not a postgres://user:password@host:port/database URL that PostgreSQL's drivers know",
			t.Database.Variable()) // err itself quotes the URL
	}
	cfg := pool.ConnConfig
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	schema.WantWritable(&cfg.Config, t.URL)
	schema.GuardCommits(&cfg.Config)
	for name, value := range map[string]string{"application_name": "nms-migrate", "lock_timeout": lockTimeout, "timezone": "UTC"} {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	return cfg, nil
}

func (t Target) connect(ctx context.Context) (*pgx.Conn, error) {
	cfg, err := t.config()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, schema.ConnectError(t.Database, &cfg.Config, err)
	}
	return conn, nil
}

// closeConn says goodbye even when ctx has ended, so that the server frees the lock at once.
func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = conn.Close(ctx) // the socket is closed either way
}

// locked runs work while no other migrator works on the database. The lock dies with its connection, so a
// killed migrator leaves none behind.
func (t Target) locked(ctx context.Context, log io.Writer, work func(*pgx.Conn) error) error {
	conn, err := t.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	said := false
	for {
		var ours bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockKey).Scan(&ours); err != nil {
			return t.failed(ctx, "take the migration lock", err)
		}
		if ours {
			return work(conn)
		}
		if !said {
			said = true
			fmt.Fprintf(log, "%s: another migrator is at work, waiting for it\n", t.Database)
		}
		select {
		case <-ctx.Done():
			return t.failed(ctx, "wait for another migrator", ctx.Err())
		case <-time.After(lockInterval):
		}
	}
}

// session is what one run of dbmate needs of us. dbmate hands nothing but its log through to the driver, so
// the session is that log.
type session struct {
	ctx    context.Context //nolint:containedctx // dbmate knows no contexts; see dial
	config *pgx.ConnConfig
	log    io.Writer
	prefix string
	// result is dbmate's line on the migration that it ran last. It is written before dbmate looks at the error, so it
	// waits for what comes next.
	result string
}

// dbmate makes a run of dbmate; finished writes what it has said on a last migration that succeeded.
func (t Target) dbmate(ctx context.Context, log io.Writer) (db *dbmate.DB, finished func() error, err error) {
	cfg, err := t.config()
	if err != nil {
		return nil, nil, err
	}
	db = dbmate.New(&url.URL{Scheme: driverName})
	db.AutoDumpSchema = false // needs pg_dump and writes a file
	db.FS = schema.Files
	db.MigrationsDir = []string{t.Database.Dir()}
	s := &session{ctx: ctx, config: cfg, log: log, prefix: string(t.Database) + ": "}
	db.Log = s
	return db, s.flush, nil
}

// Write implements io.Writer: each of dbmate's lines starts with the database's name.
func (s *session) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		if err := s.flush(); err != nil {
			return 0, err
		}
		s.result = s.prefix + line
		if strings.HasPrefix(line, "Applied: ") || strings.HasPrefix(line, "Rolled back: ") {
			continue
		}
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// flush writes the line that waits, if any.
func (s *session) flush() error {
	line := s.result
	s.result = ""
	_, err := io.WriteString(s.log, line)
	return err
}

// driver is dbmate's for PostgreSQL, on pgx connections: the URL then means the same to the migrator as to
// the services (dbmate's lib/pq knows fewer parameters), and a run can be called off.
type driver struct {
	dbmate.Driver
	session *session
}

func init() { //nolint:gochecknoinits // dbmate's own way to take drivers
	dbmate.RegisterDriver(func(cfg dbmate.DriverConfig) dbmate.Driver {
		d := &driver{Driver: postgres.NewDriver(cfg)}
		d.session, _ = cfg.Log.(*session)
		return d
	}, driverName)
}

// Open implements dbmate.Driver.
func (d *driver) Open() (*sql.DB, error) {
	if d.session == nil {
		return nil, errors.New("this driver works for package migrate alone")
	}
	cfg := d.session.config.Copy()
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		// The end of the session's context breaks its connections, and the server rolls back.
		stop := context.AfterFunc(d.session.ctx, func() { _ = conn.Close() })
		return &boundConn{Conn: conn, release: stop}, nil
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxIdleConns(1)
	return db, nil
}

type boundConn struct {
	net.Conn
	release func() bool
}

// Close implements net.Conn.
func (c *boundConn) Close() error {
	c.release()
	return c.Conn.Close()
}

// Ping implements dbmate.Driver.
func (d *driver) Ping() error {
	db, err := d.Open()
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(d.session.ctx), db.Close())
}

// QueryError implements dbmate.Driver: it adds line and column to the server's words.
func (d *driver) QueryError(query string, err error) error {
	position := 0
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		position = int(pg.Position)
	}
	return &dbmate.QueryError{Err: err, Query: query, Position: position}
}
