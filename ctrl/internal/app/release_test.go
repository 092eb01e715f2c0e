package app_test

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/station"
)

// standby is a precondition that holds, and what it reads.
var standby = object{
	"points":        []any{object{"parameter": "gain", "read": object{"get": "gain_db"}}, object{"parameter": "mode", "read": object{"get": "mode"}}},
	"preconditions": []any{object{"parameter": "mode", "op": "eq", "value": "standby"}},
}

func TestPreconditions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("a command is sent when they hold", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, standby)
		u.becomes(u.sent(u.order(1)).ID, "succeeded")
	})
	t.Run("a command fails when one does not hold", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, standby)
		_, err := u.station.Set("rx1", "mode", "on")
		require.NoError(t, err)
		c := u.becomes(u.sent(u.order(1)).ID, "failed")
		require.Equal(t, "create refuse_release", c.events())
		require.Equal(t, `a precondition does not hold: mode is "on", not eq standby`, *c.Reason)
		require.Empty(t, u.gains())
	})
	t.Run("a command fails when one cannot be read", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, with(object{"timeout": 1}, standby))
		u.fault(station.LostQueries, true)
		c := u.becomes(u.sent(u.order(1)).ID, "failed")
		require.Equal(t, "a precondition cannot be read: no answer came in time", *c.Reason)
		require.Empty(t, u.gains())
	})
}

// change is what happens between the sending of a command and its release.
type change struct {
	do            func(u *unit, by int64, c issued)
	state, reason string
}

func changes() map[string]change {
	return map[string]change{
		"a binding that was changed": {func(u *unit, _ int64, _ issued) {
			u.Patch(of("/command-bindings", u.gain), object{"ttl": 61}).Is(ok)
		}, "failed", "the binding was changed since it was sent"},
		"a binding that is gone": {func(u *unit, _ int64, _ issued) {
			u.Delete(of("/command-bindings", u.gain)).Is(noContent)
		}, "failed", "the command has no binding"},
		"an endpoint that was locked": {func(u *unit, _ int64, _ issued) {
			u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
		}, "failed", "the endpoint is locked"},
		"a command that was archived": {func(u *unit, _ int64, _ issued) {
			u.exec("UPDATE command SET undo_cmd_id = NULL, archived_at = now() WHERE id = $1", u.gain)
		}, "failed", "the catalogue has no such command, or it is archived"},
		"a command that belongs to other equipment by now": {func(u *unit, _ int64, _ issued) {
			other := u.receiver(u.t, nil)
			u.exec("UPDATE command SET undo_cmd_id = NULL, equipment_id = $1, name = 'MOVED' WHERE id = $2", other.equipment, u.gain)
		}, "failed", "the catalogue has moved the command to other equipment since it was sent"},
		"a sender who was blocked": {func(u *unit, by int64, _ issued) {
			u.revoke(by)
		}, "failed", "the sender's permissions were withdrawn or changed since it was sent"},
		"a time that is over": {func(u *unit, _ int64, c issued) {
			waittest.Until(u.t, "the command's time is over", func() bool { return time.Now().After(c.ExpiresAt) })
		}, "expired", ""},
	}
}

// revoke blocks a user, and waits until the service knows.
func (u *unit) revoke(user int64) {
	u.t.Helper()
	until := time.Now().Add(authn.RevocationTTL)
	u.tell(authn.Revocation{UserID: user, Epoch: 2, Until: until}, authn.Revocation{UserID: user, Epoch: 2, Until: until, Withdrawn: true})
	blocked := u.as(user, authn.AllPermissions)
	waittest.Until(u.t, "the service knows", func() bool { return blocked.Get("/queues").Status == http.StatusUnauthorized })
}

// tell publishes revocations.
func (b *bundle) tell(list ...authn.Revocation) {
	b.t.Helper()
	require.NoError(b.t, authn.NewPublisher(b.redis(), b.kit.Keyring).Revoke(b.t.Context(), list))
}

