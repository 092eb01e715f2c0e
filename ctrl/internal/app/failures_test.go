package app_test

import (
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/proctest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/station"
)

func (b *bundle) fault(f station.Fault, on bool) {
	b.t.Helper()
	require.NoError(b.t, b.station.SetFault("rx1", f, on))
}

// A lost answer of a command whose effect cannot be seen: it may have been executed. Nothing follows it until somebody says
// what became of it.
func TestALostAnswerHoldsTheQueueUntilItIsResolved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"timeout": 1, "verifiers": []any{}})
	b.fault(station.LostAnswers, true)
	lost, behind := b.sent(b.order(11)), b.sent(b.order(12))
	waittest.Until(t, "a value is read back", func() bool { return len(b.command(lost.ID).Readback) > 0 })
	lost = b.command(lost.ID)
	require.Equal(t, "unknown", lost.State)
	require.True(t, lost.MayBeExecuted)
	require.InDelta(t, 11, lost.Readback[0].Value, 0)
	require.Equal(t, "create send lose read_back", lost.events())
	require.Equal(t, "queued", b.command(behind.ID).State)
	at := "/commands/" + lost.ID.String()
	b.post(at+"/cancel", map[string]any{}).refused(http.StatusConflict, "path.id wrong_state")
	b.post(at+"/undo", map[string]any{"id": uuid.New()}).refused(http.StatusConflict, "path.id wrong_state")

	b.fault(station.LostAnswers, false)
	b.post(at+"/resolve", map[string]any{"outcome": "succeeded", "reason": "seen on the panel"}).is(http.StatusOK)
	require.Equal(t, "succeeded", b.command(lost.ID).State)
	b.becomes(behind.ID, "succeeded")
	require.Equal(t, []station.Execution{{Device: "rx1", Name: "gain_db", Value: 11.0}, {Device: "rx1", Name: "gain_db", Value: 12.0}}, b.station.Executed())
	b.post(at+"/resolve", map[string]any{"outcome": "failed", "reason": "x"}).refused(http.StatusConflict, "path.id wrong_state")
}

func TestALostAnswerIsDecidedByVerifiersThatHold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"timeout": 1})
	b.fault(station.LostAnswers, true)
	c := b.becomes(b.sent(b.order(11)).ID, "succeeded")
	require.Equal(t, "create send lose confirm", c.events())
	require.Len(t, b.station.Executed(), 1)
}

func TestOnlyWhatMayBeDoneTwiceIsSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"timeout": 0.5, "verifiers": []any{}, "idempotent": true})
	b.fault(station.LostAnswers, true)
	c := b.sent(b.order(11))
	b.becomes(c.ID, "unknown")
	require.Len(t, b.station.Executed(), 3, "three attempts at most")
	require.Equal(t, 3, b.command(c.ID).Sends)
}

func TestWhatEquipmentSaysAndShows(t *testing.T) {
	t.Parallel()
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
			b := setup(t)
			b.bound(map[string]any{"timeout": 1, "verifiers": []any{map[string]any{"parameter": "gain", "op": "eq", "arg": "gain", "within": 1}}})
			b.fault(c.fault, true)
			got := b.becomes(b.sent(b.order(11)).ID, "failed", "unverified", "succeeded")
			require.Equal(t, c.state, got.State)
			require.Equal(t, c.events, got.events())
			require.NotNil(t, got.Reason)
			require.Len(t, b.station.Executed(), c.executed)
			require.Equal(t, "queued", b.sent(b.order(12)).State, "the queue goes on")
		})
	}
}

