package app_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/waittest"
)

func TestUndo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// done makes a receiver with a command that succeeded, and MODE bound so.
	done := func(t *testing.T, mode, gain object) (*unit, issued) {
		t.Helper()
		u := b.receiver(t, gain)
		u.put(of("/command-bindings", u.mode), modeBinding(mode)).Is(ok)
		return u, u.becomes(u.sent(u.order(7)).ID, "succeeded")
	}
	t.Run("it sends the catalogue's undo command, once", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, nil, nil)
		body := object{"id": uuid.New()}
		var undo issued
		u.Post(at(c.ID, "undo"), body).Is(created).Into(&undo)
		require.Equal(t, c.ID, *undo.UndoOf)
		require.Equal(t, u.mode, undo.CommandID)
		require.Equal(t, `set mode "on"`, undo.Wire)
		require.Equal(t, "create send accept complete", u.becomes(undo.ID, "succeeded").events(), "without verifiers nothing is looked for")
		u.Post(at(c.ID, "undo"), body).Is(ok)
		require.Equal(t, []any{7.0, "on"}, u.values())
	})
	t.Run("a second undo is refused and told of the first, unless that had no effect", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, nil, nil)
		u.hold(true)
		var first issued
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Is(created).Into(&first)
		answer := u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Refused(conflict, "path.id", "already_undone")
		require.Contains(t, string(answer.Body), first.ID.String())
		u.Post(at(first.ID, "cancel"), object{}).Is(ok)
		statuses := u.atOnce(8, func() int { return u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Status })
		require.Equal(t, map[int]int{created: 1, conflict: 7}, statuses)
		u.hold(false)
		waittest.Until(t, "it is undone", func() bool { return len(u.station.Executed()) == 2 })
	})
	t.Run("its arguments come from those of the command", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, object{
			"template":    object{"set": "bandwidth_hz", "value": "{hertz}"},
			"args_schema": object{"type": "object", "required": []string{"hertz"}, "properties": object{"hertz": object{"type": "number", "minimum": 5}}},
		}, object{"undo_args": object{"hertz": "{gain}"}})
		var undo issued
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Is(created).Into(&undo)
		require.Equal(t, "set bandwidth_hz 7", undo.Wire)
	})
	t.Run("arguments that the undo command does not take are refused", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, object{
			"template":    object{"set": "bandwidth_hz", "value": "{hertz}"},
			"args_schema": object{"type": "object", "required": []string{"hertz"}, "properties": object{"hertz": object{"type": "number", "minimum": 8}}},
		}, object{"undo_args": object{"hertz": "{gain}"}})
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Refused(unprocessable, "path.id", "below_minimum")
	})
	t.Run("a hazardous undo is confirmed, by who may", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, object{"hazardous": true, "hazard_reason": "x"}, nil)
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Refused(unprocessable, "body.confirm_hazard", "hazard_unconfirmed")
		confirmed := object{"id": uuid.New(), "confirm_hazard": true}
		u.as(2, authn.Mask(authn.CommandsSend)).Post(at(c.ID, "undo"), confirmed).Refused(forbidden, "request", "forbidden")
		u.Post(at(c.ID, "undo"), confirmed).Is(created)
	})
	t.Run("an undo is approved like any other", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, object{"approvals": 1}, nil)
		require.Equal(t, "awaiting_approval", u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Is(created).Field("state"))
	})
	t.Run("nothing is undone where the endpoint is locked", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, nil, nil)
		u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Refused(conflict, "path.id", "endpoint_locked")
	})
	t.Run("an id that another command has is refused", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, nil, nil)
		u.Post(at(c.ID, "undo"), object{"id": c.ID}).Refused(conflict, "body.id", "guid_taken")
	})
	t.Run("a command without an undo command, or without arguments for it, has none", func(t *testing.T) {
		t.Parallel()
		u, c := done(t, nil, nil)
		undo := u.becomes(u.sent(object{"id": uuid.New(), "command_id": u.mode}).ID, "succeeded")
		u.Post(at(undo.ID, "undo"), object{"id": uuid.New()}).Refused(conflict, "path.id", "no_undo")
		u.Patch(of("/command-bindings", u.gain), object{"undo_args": nil}).Is(ok)
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Refused(conflict, "path.id", "no_undo")
	})
	t.Run("what was not executed is not undone", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		c := u.sentHeld(u.order(1))
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}).Refused(conflict, "path.id", "wrong_state")
	})
}
