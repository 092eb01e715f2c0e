//go:build workshop

package release

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	textWithoutTwice = "// Package text is of use.\npackage text\n\n// Thrice says it three times.\nfunc Thrice(s string) string { return s + s + s }\n"
	textWithMore     = "// Package text is of use.\npackage text\n\n// Twice says it twice.\nfunc Twice(s string) string { return s + s }\n\n" +
		"// Thrice says it three times.\nfunc Thrice(s string) string { return s + s + s }\n"
)

// usesThrice is a main of auth.
const usesThrice = "package main\n\nimport \"scratch.example/common/text\"\n\nfunc main() { print(text.Thrice(\"a\")) }\n"

func TestTheLibraryThenTheService(t *testing.T) {
	t.Parallel()
	s := setup(t)

	out := s.release("common", "minor")
	require.Contains(t, out, "common: nothing → v0.1.0 (minor)")
	out = s.release("auth", "minor")
	require.Contains(t, out, "scratch.example/auth is built with common v0.1.0")
	require.Contains(t, out, "next: git push --atomic origin HEAD auth/v0.1.0")

	require.Equal(t, "auth/v0.1.0\ncommon/v0.1.0", s.git("tag"))
	require.Equal(t, "# Changelog of auth\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-23\n\n### Added\n\n- a door and its key\n", s.read("auth/CHANGELOG.md"))
	require.Equal(t, "auth v0.1.0\n\n### Added\n\n- a door and its key", s.git("tag", "--list", "--format=%(contents)", "auth/v0.1.0"))
	require.Contains(t, s.git("log", "-1", "--format=%s", "--name-only", "auth/v0.1.0"), "build(auth): release v0.1.0")
	require.Empty(t, s.git("status", "--porcelain"))
	require.NoError(t, s.workspaceLane("auth"))
}

