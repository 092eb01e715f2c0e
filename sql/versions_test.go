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

// Readers see a transaction whole or not at all, and so does who reads the past.
func TestATransactionCountsFromOneMoment(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.NMS))
	exec(t, conn, "INSERT INTO equipment (name, name_full) VALUES ('A', 'A')")
	exec(t, conn, `
		BEGIN;
		UPDATE equipment SET name = 'B' WHERE id = 1;
		SELECT pg_sleep(0.01);
		SAVEPOINT refused; INSERT INTO command_toc (name) VALUES ('undone'); ROLLBACK TO refused;
		INSERT INTO command_toc (name) VALUES ('Section');
		INSERT INTO equipment (parent_id, name, name_full) SELECT 1, 'C' || i, 'C' FROM generate_series(1, 3) i;
		UPDATE equipment SET archived_at = row_moment() WHERE id = 2;
		UPDATE equipment SET name = 'D' WHERE id = 1;
		COMMIT`)
	exec(t, conn, "UPDATE command_toc SET name = 'Later'")
	var moments []string
	require.NoError(t, conn.QueryRow(t.Context(), `
		WITH change AS (SELECT valid_from AS moment FROM row_version WHERE entity = 'equipment' AND id = 1 AND version = 2)
		SELECT array_agg(entity || ' ' || id || ' v' || version || ' +' || extract(microseconds FROM valid_from - moment)::int ORDER BY entity, id, version)
		FROM row_version, change WHERE (entity, id, version) NOT IN (('equipment', 1, 1), ('command_toc', 2, 2))`).Scan(&moments))
	require.Equal(t, []string{
		"command_toc 2 v1 +0", "equipment 1 v2 +0", "equipment 1 v3 +1", "equipment 2 v1 +0", "equipment 2 v2 +1",
		"equipment 3 v1 +0", "equipment 4 v1 +0",
	}, moments)
	var archivedBefore, laterBehind bool
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT e.archived_at <= e.valid_from, s.valid_from > e.valid_from
		FROM equipment e, command_toc s WHERE e.id = 2`).Scan(&archivedBefore, &laterBehind))
	require.True(t, archivedBefore)
	require.True(t, laterBehind, "the next transaction has a moment of its own")
}

// The views read a version back as the row was, and one version of a row at each moment.
func TestVersionsReadBackAsTheRowsWere(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.NMS))
	for _, table := range catalogues(t, conn) {
		view := table + "_version"
		row := func(where string) (content string) {
			t.Helper()
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT (to_jsonb(v) - 'valid_until')::text FROM "+view+" v WHERE "+where).Scan(&content), table)
			return content
		}
		before := row("id = 1")
		exec(t, conn, "UPDATE "+table+" SET name = 'Änderung', archived_at = '2026-01-02 03:04:05.678901+05'")
		after := row("id = 1 AND valid_until = 'infinity'")
		exec(t, conn, "UPDATE "+table+" SET name = 'Later'")
		require.Equal(t, before, row("id = 1 AND archived_at IS NULL"), table)
		require.Equal(t, after, row("id = 1 AND name = 'Änderung'"), table)
		var columns int
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_attribute a WHERE attrelid = $1::regclass AND attnum > 0 AND attgenerated = ''
			AND row_content(jsonb_build_object(attname, 0)) <> '{}'
			AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $2::regclass AND attname = a.attname)`, table, view).Scan(&columns))
		require.Zero(t, columns, "%s must have every column that a version of %s keeps", view, table)
	}
}
