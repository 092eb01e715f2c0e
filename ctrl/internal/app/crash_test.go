package app_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/proctest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/station"
)

// process starts an instance as a process of its own, which is called from then on.
func (b *bundle) process() *proctest.Process {
	b.t.Helper()
	program, err := os.Executable()
	require.NoError(b.t, err)
	port := strconv.Itoa(proctest.FreePort(b.t))
	env := []string{runVariable + "=1", "HOST=127.0.0.1", "PORT=" + port}
	for name, value := range b.settings {
		env = append(env, name+"="+value)
	}
	p := proctest.New(b.t, b.t.TempDir(), env, program)
	p.Start()
	number, err := strconv.Atoi(port)
	require.NoError(b.t, err)
	p.AwaitPort(number, waittest.Bound)
	b.url = "http://127.0.0.1:" + port
	b.Client = servicetest.ClientOf(b.t, b.url, "ctrl").As(b.token(1, authn.AllPermissions))
	return p
}

// Instances are killed while the equipment has executed a command and not answered yet. Another instance finds that, and
// nobody sends it again.
func TestAKilledInstanceLeavesUnknownAndNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	u := b.receiver(t, object{"timeout": 100, "verifiers": []any{}, "points": []any{}})
	u.fault(station.LostAnswers, true)
	c, behind := u.sent(u.order(11)), u.sent(u.order(12))
	waittest.Until(t, "it is executed", func() bool { return len(u.station.Executed()) == 1 })
	require.Equal(t, "sending", u.command(c.ID).State)
	first.Kill()

	u.process()
	u.fault(station.LostAnswers, false)
	require.Equal(t, "create send lose", u.becomes(c.ID, "unknown").events())
	require.Equal(t, "queued", u.command(behind.ID).State)
	u.Post(at(c.ID, "resolve"), object{"outcome": "succeeded", "reason": "seen"}).Is(ok)
	u.becomes(behind.ID, "succeeded")
	require.Equal(t, []any{11.0, 12.0}, u.gains())
}

// An instance that stands still is overtaken when its time is over, and what it says when it goes on changes nothing.
func TestAnInstanceThatStandsStillIsOvertaken(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	u := b.receiver(t, object{"timeout": 1, "verifiers": []any{}, "points": []any{}})
	u.fault(station.LostAnswers, true)
	c := u.sent(u.order(11))
	waittest.Until(t, "it is executed", func() bool { return len(u.station.Executed()) == 1 })
	first.Pause()
	u.process()
	u.becomes(c.ID, "unknown")
	first.Resume()
	behind := u.sent(u.order(12))
	u.fault(station.LostAnswers, false)
	u.Post(at(c.ID, "resolve"), object{"outcome": "failed", "reason": "seen"}).Is(ok)
	u.becomes(behind.ID, "succeeded")
	require.Equal(t, []any{11.0, 12.0}, u.gains())
}

// A command of unknown outcome is looked at by others when the instance that was looking is gone.
func TestAnInvestigationIsTakenOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	u := b.receiver(t, object{"timeout": 2})
	u.fault(station.LostAnswers, true)
	u.fault(station.Freeze, true)
	c := u.becomes(u.sent(u.order(11)).ID, "unknown")
	b.instance.Stop(t)
	u.turn(11)
	u.start()
	require.Equal(t, "confirm", u.becomes(c.ID, "succeeded").Steps[len(u.command(c.ID).Steps)-1].Event)
	require.Equal(t, []any{11.0, 11.0}, u.gains(), "once by the command, once by hand")
}

// A verification goes on when the instance that had begun it is gone.
func TestAVerificationIsTakenOver(t *testing.T) {
	t.Parallel()
	verifiers := object{"verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 3000}}}
	t.Run("from an instance that was killed", func(t *testing.T) {
		t.Parallel()
		b := prepare(t, nil)
		first := b.process()
		u := b.receiver(t, verifiers)
		u.fault(station.Freeze, true)
		c := u.sent(u.order(11))
		u.becomes(c.ID, "verifying")
		first.Kill()
		u.fault(station.Freeze, false)
		_, err := u.station.Set("rx1", "gain_db", 11.0)
		require.NoError(t, err)
		u.process()
		require.Equal(t, "create send accept verify take_over confirm", u.becomes(c.ID, "succeeded").events())
	})
	t.Run("from an instance that was stopped, which does not wait for its question", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		u := b.receiver(t, with(object{"timeout": 300}, verifiers))
		u.fault(station.LostQueries, true)
		c := u.sent(u.order(11))
		u.becomes(c.ID, "verifying")
		b.instance.Stop(t)
		u.fault(station.LostQueries, false)
		u.start()
		require.Equal(t, "create send accept verify take_over confirm", u.becomes(c.ID, "succeeded").events())
	})
}