// The hash that goes into auth's go.sum while it is released is the one that the go command itself
// computes from the tags: here it clones the repository, as it would from a forge.
func TestTheHashIsThatOfTheTag(t *testing.T) {
	t.Parallel()
	const prefix = "forge.example/nms.git"
	s := setupUnder(t, prefix)
	s.release("common", "minor")
	s.release("auth", "minor")

	elsewhere := t.TempDir()
	env := []string{
		"GOWORK=off", "GOFLAGS=-modcacherw", "GOPROXY=direct", "GOPRIVATE=*", "GOTOOLCHAIN=local", "GOMODCACHE=" + filepath.Join(elsewhere, "mod"),
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url." + fileURL(s.root) + ".insteadOf", "GIT_CONFIG_VALUE_0=https://" + strings.TrimSuffix(prefix, ".git"),
	}
	dir := filepath.Join(elsewhere, "user")
	require.NoError(t, os.Mkdir(dir, 0o755))
	s.in(dir, env, "go", "mod", "init", "user.example/user")
	s.in(dir, env, "go", "get", prefix+"/auth@v0.1.0", prefix+"/common@v0.1.0")

	ours, err := readSums(filepath.Join(s.root, "auth"))
	require.NoError(t, err)
	theirs, err := readSums(dir)
	require.NoError(t, err)
	require.Len(t, ours, 2, "the archive and its go.mod")
	for module, hash := range ours {
		require.Equal(t, hash, theirs[module], module)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.release("common", "minor")
	before := s.everything()

	r, out := s.releaser(false)
	require.NoError(t, r.Release(t.Context(), "auth", "minor"))
	require.Contains(t, out.String(), "- a door and its key")
	require.Contains(t, out.String(), `commit "build(auth): release v0.1.0" of auth/CHANGELOG.md, auth/go.sum`)
	require.Contains(t, out.String(), "tag auth/v0.1.0")
	require.Equal(t, before, s.everything())

	s.write("common/text/text.go", textWithMore)
	s.commit("feat(text): more")
	s.release("common", "minor")
	before = s.everything()
	r, out = s.releaser(false)
	require.NoError(t, r.Pin(t.Context(), "auth", nil))
	require.Contains(t, out.String(), "auth: common v0.1.0 → v0.2.0")
	require.Equal(t, before, s.everything())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		given       func(scratch)
		module, how string
		reason      string
	}{
		"a changed file":    {func(s scratch) { s.write("auth/main.go", "package main\n") }, "auth", "minor", "the checkout has changes"},
		"an unknown file":   {func(s scratch) { s.write("auth/new.go", "package main\n") }, "auth", "minor", "the checkout has changes"},
		"an existing tag":   {func(s scratch) { s.git("checkout", "--quiet", "common/v0.1.0^") }, "common", "minor", "the tag common/v0.1.0 exists"},
		"a tag at origin":   {aTagAtOrigin, "auth", "v0.1.0", "the tag auth/v0.1.0 exists at origin"},
		"an untagged pin":   {func(s scratch) { s.git("tag", "--delete", "common/v0.1.0") }, "auth", "minor", "auth pins common v0.1.0, which has no tag"},
		"no entry":          {func(scratch) {}, "common", "patch", "CHANGELOG.md has no entry for v0.1.1"},
		"only tests":        {func(s scratch) { s.change("test(text): x", "common/text/x_test.go", "package text\n") }, "common", "patch", "has no entry"},
		"a path without v2": {func(scratch) {}, "common", "v2.0.0", "from v2 on the module path has to end in /v2"},
		"v0: a patch that breaks": {func(s scratch) {
			s.change("fix(text): shorter", "common/text/text.go", textWithoutTwice)
		}, "common", "patch", "may not break the API of common/v0.1.0:\n./text.Twice: removed"},
		"v1: a minor that breaks": {func(s scratch) {
			s.change("feat(text): more", "common/text/text.go", textWithMore)
			s.release("common", "major")
			s.change("feat(text): shorter", "common/text/text.go", textWithoutTwice)
		}, "common", "minor", "a minor release may not break the API of common/v1.0.0"},
		"v1: a patch that adds": {func(s scratch) {
			s.change("fix(text): x", "common/text/y.go", "package text\n")
			s.release("common", "major")
			s.change("fix(text): more", "common/text/text.go", textWithMore)
		}, "common", "patch", "a patch may not add to the API of common/v1.0.0"},
		"a patch whose commit says it breaks": {func(s scratch) {
			s.release("auth", "minor")
			s.change("fix(auth)!: another key", "auth/key.go", "package main\n")
		}, "auth", "patch", "a commit says that it does: fix(auth)!: another key"},
		"more than the pin has": {func(s scratch) {
			s.change("feat(text): more", "common/text/text.go", textWithMore)
			s.change("feat(auth): more", "auth/main.go", usesThrice)
			require.NoError(s, s.workspaceLane("auth"), "head fits together")
		}, "auth", "minor", "undefined: text.Thrice"},
		"a test that does not compile": {func(s scratch) {
			s.change("test(auth): x", "auth/main_test.go", "package main\n\nvar _ = missing\n")
		}, "auth", "minor", "undefined: missing"},
		"a file of a neighbour": {func(s scratch) {
			s.change("feat(auth): x", "auth/x.go", "package main\n\nimport _ \"embed\"\n\n//go:embed note.txt\nvar note string\n")
			s.change("chore: x", "auth/note.txt/go.mod", "module scratch.example/note\n")
		}, "auth", "minor", "the release lane is red"},
		"an untidy go.mod": {func(s scratch) {
			s.change("chore: x", "auth/go.mod", "module scratch.example/auth\n\ngo 1.26\n\nrequire scratch.example/common v0.1.0 // indirect\n")
		}, "auth", "minor", "go.mod of auth does not fit its pins"},
		"another hash than the tag's": {func(s scratch) {
			s.change("chore: x", "auth/go.sum", "scratch.example/common v0.1.0 h1:"+strings.Repeat("A", 43)+"=\n")
		}, "auth", "minor", "checksum mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.release("common", "minor")
			tc.given(s)
			reason := s.refused(func(ctx context.Context, r *Releaser) error { return r.Release(ctx, tc.module, tc.how) })
			require.Contains(t, reason, tc.reason)
		})
	}
}

// change commits one file.
func (s scratch) change(message, name, content string) {
	s.Helper()
	s.write(name, content)
	s.commit(message)
}

// aTagAtOrigin makes a release elsewhere that this checkout has not fetched.
func aTagAtOrigin(s scratch) {
	origin := s.TempDir()
	s.git("clone", "--quiet", "--bare", s.root, origin)
	s.git("remote", "add", "origin", origin)
	s.in(origin, nil, "git", "tag", "auth/v0.1.0", "HEAD")
}

