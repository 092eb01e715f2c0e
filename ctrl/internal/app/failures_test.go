package app_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/proctest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
	"nms.example/ctrl/internal/station"
)

// attempted waits until a command came back into its queue, because it could not be sent.
func (b *bundle) attempted(id uuid.UUID) (c issued) {
	b.t.Helper()
	waittest.Until(b.t, "an attempt came to nothing", func() bool {
		c = b.command(id)
		return c.Sends > 0 && c.State == "queued"
	})
	return c
}

// turn sets the gain at the equipment itself.
func (u *unit) turn(gain float64) {
	u.t.Helper()
	u.fault(station.Freeze, false)
	_, err := u.station.Set("rx1", "gain_db", gain)
	require.NoError(u.t, err)
}

func TestALostAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("it holds the queue until somebody says what became of the command", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 1, "verifiers": []any{}})
		u.fault(station.LostAnswers, true)
		lost, behind := u.sent(u.order(11)), u.sent(u.order(12))
		waittest.Until(t, "a value is read back", func() bool { return len(u.command(lost.ID).Readback) > 0 })
		lost = u.command(lost.ID)
		require.Equal(t, "unknown", lost.State)
		require.True(t, lost.MayBeExecuted)
		require.InDelta(t, 11, lost.Readback[0].Value, 0)
		require.Equal(t, "create send lose read_back", lost.events())
		require.Equal(t, "queued", u.command(behind.ID).State)
		u.Post(at(lost.ID, "cancel"), object{}).Refused(conflict, "path.id", "wrong_state")
		u.Post(at(lost.ID, "undo"), object{"id": uuid.New()}).Refused(conflict, "path.id", "wrong_state")

		u.fault(station.LostAnswers, false)
		u.Post(at(lost.ID, "resolve"), object{"outcome": "succeeded", "reason": "seen on the panel"}).Is(ok)
		require.Equal(t, "succeeded", u.command(lost.ID).State)
		u.becomes(behind.ID, "succeeded")
		require.Equal(t, []any{11.0, 12.0}, u.gains())
		u.Post(at(lost.ID, "resolve"), object{"outcome": "failed", "reason": "x"}).Refused(conflict, "path.id", "wrong_state")
	})
	t.Run("verifiers that hold decide it", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 5})
		u.fault(station.LostAnswers, true)
		c := u.becomes(u.sent(u.order(11)).ID, "succeeded")
		require.Equal(t, "create send lose confirm", c.events())
		require.Len(t, u.station.Executed(), 1)
	})
	t.Run("verifiers that hold later decide it then", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 5})
		u.fault(station.LostAnswers, true)
		u.fault(station.Freeze, true)
		c := u.sent(u.order(11))
		waittest.Until(t, "a value is read back", func() bool { return len(u.command(c.ID).Readback) > 0 })
		require.Equal(t, "unknown", u.command(c.ID).State)
		u.turn(11)
		require.Equal(t, "create send lose read_back confirm", u.becomes(c.ID, "succeeded").events())
	})
	t.Run("verifiers that held before decide nothing", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 5})
		u.turn(11)
		u.fault(station.LostAnswers, true)
		u.fault(station.Freeze, true)
		c := u.sent(u.order(11))
		waittest.Until(t, "a value is read back", func() bool { return len(u.command(c.ID).Readback) > 0 })
		c = u.command(c.ID)
		require.Equal(t, "unknown", c.State)
		require.Contains(t, *c.Reason, "its verifiers prove nothing")
		require.Equal(t, "create send lose read_back", c.events())
		require.InDelta(t, 11, c.ReadBefore[0].Value, 0)
		require.InDelta(t, 11, c.Readback[0].Value, 0)
	})
	t.Run("verifiers that could not be read before decide nothing", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 5})
		u.fault(station.LostAnswers, true)
		u.fault(station.LostQueries, true)
		c := u.becomes(u.sent(u.order(11)).ID, "unknown")
		u.fault(station.LostQueries, false)
		waittest.Until(t, "a value is read back", func() bool { return len(u.command(c.ID).Readback) > 0 })
		require.Equal(t, "unknown", u.command(c.ID).State)
		require.Equal(t, []any{11.0}, u.gains(), "it was sent all the same")
	})
	t.Run("equipment that answers again is read, once", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 1, "verifiers": []any{}})
		u.fault(station.LostAnswers, true)
		u.fault(station.LostQueries, true)
		c := u.becomes(u.sent(u.order(11)).ID, "unknown")
		u.fault(station.LostQueries, false)
		waittest.Until(t, "a value is read back", func() bool { return len(u.command(c.ID).Readback) > 0 })
		require.Equal(t, "create send lose read_back", u.command(c.ID).events())
		require.Equal(t, "unknown", u.command(c.ID).State)
	})
	t.Run("only what may be done twice is sent again, three times at most", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 1, "verifiers": []any{}, "idempotent": true})
		u.fault(station.LostAnswers, true)
		c := u.becomes(u.sent(u.order(11)).ID, "unknown")
		require.Equal(t, []any{11.0, 11.0, 11.0}, u.gains())
		require.Equal(t, 3, c.Sends)
	})
	t.Run("what was lost once and is not to be sent again is unknown, and nothing follows it", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 5, "verifiers": []any{}, "idempotent": true})
		u.fault(station.LostAnswers, true)
		c := u.sent(u.order(11))
		waittest.Until(t, "it is executed", func() bool { return len(u.station.Executed()) == 1 })
		u.Patch(of("/queues", u.equipment), object{"held": true}).Is(ok)
		u.becomes(c.ID, "queued")
		behind := u.sent(u.order(12))
		u.Post(at(c.ID, "cancel"), object{"reason": "not needed"}).Is(ok)
		c = u.command(c.ID)
		require.Equal(t, "unknown", c.State)
		require.Equal(t, "it may have been executed: an earlier attempt got no answer; not needed", *c.Reason)
		require.Equal(t, "create send repeat lose", c.events())

		u.fault(station.LostAnswers, false)
		u.Patch(of("/queues", u.equipment), object{"held": false}).Is(ok)
		waittest.Until(t, "it is read back", func() bool { return len(u.command(c.ID).Readback) > 0 })
		require.Equal(t, "queued", u.command(behind.ID).State, "the attempt may be under way still")
		u.Post(at(c.ID, "resolve"), object{"outcome": "succeeded", "reason": "seen on the panel"}).Is(ok)
		u.becomes(behind.ID, "succeeded")
		require.Equal(t, []any{11.0, 12.0}, u.gains())
	})
	t.Run("what was lost once and may no longer be sent is unknown", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 5, "verifiers": []any{}, "idempotent": true})
		u.fault(station.LostAnswers, true)
		c := u.sent(u.order(11))
		waittest.Until(t, "it is executed", func() bool { return len(u.station.Executed()) == 1 })
		u.Patch(of("/queues", u.equipment), object{"held": true}).Is(ok)
		u.becomes(c.ID, "queued")
		u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
		u.Patch(of("/queues", u.equipment), object{"held": false}).Is(ok)
		c = u.becomes(c.ID, "unknown")
		require.Equal(t, "it may have been executed: an earlier attempt got no answer; the endpoint is locked", *c.Reason)
		require.Len(t, u.station.Executed(), 1)
	})
}

