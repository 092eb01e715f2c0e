package servicetest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

// variablesPage lists the variables of all services.
const variablesPage = "docs/configuration.md"

// rowName finds the variables in its tables.
var rowName = regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\|")

// CheckVariables checks the variables of a service's settings, given as a pointer: each is described and stands in
// docs/configuration.md as --variables prints it, and none is so near to another service's that the service would take
// that for a misspelling when both read one .env. A module that was taken out of the repository has nothing to
// compare with.
func CheckVariables(t *testing.T, settings any) {
	t.Helper()
	page := ""
	if findRoot(t) != "" {
		page = Text(t, variablesPage)
	}
	variables, err := config.Variables(settings)
	require.NoError(t, err)
	for _, v := range variables {
		require.NotEmpty(t, v.Description, "%s has no desc tag", v.Name)
		if page != "" {
			require.Contains(t, page, v.Row(), "%s lacks the row of %s: ./task gen", variablesPage, v.Name)
		}
	}
	var names []string
	for _, row := range rowName.FindAllStringSubmatch(page, -1) {
		names = append(names, row[1])
	}
	misspelt, err := config.Misspelt(settings, names)
	require.NoError(t, err)
	require.Empty(t, misspelt, "variables of other services that would be taken for misspellings")
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
