//go:build workshop

package servicetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
)

// The service that docs/new-service.md shows is built as it stands there and knows its variables.
func TestTheSmallestServiceThatIsShownIsOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "weather")
	blocks := servicetest.Blocks(t, "docs/new-service.md", "# A new service", "go")
	require.Len(t, blocks, 1)
	require.NoError(t, os.WriteFile(file, []byte(blocks[0]), 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, file).CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.CommandContext(t.Context(), program, "--variables").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "| `WEATHER_STATION` | `Pulkovo` | Station that is asked. |")
}
