package migrate

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// databases are the URLs of one installation's databases.
type databases map[schema.Database]string

// backup runs a script of deploy/backup with a folder for all databases, and returns what it said.
func backup(t *testing.T, script, dir string, all databases) (string, error) {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("..", "..", "deploy", "backup", script))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), script, dir)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "DB_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	for d, url := range all {
		cmd.Env = append(cmd.Env, d.Variable()+"="+url)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestABackupOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dumps")
	said, err := backup(t, "backup.sh", dir, nil)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 2, exit.ExitCode())
	require.Contains(t, said, "no DB_…_DSN is set")
	require.NoDirExists(t, dir)
}

// fill are the statements that put something into every database: trees that were moved and archived, histories,
// partitions other than the present ones, rows outside of ASCII, waiting events.
var fill = map[schema.Database]string{
	schema.Auth: `
		INSERT INTO roles (id, description, access) VALUES ('operator', 'Смотрит на public.users', 3);
		INSERT INTO users (login, name, password_hash, role_id)
			SELECT 'Оператор' || n, 'О', '$2a$10$' || repeat('a', 53), 'operator' FROM generate_series(1, 50) n;
		UPDATE users SET name = 'Н', status = 1 WHERE id % 3 = 0;
		INSERT INTO sessions (id, user_id, expires_at, idle_until)
			SELECT gen_random_uuid(), id, now() + interval '1 day', now() + interval '1 day' FROM users;
		INSERT INTO outbox (slot, event) SELECT n % 16, '{"n": 1}' FROM generate_series(1, 40) n`,
	schema.NMS: `
		INSERT INTO equipment (name, name_full) VALUES ('Корень', 'Корень'); -- it gets the id 1
		INSERT INTO equipment (parent_id, name, name_full) SELECT 1, 'Узел ' || n, 'Узел' FROM generate_series(1, 100) n;
		INSERT INTO equipment (parent_id, name, name_full) SELECT id, name || ' a', name FROM equipment WHERE id > 1;
		UPDATE equipment SET parent_id = (SELECT min(id) FROM equipment WHERE id > 2) WHERE name = 'Узел 7';
		UPDATE equipment SET archived_at = now() WHERE name LIKE '%a' AND id % 5 = 0;
		UPDATE cache_version SET version = version + 7`,
	schema.DWH: `
		SELECT trace_partition_ensure(now() - n * interval '1 day') FROM generate_series(0, 3) n;
		INSERT INTO trace_key SELECT gen_random_uuid(), now() - n % 4 * interval '1 day' FROM generate_series(1, 200) n;
		INSERT INTO trace (measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, power)
			SELECT measured_at, guid, 0, 999, 1, -100.5, 55.75, 37.62, decode(repeat('9ce2', 1000), 'hex') FROM trace_key;
		INSERT INTO signal SELECT gen_random_uuid(), guid, 1, 3, 2 FROM trace_key`,
	schema.Admin: `
		INSERT INTO event (time, id, source, type, subject, before, after)
			SELECT now() - n % 5 * interval '20 days', gen_random_uuid(), 'cfg', 'cfg.equipment.updated', n::text, NULL, '{"name": "Узел"}'
			FROM generate_series(1, 200) n;
		SELECT event_partitions_ahead(3)`,
}

// contents describes the rows of every table by their number and sum, and the state of every sequence. The identity of
// the caches is left out, because a restored database has another one, and so are their leases.
func contents(t *testing.T, url string) (lines []string) {
	t.Helper()
	conn := testdb.Connect(t, url)
	query := func(sql string) (found []string) {
		rows, err := conn.Query(t.Context(), sql)
		require.NoError(t, err)
		found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return found
	}
	for _, table := range query(`SELECT oid::regclass::text FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'cache_lease' ORDER BY 1`) {
		lines = append(lines, query(`SELECT concat_ws(' ', '`+table+`', count(*), md5(string_agg(row, E'\n' ORDER BY row)))
			FROM (SELECT (to_jsonb(x) - CASE WHEN '`+table+`' = 'cache_version' THEN 'epoch' ELSE '' END)::text AS row FROM `+table+` x) rows`)...)
	}
	for _, sequence := range query(`SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY 1`) {
		lines = append(lines, query("SELECT concat_ws(' ', '"+sequence+"', last_value, is_called) FROM "+sequence)...)
	}
	return lines
}

// withoutParentheses has a OR (b OR c) and (a OR b) OR c be the same: a dump flattens them.
func withoutParentheses(lines []string) []string {
	return strings.Split(strings.NewReplacer("(", "", ")", "").Replace(strings.Join(lines, "\n")), "\n")
}

