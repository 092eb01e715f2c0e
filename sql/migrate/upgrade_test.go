package migrate

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// beforeTheFirstTag makes a database as installations have it that were set up before the first tag.
func beforeTheFirstTag(t *testing.T, d schema.Database) Target {
	t.Helper()
	target := Target{Database: d, URL: testdb.New(t)}
	dump, err := os.ReadFile(filepath.Join("testdata", "untagged", string(d)+".sql"))
	require.NoError(t, err)
	_, err = testdb.Connect(t, target.URL).Exec(t.Context(), string(dump))
	require.NoError(t, err)
	return target
}

func TestAnUpgradeEndsWithTheSchemaOfANewDatabase(t *testing.T) {
	t.Parallel()
	for _, d := range []schema.Database{schema.Auth, schema.NMS} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			upgraded, fresh := beforeTheFirstTag(t, d), Target{Database: d, URL: testdb.New(t)}
			for _, target := range []Target{upgraded, fresh} {
				_, err := Up(t.Context(), target, io.Discard)
				require.NoError(t, err)
			}
			require.Equal(t, testdb.Catalogue(t, fresh.URL), testdb.Catalogue(t, upgraded.URL))
			status, err := ReadStatus(t.Context(), upgraded)
			require.NoError(t, err)
			require.Empty(t, status.Pending)
			require.Empty(t, status.Unknown)
		})
	}
}

func TestAnUpgradeKeepsTracesAndSignals(t *testing.T) {
	t.Parallel()
	upgraded, fresh := beforeTheFirstTag(t, schema.DWH), Target{Database: schema.DWH, URL: testdb.New(t)}
	for _, target := range []Target{upgraded, fresh} {
		_, err := Up(t.Context(), target, io.Discard)
		require.NoError(t, err)
	}
	conn := testdb.Connect(t, upgraded.URL)
	read := func(query string) (rows []string) {
		t.Helper()
		require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&rows))
		return rows
	}
	kept := func() [2][]string {
		return [2][]string{
			read(`SELECT array_agg(concat_ws(' ', start_freq_hz::numeric, stop_freq_hz::numeric, step_freq_hz::numeric, noise_dbm, encode(power, 'hex'))
				ORDER BY measured_at) FROM trace`),
			read("SELECT array_agg(concat_ws(' ', start_freq_hz::numeric, stop_freq_hz::numeric, f0_freq_hz::numeric)) FROM signal"),
		}
	}
	before := [2][]string{
		{"100000000 100000200 100 -101.5 9ce2c0e00000", "-1000000000000000 -1000000000000000 1 0 ff7f"},
		{"100000000 100000100 100000050"},
	}
	require.Equal(t, before, kept())
	_, err := conn.Exec(t.Context(), `/* provoked by a test */ INSERT INTO trace (measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, power)
		SELECT '2026-11-29 13:00Z', gen_random_uuid(), 0, 0, 0.5, 0, 0, 0, decode(repeat('00', length), 'hex') FROM (VALUES (0), (1), (6)) v (length)`)
	require.ErrorContains(t, err, "trace_axis")

	// The way back holds for as long as every frequency is whole.
	files, err := os.ReadDir(filepath.Join("..", "dwh", "migrations"))
	require.NoError(t, err)
	later := slices.IndexFunc(files, func(f os.DirEntry) bool { return strings.HasSuffix(f.Name(), "_trace_context.sql") })
	_, err = Down(t.Context(), upgraded, len(files)-later, io.Discard)
	require.NoError(t, err)
	require.Equal(t, before, kept())
	_, err = Up(t.Context(), upgraded, io.Discard)
	require.NoError(t, err)
	require.Equal(t, before, kept())
	_, err = conn.Exec(t.Context(), "DROP TABLE trace_20261129") // a new database has none
	require.NoError(t, err)
	require.Equal(t, testdb.Catalogue(t, fresh.URL), testdb.Catalogue(t, upgraded.URL))
}

func TestAnUpgradeGivesNewPermissionsToRolesThatHeldAll(t *testing.T) {
	t.Parallel()
	target := beforeTheFirstTag(t, schema.Auth)
	_, err := Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	conn := testdb.Connect(t, target.URL)

	var named int64
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT access FROM named_permissions").Scan(&named))
	const original = 4227858455
	require.Greater(t, named, int64(original))
	require.Equal(t, map[string]int64{
		"administrator": named, "chief": named | 1<<40, "operator": 1 << 26, "almost": original - 1,
	}, access(t, conn))

	var raised []string
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT array_agg(id ORDER BY id) FROM roles_history WHERE version = 2 AND actor = 'service:migrate'").Scan(&raised))
	require.Equal(t, []string{"administrator", "chief"}, raised, "the history tells who has got more")
	var revoked []string
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT array_agg(role_id ORDER BY role_id) FROM revocations WHERE pushed_at IS NULL").Scan(&revoked))
	require.Equal(t, raised, revoked, "tokens that carry the old mask end")
}

func TestPermissionsAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	target := Target{Database: schema.Auth, URL: testdb.New(t)}
	_, err := Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	conn := testdb.Connect(t, target.URL)
	_, err = conn.Exec(t.Context(), `INSERT INTO roles (id, description, access)
		SELECT r.id, r.id, r.access FROM named_permissions p, LATERAL (VALUES ('all', p.access), ('one', 1)) r (id, access);
		INSERT INTO users (login, name, password_hash, role_id)
		VALUES ('a', 'A', '$2b$05$abcdefghijklmnopqrstuuct.CsqrTg2BB/j2yXstdBFnKB8RSx.q', 'all')`)
	require.NoError(t, err)
	before := access(t, conn)

	_, err = conn.Exec(t.Context(), "SELECT add_permissions(60, 61)")
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"all": before["all"] | 3<<60, "one": 1}, access(t, conn))
	_, err = conn.Exec(t.Context(), "UPDATE roles SET access = access - (1::bigint << 61) WHERE id = 'all'")
	require.ErrorContains(t, err, "the last administrator cannot be taken away", "without the new one nobody could grant it")

	_, err = conn.Exec(t.Context(), "SELECT remove_permissions(60, 61)")
	require.NoError(t, err)
	require.Equal(t, before, access(t, conn))
}

// access reads every role's mask.
func access(t *testing.T, conn *pgx.Conn) map[string]int64 {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT id, access FROM roles")
	require.NoError(t, err)
	masks := map[string]int64{}
	var id string
	var mask int64
	_, err = pgx.ForEachRow(rows, []any{&id, &mask}, func() error {
		masks[id] = mask
		return nil
	})
	require.NoError(t, err)
	return masks
}
