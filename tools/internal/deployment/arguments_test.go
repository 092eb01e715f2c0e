package deployment

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A build that is not told which service says so.
func TestABuildAsksForItsService(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	guard := regexp.MustCompile(`(?m)^ *(test -n "\$SERVICE".*\}); \\$`).FindSubmatch(content)
	require.NotNil(t, guard)
	for service, good := range map[string]bool{"": false, "auth": true} {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-ec", string(guard[1]))
		cmd.Env = append(os.Environ(), "SERVICE="+service)
		out, err := cmd.CombinedOutput()
		require.Equal(t, good, err == nil, service)
		require.Equal(t, !good, len(out) > 0)
	}
}
