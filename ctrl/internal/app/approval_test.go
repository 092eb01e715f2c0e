package app_test

import (
	"net/netip"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/waittest"
)

func TestApproval(t *testing.T) {
	t.Parallel()
	b := setup(t)
	approver := b.as(2, authn.Mask(authn.CommandsApprove|authn.CtrlRead))
	t.Run("a command waits until another person approves it", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		c := u.sent(u.order(1))
		require.Equal(t, "awaiting_approval", c.State)
		require.Empty(t, u.station.Executed())
		approver.For(t).Post(at(c.ID, "approve"), nil, matching(`"1"`)).Is(ok)
		c = u.becomes(c.ID, "succeeded")
		require.Equal(t, "create approve send accept verify confirm", c.events())
		require.Equal(t, "user:2", *c.Approver)
		require.Equal(t, "user:2", c.Steps[1].Actor)
	})
	t.Run("the sender neither approves nor rejects, but cancels", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		c := u.sent(u.order(1))
		u.Post(at(c.ID, "approve"), nil).Refused(forbidden, "path.id", "own_command")
		u.Post(at(c.ID, "reject"), object{}).Refused(forbidden, "path.id", "own_command")
		u.Post(at(c.ID, "cancel"), object{"reason": "a mistake"}).Is(ok)
		c = u.command(c.ID)
		require.Equal(t, "cancelled", c.State)
		require.Equal(t, "a mistake", *c.Reason)
		approver.For(t).Post(at(c.ID, "approve"), nil).Refused(conflict, "path.id", "wrong_state")
		require.Empty(t, u.station.Executed())
	})
	t.Run("an API key is no person", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		c := u.sent(u.order(1))
		key := u.For(t).As(b.key(t, authn.CommandsApprove|authn.CtrlRead))
		waittest.Until(t, "the key is known", func() bool { return key.Get("/queues").Status == ok })
		key.Post(at(c.ID, "approve"), nil).Refused(forbidden, "path.id", "person_needed")
		require.Equal(t, "awaiting_approval", u.command(c.ID).State)
		require.Empty(t, u.station.Executed())
	})
	t.Run("whose a key is nobody knows, so that none sends what another person has to approve", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		key := u.For(t).As(b.key(t, authn.CommandsSend|authn.CtrlRead))
		waittest.Until(t, "the key is known", func() bool { return key.Get("/queues").Status == ok })
		key.Post("/commands", u.order(1)).Refused(forbidden, "body.command_id", "person_needed")
		require.Empty(t, u.station.Executed())
	})
	t.Run("who rejects says why", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		c := u.sent(u.order(1))
		approver.For(t).Post(at(c.ID, "reject"), object{"reason": "not now"}).Is(ok)
		c = u.command(c.ID)
		require.Equal(t, "rejected", c.State)
		require.Equal(t, "not now", *c.Reason)
		require.Equal(t, "create reject", c.events())
		require.Empty(t, u.station.Executed())
	})
	t.Run("reasons hold nothing that nobody sees", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		c := u.sent(u.order(1))
		unseen := object{"reason": "\u202enot now"}
		approver.For(t).Post(at(c.ID, "reject"), unseen).Refused(unprocessable, "body.reason", "forbidden_characters")
		u.Post(at(c.ID, "cancel"), unseen).Refused(unprocessable, "body.reason", "forbidden_characters")
		u.Post(at(c.ID, "resolve"), with(object{"outcome": "failed"}, unseen)).Refused(unprocessable, "body.reason", "forbidden_characters")
		u.Patch(of("/queues", u.equipment), with(object{"held": true}, unseen)).Refused(unprocessable, "body.reason", "forbidden_characters")
	})
	t.Run("what is approved goes behind what was queued before", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"verifiers": []any{}})
		u.put(of("/command-bindings", u.mode), modeBinding(object{"approvals": 1})).Is(ok)
		u.hold(true)
		waiting := u.sent(object{"id": uuid.New(), "command_id": u.mode})
		first := u.sent(u.order(1))
		approver.For(t).Post(at(waiting.ID, "approve"), nil).Is(ok)
		last := u.sent(u.order(2))
		u.hold(false)
		u.becomes(last.ID, "succeeded")
		require.Equal(t, "succeeded", u.command(first.ID).State)
		require.Equal(t, []any{1.0, "on", 2.0}, u.values())
	})
}

// key makes an API key that may be used from here, and has the services told of it.
func (b *bundle) key(t *testing.T, permissions authn.Permission) string {
	t.Helper()
	key := b.kit.Key(t, authn.Mask(permissions), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	b.publish()
	return key
}