// A backup that nobody has restored is none: what pg_dump writes is restored without a search path, so that a trigger
// or a check may be fine here and yet be refused there.
func TestABackupComesBackWithAllThatWasInIt(t *testing.T) {
	t.Parallel()
	all, catalogues, rows, epochs := databases{}, map[schema.Database][]string{}, map[schema.Database][]string{}, map[schema.Database]string{}
	for _, d := range schema.Databases() {
		all[d] = testdb.New(t)
		_, err := Up(t.Context(), Target{Database: d, URL: all[d]}, io.Discard)
		require.NoError(t, err)
		_, err = testdb.Connect(t, all[d]).Exec(t.Context(), fill[d])
		require.NoError(t, err, d)
		catalogues[d], rows[d] = withoutParentheses(testdb.Catalogue(t, all[d])), contents(t, all[d])
		epochs[d] = epoch(t, all[d])
	}
	dir := filepath.Join(t.TempDir(), "dumps")
	said, err := backup(t, "backup.sh", dir, all)
	require.NoError(t, err, said)
	folder, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), folder.Mode().Perm(), "nobody else reads a backup")

	said, err = backup(t, "restore.sh", dir, all)
	require.Error(t, err, "into databases that are in use")
	require.Contains(t, said, "the database is not empty")

	for _, url := range all {
		testdb.Empty(t, url)
	}
	said, err = backup(t, "restore.sh", dir, all)
	require.NoError(t, err, said)
	for d, url := range all {
		require.Equal(t, catalogues[d], withoutParentheses(testdb.Catalogue(t, url)), d)
		require.Equal(t, rows[d], contents(t, url), d)
		status, err := ReadStatus(t.Context(), Target{Database: d, URL: url})
		require.NoError(t, err)
		require.Empty(t, status.Pending)
		// What is in Redis under the old identity is of the time after the dump.
		if epochs[d] != "" {
			require.NotEqual(t, epochs[d], epoch(t, url), "the caches of %s have another identity", d)
		}
	}
	require.NotEmpty(t, epochs[schema.Auth])
	require.NotEmpty(t, epochs[schema.NMS])
	goesOn(t, all)
}

// epoch reads the identity of the caches over a database; empty where none are.
func epoch(t *testing.T, url string) (id string) {
	t.Helper()
	conn := testdb.Connect(t, url)
	var cached bool
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT to_regclass('cache_version') IS NOT NULL").Scan(&cached))
	if cached {
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT epoch::text FROM cache_version").Scan(&id))
	}
	return id
}

// goesOn writes into restored databases: ids follow those that were given, partitions are made, the journal refuses changes.
func goesOn(t *testing.T, all databases) {
	t.Helper()
	for d, statement := range map[schema.Database]string{
		schema.Auth:  "INSERT INTO users (login, name, password_hash, role_id) VALUES ('next', 'n', '$2a$10$' || repeat('a', 53), 'operator')",
		schema.NMS:   "INSERT INTO equipment (parent_id, name, name_full) VALUES (1, 'next', 'next')",
		schema.DWH:   "SELECT trace_partition_ensure(now() + interval '3 days')",
		schema.Admin: "SELECT event_partition_make(now() + interval '5 months')",
	} {
		_, err := testdb.Connect(t, all[d]).Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	_, err := testdb.Connect(t, all[schema.Admin]).Exec(t.Context(), "DELETE FROM event -- provoked by a test")
	require.Error(t, err, "the journal is append-only")
}

func TestADumpCutInHalfRestoresNothing(t *testing.T) {
	t.Parallel()
	all := databases{schema.Auth: testdb.New(t)}
	_, err := Up(t.Context(), Target{Database: schema.Auth, URL: all[schema.Auth]}, io.Discard)
	require.NoError(t, err)
	_, err = testdb.Connect(t, all[schema.Auth]).Exec(t.Context(), fill[schema.Auth])
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "dumps")
	said, err := backup(t, "backup.sh", dir, all)
	require.NoError(t, err, said)
	dump := filepath.Join(dir, "AUTH.dump")
	info, err := os.Stat(dump)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(dump, info.Size()*3/4))

	testdb.Empty(t, all[schema.Auth])
	said, err = backup(t, "restore.sh", dir, all)
	require.Error(t, err, said)
	require.NotContains(t, said, "restored")
	require.Empty(t, contents(t, all[schema.Auth]))
}

// Rights name roles, which belong to the server and are in no dump.
func TestARestoreNamesTheRolesThatAreMissing(t *testing.T) {
	t.Parallel()
	all := databases{schema.Admin: testdb.New(t)}
	_, err := Up(t.Context(), Target{Database: schema.Admin, URL: all[schema.Admin]}, io.Discard)
	require.NoError(t, err)
	role, url, drop := testdb.Role(t, all[schema.Admin])
	_, err = testdb.Connect(t, all[schema.Admin]).Exec(t.Context(), "SELECT admin_service_grant($1)", role)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "dumps")
	said, err := backup(t, "backup.sh", dir, all)
	require.NoError(t, err, said)

	testdb.Empty(t, all[schema.Admin])
	said, err = backup(t, "restore.sh", dir, all)
	require.NoError(t, err, said)
	_, err = testdb.Connect(t, all[schema.Admin]).Exec(t.Context(), "SELECT admin_service_grant($1)", role)
	require.NoError(t, err)
	_, err = testdb.Connect(t, url).Exec(t.Context(), "INSERT INTO event (time, id, source, type, subject) VALUES (now(), gen_random_uuid(), 'cfg', 'cfg.equipment.updated', '1')")
	require.NoError(t, err, "the rights came back, and the grant lets the role connect")

	testdb.Empty(t, all[schema.Admin])
	drop()
	said, err = backup(t, "restore.sh", dir, all)
	require.Error(t, err)
	require.Contains(t, said, "ADMIN: the dump grants rights to roles that are not there; make them first: "+role)
	require.Empty(t, contents(t, all[schema.Admin]))
}
