package schema_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// catalogues makes one row in each table of the catalogues and returns the tables whose rows carry versions.
func catalogues(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	exec(t, conn, `
		INSERT INTO equipment (name, name_full) VALUES ('Root', 'Root');
		INSERT INTO command_toc (name) VALUES ('Section');
		INSERT INTO command (equipment_id, toc_id, name, name_full, description) VALUES (1, 1, 'R105', 'Off', 'Off');
		INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ('tmi1', 'Power', 'Power', '{}')`)
	rows, err := conn.Query(t.Context(), `SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
		WHERE tgfoid = 'keep_version'::regproc ORDER BY 1`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Subset(t, tables, []string{"command", "command_toc", "equipment", "telemetry"})
	return tables
}

// Nobody has to name a new column for its changes to be kept.
func TestANewColumnIsVersionedByItself(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.NMS))
	for _, table := range catalogues(t, conn) {
		exec(t, conn, "ALTER TABLE "+table+" ADD COLUMN throw_away text")
		exec(t, conn, "UPDATE "+table+" SET throw_away = 'first'")
		exec(t, conn, "UPDATE "+table+" SET throw_away = 'second'")
		exec(t, conn, "UPDATE "+table+" SET throw_away = 'second'")
		var version int
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT version FROM "+table).Scan(&version), table)
		require.Equal(t, 3, version, table)
		var kept []*string
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT array_agg(snapshot->>'throw_away' ORDER BY version) FROM "+
			table+"_history WHERE snapshot ? 'throw_away'").Scan(&kept), table)
		first := "first"
		require.Equal(t, []*string{nil, &first}, kept, table)
	}
}

// A generated column has no value yet when a version is kept: it would differ each time and make a version of nothing.
func TestNoGeneratedColumnIsVersioned(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.NMS))
	for _, table := range catalogues(t, conn) {
		var kept []string
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT coalesce(array_agg(attname::text), '{}') FROM pg_attribute
			WHERE attrelid = $1::regclass AND attgenerated <> '' AND row_content(jsonb_build_object(attname, 0)) <> '{}'`,
			table).Scan(&kept))
		require.Empty(t, kept, "row_content must leave out these columns of %s", table)
	}
}

func TestAMoveMakesAVersionOfWhatMovesOnly(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.NMS))
	for _, table := range []string{"equipment", "command_toc"} {
		exec(t, conn, `INSERT INTO `+table+` (name, name_full) VALUES ('A', 'A'), ('B', 'B');
			INSERT INTO `+table+` (parent_id, name, name_full) VALUES (2, 'Child', 'Child')`)
		exec(t, conn, "UPDATE "+table+" SET parent_id = 1 WHERE id = 2")
		var versions []int
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT array_agg(version ORDER BY id) FROM "+table).Scan(&versions))
		require.Equal(t, []int{1, 2, 1}, versions, table)
		var path string
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT parent_path::text FROM "+table+" WHERE id = 3").Scan(&path))
		require.Equal(t, "0.1.2", path)
	}
}
