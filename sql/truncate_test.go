package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/sql/internal/testdb"
)

// The limit of nms_history() that README.md names.
func TestTheHistoryDoesNotSeeTruncate(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "INSERT INTO thing (id, name) VALUES (1, 'a'), (2, 'b')")
	exec(t, conn, "TRUNCATE thing")
	var versions int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM thing_history").Scan(&versions))
	require.Equal(t, 2, versions)
}