func TestWrongCalls(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.release("common", "minor")
	r, _ := s.releaser(true)
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"unknown module":     {r.Release(t.Context(), "oath", "minor"), `no module "oath" is released here; there are auth, common`},
		"unknown part":       {r.Release(t.Context(), "auth", "small"), "say patch, minor, major or a version"},
		"an older version":   {r.Release(t.Context(), "common", "v0.0.9"), "v0.0.9 does not come after v0.1.0"},
		"pin of a library":   {r.Pin(t.Context(), "common", nil), "common requires no other module"},
		"pin of a stranger":  {r.Pin(t.Context(), "auth", []string{"auth"}), "auth does not require auth"},
		"pin without a tag":  {r.Pin(t.Context(), "auth", []string{"common@v0.9.0"}), "there is no tag of common to pin"},
		"verify without tag": {r.Verify(t.Context(), "auth/v0.9.0", ""), "there is no tag auth/v0.9.0 here"},
	} {
		require.ErrorContains(t, tc.err, tc.want, name)
	}
}

// A change in common that breaks a service: the workspace lane is red, the service's release against the tag that it
// pins is green, and the pin to common's next release is refused until the service has followed.
func TestHeadOfCommonBreaksAService(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.release("common", "minor")
	s.change("feat(text)!: three times", "common/text/text.go", textWithoutTwice)
	require.Error(t, s.workspaceLane("auth"), "head does not fit together")

	require.Contains(t, s.release("auth", "minor"), "is built with common v0.1.0")

	out := s.release("common", "minor")
	require.Contains(t, out, "breaks: ./text.Twice: removed")
	require.Contains(t, s.read("common/CHANGELOG.md"), "### Changed\n\n- **Breaking:** `text`: three times\n")
	reason := s.refused(func(ctx context.Context, r *Releaser) error { return r.Pin(ctx, "auth", nil) })
	require.Contains(t, reason, "auth does not build with these pins")
	require.Contains(t, reason, "undefined: text.Twice")

	// A fix of the service as it is goes on from the old pin.
	s.change("fix(auth): a hinge", "auth/hinge.go", "package main\n")
	require.Contains(t, s.release("auth", "patch"), "pins common v0.1.0; the newest is v0.2.0 (./task release pin auth raises it)")
}

// A service that uses what common has gained: green in the workspace at once, released when common is and its pin is
// raised. Two versions of common are pinned then, and the workspace holds both.
func TestAServiceFollowsCommon(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.write("cfg/go.mod", "module scratch.example/cfg\n\ngo 1.26\n\nrequire scratch.example/common v0.1.0\n")
	s.write("cfg/main.go", strings.Replace(s.read("auth/main.go"), "print(", "println(", 1))
	s.write("go.work", strings.Replace(s.read("go.work"), "\t./auth\n", "\t./auth\n\t./cfg\n", 1))
	s.commit("feat(cfg): it is there")
	s.release("common", "minor")
	s.release("auth", "minor")

	s.change("feat(text): more", "common/text/text.go", textWithMore)
	s.change("feat(auth): more", "auth/main.go", usesThrice)
	s.release("common", "patch")
	require.Contains(t, s.pin("auth", "common@v0.1.1"), "committed: build(auth): common v0.1.1")
	out := s.release("auth", "minor")
	require.Contains(t, out, "is built with common v0.1.1")
	require.Contains(t, s.read("auth/CHANGELOG.md"), "### Changed\n\n- Built with common v0.1.1 (was v0.1.0)\n")
	require.NotContains(t, s.read("auth/go.sum"), "v0.1.0")

	for _, version := range []string{"v0.1.0", "v0.1.1"} {
		require.Contains(t, s.read("go.work"), "scratch.example/common "+version+" => ./common")
	}
	require.NoError(t, s.workspaceLane("auth"))
	require.NoError(t, s.workspaceLane("cfg"))

	s.pin("cfg")
	require.NotContains(t, s.read("go.work"), "v0.1.0 =>", "nobody pins it any more")
	require.NoError(t, s.workspaceLane("cfg"))
	require.Contains(t, s.pin("cfg"), "cfg: its pins are the newest tags")
}

