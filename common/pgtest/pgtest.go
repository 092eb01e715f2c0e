// Package pgtest makes tests a private, migrated PostgreSQL database each. It is for tests only.
//
//	pool := pgtest.New[db.NMS](t)
//
// A database is a clone of a template that is migrated once per set of migrations, whatever the number of
// test processes; it is dropped when the test ends. It belongs to an ordinary role, so tests have the rights that a
// service has in production; the server's own user, in TEST_POSTGRES_DSN, must be a superuser.
package pgtest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/waittest"
)

// Variable names the environment variable with the URL of a server on which databases may be created.
const Variable = "TEST_POSTGRES_DSN"

const (
	setupTimeout = waittest.Bound // a migration of the template by another process included
	dropTimeout  = waittest.Bound
	// maxConns keeps many parallel tests under the server's max_connections.
	maxConns = 4
)

// New clones a database of kind K for this test and opens a small pool on it. Both are gone when the test
// ends.
func New[K db.Kind](tb testing.TB) *db.Pool[K] {
	tb.Helper()
	return Open[K](tb, db.Settings{DSN: DSN[K](tb)})
}

// Open opens a further pool, on the database that s names, for the time of the test; a small one unless s says how large.
func Open[K db.Kind](tb testing.TB, s db.Settings) *db.Pool[K] {
	tb.Helper()
	if s.Limits.MaxConns == 0 {
		s.Limits.MaxConns = maxConns
	}
	if s.ApplicationName == "" {
		s.ApplicationName = "pgtest"
	}
	pool, err := db.Open[K](tb.Context(), s)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), dropTimeout)
		defer cancel()
		if err := pool.Close(ctx); err != nil {
			tb.Errorf("pgtest: a transaction or rows were left open: %v", err)
		}
	})
	return pool
}

// DSN clones a database of kind K for this test and returns its URL, for tests that start a whole service.
// The database is dropped when the test ends, connected or not.
func DSN[K db.Kind](tb testing.TB) config.PostgresDSN {
	tb.Helper()
	return decode(tb, clone(tb, server(tb), db.DatabaseOf[K]()))
}

// EmptyDSN returns the URL of a new database without any schema, dropped when the test ends.
func EmptyDSN(tb testing.TB) config.PostgresDSN {
	tb.Helper()
	return decode(tb, create(tb, server(tb), "empty", "template0"))
}

// server returns the test server's URL, or fails the test: without a server nothing would be tested.
func server(tb testing.TB) *pgx.ConnConfig {
	tb.Helper()
	url := os.Getenv(Variable)
	if url == "" {
		tb.Fatalf("pgtest: %s is not set; start the servers: ./task test does it", Variable)
	}
	cfg, err := pgx.ParseConfig(url)
	if err != nil || !strings.HasPrefix(url, "postgres") {
		tb.Fatalf("pgtest: %s is not a postgres:// URL", Variable)
	}
	cfg.ConnectTimeout = time.Minute
	return cfg
}

func decode(tb testing.TB, url string) config.PostgresDSN {
	tb.Helper()
	var dsn config.PostgresDSN
	if err := dsn.Decode(url); err != nil {
		tb.Fatalf("pgtest: the test database's URL: %v", err)
	}
	return dsn
}
