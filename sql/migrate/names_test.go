package migrate

import (
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// oldNames are rows that the rule for names would refuse: dirty ones, and ones that it makes equal.
var oldNames = map[schema.Database]string{
	schema.NMS: `
		INSERT INTO equipment (id, name, name_full) VALUES (101, ' fldRX1', 'x'), (102, 'οδος', 'x'), (103, 'οδοσ', 'x'), (104, 'straße', 'x');
		INSERT INTO equipment (id, parent_id, name, name_full) VALUES (105, 101, 'strasse', 'x'), (106, 101, 'a' || U&'\200B' || 'b', 'x');
		INSERT INTO equipment (id, name, name_full, archived_at) VALUES (107, 'ΟΔΟΣ', 'archived', now());
		INSERT INTO command_toc (id, name) VALUES (101, 'ﬁ'), (102, 'fi'), (103, 'Fi ');
		INSERT INTO command (id, equipment_id, toc_id, name, name_full, description) VALUES
			(101, 101, 101, 'οδος', 'x', 'x'), (102, 101, 101, 'οδοσ', 'x', 'x'), (103, 101, 101, ' R1', 'x', 'x');
		INSERT INTO telemetry (id, name, name_full, description, value_validator) VALUES
			(101, '№1', 'x', 'x', '{}'), (102, 'No1', 'x', 'x', '{}'), (103, U&'\FEFF', 'x', 'x', '{}')`,
	schema.Auth: `
		INSERT INTO roles (id, description, access) VALUES ('Operator', 'x', 1), (' guest', 'x', 1);
		INSERT INTO users (id, login, name, password_hash, role_id)
			SELECT 100 + n, login, U&'\2800', '$2b$05$abcdefghijklmnopqrstuuct.CsqrTg2BB/j2yXstdBFnKB8RSx.q', ' guest'
			FROM unnest('{straße, strasse, STRAßE2, " bob"}'::text[]) WITH ORDINALITY u (login, n);
		INSERT INTO api_keys (id, name, hash, access, created_by)
			SELECT gen_random_uuid(), name, decode(repeat('0' || n, 32), 'hex'), 1, 'user:1'
			FROM unnest('{straße, strasse, " key"}'::text[]) WITH ORDINALITY u (name, n)`,
}

// Each row that was there goes on being served, can change and can get another name; what is new obeys the rule.
func TestNamesThatAreOlderThanTheRule(t *testing.T) {
	t.Parallel()
	before := map[string]func(*testing.T, schema.Database) Target{
		"before the first tag": beforeTheFirstTag,
		"one migration ago": func(t *testing.T, d schema.Database) Target {
			t.Helper()
			target := Target{Database: d, URL: testdb.New(t)}
			upTo(t, target, "20261130000399")
			if d == schema.Auth {
				_, err := testdb.Connect(t, target.URL).Exec(t.Context(), "INSERT INTO roles (id, description, access) VALUES ('operator', 'x', 1)")
				require.NoError(t, err)
			}
			return target
		},
	}
	for from, prepare := range before {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			t.Run("nms", func(t *testing.T) { t.Parallel(); oldCatalogues(t, upgraded(t, prepare(t, schema.NMS))) })
			t.Run("auth", func(t *testing.T) { t.Parallel(); oldAccounts(t, upgraded(t, prepare(t, schema.Auth))) })
		})
	}
}

func upgraded(t *testing.T, target Target) *pgx.Conn {
	t.Helper()
	conn := testdb.Connect(t, target.URL)
	_, err := conn.Exec(t.Context(), oldNames[target.Database])
	require.NoError(t, err)
	_, err = Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	return conn
}

func taken(t *testing.T, conn *pgx.Conn, rows int64, statement string) {
	t.Helper()
	tag, err := conn.Exec(t.Context(), statement)
	require.NoError(t, err, statement)
	require.Equal(t, rows, tag.RowsAffected(), statement)
}

func refusedBy(t *testing.T, conn *pgx.Conn, constraint, statement string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), statement+" -- provoked by a test")
	var refusal *pgconn.PgError
	require.ErrorAs(t, err, &refusal, statement)
	require.Equal(t, constraint, refusal.ConstraintName, statement)
}

