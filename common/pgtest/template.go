package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	schema "nms.example/sql"
	"nms.example/sql/migrate"
)

const (
	templatePrefix = "nmstpl_"  // nmstpl_<database>_<hash>
	clonePrefix    = "nmstest_" // nmstest_<database>_<unix time>_<random>
	draftSuffix    = "_draft"   // a template in the making

	// templateLock is the advisory lock of those who make or remove templates: "nms_tpl" in ASCII.
	templateLock int64 = 0x6e6d735f74706c
	// owner is the role that every database belongs to, as in a real installation no superuser: what needs
	// more rights than production has fails in the tests. The password is for servers that ask for one.
	owner         = "nmstest_owner"
	ownerPassword = "nmstest_owner"

	// staleAfter is how old another build's template, or a clone whose test was killed, must be to be
	// removed: older than any test run that may still use it.
	staleAfter = 2 * time.Hour
	// cloneAttempts covers templates that another build removes at the wrong moment.
	cloneAttempts = 5
)

// clone makes a database from the template of d's migrations and returns its URL.
func clone(tb testing.TB, server *pgx.ConnConfig, d schema.Database) string {
	tb.Helper()
	template, err := templateName(d)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return create(tb, server, string(d), template)
}

// create makes a database from a template, drops it when the test ends, and returns its URL.
func create(tb testing.TB, server *pgx.ConnConfig, label, template string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), setupTimeout)
	defer cancel()
	conn := connect(ctx, tb, server)
	defer conn.Close(ctx)

	if err := ensureOwner(ctx, conn); err != nil {
		tb.Fatalf("pgtest: make the role %s: %v", owner, err)
	}
	name := fmt.Sprintf("%s%s_%d_%08x", clonePrefix, label, time.Now().Unix(), rand.Uint32())
	for attempt := 1; ; attempt++ {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+" OWNER "+owner)
		if err == nil {
			break
		}
		if !missing(err) || attempt == cloneAttempts {
			tb.Fatalf("pgtest: clone %s: %v", template, err)
		}
		if err := makeTemplate(ctx, conn, schema.Database(label), template); err != nil {
			tb.Fatalf("pgtest: make the template %s: %v", template, err)
		}
	}
	tb.Cleanup(func() { drop(tb, server, name) })
	// As in an installation: who shall get in needs a grant.
	if _, err := conn.Exec(ctx, "REVOKE CONNECT ON DATABASE "+name+" FROM PUBLIC"); err != nil {
		tb.Fatalf("pgtest: close %s to other roles: %v", name, err)
	}
	dsn, err := databaseURL(name, owner, ownerPassword)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return dsn
}

// ensureOwner makes the databases' owner. Roles belong to the whole server, so one process makes it.
func ensureOwner(ctx context.Context, conn *pgx.Conn) error {
	exists := func() (found bool, err error) {
		err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", owner).Scan(&found)
		return found, err
	}
	if found, err := exists(); found || err != nil {
		return err
	}
	unlock, err := lock(ctx, conn)
	if err != nil {
		return err
	}
	defer unlock()
	if found, err := exists(); found || err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE ROLE "+owner+" LOGIN PASSWORD '"+ownerPassword+"'")
	return err
}

func missing(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "3D000" // invalid_catalog_name: no such template
}

func connect(ctx context.Context, tb testing.TB, server *pgx.ConnConfig) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.ConnectConfig(ctx, server)
	if err != nil {
		tb.Fatalf("pgtest: no test server at %s:%d; start the servers: ./task test does it (%v)", server.Host, server.Port, err)
	}
	return conn
}

func drop(tb testing.TB, server *pgx.ConnConfig, name string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), dropTimeout)
	defer cancel()
	conn := connect(ctx, tb, server)
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		tb.Errorf("pgtest: drop the test database: %v", err)
	}
}

// templateName carries the hash of d's migrations, names and contents, and of the owner.
func templateName(d schema.Database) (string, error) {
	hash := sha256.New()
	hash.Write([]byte(owner + "\n"))
	files, err := fs.Glob(schema.Files, d.Dir()+"/*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range files {
		content, err := schema.Files.ReadFile(name)
		if err != nil {
			return "", err
		}
		hash.Write(fmt.Appendf(nil, "%s %d\n%s", name, len(content), content))
	}
	return templatePrefix + string(d) + "_" + hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// makeTemplate migrates a new database and renames it to the template's name only when it is complete, so that
// nobody ever clones half of one.
func makeTemplate(ctx context.Context, conn *pgx.Conn, d schema.Database, template string) error {
	unlock, err := lock(ctx, conn)
	if err != nil {
		return err
	}
	defer unlock()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", template).Scan(&exists); err != nil || exists {
		return err
	}
	if err := sweep(ctx, conn); err != nil {
		return err
	}
	draft := template + draftSuffix
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft + " TEMPLATE template0 OWNER " + owner} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	dsn, err := databaseURL(draft, owner, ownerPassword)
	if err != nil {
		return err
	}
	if _, err := migrate.Up(ctx, migrate.Target{Database: d, URL: dsn}, io.Discard); err != nil {
		_, dropped := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+draft+" WITH (FORCE)")
		return errors.Join(err, dropped)
	}
	for _, statement := range []string{
		fmt.Sprintf("COMMENT ON DATABASE %s IS '%d'", draft, time.Now().Unix()),
		// Nobody connects, autovacuum included: CREATE DATABASE refuses a template in use.
		"ALTER DATABASE " + draft + " WITH ALLOW_CONNECTIONS false",
		"ALTER DATABASE " + draft + " RENAME TO " + template,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// lock asks for the template lock until it gets it. Waiting inside PostgreSQL would count as a running
// statement, which statement_timeout ends.
func lock(ctx context.Context, conn *pgx.Conn) (unlock func(), err error) {
	for {
		var ours bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", templateLock).Scan(&ours); err != nil {
			return nil, err
		}
		if ours {
			return func() { _, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", templateLock) }, nil // or with the connection
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// sweep removes what killed test processes and older builds have left. The caller holds the template lock.
func sweep(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `
		SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '')
		FROM pg_database d
		WHERE (starts_with(datname, $1) OR starts_with(datname, $2))
		  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`, templatePrefix, clonePrefix)
	if err != nil {
		return err
	}
	type leftover struct{ Name, Comment string }
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[leftover])
	if err != nil {
		return err
	}
	for _, l := range found {
		// Templates are made under the lock that is ours now, so a draft belongs to a killed maker.
		if made, ok := madeAt(l.Name, l.Comment); !strings.HasSuffix(l.Name, draftSuffix) && (!ok || time.Since(made) < staleAfter) {
			continue
		}
		// Another server user's database, or one that came into use just now, stays.
		_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{l.Name}.Sanitize())
	}
	return nil
}

// madeAt reads when a database was made: from a clone's name, from a template's comment.
func madeAt(name, comment string) (time.Time, bool) {
	text := comment
	if rest, isClone := strings.CutPrefix(name, clonePrefix); isClone {
		parts := strings.Split(rest, "_")
		if len(parts) != 3 {
			return time.Time{}, false
		}
		text = parts[1]
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0), err == nil
}

// databaseURL is the server's URL with another database and user.
func databaseURL(name, user, password string) (string, error) {
	u, err := url.Parse(os.Getenv(Variable))
	if err != nil {
		return "", fmt.Errorf("%s is not a URL", Variable)
	}
	u.User, u.Path = url.UserPassword(user, password), "/"+name
	return u.String(), nil
}
