package app_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/command"
)

// The database goes the same ways as the service, and none else.
func TestTheDatabaseKnowsTheSameWays(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	for _, before := range command.States() {
		next := map[command.State]bool{}
		for _, e := range command.Events() {
			if after, err := before.Next(e); err == nil && after != before {
				next[after] = true
			}
		}
		for _, after := range command.States() {
			var goes bool
			require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT issued_command_goes($1, $2)", string(before), string(after)).Scan(&goes))
			require.Equal(t, next[after], goes, "%s to %s", before, after)
		}
	}
}

// What must not happen does not, by whatever hand.
func TestTheDatabaseRefusesWhatMustNotHappen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const begin = `UPDATE issued_command SET state = 'sending', sends = sends + 1, sent_at = now(), owner = gen_random_uuid(),
		deadline = now() + interval '1 hour' WHERE id = $1`
	done := b.receiver(t, nil)
	succeeded := done.becomes(done.sent(done.order(1)).ID, "succeeded")
	held := b.receiver(t, nil)
	waiting := held.sentHeld(held.order(2))
	for name, c := range map[string]struct {
		statement string
		id        uuid.UUID
	}{
		"what is done is not sent again":    {begin, succeeded.ID},
		"what is done is not queued again":  {"UPDATE issued_command SET state = 'queued' WHERE id = $1", succeeded.ID},
		"what was sent does not change":     {"UPDATE issued_command SET args = '{}' WHERE id = $1", succeeded.ID},
		"nothing is sent without an owner":  {"UPDATE issued_command SET state = 'sending', sends = sends + 1, sent_at = now() WHERE id = $1", waiting.ID},
		"a sending is counted":              {"UPDATE issued_command SET state = 'sending', sent_at = now(), owner = gen_random_uuid(), deadline = now() WHERE id = $1", waiting.ID},
		"the counts of attempts only go up": {"UPDATE issued_command SET sends = sends - 1 WHERE id = $1", succeeded.ID},
		"nobody approves for the sender":    {"UPDATE issued_command SET approver = sender WHERE id = $1", waiting.ID},
		"there is no state of another name": {"UPDATE issued_command SET state = 'lost' WHERE id = $1", waiting.ID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.pool.Exec(t.Context(), c.statement+" -- provoked by a test", c.id)
			require.Error(t, err)
		})
	}
	t.Run("one is in flight at a time, and what may have been sent is not queued again", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		first, second := u.sentHeld(u.order(2)), u.sent(u.order(3))
		u.exec(begin, first.ID)
		_, err := b.pool.Exec(t.Context(), begin+" -- provoked by a test", second.ID)
		require.ErrorContains(t, err, "issued_command_in_flight_key")
		_, err = b.pool.Exec(t.Context(), "UPDATE issued_command SET state = 'queued', owner = NULL, deadline = NULL WHERE id = $1 -- provoked by a test", first.ID)
		require.ErrorContains(t, err, "issued_command_once_check")
	})
}
