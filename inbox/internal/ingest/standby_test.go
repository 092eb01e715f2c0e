package ingest_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
	"nms.example/inbox/internal/ingest"
)

// A trace that the standby does not have is not taken, and a repetition that only finds it neither.
func TestATraceWithoutItsStandbyIsNotTaken(t *testing.T) {
	t.Parallel()
	pair := pgtest.NewPair(t, true)
	pgtest.PairDatabase[db.DWH](pair)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: pgtest.PairDSN[db.DWH](pair, pair.Primary), ApplicationName: "inbox"})
	store := committer(pool)
	first, trace := item(uuid.New(), noon), item(uuid.New(), noon)
	_, _, err := store.Commit(t.Context(), []*ingest.Item{first}) // the day's partition is there
	require.NoError(t, err)
	pair.Detach()
	for range 2 {
		outcome := make(chan error, 1)
		go func() {
			_, _, err := store.Commit(t.Context(), []*ingest.Item{trace})
			outcome <- err
		}()
		pair.CancelWait("inbox")
		require.Equal(t, fault.Unavailable, fault.KindOf(<-outcome))
	}
	pair.Attach()
	outcomes, errs, err := store.Commit(t.Context(), []*ingest.Item{trace})
	require.NoError(t, err)
	require.NoError(t, errs[0])
	require.Equal(t, ingest.Known, outcomes[0])
}