// What people wrote goes before what commits say; commits from before it are described already.
func TestTheChangelogOfPeople(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.write("common/CHANGELOG.md", "# Changelog\n\nWith a preface.\n\n## [Unreleased]\n\n### Added\n\n- Words, by hand.\n")
	s.commit("docs(common): changelog")
	s.change("fix(text): a full stop", "common/text/x.go", "package text\n")
	s.release("common", "minor")
	require.Equal(t, "# Changelog\n\nWith a preface.\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-23\n\n"+
		"### Added\n\n- Words, by hand.\n\n### Fixed\n\n- `text`: a full stop\n", s.read("common/CHANGELOG.md"))

	s.write("common/CHANGELOG.md", strings.Replace(s.read("common/CHANGELOG.md"), "## [0.1.0]", "## [0.1.1] - today\n\n- All mine.\n\n## [0.1.0]", 1))
	s.commit("docs(common): the next section")
	before := s.git("rev-parse", "HEAD")
	require.Contains(t, s.release("common", "patch"), "CHANGELOG.md has a section for v0.1.1")
	require.Equal(t, before, s.git("rev-parse", "common/v0.1.1^{commit}"), "nothing was left to commit")
}

// A hook that changes the commit must not lead to a tag on something that was not tried.
func TestACommitThatIsNotWhatWasTried(t *testing.T) {
	t.Parallel()
	s := setup(t)
	hook := filepath.Join(s.root, ".git/hooks/pre-commit")
	require.NoError(t, os.WriteFile(hook, []byte("#!/bin/sh\necho more >>LICENSE && git add LICENSE\n"), 0o700))
	r, out := s.releaser(true)
	require.ErrorContains(t, r.Release(t.Context(), "common", "minor"), "is not what was tried", out)
	require.Empty(t, s.git("tag"))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.release("common", "minor")
	s.release("auth", "minor")
	s.change("fix(text): shorter", "common/text/text.go", textWithoutTwice)

	proxy := filepath.Join(t.TempDir(), "proxy")
	r, out := s.releaser(false)
	require.NoError(t, r.Verify(t.Context(), "refs/tags/auth/v0.1.0", proxy), out)
	for _, name := range []string{"auth", "common"} {
		require.FileExists(t, filepath.Join(proxy, "scratch.example", name, "@v", "v0.1.0.zip"))
	}

	s.git("tag", "common/v0.1.1")
	require.Contains(t, s.refused(func(ctx context.Context, r *Releaser) error { return r.Verify(ctx, "common/v0.1.1", "") }),
		"CHANGELOG.md has no section for v0.1.1")
	s.git("tag", "--delete", "common/v0.1.1")
	s.change("docs: x", "common/CHANGELOG.md", "## [0.1.2]\n\n- It broke.\n")
	s.git("tag", "common/v0.1.2")
	require.Contains(t, s.refused(func(ctx context.Context, r *Releaser) error { return r.Verify(ctx, "common/v0.1.2", "") }),
		"a patch release may not break the API")
	s.change("fix: x", "auth/go.mod", "module scratch.example/auth\n\ngo 1.26\n\nrequire scratch.example/common v0.9.0\n")
	s.git("tag", "auth/v0.1.1")
	require.Contains(t, s.refused(func(ctx context.Context, r *Releaser) error { return r.Verify(ctx, "auth/v0.1.1", "") }),
		"auth/v0.1.1 pins common v0.9.0, which has no tag")
}

// Modules that have moved to another path begin anew: an old tag cannot stand for the new path.
func TestAMovedModule(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.release("common", "minor")
	for _, file := range []string{"go.work", "common/go.mod", "auth/go.mod", "auth/main.go"} {
		s.write(file, strings.ReplaceAll(s.read(file), "scratch.example/", "git.company.example/nms/"))
	}
	s.commit("build: under our own path")
	require.Contains(t, s.refused(func(ctx context.Context, r *Releaser) error { return r.Release(ctx, "auth", "minor") }), "which has no tag")

	s.write("common/new.go", "// Package common is new.\npackage common\n")
	s.commit("feat(common): new")
	require.Contains(t, s.refused(func(ctx context.Context, r *Releaser) error { return r.Release(ctx, "common", "patch") }), "the module's path")
	s.release("common", "minor")
	s.pin("auth")
	require.Contains(t, s.release("auth", "minor"), "git.company.example/nms/auth is built with common v0.2.0")
}

func TestTheReleaseLaneLeavesNothingBehind(t *testing.T) {
	s := setup(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	r, _ := s.releaser(false)
	require.NoError(t, r.Release(t.Context(), "common", "minor"))
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestTheAccountNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.write("auth/new.go", "package main\n")
	var out bytes.Buffer
	r, _ := s.releaser(false)
	r.Out = &out
	err := r.Release(t.Context(), "auth", "minor")
	require.ErrorContains(t, err, "auth/new.go", "all reasons at once")
	require.ErrorContains(t, err, "release it first (./task release common v0.1.0 -yes)")
}