// sentBy sends an order of another user that expires soon when that is what is to happen.
func (u *unit) sentBy(user int64, expires bool) (c issued) {
	u.t.Helper()
	order := u.order(3)
	if expires {
		order["expires_at"] = moment(time.Now().Add(1500 * time.Millisecond))
	}
	u.as(user, authn.AllPermissions).Post("/commands", order).Is(created).Into(&c)
	return c
}

// What a command needs is looked at once more when its turn comes, however long it has waited.
func TestWhatIsLookedAtAgainBeforeSending(t *testing.T) {
	t.Parallel()
	b := setup(t)
	user := int64(100)
	for name, change := range changes() {
		user++
		by := user
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := b.receiver(t, nil)
			u.hold(true)
			c := u.sentBy(by, change.state == "expired")
			change.do(u, by, c)
			u.hold(false)
			u.refusedFor(c.ID, change)
		})
	}
}

// Preconditions take their time. What changes meanwhile counts as well: whoever has locked an endpoint may rely on it.
func TestWhatChangesWhilePreconditionsAreRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	user := int64(200)
	for name, change := range changes() {
		user++
		by := user
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := b.unit(t)
			g := newGate(t, u.address)
			u.address = g.address
			u.bind(standby)
			c := u.sentBy(by, change.state == "expired")
			waittest.Until(t, "the precondition is being read", func() bool { return g.asked.Load() > 0 })
			change.do(u, by, c)
			g.pass()
			u.refusedFor(c.ID, change)
		})
	}
}

// refusedFor expects that a command was not sent, and why.
func (u *unit) refusedFor(id uuid.UUID, because change) {
	u.t.Helper()
	c := u.becomes(id, "failed", "expired", "succeeded", "unknown", "unverified")
	require.Equal(u.t, because.state, c.State)
	if because.reason != "" {
		require.Equal(u.t, because.reason, *c.Reason)
		require.Equal(u.t, "create refuse_release", c.events())
	}
	require.Empty(u.t, u.gains())
}

// Who waits for an approval is looked after as well.
func TestACommandOfSomebodyWhoWasBlockedIsNotApproved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	u := b.receiver(t, object{"approvals": 1})
	waiting, other := u.sentBy(300, false), u.sentBy(301, false)
	u.revoke(300)
	c := u.becomes(waiting.ID, "rejected")
	require.Contains(t, *c.Reason, "permissions were withdrawn")
	require.Equal(t, "awaiting_approval", u.command(other.ID).State, "of somebody else")
	require.Empty(t, u.station.Executed())
}

func TestAnEndpointThatShutsDownFinishesWhatItHas(t *testing.T) {
	t.Parallel()
	u := setup(t).receiver(t, nil)
	c := u.sentHeld(u.order(1))
	endpoint := of("/endpoints", u.equipment)
	u.Patch(endpoint, object{"admin_state": "shutting-down"}).Is(ok)
	u.Post("/commands", u.order(2)).Refused(conflict, "body.command_id", "endpoint_locked")
	u.Delete(endpoint).Refused(conflict, "path.equipment_id", "commands_active")
	u.hold(false)
	u.becomes(c.ID, "succeeded")
	waittest.Until(t, "the endpoint is locked", func() bool { return u.Get(endpoint).Is(ok).Field("admin_state") == "locked" })
	u.Delete(endpoint).Is(noContent)
}

// gate passes questions on to a station, and no answer back until it is opened.
type gate struct {
	address string
	asked   atomic.Int64
	open    chan struct{}
	pass    func() // opens it
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	listener := listen(t, "127.0.0.1:0")
	g := &gate{address: listener.Addr().String(), open: make(chan struct{})}
	g.pass = sync.OnceFunc(func() { close(g.open) })
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { g.serve(client, to) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); g.pass(); group.Wait() })
	return g
}

func (g *gate) serve(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	answers := bufio.NewReader(server)
	for questions := bufio.NewScanner(client); questions.Scan(); {
		if _, err := server.Write(append(questions.Bytes(), '\n')); err != nil {
			return
		}
		answer, err := answers.ReadBytes('\n')
		if err != nil {
			return
		}
		g.asked.Add(1)
		<-g.open
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}
