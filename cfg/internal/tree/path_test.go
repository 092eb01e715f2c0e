package tree_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/cfg/internal/tree"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	for text, path := range map[string][]string{
		"PSU":               {"PSU"},
		"Site A/Rack 1/PSU": {"Site A", "Rack 1", "PSU"},
		`Off\/On, x/C:\\D`:  {"Off/On, x", `C:\D`},
		`\/dev/\\`:          {"/dev", `\`},
	} {
		require.Equal(t, path, tree.SplitPath(text), text)
		require.Equal(t, text, tree.JoinPath(path))
	}
	for text, path := range map[string][]string{
		"": nil, "/": nil, "/Site A/PSU": {"Site A", "PSU"}, `C:\D`: {`C:\D`}, `a\`: {`a\`}, "a//b/": {"a", "", "b", ""},
	} {
		require.Equal(t, path, tree.SplitPath(text), "taken as well: %s", text)
	}
}

func TestARootIsNamedOrAddressed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		path []string
		name string
	}{
		"PSU": {nil, "PSU"}, "A/B": {nil, "A/B"}, "/A/B": {[]string{"A", "B"}, ""}, `/A\/B`: {[]string{"A/B"}, ""}, "/": {nil, ""},
	} {
		path, name := tree.Filter{RootName: &text}.Root()
		require.Equal(t, want.path, path, text)
		require.Equal(t, want.name, name, text)
	}
}
