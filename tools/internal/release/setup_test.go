//go:build workshop

package release

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scratch is a git repository of the shape of this one, without modules from outside: the library common, and
// the service auth that pins common v0.1.0.
type scratch struct {
	*testing.T

	root string
}

// setup makes one whose module paths begin with scratch.example.
func setup(t *testing.T) scratch {
	t.Helper()
	return setupUnder(t, "scratch.example")
}

func setupUnder(t *testing.T, prefix string) scratch {
	t.Helper()
	s := scratch{t, t.TempDir()}
	s.git("init", "--quiet", "--initial-branch=main")
	s.git("config", "core.fsync", "none") // on a busy disk a commit takes seconds else
	s.git("config", "user.name", "t")
	s.git("config", "user.email", "t@t.example")
	s.git("config", "commit.gpgSign", "false")
	s.git("config", "tag.gpgSign", "false")
	s.write("LICENSE", "as you like\n")
	s.write("go.work", "go 1.26\n\nuse (\n\t./auth\n\t./common\n)\n\nreplace "+prefix+"/common v0.1.0 => ./common\n")
	s.write("common/go.mod", "module "+prefix+"/common\n\ngo 1.26\n")
	s.write("common/text/text.go", "// Package text is of use.\npackage text\n\n// Twice says it twice.\nfunc Twice(s string) string { return s + s }\n")
	s.write("common/text/internal/x/x.go", "package x\n\nfunc Hidden() {}\n")
	s.write("auth/go.mod", "module "+prefix+"/auth\n\ngo 1.26\n\nrequire "+prefix+"/common v0.1.0\n")
	s.write("auth/main.go", "package main\n\nimport \""+prefix+"/common/text\"\n\nfunc main() { print(text.Twice(\"a\")) }\n")
	s.commit("feat(auth): a door and its key")
	return s
}

func (s scratch) write(name, content string) {
	s.Helper()
	file := filepath.Join(s.root, filepath.FromSlash(name))
	require.NoError(s, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(s, os.WriteFile(file, []byte(content), 0o600))
}

func (s scratch) read(name string) string {
	s.Helper()
	content, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(name)))
	require.NoError(s, err)
	return string(content)
}

func (s scratch) git(args ...string) string {
	s.Helper()
	return s.in(s.root, nil, "git", args...)
}

// in runs a program that has to succeed.
func (s scratch) in(dir string, env []string, name string, args ...string) string {
	s.Helper()
	out, err := s.attempt(dir, env, name, args...)
	require.NoError(s, err, "%s %v: %s", name, args, out)
	return out
}

func (s scratch) attempt(dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(s.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (s scratch) commit(message string) {
	s.Helper()
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message", message)
}

func (s scratch) releaser(yes bool) (Releaser, *bytes.Buffer) {
	out := &bytes.Buffer{}
	return Releaser{
		Root: s.root, Out: out, Yes: yes,
		Environ: append(os.Environ(), "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOPRIVATE=", "GONOPROXY=", "GONOSUMDB="),
		Now:     func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
	}, out
}

// release really releases, and has to succeed.
func (s scratch) release(module, how string) string {
	s.Helper()
	r, out := s.releaser(true)
	require.NoError(s, r.Release(s.Context(), module, how), out)
	return out.String()
}

// pin really pins, and has to succeed.
func (s scratch) pin(module string, siblings ...string) string {
	s.Helper()
	r, out := s.releaser(true)
	require.NoError(s, r.Pin(s.Context(), module, siblings), out)
	return out.String()
}

// workspaceLane builds a module against the sources beside it.
func (s scratch) workspaceLane(module string) error {
	_, err := s.attempt(s.root, []string{"GOWORK=" + filepath.Join(s.root, "go.work"), "GOPROXY=off", "GOFLAGS="}, "go", "build", "-o", os.DevNull, "./"+module+"/...")
	return err
}

// refused asks for a release that has to be refused and has to leave no trace.
func (s scratch) refused(do func(context.Context, *Releaser) error) (reason string) {
	s.Helper()
	before := s.everything()
	r, out := s.releaser(true)
	err := do(s.Context(), &r)
	require.ErrorIs(s, err, ErrRefused, out)
	require.Equal(s, before, s.everything(), "a refusal changes nothing")
	return err.Error()
}

// everything is a fingerprint of each file in the checkout and its .git.
func (s scratch) everything() map[string][sha256.Size]byte {
	s.Helper()
	found := map[string][sha256.Size]byte{}
	require.NoError(s, filepath.WalkDir(s.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found[path] = sha256.Sum256(content)
		return err
	}))
	return found
}
