// Package pgtest gives tests a private, migrated PostgreSQL database each. It is for tests only.
//
//	pool := pgtest.New[db.NMS](t)
//
// A database is a clone of a template that is migrated once per set of migrations, whatever the number of
// test processes; it is dropped when the test ends.
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
)

// Variable names the environment variable with the URL of a server on which databases may be created.
const Variable = "TEST_POSTGRES_DSN"

const (
	setupTimeout = 2 * time.Minute // a migration of the template by another process included
	dropTimeout  = 30 * time.Second
	// maxConns keeps many parallel tests under the server's max_connections.
	maxConns = 4
)

// New clones a database of kind K for this test and opens a small pool on it. Both are gone when the test
// ends.
func New[K db.Kind](t testing.TB) *db.Pool[K] {
	t.Helper()
	return Open[K](t, db.Settings{DSN: DSN[K](t), Limits: db.Limits{MaxConns: maxConns}})
}

// Open opens a further pool, on the database that s names, for the time of the test.
func Open[K db.Kind](t testing.TB, s db.Settings) *db.Pool[K] {
	t.Helper()
	if s.ApplicationName == "" {
		s.ApplicationName = "pgtest"
	}
	pool, err := db.Open[K](t.Context(), s)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), dropTimeout)
		defer cancel()
		if err := pool.Close(ctx); err != nil {
			t.Errorf("pgtest: a transaction or rows were left open: %v", err)
		}
	})
	return pool
}

// DSN clones a database of kind K for this test and gives its URL, for tests that start a whole service.
// The database is dropped when the test ends, connected or not.
func DSN[K db.Kind](t testing.TB) config.PostgresDSN {
	t.Helper()
	return decode(t, clone(t, server(t), db.DatabaseOf[K]()))
}

// EmptyDSN gives the URL of a new database without any schema, dropped when the test ends.
func EmptyDSN(t testing.TB) config.PostgresDSN {
	t.Helper()
	return decode(t, create(t, server(t), "empty", "template0"))
}

// server gives the test server's URL, or fails the test: without a server nothing would be tested.
func server(t testing.TB) *pgx.ConnConfig {
	t.Helper()
	url := os.Getenv(Variable)
	if url == "" {
		t.Fatalf("pgtest: %s is not set; start the servers: ./task test does it", Variable)
	}
	cfg, err := pgx.ParseConfig(url)
	if err != nil || !strings.HasPrefix(url, "postgres") {
		t.Fatalf("pgtest: %s is not a postgres:// URL", Variable)
	}
	cfg.ConnectTimeout = 10 * time.Second
	return cfg
}

func decode(t testing.TB, url string) config.PostgresDSN {
	t.Helper()
	var dsn config.PostgresDSN
	if err := dsn.Decode(url); err != nil {
		t.Fatalf("pgtest: the test database's URL: %v", err)
	}
	return dsn
}
