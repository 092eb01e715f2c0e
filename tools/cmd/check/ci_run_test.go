//go:build workshop

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// task stands for ./task: it notes how it was called, leaves .local while something runs, and fails where FAIL says.
const task = `#!/bin/sh
echo "$*" >>calls
case "$*" in
"$FAIL") exit 3 ;;
status) exit "${STATUS:-1}" ;;
up) mkdir -p .local ;;
"down --purge") [ -n "${KEEP:-}" ] || rm -rf .local ;;
esac
`

func TestTheEndToEndRoundLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join("..", "..", "..", ".ci", "run"))
	require.NoError(t, err)
	const before, round = "--version;test -race;test -workshop;check;status", ";up;up;demo;down --purge"
	for name, one := range map[string]struct {
		env, calls, says string
		code             int
	}{
		"all good":            {"FAIL=nothing", before + round, ".ci/run: good", 0},
		"the tests fail":      {"FAIL=test -race", "--version;test -race", "FAILED (exit code 3)", 3},
		"it does not start":   {"FAIL=up", before + ";up;logs -n 30;down --purge", "FAILED (exit code 3)", 3},
		"the walk fails":      {"FAIL=demo", before + ";up;up;demo;logs -n 30;down --purge", "FAILED (exit code 3)", 3},
		"a stack runs here":   {"STATUS=0", before, "(./task down)", 1},
		"something is left":   {"KEEP=1", before + round, ".local is still there", 1},
		"it cannot be purged": {"FAIL=down --purge", before + round, "FAILED (exit code 3)", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(root, ".ci"), 0o755))
			for file, content := range map[string]string{".ci/run": string(script), "task": task} {
				require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(content), 0o755))
			}
			cmd := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "run"))
			cmd.Env = append(os.Environ(), one.env)
			out, err := cmd.CombinedOutput()
			if one.code == 0 {
				require.NoError(t, err, "%s", out)
			}
			require.Equal(t, one.code, cmd.ProcessState.ExitCode(), "%s", out)
			require.Contains(t, string(out), one.says)
			calls, err := os.ReadFile(filepath.Join(root, "calls"))
			require.NoError(t, err)
			require.Equal(t, one.calls, strings.ReplaceAll(strings.TrimSpace(string(calls)), "\n", ";"))
		})
	}
}
