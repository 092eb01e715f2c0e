package schema_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// The services translate violations by the names of constraints and indexes. A name that PostgreSQL made up stands in no
// migration, and may be another one after the next.
func TestConstraintsAndIndexesAreNamed(t *testing.T) {
	t.Parallel()
	for _, d := range schema.Databases() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			files, err := fs.Glob(schema.Files, d.Dir()+"/*.sql")
			require.NoError(t, err)
			var migrations strings.Builder
			for _, file := range files {
				content, err := fs.ReadFile(schema.Files, file)
				require.NoError(t, err)
				migrations.Write(content)
			}
			named := map[string]bool{}
			for _, match := range regexp.MustCompile(`(?i)\b(?:constraint|index|to)\s+(\w+)`).FindAllStringSubmatch(migrations.String(), -1) {
				named[match[1]] = true
			}
			// Those of partitions follow their parents'; schema_migrations is the migrator's own.
			rows, err := testdb.Connect(t, migrated(t, d)).Query(t.Context(), `
				SELECT conname::text FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
				WHERE r.relnamespace = 'public'::regnamespace AND r.relname <> 'schema_migrations'
				  AND c.contype <> 'n' AND c.conparentid = 0 AND c.conislocal
				UNION
				SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class r ON r.oid = x.indrelid
				WHERE r.relnamespace = 'public'::regnamespace AND r.relname <> 'schema_migrations' AND NOT i.relispartition`)
			require.NoError(t, err)
			names, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			require.Contains(t, names, "outbox_pkey")
			for _, name := range names {
				require.True(t, named[name], "no migration gives the name %s", name)
			}
		})
	}
}
