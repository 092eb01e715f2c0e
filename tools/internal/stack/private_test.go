package stack

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// The private system is a real one. Every method is used on it, since its start is what takes the time.
func TestAPrivateSystemIsKilledPausedStartedAgainAndGone(t *testing.T) {
	t.Parallel()
	place, err := FindPlace(".")
	require.NoError(t, err)
	via := map[string]string{}
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	p, err := StartPrivate(ctx, place, Console{Out: &out}, PrivateOptions{
		Env: map[string]string{"LOG_LEVEL": "warn"},
		Via: func(server, address string) (string, error) { via[server] = address; return address, nil },
	})
	require.NoError(t, err)
	defer p.Close()
	require.Contains(t, out.String(), "A private system")
	require.ElementsMatch(t, []string{"auth", "cfg", "inbox", "admin", "postgres", "redis", "rabbitmq", "epmd"}, p.Programs())
	require.Equal(t, map[string]string{"postgres": p.Address("postgres"), "redis": p.Address("redis"),
		"rabbitmq": p.Address("rabbitmq")}, via)
	logIn(ctx, t, p)

	before, err := p.Process("postgres")
	require.NoError(t, err)
	used, err := p.Usage("postgres")
	require.NoError(t, err)
	require.Greater(t, used.Processes, 1, "PostgreSQL and its children")
	require.Greater(t, used.Resident, uint64(1<<20))
	require.ErrorContains(t, p.Start("postgres"), "runs already")
	require.NoError(t, p.Kill("postgres"))
	how, ended := p.Ended("postgres")
	require.True(t, ended)
	require.Contains(t, how, "killed")
	require.NoError(t, p.Kill("postgres"), "once more does nothing")
	require.ErrorContains(t, p.Pause("postgres"), "does not run")
	require.NoError(t, p.Start("postgres"))
	require.NoError(t, p.AwaitReady(ctx, "postgres"))
	after, err := p.Process("postgres")
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	for _, database := range layout.Databases {
		for _, dsn := range []string{p.DSN(database), p.SuperDSN(database)} {
			conn, err := pgx.Connect(ctx, dsn)
			require.NoError(t, err)
			require.NoError(t, conn.Close(ctx))
		}
	}

	for _, server := range []string{"redis", "rabbitmq"} {
		require.NoError(t, p.Kill(server))
		require.NoError(t, p.Start(server))
		require.NoError(t, p.AwaitReady(ctx, server))
	}
	require.NoError(t, p.Pause("cfg"))
	require.Error(t, serviceReady(ctx, p.ports["cfg"]))
	require.NoError(t, p.Continue("cfg"))
	require.NoError(t, p.Stop("cfg"))
	how, ended = p.Ended("cfg")
	require.True(t, ended)
	require.Equal(t, "exit code 0", how)
	require.NoError(t, p.Start("cfg"))

	second, err := p.StartSecond(ctx, "auth", map[string]string{"LOG_LEVEL": "debug"})
	require.NoError(t, err)
	require.Equal(t, "auth-2", second)
	require.NotEqual(t, p.URL("auth"), p.URL(second))
	require.FileExists(t, p.Log(second))
	for _, service := range []string{"auth", "cfg", "inbox", "admin", second} {
		require.NoError(t, p.AwaitReady(ctx, service))
	}
	logIn(ctx, t, p)

	_, err = p.StartSecond(ctx, "weather", nil)
	require.Error(t, err)
	require.Error(t, p.Kill("weather"))
	require.NoError(t, p.Pause("inbox"))
	p.Close()
	p.Close()
	require.NoDirExists(t, p.Dir())
	require.Empty(t, marked(p.place.Data))
	for _, name := range p.Programs() {
		used, err := p.Usage(name)
		require.NoError(t, err)
		require.Zero(t, used)
	}
}

func logIn(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	name, password := p.Login()
	form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL("auth")+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}

func TestAPrivateSystemThatDoesNotComeUpLeavesNothing(t *testing.T) {
	t.Parallel()
	place, err := FindPlace(".")
	require.NoError(t, err)
	parent := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(parent), 0o755)) // for the servers' user
	dir := filepath.Join(parent, "system")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // interrupted when PostgreSQL's data are being made
		defer cancel()
		for ctx.Err() == nil && !exists(filepath.Join(dir, "data", "postgres.new")) && !exists(filepath.Join(dir, "data", "postgres")) {
			time.Sleep(5 * time.Millisecond)
		}
	}()
	options := PrivateOptions{Dir: dir, Durable: true}
	_, err = StartPrivate(ctx, place, Console{Out: new(bytes.Buffer)}, options)
	require.ErrorIs(t, err, context.Canceled)
	cancel()
	require.DirExists(t, dir, "a folder that was named stays, for its logs")
	require.Empty(t, marked(filepath.Join(dir, "data")))
	_, err = StartPrivate(t.Context(), place, Console{Out: new(bytes.Buffer)}, options)
	require.ErrorIs(t, err, os.ErrExist, "and is not taken twice")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAFamilyIsAProcessWithItsDescendants(t *testing.T) {
	t.Parallel()
	p := &program{
		name: "parent", path: "/bin/sh", args: []string{"-c", "(sleep 60; :) & sleep 60 & echo on; wait"},
		log: filepath.Join(t.TempDir(), "log"), death: syscall.SIGKILL, stop: syscall.SIGKILL, grace: time.Second,
		ready: func(context.Context) error { return nil },
	}
	require.NoError(t, p.start(newSpawner(), nil))
	defer p.halt()
	leader, err := Identify(p.cmd.Process.Pid)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(family(leader)) == 4 }, 10*time.Second, 10*time.Millisecond)
	members := family(leader)
	require.Equal(t, leader, members[0])
	used := usage(members)
	require.Equal(t, 4, used.Processes)
	require.Positive(t, used.Resident)
	for _, member := range members {
		require.NoError(t, member.Signal(syscall.SIGKILL))
	}
	<-p.done
	require.Eventually(t, func() bool { return usage(members).Resident == 0 }, 10*time.Second, 10*time.Millisecond)
	require.Empty(t, family(leader))
}
