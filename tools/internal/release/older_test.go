//go:build workshop

package release

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An older line is mended from a branch of its own, while the newest one goes on.
func TestAnOlderLineIsMended(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.release("common", "minor")
	s.release("auth", "minor")
	s.change("feat(auth): a window", "auth/window.go", "package main\n")
	s.release("auth", "minor")
	s.git("switch", "--quiet", "-c", "auth-0.1", "auth/v0.1.0")
	s.change("fix(auth): the key turns", "auth/key.go", "package main\n")

	require.Contains(t, s.release("auth", "patch"), "auth: v0.1.0 → v0.1.1 (patch)")

	require.Equal(t, "auth/v0.1.0\nauth/v0.1.1\nauth/v0.2.0\ncommon/v0.1.0", s.git("tag"))
	changelog := s.read("auth/CHANGELOG.md")
	require.Contains(t, changelog, "## [0.1.1] - 2026-11-23\n\n### Fixed\n\n- the key turns\n")
	require.NotContains(t, changelog, "0.2.0")
	s.git("switch", "--quiet", "main")
	s.change("fix(auth): the window shuts", "auth/window.go", "package main\n\nvar shut bool\n")
	require.Contains(t, s.release("auth", "patch"), "auth: v0.2.0 → v0.2.1 (patch)")
}

func TestAnOriginThatDoesNotAnswerIsSaid(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.git("remote", "add", "origin", filepath.Join(t.TempDir(), "nowhere"))
	require.Contains(t, s.release("common", "minor"), "origin does not answer")
}