// Equipment that cannot be reached was not sent anything: the command waits, and goes out when it can be, once.
func TestACommandWaitsForEquipmentThatIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	port := proctest.FreePort(t)
	away := net.JoinHostPort("127.0.0.1", jsonOf(port))
	b.patch(path("/endpoints/", b.equipment), map[string]any{"address": away}).is(http.StatusOK)
	c := b.sent(b.order(11))
	waittest.Until(t, "an attempt came to nothing", func() bool { return b.command(c.ID).Sends > 0 && b.command(c.ID).State == "queued" })
	require.Contains(t, *b.command(c.ID).Reason, "could not be sent yet")
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", away)
	require.NoError(t, err)
	b.listen(b.station, listener)
	b.becomes(c.ID, "succeeded")
	require.Len(t, b.station.Executed(), 1)

	short := b.order(12)
	short["expires_at"] = moment(time.Now().Add(1500 * time.Millisecond))
	b.patch(path("/endpoints/", b.equipment), map[string]any{"address": net.JoinHostPort("127.0.0.1", "1")}).is(http.StatusOK)
	b.becomes(b.sent(short).ID, "expired")
	require.Len(t, b.station.Executed(), 1)
}

func TestWhatIsLookedAtOnceMoreBeforeSending(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{
		"points": []any{map[string]any{"parameter": "gain", "read": map[string]any{"get": "gain_db"}},
			map[string]any{"parameter": "mode", "read": map[string]any{"get": "mode"}}},
		"preconditions": []any{map[string]any{"parameter": "mode", "op": "eq", "value": "on"}},
	})
	c := b.becomes(b.sent(b.order(1)).ID, "failed")
	require.Equal(t, "create refuse_release", c.events())
	require.Contains(t, *c.Reason, "a precondition does not hold: mode is")
	_, err := b.station.Set("rx1", "mode", "on")
	require.NoError(t, err)
	b.becomes(b.sent(b.order(2)).ID, "succeeded")

	hold := func(held bool) {
		b.patch(path("/queues/", b.equipment), map[string]any{"held": held}).is(http.StatusOK)
	}
	for reason, do := range map[string]func(){
		"the binding was changed since it was sent": func() {
			b.patch(path("/command-bindings/", b.gain), map[string]any{"ttl": 61}).is(http.StatusOK)
		},
		"the endpoint is locked": func() {
			b.patch(path("/endpoints/", b.equipment), map[string]any{"admin_state": "locked"}).is(http.StatusOK)
		},
	} {
		b.patch(path("/endpoints/", b.equipment), map[string]any{"admin_state": "unlocked"}).is(http.StatusOK)
		hold(true)
		c := b.sent(b.order(3))
		do()
		hold(false)
		require.Equal(t, reason, *b.becomes(c.ID, "failed").Reason)
	}
	require.Len(t, b.station.Executed(), 2, "the mode and one gain")
}

func TestACommandOfSomebodyWhoWasBlockedIsNotSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"approvals": 1})
	waiting := b.sent(b.order(1))
	held := b.as(3, authn.AllPermissions).sent(b.order(2))
	client := redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: b.settings["REDIS_PREFIX"]})
	publisher := authn.NewPublisher(client, b.kit.Keyring)
	require.NoError(t, publisher.Revoke(t.Context(), []authn.Revocation{{UserID: 1, Epoch: 2, Until: time.Now().Add(authn.RevocationTTL)}}))
	b = b.as(3, authn.AllPermissions)
	c := b.becomes(waiting.ID, "rejected")
	require.Contains(t, *c.Reason, "permissions were withdrawn")
	require.Equal(t, "awaiting_approval", b.command(held.ID).State, "of somebody else")
	require.Empty(t, b.station.Executed())
}

func TestAnEndpointThatShutsDownFinishesWhatItHas(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	b.sent(b.order(0))
	b.patch(path("/queues/", b.equipment), map[string]any{"held": true}).is(http.StatusOK)
	c := b.sent(b.order(1))
	b.patch(path("/endpoints/", b.equipment), map[string]any{"admin_state": "shutting-down"}).is(http.StatusOK)
	b.post("/commands", b.order(2)).refused(http.StatusConflict, "body.command_id endpoint_locked")
	b.delete(path("/endpoints/", b.equipment)).refused(http.StatusConflict, "path.equipment_id commands_active")
	b.patch(path("/queues/", b.equipment), map[string]any{"held": false}).is(http.StatusOK)
	b.becomes(c.ID, "succeeded")
	var e struct {
		AdminState string `json:"admin_state"`
	}
	waittest.Until(t, "the endpoint is locked", func() bool {
		b.get(path("/endpoints/", b.equipment)).is(http.StatusOK).into(&e)
		return e.AdminState == "locked"
	})
	b.delete(path("/endpoints/", b.equipment)).is(http.StatusNoContent)
}

