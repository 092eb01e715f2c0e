package pgtest

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestSweepRemovesOnlyWhatIsOldOrHalfMade(t *testing.T) {
	t.Parallel()
	cfg := server(t)
	conn := connect(t.Context(), t, cfg)
	defer conn.Close(t.Context())
	mark := time.Now().UnixNano()
	old, fresh := time.Now().Add(-2*staleAfter).Unix(), time.Now().Unix()
	for name, test := range map[string]struct {
		comment string
		stays   bool
	}{
		fmt.Sprintf("%sold_%d", templatePrefix, mark):                 {strconv.FormatInt(old, 10), false},
		fmt.Sprintf("%sfresh_%d", templatePrefix, mark):               {strconv.FormatInt(fresh, 10), true},
		fmt.Sprintf("%shalf_%d%s", templatePrefix, mark, draftSuffix): {"", false},
		fmt.Sprintf("%sold%d_%d_0", clonePrefix, mark, old):           {"", false},
		fmt.Sprintf("%sfresh%d_%d_0", clonePrefix, mark, fresh):       {"", true},
	} {
		t.Cleanup(func() { drop(t, cfg, name) })
		unlock, err := lock(t.Context(), conn) // before the draft exists, so that no other process sweeps it
		require.NoError(t, err)
		defer unlock()
		_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0")
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", name, test.comment))
		require.NoError(t, err)

		require.NoError(t, sweep(t.Context(), conn))

		rows, err := conn.Query(t.Context(), "SELECT datname FROM pg_database WHERE datname = $1", name)
		require.NoError(t, err)
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		require.Equal(t, test.stays, len(found) == 1, name)
	}
}
