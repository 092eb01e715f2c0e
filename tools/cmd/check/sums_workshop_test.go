//go:build workshop

package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/workspace"
)

// From an empty cache a download of all modules changes no committed file: what an image's build and a fresh clone rely on.
// It fetches some 300 MB.
func TestTheCommittedSumsAreCompleteFromAnEmptyCache(t *testing.T) {
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "mod"))
	t.Setenv("GONOSUMDB", "")
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	w, err := workspace.Load(root)
	require.NoError(t, err)
	require.NoError(t, (&checker{workspace: w, out: io.Discard}).sums(t.Context()))

	// And a line that is missing is found and put back.
	copied := t.TempDir()
	sums, err := (&checker{workspace: w, out: io.Discard}).copyWorkspace(copied)
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(sums), "\n")
	write(t, copied, sumsFile, rest)
	c := &checker{workspace: &workspace.Workspace{Root: copied, Modules: w.Modules}, out: io.Discard}
	require.ErrorContains(t, c.sums(t.Context()), "+ "+strings.SplitN(string(sums), "\n", 2)[0])
	c.fix = true
	require.NoError(t, c.sums(t.Context()))
	require.Equal(t, string(sums), read(t, copied, sumsFile))
}
