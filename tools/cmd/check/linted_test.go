//go:build workshop

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/workspace"
)

//nolint:paralleltest // a variable is set, and each change follows the one before
func TestAModuleIsLintedAgainWhenSomethingItDependsOnChanges(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	root, _, with := setup(t)
	write(t, root, ".golangci.yml", "version: \"2\"\n")
	module := func(dir string) workspace.Module {
		m, ok := with(false).workspace.Module(dir)
		require.True(t, ok)
		return m
	}
	known := func(dir string) bool {
		l := linted{checker: with(false), program: "golangci-lint-v1"}
		mark, err := l.mark(module(dir))
		require.NoError(t, err)
		return l.known(mark)
	}
	lint := func(program string) {
		l := linted{checker: with(false), program: program}
		for _, dir := range []string{"auth", "common"} {
			mark, err := l.mark(module(dir))
			require.NoError(t, err)
			require.NoError(t, l.remember(module(dir), mark))
		}
	}
	require.False(t, known("auth"))
	lint("golangci-lint-v0")
	require.False(t, known("auth"), "another linter has looked")
	lint("golangci-lint-v1")
	require.True(t, known("auth"))
	require.True(t, known("common"))

	for name, c := range map[string]struct {
		file, content string
		common        bool
	}{
		"a file of its own":          {"auth/main.go", "package main\n\nfunc main() {}\n", true},
		"a new file":                 {"auth/new_test.go", "package main\n", true},
		"a file of what it requires": {"common/a/a.go", "// Package a is here.\npackage a\n", false},
		"the configuration":          {".golangci.yml", "version: \"2\"\nlinters: {}\n", false},
		"what joins the modules":     {"go.work.sum", "a v1 h1:x=\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			lint("golangci-lint-v1")
			write(t, root, c.file, c.content)
			require.False(t, known("auth"))
			require.Equal(t, c.common, known("common"))
		})
	}

	t.Run("a file that changes while the linter works", func(t *testing.T) {
		l := linted{checker: with(false), program: "golangci-lint-v1"}
		mark, err := l.mark(module("auth"))
		require.NoError(t, err)
		write(t, root, "auth/late.go", "package main\n")
		require.NoError(t, l.remember(module("auth"), mark))
		require.False(t, l.known(mark))
	})
}
