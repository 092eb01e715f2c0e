package loop

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSourcesAreChangedAnewEachTimeAndRestored(t *testing.T) {
	t.Parallel()
	l := &Loop{root: t.TempDir(), out: io.Discard}
	path := filepath.Join(l.root, "source.go")
	require.NoError(t, os.WriteFile(path, []byte("package x\n"), 0o600))
	content := func() string {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(raw)
	}
	require.NoError(t, l.change("source.go"))
	first := content()
	require.Contains(t, first, "package x\n\nvar measuredByLoop")
	require.NoError(t, l.change("source.go"))
	require.NotEqual(t, first, content())
	require.Len(t, content(), len(first), "the change takes the place of the one before")
	l.restore()
	require.Equal(t, "package x\n", content())
}

func TestTheSourcesThatAreChangedAreThere(t *testing.T) {
	t.Parallel()
	for _, source := range []string{ofCfg, ofAll} {
		require.FileExists(t, filepath.Join("../../..", source))
	}
}

func TestTheMedianOfTheRoundsGoesIntoTheTable(t *testing.T) {
	t.Parallel()
	l := &Loop{out: io.Discard, load: "0.30"}
	l.add("`./task up`", median([]took{{3 * time.Second, time.Second}, {time.Second, 0}, {2 * time.Second, 1500 * time.Millisecond}}), 3)
	require.Contains(t, l.Table(), "| `./task up` | 2.0 | 1.5 | 3 |\n")
	require.Contains(t, l.Table(), "0.30 processes")
}
