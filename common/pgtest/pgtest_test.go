package pgtest_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
)

func TestEveryTestHasItsOwnMigratedDatabase(t *testing.T) {
	t.Parallel()
	a, b := pgtest.New[db.ADMIN](t), pgtest.New[db.ADMIN](t)

	_, err := a.Exec(t.Context(), "INSERT INTO outbox (slot, event) VALUES (1, '{}')")
	require.NoError(t, err)

	require.Equal(t, 1, count(t, a))
	require.Zero(t, count(t, b), "a neighbour's rows are not seen")
}

func TestDatabaseBelongsToAnOrdinaryRole(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.NMS](t)
	var super, owner bool
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT rolsuper OR rolcreatedb OR rolcreaterole, pg_has_role(current_user, datdba, 'member')
		FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`).Scan(&super, &owner))
	require.False(t, super)
	require.True(t, owner)
	_, err := pool.Exec(t.Context(), "CREATE EXTENSION file_fdw -- provoked by a test")
	require.Error(t, err, "what needs a superuser is refused")
}

func TestRoleHasOnlyWhatItIsGranted(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN[db.ADMIN](t)
	name, theirs := pgtest.Role(t, dsn)
	pool := pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}})
	var connects bool // asked for, not tried: the server's log cannot tell whose refused start that is
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT has_database_privilege('"+name+"', current_database(), 'CONNECT')").Scan(&connects))
	require.False(t, connects)
	_, err := pool.Exec(t.Context(), "DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO "+name+"', current_database()); END $$")
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), theirs.Reveal())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SELECT FROM outbox -- provoked by a test")
	require.Error(t, err)
	_, err = pool.Exec(t.Context(), "GRANT SELECT ON outbox TO "+name)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "SELECT FROM outbox")
	require.NoError(t, err)
}

func TestManyAtOnce(t *testing.T) { //nolint:tparallel // "group" ends when its parallel subtests have
	t.Parallel()
	var distinct sync.Map
	t.Run("group", func(t *testing.T) {
		for range 12 {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				var name string
				require.NoError(t, pgtest.New[db.AUTH](t).QueryRow(t.Context(), "SELECT current_database()").Scan(&name))
				_, seen := distinct.LoadOrStore(name, true)
				require.False(t, seen, "a database of its own")
			})
		}
	})
}

func TestDatabaseIsDroppedWhenTheTestEnds(t *testing.T) { //nolint:tparallel // looks at what "inner" left behind
	t.Parallel()
	watcher := pgtest.New[db.ADMIN](t)
	var name string
	t.Run("inner", func(t *testing.T) {
		dsn := pgtest.DSN[db.DWH](t)
		conn, err := pgx.Connect(t.Context(), dsn.Reveal()) // never closed: the drop does not wait for it
		require.NoError(t, err)
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&name))
	})
	require.True(t, strings.HasPrefix(name, "nmstest_dwh_"), name)
	var exists bool
	require.NoError(t, watcher.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists))
	require.False(t, exists)
}

func TestEmptyDatabaseHasNoSchema(t *testing.T) {
	t.Parallel()
	_, err := db.Open[db.NMS](t.Context(), db.Settings{DSN: pgtest.EmptyDSN(t)})
	require.ErrorContains(t, err, "database nms is not migrated yet")
}

func count(t *testing.T, pool *db.Pool[db.ADMIN]) (n int) {
	t.Helper()
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM outbox").Scan(&n))
	return n
}
