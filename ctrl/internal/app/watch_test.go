package app_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// slow is a binding whose commands may wait for hours.
var slow = object{"ttl": 86400}

// watched waits until the senders of what waits have been compared with what was revoked, later than a moment of the database.
func (b *bundle) watched() {
	b.t.Helper()
	var begun time.Time
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT clock_timestamp()").Scan(&begun))
	waittest.Until(b.t, "the waiting commands are looked at", func() (done bool) {
		require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT EXISTS (SELECT FROM command_watch WHERE watched_at > $1)", begun).Scan(&done))
		return done
	})
}

// past makes it so that all which waits was sent so many minutes ago, and was looked at last so many minutes ago.
func (b *bundle) past(sent, watched int) {
	b.t.Helper()
	b.exec("UPDATE issued_command SET created_at = clock_timestamp() - make_interval(mins => $1)", sent)
	b.exec("UPDATE command_watch SET watched_at = clock_timestamp() - make_interval(mins => $1)", watched)
}

// Revocations are forgotten after a quarter of an hour. What waited while nobody looked at them for longer is not sent.
func TestACommandWhoseSenderNobodyWatchedIsNotSent(t *testing.T) {
	t.Parallel()
	const reason = "nobody watched the sender's permissions from "
	t.Run("while no instance ran", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		u, approved := b.receiver(t, slow), b.receiver(t, with(object{"approvals": 1}, slow))
		c, waiting := u.sentHeld(u.order(1)), approved.sent(approved.order(1))
		b.watched()
		b.instance.Stop(t)
		b.past(20, 15)
		u.exec("UPDATE command_queue SET held = false")
		u.start()
		got := u.becomes(c.ID, "failed", "succeeded", "unverified", "unknown")
		require.Equal(t, "failed", got.State)
		require.Contains(t, *got.Reason, reason)
		require.Equal(t, "create refuse_release", got.events())
		require.Empty(t, u.gains())
		got = u.becomes(waiting.ID, "rejected")
		require.Contains(t, *got.Reason, reason)
		u.becomes(u.sent(u.order(2)).ID, "succeeded")
	})
	t.Run("while none knew what was revoked", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		u := b.receiver(t, slow)
		c := u.sentHeld(u.order(1))
		b.watched()
		b.instance.Stop(t)
		b.settings["REDIS_PREFIX"] = redistest.Prefix(t) // Redis is empty, and nobody fills it
		b.past(20, 15)
		u.start()
		require.Contains(t, *u.becomes(c.ID, "failed").Reason, reason)
		u.hold(false)
		u.becomes(u.sent(u.order(2)).ID, "succeeded")
	})
	t.Run("but for what an API key sent, whose permissions are looked up", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		u := b.receiver(t, slow)
		local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		key := u.As(b.kit.Key(t, authn.AllPermissions, local...))
		b.publish()
		waittest.Until(t, "the key is known", func() bool { return key.Get("/queues").Status == ok })
		u.hold(true)
		order := u.order(1)
		key.Post("/commands", order).Is(created)
		b.watched()
		b.instance.Stop(t)
		b.past(20, 15)
		u.start()
		b.watched()
		u.hold(false)
		id, _ := order["id"].(uuid.UUID)
		u.becomes(id, "succeeded")
	})
	t.Run("after a short gap it is", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		u := b.receiver(t, slow)
		c := u.sentHeld(u.order(1))
		b.watched()
		b.instance.Stop(t)
		b.past(60, 10)
		u.start()
		b.watched()
		u.hold(false)
		u.becomes(c.ID, "succeeded")
	})
}

// Who logs out everywhere, or changes the password, keeps the permissions.
func TestACommandOfSomebodyWhoLoggedOutIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	u := b.receiver(t, slow)
	u.hold(true)
	c := u.sentBy(500, false)
	u.tell(authn.Revocation{UserID: 500, Epoch: 2, Until: time.Now().Add(authn.RevocationTTL)})
	b.watched()
	u.hold(false)
	u.becomes(c.ID, "succeeded")
}
