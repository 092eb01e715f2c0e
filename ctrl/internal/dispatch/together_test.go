package dispatch

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/request"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/driver"
)

func TestClaimsAndOutcomesShareATransaction(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, second, third := f.unit(), f.unit(), f.unit()
	ids := []uuid.UUID{f.sent(first, 1, 1), f.sent(second, 2, 1), f.sent(third, 3, 1)}
	claims := f.released(first, second)
	f.writeAll(t.Context(), claims)
	require.Equal(t, 1, f.transactions(command.Send))
	for i, w := range claims {
		require.True(t, w.made)
		row := f.command(ids[i])
		require.Equal(t, w.job.row, row, "what the job goes on with")
		require.Equal(t, "sending", row.State)
		require.Equal(t, f.owner, *row.Owner)
		require.True(t, row.Deadline.After(time.Now()))
		require.EqualValues(t, 1, row.Sends)
	}

	// An outcome with two steps, one with one step, and a claim.
	accepted := &writing{job: claims[0].job, steps: f.accepted(claims[0].job, driver.Reply{Text: "ok"})}
	refused := &writing{job: claims[1].job, steps: []command.Move{{Event: command.Refuse, Change: command.Change{Reason: "no"}}}}
	claim := f.released(third)[0]
	f.writeAll(t.Context(), []*writing{accepted, claim, refused})
	for i, want := range []string{"verifying", "failed", "sending"} {
		require.Equal(t, want, f.command(ids[i]).State)
	}
	require.Equal(t, "ok", *f.command(ids[0]).Reply)
	require.Equal(t, f.command(ids[0]), accepted.job.row)
	require.Nil(t, f.command(ids[1]).Owner)
	var n int
	require.NoError(t, f.pool.QueryRow(t.Context(),
		"SELECT count(DISTINCT xmin::text) FROM issued_command_step WHERE event IN ('accept', 'verify', 'refuse') OR issued_command = $1 AND event = 'send'", ids[2]).Scan(&n))
	require.Equal(t, 1, n)
	var events string
	require.NoError(t, f.pool.QueryRow(t.Context(),
		"SELECT string_agg(event, ' ' ORDER BY version) FROM issued_command_step WHERE issued_command = $1", ids[0]).Scan(&events))
	require.Equal(t, "create send accept verify", events)
}

// Whatever keeps one command from being claimed keeps no other from it, and none that is kept is written in part.
func TestAClaimThatCannotBeMadeTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const withdrawn = 2
	bad := map[string]func(u unit, w *writing){
		"the queue is held": func(u unit, _ *writing) {
			f.exec("UPDATE command_queue SET held = true WHERE equipment_id = $1", u.equipment)
		},
		"somebody is at the queue": func(u unit, _ *writing) {
			f.locked("SELECT FROM command_queue WHERE equipment_id = $1 FOR NO KEY UPDATE", u.equipment)
		},
		"it was cancelled": func(_ unit, w *writing) {
			f.exec("UPDATE issued_command SET state = 'cancelled', version = version + 1 WHERE id = $1", w.job.row.ID)
		},
		"the endpoint was locked": func(u unit, _ *writing) {
			f.exec("UPDATE endpoint SET admin_state = 'locked', revision = nextval('ctrl_revision') WHERE equipment_id = $1", u.equipment)
		},
		"the binding was changed": func(u unit, _ *writing) {
			f.exec("UPDATE command_binding SET ttl = 7, revision = nextval('ctrl_revision') WHERE command_id = $1", u.command)
		},
		"the command was archived": func(u unit, _ *writing) {
			f.exec("UPDATE command SET archived_at = now() WHERE id = $1", u.command)
		},
		"its time is over":                func(_ unit, w *writing) { w.job.row.ExpiresAt = time.Now().Add(-time.Second) },
		"the permissions were withdrawn":  func(unit, *writing) { f.withdraw[withdrawn] = true },
		"the database refuses what comes": func(_ unit, w *writing) { w.steps[0].Change.Edit = func(*command.Columns) {} }, // no owner
		"another one of it is in flight": func(_ unit, w *writing) {
			f.exec(`INSERT INTO issued_command (id, command_id, equipment_id, args, content_hash, hazard_confirmed, hazardous, approvals, idempotent,
				binding_revision, wire, expires_at, sender, sender_login, sender_holder, state, place, sends, sent_at, owner, deadline)
				SELECT gen_random_uuid(), command_id, equipment_id, args, content_hash, hazard_confirmed, hazardous, approvals, idempotent, binding_revision, wire,
				expires_at, sender, sender_login, sender_holder, 'sending', 1, 1, now(), gen_random_uuid(), now() FROM issued_command WHERE id = $1`, w.job.row.ID)
		},
	}
	units := []unit{f.unit()}
	ids := []uuid.UUID{f.sent(units[0], 0, 1)}
	var spoil []func(u unit, w *writing)
	for name, how := range bad {
		u, user := f.unit(), int64(1)
		if name == "the permissions were withdrawn" {
			user = withdrawn
		}
		units, ids, spoil = append(units, u), append(ids, f.sent(u, len(units), user)), append(spoil, how)
	}
	units = append(units, f.unit())
	ids = append(ids, f.sent(units[len(units)-1], 9, 1))
	claims := f.released(units...)
	for i, how := range spoil {
		how(units[i+1], claims[i+1])
	}
	f.writeAll(t.Context(), claims)
	for i, w := range claims {
		row := f.command(ids[i])
		if fine := i == 0 || i == len(claims)-1; fine {
			require.True(t, w.made)
			require.Equal(t, "sending", row.State)
			continue
		}
		require.False(t, w.made)
		require.Contains(t, []string{"queued", "cancelled"}, row.State)
		require.Zero(t, row.Sends)
	}
}

