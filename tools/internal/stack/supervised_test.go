//go:build workshop

//nolint:paralleltest // one stack is brought from state to state
package stack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// gone waits until no process of the stack is left.
func (l *loop) gone(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return len(marked(l.checkout.Data)) == 0 }, 5*time.Minute, 20*time.Millisecond)
}

// supervisor waits until the servers are being started, and returns who does so.
func (l *loop) supervisor(t *testing.T, started string) (supervisor Ident) {
	t.Helper()
	require.Eventually(t, func() bool {
		state, err := l.checkout.readState()
		require.NoError(t, err)
		if state == nil {
			return false
		}
		supervisor = state.Supervisor
		for _, one := range state.Programs {
			if one.Name == started && one.Ident.Alive() {
				return true
			}
		}
		return false
	}, 5*time.Minute, 5*time.Millisecond)
	return supervisor
}

func (l *loop) status(t *testing.T) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Status(t.Context(), l.checkout, Console{Out: &out})
	return out.String(), err
}

// What docs/local.md says under «Who looks after it».
func TestNothingOutlivesTheSupervisor(t *testing.T) {
	l := startLoop(t)
	t.Run("an up that is interrupted stops what it has started", func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		ended := make(chan error, 1)
		go func() { ended <- Up(ctx, l.checkout, Console{Out: new(bytes.Buffer)}, UpOptions{}) }()
		supervisor := l.supervisor(t, "redis")
		interrupt()
		require.ErrorIs(t, <-ended, ErrInterrupted)
		require.False(t, supervisor.Alive())
		l.gone(t)
	})
	t.Run("an up that is killed takes all with it", func(t *testing.T) {
		up := exec.Command(os.Args[0], "up") // killed below
		require.NoError(t, up.Start())
		supervisor := l.supervisor(t, "redis")
		require.NoError(t, up.Process.Kill())
		require.Error(t, up.Wait())
		require.Eventually(t, func() bool { return !supervisor.Alive() }, 5*time.Minute, 20*time.Millisecond)
		l.gone(t)
	})
	_, err := l.status(t)
	require.ErrorIs(t, err, ErrNotReady)
	t.Setenv("LOG_LEVEL", "debug")
	out, err := l.up(t)
	require.NoError(t, err)
	require.Contains(t, out, fmt.Sprintf("console     http://127.0.0.1:%d ", l.ports[consoleName]), "the table at the end")
	for _, service := range serviceNames() {
		if service != consoleName { // its pages are what it is for
			require.Contains(t, out, fmt.Sprintf("http://127.0.0.1:%d/docs", l.ports[service]), "the table at the end")
		}
	}
	t.Run("variables are passed on", func(t *testing.T) {
		environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", l.programs(t)["cfg"].PID))
		require.NoError(t, err)
		require.Contains(t, string(environ), "\x00LOG_LEVEL=debug\x00")
	})
	t.Run("what ends is started again, and counted", l.startsAgain)
	t.Run("logs are followed", l.followsLogs)
	t.Run("a supervisor that is killed takes its children with it", func(t *testing.T) {
		before := l.programs(t)
		require.NoError(t, l.supervisor(t, "redis").Signal(syscall.SIGKILL))
		for name, one := range before {
			require.Eventually(t, func() bool { return !one.Alive() }, 5*time.Minute, 20*time.Millisecond, name)
		}
		_, err := l.status(t)
		require.ErrorIs(t, err, ErrNotReady)
		_, err = l.up(t)
		require.NoError(t, err)
	})
	t.Run("without its folder the stack stops", func(t *testing.T) {
		supervisor := l.supervisor(t, "redis")
		require.NoError(t, os.RemoveAll(l.checkout.stateDir()))
		require.Eventually(t, func() bool { return !supervisor.Alive() }, 5*time.Minute, 20*time.Millisecond)
		l.gone(t)
	})
	t.Run("a purge leaves nothing", func(t *testing.T) {
		_, err := l.up(t)
		require.ErrorContains(t, err, "run ./task down --purge", "the passwords are gone")
		require.NoError(t, Down(t.Context(), l.checkout, Console{Out: new(bytes.Buffer)}, true))
		l.gone(t)
		require.NoDirExists(t, l.checkout.Local)
		require.NoDirExists(t, l.checkout.Data)
	})
}

func (l *loop) startsAgain(t *testing.T) {
	before := l.programs(t)
	for _, name := range []string{"redis", "admin"} {
		require.NoError(t, before[name].Signal(syscall.SIGKILL))
	}
	require.Eventually(t, func() bool {
		out, err := l.status(t)
		for _, name := range []string{"redis", "admin"} {
			if counted, _ := regexp.MatchString(`(?m)^`+name+` +\d+ +\S+ +1 `, out); !counted { // the pattern is well formed
				return false
			}
		}
		return err == nil
	}, 5*time.Minute, 100*time.Millisecond, "ready again, each with one restart")
	same(t, before, l.programs(t), "redis", "admin")
}

func (l *loop) followsLogs(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &journal{}
	ended := make(chan error, 1)
	go func() { ended <- Logs(ctx, l.checkout, Console{Out: out}, []string{"cfg"}, true, 1) }()
	require.Eventually(t, func() bool { return out.String() != "" }, 5*time.Minute, 20*time.Millisecond)
	require.Equal(t, 1, strings.Count(out.String(), "\n"), "the last line")
	require.NoError(t, serviceReady(t.Context(), l.ports["cfg"]))
	require.NoError(t, l.programs(t)["cfg"].Signal(syscall.SIGTERM)) // it says that it stops, and starts again
	require.Eventually(t, func() bool { return strings.Count(out.String(), "\ncfg  ") > 1 }, 5*time.Minute, 20*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	require.NotContains(t, out.String(), "auth  ")
	require.ErrorContains(t, Logs(t.Context(), l.checkout, Console{Out: out}, []string{"weather"}, false, 1), "there are: admin, ")
	l.awaitReady(t, "cfg")
}
