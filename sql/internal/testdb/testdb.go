// Package testdb makes this module's tests an empty PostgreSQL database each, and a picture of what is in
// it. The services' tests use nms.example/common/pgtest, which this module cannot import.
package testdb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

const timeout = 5 * time.Minute

// New makes an empty database for this test and returns its URL. As in a real installation it belongs to a
// role of its own that is no superuser. Both are dropped when the test ends.
func New(t *testing.T) string {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES_DSN")
	require.NotEmpty(t, server, "TEST_POSTGRES_DSN is not set; start the servers: ./task test does it")
	u, err := url.Parse(server)
	require.NoError(t, err)
	name := fmt.Sprintf("nmstest_sql_%d_%08x", time.Now().Unix(), rand.Uint32())
	run(t, server, "CREATE ROLE "+name+" LOGIN PASSWORD '"+name+"'")
	t.Cleanup(func() { run(t, server, "DROP ROLE "+name) })
	create(t, name)
	t.Cleanup(func() { run(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u.User, u.Path = url.UserPassword(name, name), "/"+name
	return u.String()
}

// Empty makes a database of New empty again, with the same owner, as one does before restoring a backup.
func Empty(t *testing.T, database string) {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	name := u.User.Username()
	run(t, os.Getenv("TEST_POSTGRES_DSN"), "DROP DATABASE "+name+" WITH (FORCE)")
	create(t, name)
}

// create makes an empty database as an installation has it: only its owner may connect.
func create(t *testing.T, name string) {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES_DSN")
	run(t, server, "CREATE DATABASE "+name+" OWNER "+name+" TEMPLATE template0")
	run(t, server, "REVOKE CONNECT ON DATABASE "+name+" FROM PUBLIC")
}

// Role makes a further role with no rights and returns its name, the URL of the database for it, and how to drop it
// before the test ends, when nothing depends on it any more.
func Role(t *testing.T, database string) (name, roleURL string, drop func()) {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	name = fmt.Sprintf("nmstest_role_%08x", rand.Uint32())
	run(t, os.Getenv("TEST_POSTGRES_DSN"), "CREATE ROLE "+name+" LOGIN PASSWORD '"+name+"'")
	drop = func() { run(t, os.Getenv("TEST_POSTGRES_DSN"), "DROP ROLE IF EXISTS "+name) }
	t.Cleanup(func() {
		Empty(t, database) // what was granted in it goes with it
		drop()
	})
	u.User = url.UserPassword(name, name)
	return name, u.String(), drop
}

// Connect opens a connection for the time of the test.
func Connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), timeout)
		defer cancel()
		require.NoError(t, conn.Close(ctx))
	})
	return conn
}

func run(t *testing.T, url, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), timeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	require.NoError(t, err)
}

// catalogue describes each object of the schema public that is not an extension's, one per line, by name
// and definition. Identity numbers (OIDs) are left out, so that two databases can be compared.
const catalogue = `
WITH own AS (
    SELECT c.* FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'schema_migrations%'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
)
SELECT format('relation %s %s options %s acl %s bound %s persistence %s', relkind, relname, reloptions, relacl,
              pg_get_expr(relpartbound, oid), relpersistence) FROM own
UNION ALL
SELECT format('column %s.%s #%s %s not null %s identity %s generated %s default %s collation %s', c.relname, a.attname,
              row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull,
              a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation)
FROM own c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT format('constraint %s on %s %s', k.conname, c.relname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN own c ON c.oid = k.conrelid
UNION ALL
SELECT format('domain constraint %s on %s %s', k.conname, t.typname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid WHERE t.typnamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || pg_get_indexdef(oid) FROM own WHERE relkind IN ('i', 'I')
UNION ALL
SELECT 'view ' || relname || ' ' || pg_get_viewdef(oid) FROM own WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('trigger %s enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN own c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule ' || pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN own c ON c.oid = r.ev_class
UNION ALL
SELECT 'policy ' || p.polname || ' on ' || c.relname FROM pg_policy p JOIN own c ON c.oid = p.polrelid
UNION ALL
SELECT format('function %s acl %s', CASE p.prokind WHEN 'a' THEN p.oid::regprocedure::text ELSE pg_get_functiondef(p.oid) END, p.proacl)
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT format('type %s %s %s', t.typname, t.typtype, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd', 'r', 'm') 
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT 'extension ' || extname FROM pg_extension
UNION ALL
SELECT 'statistics ' || pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxnamespace = 'public'::regnamespace
UNION ALL
SELECT format('comment %s %s: %s', d.classoid::regclass, pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
FROM pg_description d JOIN own c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
UNION ALL
SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
ORDER BY 1`

// Catalogue lists what the database's schema holds, sorted; dbmate's own table apart.
func Catalogue(t *testing.T, url string) []string {
	t.Helper()
	conn := Connect(t, url)
	rows, err := conn.Query(t.Context(), catalogue)
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return lines
}