func TestWhatEquipmentSaysAndShows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		fault         station.Fault
		state, events string
		executed      int
	}{
		"a refusal fails":                          {station.Refusals, "failed", "create send refuse", 0},
		"an effect that does not show fails":       {station.Freeze, "failed", "create send accept verify contradict", 1},
		"an effect that cannot be seen says so":    {station.LostQueries, "unverified", "create send accept verify give_up", 1},
		"a value that drifts away does not verify": {station.Drift, "failed", "create send accept verify contradict", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := b.receiver(t, object{"timeout": 10, "verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 1}}})
			u.fault(c.fault, true)
			first := u.sent(u.order(11))
			behind := u.sent(u.order(12))
			got := u.becomes(first.ID, "failed", "unverified", "succeeded")
			require.Equal(t, c.state, got.State)
			require.Equal(t, c.events, got.events())
			require.NotContains(t, *got.Reason, "no answer", "it was answered")
			require.Equal(t, c.state, u.becomes(behind.ID, "failed", "unverified", "succeeded").State, "the queue goes on")
			require.Len(t, u.station.Executed(), 2*c.executed)
		})
	}
}

// Equipment that cannot be reached was not sent anything.
func TestEquipmentThatIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("a command waits, and goes out when it can be, once", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		// An address that no other test listens at, whatever becomes of the port meanwhile.
		away := net.JoinHostPort("127.77.0.1", strconv.Itoa(proctest.FreePort(t)))
		u.Patch(of("/endpoints", u.equipment), object{"address": away}).Is(ok)
		c := u.sent(u.order(11))
		require.Contains(t, *u.attempted(c.ID).Reason, "could not be sent yet")
		serve(t, u.station, listen(t, away))
		u.becomes(c.ID, "succeeded")
		require.Equal(t, []any{11.0}, u.gains())
	})
	t.Run("a command expires when it stays away", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.Patch(of("/endpoints", u.equipment), object{"address": "127.0.0.1:1"}).Is(ok)
		c := u.becomes(u.sentBy(1, true).ID, "expired")
		require.Empty(t, u.gains())
		require.Equal(t, "expire", c.Steps[len(c.Steps)-1].Event)
	})
}

// A verification ends when its time is over, however long the equipment lets its questions wait: no other instance takes it for
// abandoned meanwhile.
func TestAVerificationWithoutAnswersEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	servicetest.Start(t, app.Identity, app.Build, b.settings) // which would take it over
	u := b.receiver(t, object{"timeout": 13, "verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 1}}})
	u.fault(station.LostQueries, true)
	require.Equal(t, "create send accept verify give_up", u.becomes(u.sent(u.order(1)).ID, "unverified").events())
}

// Whoever only watches what becomes of a command keeps nobody else waiting.
func TestAVerificationHoldsNoWorker(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"CTRL_WORKERS": "1"})
	b.start()
	u := b.receiver(t, object{"verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 3000}}})
	u.fault(station.Freeze, true)
	c := u.sent(u.order(11))
	u.becomes(c.ID, "verifying")
	other := b.receiver(t, nil)
	other.becomes(other.sent(other.order(1)).ID, "succeeded")
	require.Equal(t, "verifying", u.command(c.ID).State)
}
