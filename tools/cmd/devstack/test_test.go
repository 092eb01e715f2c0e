package main

import (
	"slices"
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
				got[c.Dir] = strings.TrimPrefix(args, "-count=1 ")
			}
			require.Equal(t, one.tools, got["tools"])
			require.Equal(t, one.workspace, got[""])
		})
	}
}

func TestTheRaceDetectorIsAskedFor(t *testing.T) {
	t.Parallel()
	for args, watched := range map[string]bool{"./common/db": false, "-race ./common/db": true, "-race=false ./common/db": false, "-v --race ./tools": true} {
		commands, err := goTests(t.TempDir(), strings.Fields(args))
		require.NoError(t, err)
		require.Len(t, commands, 1)
		require.Equal(t, watched, slices.Contains(commands[0].Env, "CGO_ENABLED=1"), args)
		require.Equal(t, watched, slices.Contains(commands[0].Args, "-gcflags=golang.org/x/crypto/blowfish=-race=false"), args)
	}
}

func TestSelections(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]selection{
		"":                                  {},
		"-run X ./auth/...":                 {args: []string{"-run", "X", "./auth/..."}},
		"-workshop ./common/... -v":         {workshop: true, args: []string{"./common/...", "-v"}},
		"--workshop":                        {workshop: true},
		"-changed":                          {changed: true},
		"-changed -run X":                   {changed: true, args: []string{"-run", "X"}},
		"-v --changed origin/main -count=1": {changed: true, base: "origin/main", args: []string{"-v", "-count=1"}},
	} {
		got, err := readSelection(strings.Fields(args))
		require.NoError(t, err, args)
		require.Equal(t, want, got, args)
	}
	for _, args := range []string{"-changed -workshop", "-changed ./auth/...", "-changed HEAD ./auth/..."} {
		_, err := readSelection(strings.Fields(args))
		require.Error(t, err, args)
	}
}

func TestTheWorkshopsTestsAreChosenByName(t *testing.T) {
	t.Parallel()
	commands, err := selection{workshop: true, args: []string{"-v", "./tools/internal/chaos/...", "nms.example/auth/internal/app"}}.commands(t.Context(), "../../..")
	require.NoError(t, err)
	require.Len(t, commands, 2)
	names := "-tags=workshop,nomsgpack,grpcnotrace -run ^(TestHostileInput|TestNothingIsLostInChaos|TestSlowClientsAreCutOff)$ -v "
	require.True(t, strings.HasSuffix(strings.Join(commands[0].Args, " "), names+"./internal/chaos"), commands[0].Args)
	require.True(t, strings.HasSuffix(strings.Join(commands[1].Args, " "), names+"./auth/internal/app"), commands[1].Args)
	_, err = selection{workshop: true, args: []string{"./auth/internal/password"}}.commands(t.Context(), "../../..")
	require.ErrorContains(t, err, "no tests of the workshop in ./auth/internal/password")
}
