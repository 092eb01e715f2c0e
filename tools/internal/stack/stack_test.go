package stack

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

func TestVersionsAreComparedByNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, least string
		want           bool
	}{
		{"15.18", "15", true}, {"15", "15", true}, {"14.9", "15", false}, {"9.6", "15", false},
		{"7.0.15", "7.0", true}, {"6.2.14", "7.0", false}, {"10.0", "7.0", true},
		{"3.10.8", "3.10", true}, {"3.9.30", "3.10", false}, {"4.1.0", "3.10", true}, {"", "3.10", false},
	} {
		require.Equal(t, c.want, atLeast(c.version, c.least), "%s at least %s", c.version, c.least)
	}
}

func TestPortsCanBeMovedAndClashesAreNamed(t *testing.T) {
	t.Parallel()
	with := func(env map[string]string) (Ports, error) {
		return choosePorts(func(name string) string { return env[name] })
	}
	ports, err := with(nil)
	require.NoError(t, err)
	for _, service := range layout.Services {
		require.Equal(t, service.Port, ports[service.Name])
	}
	ports, err = with(map[string]string{"AUTH_PORT": "4100", "RABBITMQ_MANAGEMENT_PORT": "5100"})
	require.NoError(t, err)
	require.Equal(t, 4100, ports["auth"])
	require.Equal(t, 5100, ports[portManagement])

	_, err = with(map[string]string{"AUTH_PORT": "80", "CFG_PORT": "many", "INBOX_PORT": "15432"})
	require.ErrorContains(t, err, `AUTH_PORT="80" is not a port from 1024 to 65535`)
	require.ErrorContains(t, err, `CFG_PORT="many"`)
	require.ErrorContains(t, err, "inbox and postgres are both given port 15432")
}

func TestATakenPortIsNamedWithTheVariableThatMovesIt(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	require.ErrorContains(t, Ports{"cfg": port}.check(), "wanted by cfg, is taken (set CFG_PORT to another)")
	err = Ports{"cfg": port, "inbox": port}.check()
	require.ErrorContains(t, err, "wanted by inbox")
	require.ErrorContains(t, err, "another checkout")
	free, err := freePorts()
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, one := range free {
		require.False(t, seen[one])
		seen[one] = true
	}
}

func TestServicesThatCameLaterAreAbsentFromARunningStack(t *testing.T) {
	t.Parallel()
	state := State{Programs: []Program{{Name: "postgres"}, {Name: "console"}, {Name: "auth"}, {Name: "inbox"}, {Name: "admin"}, {Name: "ctrl"}}}
	require.Equal(t, []string{"cfg", "simulator"}, state.absent())
	state.Programs = append(state.Programs, Program{Name: "cfg"}, Program{Name: "simulator"})
	require.Empty(t, state.absent())
}

// sleeper starts a process that would live for a minute; ended is closed when it is dead and collected.
func sleeper(t *testing.T, s *spawner, env ...string) (sleep *os.Process, ended <-chan struct{}) {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.Env = append(os.Environ(), env...)
	require.NoError(t, s.start(cmd, nil, syscall.SIGKILL))
	collected := make(chan struct{})
	go func() { defer close(collected); _ = cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-collected })
	return cmd.Process, collected
}

func TestAnIdentityIsMoreThanAPid(t *testing.T) {
	t.Parallel()
	sleep, ended := sleeper(t, newSpawner())
	ident, err := Identify(sleep.Pid)
	require.NoError(t, err)
	require.True(t, ident.Alive())

	stranger := Ident{PID: ident.PID, Start: ident.Start - 1}
	require.False(t, stranger.Alive(), "a process of the same number that started at another time is another one")
	require.NoError(t, stranger.Signal(syscall.SIGKILL))
	require.True(t, ident.Alive(), "and must not be hit")

	require.NoError(t, ident.Signal(syscall.SIGKILL))
	<-ended
	require.False(t, ident.Alive())
	require.NoError(t, ident.Signal(syscall.SIGKILL))
	require.False(t, Ident{}.Alive())
}

func TestMarkedProcessesAreFoundAndEnded(t *testing.T) {
	t.Parallel()
	s, data := newSpawner(), t.TempDir()
	_, ended := sleeper(t, s, markVariable+"="+data)
	other, _ := sleeper(t, s, markVariable+"="+data+"-of-another")
	require.Eventually(t, func() bool { return len(marked(data)) == 1 }, 5*time.Minute, 10*time.Millisecond)
	endRest(Ident{}, data, 0)
	<-ended
	require.Empty(t, marked(data))
	require.Len(t, marked(data+"-of-another"), 1)
	require.NoError(t, other.Signal(syscall.Signal(0)))
}

func TestTheStateSurvivesAndADamagedOneSaysNothing(t *testing.T) {
	t.Parallel()
	checkout := Checkout{Root: t.TempDir()}
	checkout.Local = filepath.Join(checkout.Root, ".local")
	state, err := checkout.readState()
	require.NoError(t, err)
	require.Nil(t, state)
	require.False(t, state.Running())

	require.NoError(t, os.MkdirAll(checkout.stateDir(), 0o755))
	self, err := Identify(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, checkout.writeState(&State{Mode: modeNative, Supervisor: self, Phase: Ready, Ports: Ports{"auth": 1}}))
	state, err = checkout.readState()
	require.NoError(t, err)
	require.True(t, state.Running())
	require.Equal(t, 1, state.Ports["auth"])

	require.NoError(t, os.WriteFile(checkout.statePath(), []byte(`{"mode": "nat`), 0o600))
	state, err = checkout.readState()
	require.NoError(t, err)
	require.Nil(t, state)
}

