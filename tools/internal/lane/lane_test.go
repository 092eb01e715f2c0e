package lane

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/workspace"
)

func TestTestsOfTheWorkshopAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, content := range map[string]string{
		"go.work":                      "go 1.26\n\nuse (\n\t./common\n\t./auth\n)\n",
		"common/go.mod":                "module x.example/common\n",
		"auth/go.mod":                  "module x.example/auth\n",
		"common/attack/short.go":       "//go:build !workshop\n\npackage attack\n\nconst Whole = false\n",
		"common/attack/whole.go":       "//go:build workshop\n\npackage attack\n\nconst Whole = true\n",
		"common/attack/a_test.go":      "package attack\n\nimport \"testing\"\n\nfunc TestEveryday(t *testing.T) {}\n",
		"common/db/cluster_test.go":    "//go:build workshop && linux\n\npackage db\n\nimport \"testing\"\n\nfunc TestMain(m *testing.M) {}\n\nfunc TestTwo(t *testing.T) {}\n\nfunc TestOne(t *testing.T) {}\n",
		"common/db/db_test.go":         "package db\n\nimport \"testing\"\n\nfunc TestEveryday(t *testing.T) {}\n",
		"common/db/testdata/x_test.go": "//go:build workshop\n\npackage x\n\nfunc TestNot() {}\n",
		"auth/app/hostile_test.go":     "package app\n\nimport (\n\t\"testing\"\n\n\t\"x.example/common/attack\"\n)\n\nvar _ = attack.Whole\n\nfunc TestHostile(t *testing.T) {}\n",
		"auth/app/short_test.go":       "//go:build !workshop\n\npackage app\n\nimport \"testing\"\n\nfunc TestShort(t *testing.T) {}\n",
		"auth/nested/go.mod":           "module x.example/nested\n",
		"auth/nested/x_test.go":        "//go:build workshop\n\npackage x\n\nfunc TestNot() {}\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	w, err := workspace.Load(root)
	require.NoError(t, err)
	found, err := Workshop(w)
	require.NoError(t, err)
	require.Equal(t, []Package{
		{Dir: "auth/app", Module: "auth", Tests: []string{"TestHostile"}},
		{Dir: "common/db", Module: "common", Tests: []string{"TestOne", "TestTwo"}},
	}, found)
}

// What docs/local.md says of the workshop, of this very checkout.
func TestTheWorkshopIsWhereItIsSaidToBe(t *testing.T) {
	t.Parallel()
	w, err := workspace.Load("../../..")
	require.NoError(t, err)
	found, err := Workshop(w)
	require.NoError(t, err)
	var dirs []string
	for _, p := range found {
		dirs = append(dirs, p.Dir)
	}
	require.Subset(t, dirs, []string{
		"tools/internal/release", "tools/internal/scaffold", "tools/internal/chaos", "tools/internal/deployment", "tools/cmd/check", "tools/internal/stack",
		"auth/internal/app", "cfg/internal/app", "inbox/internal/app", "admin/internal/app", // hostile input
	})
}
