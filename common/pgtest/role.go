package pgtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"nms.example/common/config"
)

// Role makes a further ordinary role, with no rights in any database (it may not even connect), and returns its name and the URL of the test's
// database for it. Whatever it was granted there goes with it when the test ends.
func Role(tb testing.TB, database config.PostgresDSN) (name string, dsn config.PostgresDSN) {
	tb.Helper()
	of, err := pgx.ParseConfig(database.Reveal())
	if err != nil || !strings.HasPrefix(of.Database, clonePrefix) {
		tb.Fatal("pgtest: Role wants the URL of a database of this package")
	}
	name = fmt.Sprintf("nmstest_role_%08x", rand.Uint32())
	run := func(statements ...string) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), dropTimeout)
		defer cancel()
		cfg := server(tb)
		cfg.Database = of.Database
		conn := connect(ctx, tb, cfg)
		defer conn.Close(ctx)
		for _, statement := range statements {
			if _, err := conn.Exec(ctx, statement); err != nil {
				tb.Errorf("pgtest: the role %s: %v", name, err)
			}
		}
	}
	run("CREATE ROLE " + name + " LOGIN PASSWORD '" + name + "'")
	tb.Cleanup(func() { run("DROP OWNED BY "+name, "DROP ROLE "+name) })
	url, err := databaseURL(of.Database, name, name)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return name, decode(tb, url)
}
