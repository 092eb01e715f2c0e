package stack

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPrivateSystemThatDoesNotComeUpLeavesNothing(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
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
	_, err = StartPrivate(ctx, checkout, Console{Out: new(bytes.Buffer)}, options)
	require.ErrorIs(t, err, context.Canceled)
	cancel()
	require.DirExists(t, dir, "a folder that was named stays, for its logs")
	require.Empty(t, marked(filepath.Join(dir, "data")))
	_, err = StartPrivate(t.Context(), checkout, Console{Out: new(bytes.Buffer)}, options)
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
	require.Eventually(t, func() bool { return len(family(leader)) == 4 }, 5*time.Minute, 10*time.Millisecond)
	members := family(leader)
	require.Equal(t, leader, members[0])
	used := usage(members)
	require.Equal(t, 4, used.Processes)
	require.Positive(t, used.Resident)
	for _, member := range members {
		require.NoError(t, member.Signal(syscall.SIGKILL))
	}
	<-p.done
	require.Eventually(t, func() bool { return usage(members).Resident == 0 }, 5*time.Minute, 10*time.Millisecond)
	require.Empty(t, family(leader))
}
