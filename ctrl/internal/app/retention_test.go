package app_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/ctrl/internal/station"
)

// What has ended long ago goes, with its steps; what has not, or not long ago, stays.
func TestCommandsAreKeptForATime(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"CTRL_COMMANDS_RETENTION": "48h"})
	b.start()
	u := b.receiver(t, nil)
	undone := u.becomes(u.sent(u.order(1)).ID, "succeeded")
	var undo issued
	u.Post(at(undone.ID, "undo"), object{"id": uuid.New()}).Is(created).Into(&undo)
	u.becomes(undo.ID, "succeeded")
	many := u.becomes(u.sent(u.order(2)).ID, "succeeded")
	u.exec(`INSERT INTO issued_command SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid()))).*
		FROM issued_command c, generate_series(1, 1100) WHERE c.id = $1`, many.ID)
	recent := u.becomes(u.sent(u.order(4)).ID, "succeeded")
	waits := u.sentHeld(u.order(3))
	lost := b.receiver(t, object{"timeout": 1, "verifiers": []any{}, "points": []any{}})
	lost.fault(station.LostAnswers, true)
	unknown := lost.becomes(lost.sent(lost.order(1)).ID, "unknown")
	b.instance.Stop(t)

	u.exec("UPDATE issued_command SET created_at = created_at - interval '49 hours'")
	u.exec("UPDATE issued_command SET updated_at = updated_at - interval '49 hours' WHERE id <> $1", recent.ID)
	u.start()
	waittest.Until(t, "the old ones are gone", func() (gone bool) {
		require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT NOT EXISTS (SELECT FROM issued_command
			WHERE updated_at < now() - interval '48 hours' AND state = 'succeeded')`).Scan(&gone))
		return gone
	})
	for _, c := range []issued{undone, undo, many} {
		u.Get(at(c.ID)).Refused(notFound, "path.id", "not_found")
	}
	for _, id := range []uuid.UUID{waits.ID, unknown.ID, recent.ID} {
		u.Get(at(id)).Is(ok)
	}
	var steps int
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT count(*) FROM issued_command_step s
		WHERE NOT EXISTS (SELECT FROM issued_command c WHERE c.id = s.issued_command)`).Scan(&steps))
	require.Zero(t, steps)
}
