package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPackagesChooseTheirModule(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct{ args, tools, workspace string }{
		"workspace":  {"-run X ./auth/... nms.example/cfg", "", "-run X ./auth/... nms.example/cfg"},
		"tools":      {"-v ./tools/internal/git ./tools/... nms.example/tools/cmd/demo", "-v ./internal/git ./... nms.example/tools/cmd/demo", ""},
		"its folder": {"./tools", "./.", ""},
		"both":       {"-run X ./tools/cmd/check ./sql/...", "-run X ./cmd/check", "-run X ./sql/..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commands, err := goTests(t.TempDir(), strings.Fields(one.args))
			require.NoError(t, err)
			got := map[string]string{}
			for _, c := range commands {
				_, args, found := strings.Cut(strings.Join(c.Args, " "), "-timeout=40m ")
				require.True(t, found)
				got[c.Dir] = args
			}
			require.Equal(t, one.tools, got["tools"])
			require.Equal(t, one.workspace, got[""])
		})
	}
}