func oldCatalogues(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	versions := func() (n int) {
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM row_version WHERE id > 100").Scan(&n))
		return n
	}
	require.Equal(t, 16, versions(), "the rule itself is no change of a row")
	taken(t, conn, 6, "SELECT FROM live_equipment WHERE id > 100")
	taken(t, conn, 3, "SELECT FROM live_command WHERE id > 100")
	taken(t, conn, 3, "SELECT FROM live_telemetry WHERE id > 100")
	taken(t, conn, 2, "SELECT FROM equipment WHERE archived_at IS NULL AND name_key = name_key('ΟΔΟΣ')")

	taken(t, conn, 3, "UPDATE equipment SET name_full = 'y' WHERE id IN (101, 103, 106)")
	taken(t, conn, 3, "UPDATE command SET description = 'y' WHERE id > 100")
	taken(t, conn, 3, "UPDATE telemetry SET description = 'y' WHERE id > 100")
	taken(t, conn, 1, "UPDATE equipment SET parent_id = 104 WHERE id = 101") // with dirty names in the subtree
	taken(t, conn, 1, "UPDATE equipment SET name = 'a b', name_full = 'z' WHERE id = 106")
	taken(t, conn, 1, "UPDATE command_toc SET name = 'Fi 2' WHERE id = 103")

	for _, statement := range []string{
		"INSERT INTO equipment (name, name_full) VALUES ('ΟΔΟΣ', 'x')",
		"UPDATE equipment SET name = 'Οδος' WHERE id = 103", // another spelling of what clashes
		"UPDATE equipment SET archived_at = NULL WHERE id = 107",
		"INSERT INTO equipment (parent_id, name, name_full) VALUES (101, 'STRASSE', 'x')",
		"UPDATE equipment SET parent_id = NULL WHERE id = 105",
	} {
		refusedBy(t, conn, "equipment_name_key", statement)
	}
	refusedBy(t, conn, "command_name_key", "INSERT INTO command (equipment_id, toc_id, name, name_full, description) VALUES (101, 101, 'ΟΔΟΣ', 'x', 'x')")
	refusedBy(t, conn, "command_toc_name_key", "INSERT INTO command_toc (name) VALUES ('FI')")
	refusedBy(t, conn, "telemetry_name_key", "INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ('nO1', 'x', 'x', '{}')")
	taken(t, conn, 1, "INSERT INTO command (equipment_id, toc_id, name, name_full, description) VALUES (104, 101, 'ΟΔΟΣ', 'x', 'x')")

	refusedBy(t, conn, "equipment_name_rule", "INSERT INTO equipment (name, name_full) VALUES (' x', 'x')")
	refusedBy(t, conn, "equipment_name_rule", "UPDATE equipment SET name = 'fldRX1 ' WHERE id = 101")
	refusedBy(t, conn, "command_toc_name_rule", `INSERT INTO command_toc (name) VALUES (U&'\00AD')`)
	refusedBy(t, conn, "command_name_rule", "UPDATE command SET name = 'R1 ' WHERE id = 103")
	refusedBy(t, conn, "telemetry_name_rule", "UPDATE telemetry SET name = ' ' WHERE id = 103")

	taken(t, conn, 1, "UPDATE equipment SET name = 'own' WHERE id = 103")
	taken(t, conn, 1, "UPDATE command SET name = 'own' WHERE id = 102")
	taken(t, conn, 1, "UPDATE telemetry SET name = 'own' WHERE id = 102")
	taken(t, conn, 0, "SELECT FROM equipment WHERE name_clash <> 0")
	refusedBy(t, conn, "equipment_name_key", "UPDATE equipment SET name = 'οδοσ' WHERE id = 103")
}

func oldAccounts(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	taken(t, conn, 0, "SELECT FROM users_history WHERE id > 100 AND version > 1")
	taken(t, conn, 0, "SELECT FROM roles_history WHERE snapshot ? 'name_clash'")
	taken(t, conn, 2, "SELECT FROM users WHERE login_key = login_key('STRASSE')")
	taken(t, conn, 4, "UPDATE users SET dark_theme = true WHERE id > 100")
	taken(t, conn, 3, "UPDATE users SET status = 1, role_id = 'Operator' WHERE id > 101")
	taken(t, conn, 2, "UPDATE roles SET description = 'y' WHERE id IN ('Operator', ' guest')")
	taken(t, conn, 1, "UPDATE api_keys SET revoked_at = now() WHERE name = ' key'")

	user := func(login, name string) string {
		return "INSERT INTO users (login, name, password_hash, role_id) SELECT " + login + ", " + name + ", password_hash, role_id FROM users WHERE id = 101"
	}
	key := func(name string) string {
		return "INSERT INTO api_keys (id, name, hash, access, created_by) VALUES (gen_random_uuid(), " + name + ", decode(repeat('09', 32), 'hex'), 1, 'user:1')"
	}
	refusedBy(t, conn, "users_login_live_key", user("'Strasse'", "'x'"))
	refusedBy(t, conn, "users_login_live_key", "UPDATE users SET login = 'STRASSE' WHERE id = 102")
	refusedBy(t, conn, "roles_id_key", "INSERT INTO roles (id, description, access) VALUES ('OPERATOR', 'x', 1)")
	refusedBy(t, conn, "api_keys_name_live_key", key("'STRASSE'"))
	refusedBy(t, conn, "users_login_rule", user("'ann '", "'x'"))
	refusedBy(t, conn, "users_name_rule", user("'ann'", `U&'x\00A0y'`))
	refusedBy(t, conn, "users_login_rule", "UPDATE users SET login = 'bob ' WHERE id = 104")
	refusedBy(t, conn, "users_name_rule", "UPDATE users SET name = 'x ' WHERE id = 104")
	refusedBy(t, conn, "roles_id_rule", `INSERT INTO roles (id, description, access) VALUES (U&'x\202E', 'x', 1)`)
	refusedBy(t, conn, "api_keys_name_rule", key("' '"))
	taken(t, conn, 1, "UPDATE users SET login = 'own' WHERE id = 102")
	taken(t, conn, 0, "SELECT FROM users WHERE name_clash <> 0")
	refusedBy(t, conn, "users_login_live_key", "UPDATE users SET login = 'strasse' WHERE id = 102")
}
