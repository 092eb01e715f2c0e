//go:build workshop

package scaffold

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/workspace"
)

// docs/releasing.md moves all modules to a path of a company's own with one line. It is run as it stands there on a
// scratch copy, without ./task at its end; then every import of every module, in go.work and outside, leads somewhere.
// (To build all of it anew takes minutes.)
func TestTheModulesMoveToAnotherPath(t *testing.T) {
	t.Parallel()
	root := scratch(t)
	before := modulePath(t, root)
	content, err := os.ReadFile(filepath.Join(root, "docs", "releasing.md"))
	require.NoError(t, err)
	recipe := regexp.MustCompile(`(?m)^(git grep .* sed -i 's#(.*)#(.*)#g') && \./task fmt && \./task gen$`).FindStringSubmatch(string(content))
	require.NotNil(t, recipe, "docs/releasing.md has no recipe")
	old := strings.TrimSuffix(before, workspace.ToolsDir)
	line := strings.ReplaceAll(recipe[1], recipe[2], regexp.QuoteMeta(old)) // the same, until the modules have moved
	run(t, root, nil, "git", "init", "-q")
	run(t, root, nil, "git", "add", "-A")
	run(t, root, nil, "sh", "-c", line)

	require.Equal(t, recipe[3]+workspace.ToolsDir, modulePath(t, root))
	require.Empty(t, run(t, root, nil, "sh", "-c", `git grep -lF "$0" || true`, old), "the old path is still there")
	broken := `{{with .Error}}{{$.ImportPath}}: {{.}}{{end}}`
	lost := func(dir, work, pattern string) string {
		return run(t, filepath.Join(root, dir), []string{"GOWORK=" + work}, "go", "list", "-e", "-deps", "-test", "-f", broken, pattern)
	}
	require.Empty(t, lost(".", filepath.Join(root, "go.work"), "work"))
	require.Empty(t, lost(workspace.ToolsDir, "off", "./..."))
	require.Empty(t, lost(filepath.Join("deploy", "check"), "off", "./..."))
}

// modulePath returns the path of the module of tools.
func modulePath(t *testing.T, root string) string {
	t.Helper()
	w, err := workspace.Load(root)
	require.NoError(t, err)
	tools, ok := w.Module(workspace.ToolsDir)
	require.True(t, ok)
	return tools.Path
}
