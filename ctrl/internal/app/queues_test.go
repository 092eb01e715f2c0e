package app_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/nmsdb"
)

func TestQueues(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type queue struct {
		Held             bool
		Reason           *string
		Queued           int
		AwaitingApproval int     `json:"awaiting_approval"`
		InFlight         *string `json:"in_flight"`
		InFlightState    string  `json:"in_flight_state"`
	}
	get := func(u *unit) queue {
		u.t.Helper()
		var page struct{ Content []queue }
		u.Get("/queues?equipment-id=" + of("", u.equipment)[1:]).Is(ok).Into(&page)
		require.Len(u.t, page.Content, 1)
		return page.Content[0]
	}
	t.Run("commands go out one at a time, in the order in which they were sent", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"verifiers": []any{}})
		u.hold(true)
		var all []issued
		for i := range 10 {
			all = append(all, u.sent(u.order(float64(i))))
		}
		require.Equal(t, 10, get(u).Queued)
		u.Post(at(all[4].ID, "cancel"), object{"reason": "a mistake"}).Is(ok)
		u.hold(false)
		u.becomes(all[9].ID, "succeeded")
		require.Equal(t, []any{0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0, 9.0}, u.gains(), "the fifth was taken back")
		require.Equal(t, "cancelled", u.command(all[4].ID).State)
	})
	t.Run("nothing is sent from a queue that is held, and another does not wait", func(t *testing.T) {
		t.Parallel()
		u, other := b.receiver(t, nil), b.receiver(t, nil)
		u.Patch(of("/queues", u.equipment), object{"held": true, "reason": "maintenance"}).Is(ok)
		c := u.sent(u.order(1))
		other.becomes(other.sent(other.order(2)).ID, "succeeded")
		require.Equal(t, "queued", u.command(c.ID).State)
		q := get(u)
		require.True(t, q.Held)
		require.Equal(t, "maintenance", *q.Reason)
		require.Nil(t, q.InFlight)
		u.hold(false)
		u.becomes(c.ID, "succeeded")
		require.Nil(t, get(u).Reason)
	})
	t.Run("a queue is held before anything was sent", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.Patch(of("/queues", u.equipment), object{"held": true}, matching(`"1"`)).Refused(changed, "header.If-Match", "changed_meanwhile")
		u.Patch(of("/queues", u.equipment), object{"held": true}).Is(ok)
		require.True(t, get(u).Held)
	})
	t.Run("equipment that is not in the catalogue has none", func(t *testing.T) {
		t.Parallel()
		b.For(t).Patch("/queues/999999", object{"held": true}).Refused(notFound, "path.equipment_id", "not_found")
	})
	t.Run("a change of a version that is no longer there is refused", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		path := of("/queues", u.equipment)
		tag := u.Patch(path, object{"held": true}).Is(ok).Header.Get("ETag")
		u.Patch(path, object{"held": false}, matching(tag)).Is(ok)
		u.Patch(path, object{"held": true}, matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
	})
	t.Run("a first command that pauses is not passed, and the queue is not looked at meanwhile", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		first := u.sentHeld(u.order(1))
		second := u.sent(u.order(2))
		u.exec("UPDATE issued_command SET not_before = now() + interval '1 hour' WHERE id = $1", first.ID)
		u.hold(false)
		queries := nmsdb.New(u.pool)
		ready, err := queries.QueueReady(t.Context(), nmsdb.QueueReadyParams{Busy: []int64{}, Take: 1000})
		require.NoError(t, err)
		require.NotContains(t, ready, u.equipment)
		queries.QueueDue(t.Context(), []int64{u.equipment}).QueryRow(func(_ int, _ nmsdb.QueueDueRow, err error) {
			require.ErrorIs(t, err, pgx.ErrNoRows)
		})
		u.exec("UPDATE issued_command SET not_before = NULL WHERE id = $1", first.ID)
		u.becomes(second.ID, "succeeded")
		require.Equal(t, []any{1.0, 2.0}, u.gains())
	})
}