func TestALockIsFreeAgainWhenItsHolderCloses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sub", "lock")
	first, err := tryLock(path)
	require.NoError(t, err)
	_, err = tryLock(path)
	require.ErrorIs(t, err, errLocked)
	require.NoError(t, first.Close())
	second, err := tryLock(path)
	require.NoError(t, err)
	require.NoError(t, second.Close())
}

func TestAProgramThatEndsWhileStartingTellsItsLastWords(t *testing.T) {
	t.Parallel()
	p := &program{
		name: "auth", path: "/bin/sh", args: []string{"-c", "echo DB_AUTH_DSN is missing; exit 1"},
		log: filepath.Join(t.TempDir(), "log"), death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: time.Second,
		ready: func(context.Context) error { return errors.New("no answer") },
	}
	require.NoError(t, p.start(newSpawner(), nil))
	err := p.awaitReady(t.Context())
	require.ErrorContains(t, err, "auth stopped while starting (exit code 1)")
	require.ErrorContains(t, err, "DB_AUTH_DSN is missing")
}

func TestAProgramThatIgnoresTheRequestToEndIsKilled(t *testing.T) {
	t.Parallel()
	p := &program{
		name: "stubborn", path: "/bin/sh", args: []string{"-c", "trap '' TERM; echo on; while :; do sleep 0.1; done"},
		log: filepath.Join(t.TempDir(), "log"), death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 100 * time.Millisecond,
		ready: func(context.Context) error { return nil },
	}
	require.NoError(t, p.start(newSpawner(), nil))
	require.Eventually(t, func() bool { return len(tail(p.log, 1)) == 1 }, 5*time.Minute, 10*time.Millisecond)
	p.halt()
	require.ErrorContains(t, p.err, "killed")
	p.halt() // a second time does nothing
}

func TestTheFirstErrorStopsTheOthers(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	err := together(t.Context(),
		func(context.Context) error { return broken },
		func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	require.ErrorIs(t, err, broken)
	require.NoError(t, together(t.Context(), func(context.Context) error { return nil }))
}

func TestTailGivesTheLastLinesOfALongFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("x", 100<<10)+"\none\n\ntwo\nthree"), 0o600))
	require.Equal(t, []string{"two", "three"}, tail(path, 2))
	require.Empty(t, tail(path+".none", 2))
}

func TestMissingServersAreNamedWithEveryWayToGetThem(t *testing.T) {
	t.Parallel()
	err := notInstalled([]missing{{what: "Redis 7.0 or newer: not found", packages: []string{"redis-server"}, hint: "REDIS_BIN=<folder>"}})
	for _, want := range []string{"Redis 7.0", "apt-get install redis-server", "Docker", "REDIS_BIN="} {
		require.ErrorContains(t, err, want)
	}
}

func TestTheInstallScriptIsSoundShell(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("/bin/sh", "-n")
	cmd.Stdin = strings.NewReader(installScript)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestStepsAreShownOnceAndLongOnesGiveSignsOfLife(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	shown, announced := map[int]bool{}, map[int]time.Time{}
	steps := []Step{
		{Name: "short", Begun: time.Now(), Ended: time.Now()},
		{Name: "long", Begun: time.Now().Add(-2 * time.Second)},
	}
	for range 3 {
		showSteps(Console{Out: &out}, steps, shown, announced)
	}
	require.Equal(t, 1, strings.Count(out.String(), "short"))
	require.Equal(t, 1, strings.Count(out.String(), "long …"))
}

func TestAFolderIsOpenOnlyWhenAllAboveItAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner := filepath.Join(dir, "closed", "inner")
	require.NoError(t, os.MkdirAll(inner, 0o755))
	require.NoError(t, os.Chmod(filepath.Dir(inner), 0o700))
	require.False(t, openToAll(inner))
	require.True(t, openToAll("/usr"))
}

// The throw-away servers are real ones: started, used by a command, and gone afterwards, folder and all.
func TestThrowAwayServersServeACommandAndGo(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	note := filepath.Join(t.TempDir(), "env")
	var out bytes.Buffer
	code, err := WithServers(t.Context(), checkout, Console{Out: &out},
		Command{Args: []string{"/bin/sh", "-c", `env >"$NOTE"; exit 3`}, Env: []string{"NOTE=" + note}},
		Command{Args: []string{"/bin/true"}})
	require.NoError(t, err)
	require.Equal(t, 3, code)
	raw, err := os.ReadFile(note)
	require.NoError(t, err)
	values := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = value
	}
	for _, name := range []string{"TEST_POSTGRES_DSN", "TEST_REDIS_DSN", "TEST_MQ_DSN", "TEST_MQ_API"} {
		require.Contains(t, values[name], "127.0.0.1", name)
	}
	require.NoDirExists(t, filepath.Dir(values[markVariable]))
	require.Empty(t, marked(values[markVariable]))
}

func TestACheckoutWithABlankInItsPathKeepsItsDataElsewhere(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "check out")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "tools"), 0o755))
	for _, name := range []string{"go.work", "tools/go.mod"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), nil, 0o600))
	}
	checkout, err := FindCheckout(filepath.Join(root, "tools"))
	require.NoError(t, err)
	require.Equal(t, root, checkout.Root)
	require.True(t, checkout.outside())
	require.True(t, plainPath.MatchString(checkout.Data), checkout.Data)
}
