//go:build workshop

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/program"
)

// setup makes a repository of one library.
func setup(t *testing.T) (dir string, git func(args ...string) string) {
	t.Helper()
	dir = t.TempDir()
	git = func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "git %v: %s", args, out)
		return string(out)
	}
	for name, content := range map[string]string{
		"go.work":        "go 1.26\n\nuse ./common\n",
		"common/go.mod":  "module scratch.example/common\n\ngo 1.26\n",
		"common/text.go": "// Package common is of use.\npackage common\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	git("init", "--quiet")
	git("config", "user.name", "t")
	git("config", "user.email", "t@t.example")
	git("add", "--all")
	git("commit", "--quiet", "--message", "feat(common): it is there")
	return dir, git
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	t.Parallel()
	dir, git := setup(t)
	var out bytes.Buffer
	below := filepath.Join(dir, "common")
	require.NoError(t, run(t.Context(), below, []string{"common", "minor"}, &out))
	require.Contains(t, out.String(), "dry run: nothing was changed")
	require.Empty(t, git("tag"))

	require.NoError(t, run(t.Context(), below, []string{"common", "-yes", "minor"}, &out))
	require.Equal(t, "common/v0.1.0\n", git("tag"))

	proxy := filepath.Join(t.TempDir(), "proxy")
	require.NoError(t, run(t.Context(), below, []string{"verify", "common/v0.1.0", "--proxy", proxy}, &out))
	require.FileExists(t, filepath.Join(proxy, "scratch.example/common/@v/v0.1.0.mod"))
}

func TestWrongCalls(t *testing.T) {
	t.Parallel()
	dir, _ := setup(t)
	for _, args := range [][]string{nil, {"common"}, {"common", "minor", "now"}, {"pin"}, {"verify"}, {"verify", "a", "b"}, {"-no", "common", "minor"}} {
		require.ErrorIs(t, run(t.Context(), dir, args, &bytes.Buffer{}), program.ErrUsage, args)
	}
	require.ErrorContains(t, run(t.Context(), t.TempDir(), []string{"common", "minor"}, &bytes.Buffer{}), "not a git repository")
}
