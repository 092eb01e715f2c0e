package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asDevstack makes the test program devstack, for an exit code needs a process.
const asDevstack = "RUN_AS_DEVSTACK"

func TestMain(m *testing.M) {
	if os.Getenv(asDevstack) != "" {
		main()
	}
	os.Exit(m.Run())
}

// scratch is a checkout in which nothing was started.
func scratch(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, ".local", "stack"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(root, "tools"), 0o755))
	for _, name := range []string{"go.work", "tools/go.mod"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), nil, 0o600))
	}
	return root
}

func devstack(t *testing.T, root string, args ...string) (cmd *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	cmd, said = exec.CommandContext(t.Context(), os.Args[0], args...), &bytes.Buffer{}
	cmd.Dir, cmd.Env = root, append(os.Environ(), asDevstack+"=1", "STACK=native")
	cmd.Stdout, cmd.Stderr = said, said
	return cmd, said
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	idle, running := scratch(t), scratch(t)
	require.NoError(t, os.WriteFile(filepath.Join(running, ".local", "stack", "env"), []byte("AUTH_URL=http://127.0.0.1:9\n"), 0o600))
	for call, want := range map[string]int{
		"up -h": 0, "down": 0, "down --purge": 0, // there is nothing to stop
		"status": 1, "logs": 1, "env": 1, "env cfg": 1, "up -without weather": 1, "exec -- true": 1,
		"": 2, "weather": 2, "status now": 2, "up now": 2, "up -wait": 2, "down -x": 2, "logs -n x": 2, "env a b": 2, "exec": 2, "exec --": 2,
		"test --": 2, "test -changed -workshop": 2,
	} {
		cmd, said := devstack(t, idle, strings.Fields(call)...)
		_ = cmd.Run() // the exit code is looked at
		require.Equal(t, want, cmd.ProcessState.ExitCode(), "%s: %s", call, said)
	}
	for command, want := range map[string]int{"exit 0": 0, "exit 7": 7, `[ "$AUTH_URL" = http://127.0.0.1:9 ]`: 0, "kill -9 $$": 1} {
		cmd, said := devstack(t, running, "exec", "--", "/bin/sh", "-c", command)
		_ = cmd.Run() // as above
		require.Equal(t, want, cmd.ProcessState.ExitCode(), "%s: %s", command, said)
	}
}

// An `up` that is interrupted says so by what a shell reports for SIGINT. Here it waits for another one.
func TestAnInterruptedUpIsSaid(t *testing.T) {
	t.Parallel()
	root := scratch(t)
	other, err := os.Create(filepath.Join(root, ".local", "stack", "up.lock"))
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	require.NoError(t, syscall.Flock(int(other.Fd()), syscall.LOCK_EX))
	cmd, _ := devstack(t, root, "up")
	cmd.Stdout = nil
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said := make([]byte, 1)
	_, err = out.Read(said)
	require.NoError(t, err, "it tells that it waits")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	require.Equal(t, codeInterrupted, cmd.ProcessState.ExitCode())
}
