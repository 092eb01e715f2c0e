package servicetest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

// rowName finds the variables in the tables of the README.
var rowName = regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\|")

// CheckVariables checks the variables of a service's settings, given as a pointer: each is described and stands in the
// repository's README as --variables prints it, and none is so near to another service's that the service would take
// that for a misspelling when both read one .env. A module that was taken out of the repository has no README to
// compare with.
func CheckVariables(t *testing.T, settings any) {
	t.Helper()
	readme := findReadme(t)
	variables, err := config.Variables(settings)
	require.NoError(t, err)
	for _, v := range variables {
		require.NotEmpty(t, v.Description, "%s has no desc tag", v.Name)
		if readme != "" {
			require.Contains(t, readme, v.Row(), "README.md lacks the row of %s", v.Name)
		}
	}
	var names []string
	for _, row := range rowName.FindAllStringSubmatch(readme, -1) {
		names = append(names, row[1])
	}
	misspelt, err := config.Misspelt(settings, names)
	require.NoError(t, err)
	require.Empty(t, misspelt, "variables of other services that would be taken for misspellings")
}

// findReadme reads the README at the root of the repository; empty when there is none.
func findReadme(t *testing.T) string {
	t.Helper()
	root := findRoot(t)
	if root == "" {
		return ""
	}
	content, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

// findRoot returns the folder with the go.work above the working directory; empty when there is none.
func findRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