// process starts an instance as a process of its own.
func (b *bundle) process() *proctest.Process {
	b.t.Helper()
	program, err := os.Executable()
	require.NoError(b.t, err)
	port := proctest.FreePort(b.t)
	env := []string{runVariable + "=1", "HOST=127.0.0.1", "PORT=" + jsonOf(port)}
	for name, value := range b.settings {
		env = append(env, name+"="+value)
	}
	p := proctest.New(b.t, b.t.TempDir(), env, program)
	p.Start()
	b.url = "http://127.0.0.1:" + jsonOf(port) + "/api/v1/ctrl"
	p.AwaitPort(port, waittest.Bound)
	return p
}

// Instances are killed while the equipment has executed a command and not answered yet. Another instance finds that, and
// nobody sends it again.
func TestAKilledInstanceLeavesUnknownAndNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	b.bound(map[string]any{"timeout": 100, "verifiers": []any{}, "points": []any{}})
	b.fault(station.LostAnswers, true)
	c, behind := b.sent(b.order(11)), b.sent(b.order(12))
	waittest.Until(t, "it is executed", func() bool { return len(b.station.Executed()) == 1 })
	require.Equal(t, "sending", b.command(c.ID).State)
	first.Kill()

	b.process()
	b.fault(station.LostAnswers, false)
	lost := b.becomes(c.ID, "unknown")
	require.Equal(t, "create send lose", lost.events())
	require.Equal(t, "queued", b.command(behind.ID).State)
	b.post("/commands/"+c.ID.String()+"/resolve", map[string]any{"outcome": "succeeded", "reason": "seen"}).is(http.StatusOK)
	b.becomes(behind.ID, "succeeded")
	require.Equal(t, []station.Execution{{Device: "rx1", Name: "gain_db", Value: 11.0}, {Device: "rx1", Name: "gain_db", Value: 12.0}}, b.station.Executed())
}

// An instance that stands still is overtaken when its time is over, and what it says when it goes on changes nothing.
func TestAnInstanceThatStandsStillIsOvertaken(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	b.bound(map[string]any{"timeout": 1, "verifiers": []any{}, "points": []any{}})
	b.fault(station.LostAnswers, true)
	c := b.sent(b.order(11))
	waittest.Until(t, "it is executed", func() bool { return len(b.station.Executed()) == 1 })
	first.Pause()
	b.process()
	b.becomes(c.ID, "unknown")
	first.Resume()
	behind := b.sent(b.order(12))
	b.fault(station.LostAnswers, false)
	b.post("/commands/"+c.ID.String()+"/resolve", map[string]any{"outcome": "failed", "reason": "seen"}).is(http.StatusOK)
	b.becomes(behind.ID, "succeeded")
	require.Len(t, b.station.Executed(), 2)
}

// A verification goes on when the instance that had begun it is gone.
func TestAVerificationIsTakenOver(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	b.bound(map[string]any{"verifiers": []any{map[string]any{"parameter": "gain", "op": "eq", "arg": "gain", "within": 3000}}})
	b.fault(station.Freeze, true)
	c := b.sent(b.order(11))
	b.becomes(c.ID, "verifying")
	first.Kill()
	b.fault(station.Freeze, false)
	_, err := b.station.Set("rx1", "gain_db", 11.0)
	require.NoError(t, err)
	b.process()
	require.Equal(t, "create send accept verify take_over confirm", b.becomes(c.ID, "succeeded").events())
}
