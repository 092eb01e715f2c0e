package layout

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that a build left in the tree stays in every clone for ever, and what a failed property test noted tells of the
// machine that it ran on.
func TestNothingBuiltIsCommitted(t *testing.T) {
	t.Parallel()
	root := "../../.."
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z").Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		require.NotContains(t, name, "testdata/rapid/")
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed in the working tree
		}
		require.NoError(t, err)
		require.False(t, bytes.HasPrefix(content, []byte("\x7fELF")), "%s is a built program", name)
		require.Less(t, len(content), 1<<20, name)
	}
}
