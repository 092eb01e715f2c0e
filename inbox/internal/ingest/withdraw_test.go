package ingest_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/trace"
)

// The event of a withdrawal never overtakes that of the trace: as long as it waits for the bus, so does the withdrawal.
func TestAWithdrawalFollowsItsTrace(t *testing.T) {
	t.Parallel()
	b := setup(t, ingest.Settings{})
	events := event.NewCatalogue("inbox", ingest.EventReceived, ingest.EventWithdrawn)
	withdrawals := ingest.NewWithdrawals(change.NewWriter(b.pool, events, change.Options[db.DWH]{}))
	guid, other := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{guid, other} {
		_, err := b.queue.Submit(b.ctx, item(id, noon))
		require.NoError(t, err)
	}
	err := withdrawals.Withdraw(b.ctx, guid, "wrong")
	require.Equal(t, fault.Unavailable, fault.KindOf(err), "%v", err)
	require.Equal(t, 2, b.count(`SELECT count(*) FROM trace`), "nothing is done by half")
	require.Zero(t, b.count(`SELECT count(*) FROM trace_key WHERE withdrawn_at IS NOT NULL`))

	_, err = b.pool.Exec(b.ctx, `DELETE FROM outbox WHERE event::text LIKE '%' || $1::text || '%'`, guid.String())
	require.NoError(t, err)
	require.NoError(t, withdrawals.Withdraw(b.ctx, guid, "wrong"))
	require.ErrorIs(t, withdrawals.Withdraw(b.ctx, guid, "wrong"), trace.ErrNotFound)
	require.Equal(t, fault.Unavailable, fault.KindOf(withdrawals.Withdraw(b.ctx, other, "wrong")), "of another trace")
	require.Equal(t, 1, b.count(`SELECT count(*) FROM outbox WHERE event ->> 'type' = $1`, ingest.EventWithdrawn.Type))

	for _, it := range []*ingest.Item{item(guid, noon), item(guid, noon, -1), item(guid, noon.Add(time.Hour))} {
		_, err := b.queue.Submit(b.ctx, it)
		require.ErrorIs(t, err, ingest.ErrWithdrawn)
	}

	// A key whose partition retention has dropped is no trace any more.
	_, err = b.pool.Exec(b.ctx, `DELETE FROM trace`)
	require.NoError(t, err)
	require.ErrorIs(t, withdrawals.Withdraw(b.ctx, other, "wrong"), trace.ErrNotFound)
	require.Equal(t, 1, b.count(`SELECT count(*) FROM trace_key WHERE withdrawn_at IS NOT NULL`))
}