// Whoever is at one command keeps the outcomes of no others waiting; when it is free its own outcome is written.
func TestAnOutcomeWaitsForNoOthers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, second := f.unit(), f.unit()
	ids := []uuid.UUID{f.sent(first, 1, 1), f.sent(second, 2, 1)}
	claims := f.released(first, second)
	f.writeAll(t.Context(), claims)
	free := f.locked("SELECT FROM issued_command WHERE id = $1 FOR UPDATE", ids[0])
	outcomes := make([]*writing, len(claims))
	for i, w := range claims {
		outcomes[i] = &writing{job: w.job, steps: f.accepted(w.job, driver.Reply{Text: "ok"})}
	}
	f.writeAll(t.Context(), outcomes)
	require.False(t, outcomes[0].made)
	require.True(t, outcomes[1].made)
	require.Equal(t, "verifying", f.command(ids[1]).State)
	written := make(chan bool, 1)
	go func() { written <- f.record(outcomes[0].job, driver.Accepted, driver.Reply{Text: "ok"}, nil) }()
	free()
	require.True(t, <-written)
	require.Equal(t, "verifying", f.command(ids[0]).State)
}

// An instance dies between the commit of what it was about to send and the first byte: all of it may have been executed, for all that anybody knows, and is never sent.
func TestACrashBehindSharedClaimsLeavesAllUnknown(t *testing.T) {
	t.Parallel()
	f := setup(t)
	units := []unit{f.unit(), f.unit(), f.unit()}
	var ids []uuid.UUID
	for i, u := range units {
		ids = append(ids, f.sent(u, i, 1))
	}
	claims := f.released(units...)
	f.writeAll(t.Context(), claims)
	require.Equal(t, 1, f.transactions(command.Send))
	for i, u := range units {
		f.sent(u, 10+i, 1) // which waits behind it
	}

	ctx, cancel := context.WithCancel(request.WithActor(t.Context(), "service:ctrl"))
	ended := make(chan error, 1)
	go func() { ended <- f.dispatcher().Run(ctx) }()
	for _, id := range ids {
		waittest.Until(t, "it is unknown", func() bool { return f.command(id).State == "unknown" })
	}
	cancel()
	require.NoError(t, <-ended)
	require.Empty(t, f.station.Executed())
	require.Equal(t, 1, f.transactions(command.Send))
}
