//go:build workshop

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/workspace"
)

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(raw)
}

// setup makes a workspace of a library and a service that pins it, without modules from outside.
func setup(t *testing.T) (string, *bytes.Buffer, func(fix bool) *checker) {
	t.Helper()
	root := t.TempDir()
	write(t, root, "go.work", "go 1.26\n\nuse (\n\t./common\n\t./auth\n)\n\nreplace nms.example/common v0.1.0 => ./common\n")
	write(t, root, "common/go.mod", "module nms.example/common\n\ngo 1.26\n")
	write(t, root, "common/a/a.go", "// Package a is there.\npackage a\n")
	write(t, root, "auth/go.mod", "module nms.example/auth\n\ngo 1.26\n\nrequire nms.example/common v0.1.0\n")
	write(t, root, "auth/main.go", "package main\n\nimport _ \"nms.example/common/a\"\n\nfunc main() {}\n")
	out := &bytes.Buffer{}
	return root, out, func(fix bool) *checker {
		w, err := workspace.Load(root)
		require.NoError(t, err)
		return &checker{workspace: w, fix: fix, out: out}
	}
}

func TestAnUnpublishedPinIsTidyAgainstTheFolderBesideIt(t *testing.T) {
	t.Parallel()
	_, _, with := setup(t)
	require.NoError(t, with(false).tidy(t.Context()))
}

func TestAnUntidyModuleIsFoundAndRepaired(t *testing.T) {
	t.Parallel()
	root, _, with := setup(t)
	sums := "nms.example/common v0.1.0 h1:abc=\n"
	write(t, root, "auth/go.sum", sums)
	write(t, root, "auth/go.mod", "module nms.example/auth\n\ngo 1.26\n\nrequire nms.example/common v0.1.0 // indirect\n")
	require.ErrorContains(t, with(false).tidy(t.Context()), "not tidy: auth")
	require.NoError(t, with(true).tidy(t.Context()))
	require.Equal(t, "module nms.example/auth\n\ngo 1.26\n\nrequire nms.example/common v0.1.0\n", read(t, root, "auth/go.mod"))
	require.Equal(t, sums, read(t, root, "auth/go.sum"), "the hash of a sibling is the release's business")
	require.NoError(t, with(false).tidy(t.Context()))
}

func TestTheLinesOfAGoSumAreOrderedByVersion(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a v1.8.0/go.mod h1:x=\na v1.10.0 h1:x=\na v1.10.0/go.mod h1:x=\nb v0.1.0 h1:x=\n",
		string(sorted([]byte("a v1.10.0 h1:x=\na v1.10.0/go.mod h1:x=\na v1.8.0/go.mod h1:x=\nb v0.1.0 h1:x=\n"))))
	require.Empty(t, sorted(nil))
}

// A published pin is tidied against its tag, not against what the folder holds by now.
func TestAPublishedPinIsTidyAgainstItsTag(t *testing.T) {
	t.Parallel()
	root, _, with := setup(t)
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@t.example", "-C", root}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	git("tag", "common/v0.1.0")
	require.NoError(t, os.RemoveAll(filepath.Join(root, "common", "a")))
	write(t, root, "common/b/b.go", "// Package b took its place.\npackage b\n")
	require.NoError(t, with(false).tidy(t.Context()), "auth pins the version that still has package a")
}

func TestUnformattedFilesAreNamed(t *testing.T) {
	t.Parallel()
	root, _, with := setup(t)
	require.NoError(t, with(false).format(t.Context()))
	write(t, root, "auth/ugly.go", "package main\nvar   x = 1\n")
	require.ErrorContains(t, with(false).format(t.Context()), "auth/ugly.go")
	require.NoError(t, with(true).format(t.Context()))
	require.NoError(t, with(false).format(t.Context()))
}

func TestAnUnknownCheckIsRefused(t *testing.T) {
	t.Parallel()
	root, out, _ := setup(t)
	require.ErrorContains(t, run(t.Context(), root, []string{"lunt"}, out), `no check "lunt"`)
}

func TestOnlyWhatDiffersIsLinted(t *testing.T) {
	t.Parallel()
	root, out, with := setup(t)
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@t.example", "-C", root}, args...)...)
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	write(t, root, "deploy/check/go.mod", "module nms.example/deploy\n\ngo 1.26\n")
	git("init", "-q", "-b", "main")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	c := with(false)
	require.NoError(t, c.onlyChanged(t.Context(), ""))
	require.Empty(t, c.packages)

	write(t, root, "common/a/b.go", "package a\n")
	write(t, root, "auth/main_test.go", "package main\n")
	write(t, root, "deploy/check/new.go", "package check\n")
	require.NoError(t, c.onlyChanged(t.Context(), "main"))
	require.Equal(t, map[string][]string{"common": {"./a"}, "auth": {"."}, deploymentDir: {"./..."}}, c.packages)
	require.Contains(t, out.String(), "3 files differ from")
	require.ErrorContains(t, c.onlyChanged(t.Context(), "nowhere"), "nowhere")
}
