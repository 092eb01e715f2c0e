package servicetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

// CheckVariables checks the variables of a service's settings, given as a pointer: each is described,
// known to the warning about misspellings, and stands in the repository's README as --variables prints
// it. A module that was taken out of the repository has no README to compare with.
func CheckVariables(t *testing.T, settings any) {
	t.Helper()
	readme := findReadme(t)
	for _, v := range config.Variables(settings) {
		require.NotEmpty(t, v.Description, "%s has no desc tag", v.Name)
		require.True(t, config.Known(v.Name), "%s is not listed in common/config/system.go", v.Name)
		if readme != "" {
			require.Contains(t, readme, v.Row(), "README.md lacks the row of %s", v.Name)
		}
	}
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

// findRoot gives the folder with the go.work above the working directory; empty when there is none.
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
