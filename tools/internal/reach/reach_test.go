package reach

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/workspace"
)

// setup makes a workspace of schemas, a library, two services and tools, and its graph, read by the go command.
func setup(t *testing.T) (root string, g *Graph) {
	t.Helper()
	root = t.TempDir()
	for name, content := range map[string]string{
		"go.work":                     "go 1.26\n\nuse (\n\t./auth\n\t./cfg\n\t./common\n\t./sql\n)\n",
		"sqlc.yaml":                   "sql:\n  - {schema: sql/auth/migrations, gen: {go: {out: auth/internal/authdb}}}\n  - {schema: sql/nms/migrations, gen: {go: {out: cfg/internal/nmsdb}}}\n",
		"sql/go.mod":                  "module x.example/sql\n\ngo 1.26\n",
		"sql/schema.go":               "package sql\n\nimport \"embed\"\n\n//go:embed auth/migrations/*.sql nms/migrations/*.sql\nvar Files embed.FS\n",
		"sql/auth/migrations/1.sql":   "",
		"sql/nms/migrations/1.sql":    "",
		"sql/nms/queries/cfg/q.sql":   "",
		"common/go.mod":               "module x.example/common\n\ngo 1.26\n",
		"common/db/db.go":             "package db\n",
		"common/db/db_test.go":        "package db\n",
		"common/db/testdata/fuzz/x":   "",
		"common/outbox/outbox.go":     "package outbox\n\nimport _ \"x.example/common/db\"\n",
		"common/pgtest/pgtest.go":     "package pgtest\n\nimport _ \"x.example/sql\"\n",
		"common/rf/rf.go":             "package rf\n",
		"common/rf/rf_test.go":        "package rf_test\n\nimport _ \"x.example/common/pgtest\"\n\nconst page = \"../../docs/operating.md\"\n",
		"auth/go.mod":                 "module x.example/auth\n\ngo 1.26\n",
		"auth/main.go":                "package main\n\nimport _ \"x.example/auth/internal/app\"\n\nfunc main() {}\n",
		"auth/internal/app/app.go":    "package app\n\nimport _ \"x.example/common/outbox\"\n",
		"auth/internal/app/a_test.go": "package app\n\nimport _ \"x.example/common/pgtest\"\n",
		"cfg/go.mod":                  "module x.example/cfg\n\ngo 1.26\n",
		"cfg/internal/tree/tree.go":   "package tree\n",
		"cfg/internal/tree/t_test.go": "package tree\n\nimport _ \"x.example/common/pgtest\"\n",
		"tools/go.mod":                "module x.example/tools\n\ngo 1.26\n",
		"tools/cmd/check/main.go":     "package main\n\nimport _ \"x.example/tools/internal/git\"\n\nfunc main() {}\n",
		"tools/internal/git/git.go":   "package git\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	w, err := workspace.Load(root)
	require.NoError(t, err)
	g, err = Load(t.Context(), w)
	require.NoError(t, err)
	return root, g
}

func TestAChangeReachesWhatImportsIt(t *testing.T) {
	t.Parallel()
	_, g := setup(t)
	const (
		withDB    = "imports x.example/common/db"
		withSQL   = "imports x.example/sql"
		withTests = "its tests import x.example/common/pgtest"
	)
	for name, tc := range map[string]struct {
		files   []string
		want    map[string]string // reason by folder
		touched []string
	}{
		"nothing":                  {nil, map[string]string{}, nil},
		"documentation":            {[]string{"README.md", "docs/local.md", "LICENSE", "auth/CHANGELOG.md"}, map[string]string{}, nil},
		"a page that a test reads": {[]string{"docs/operating.md"}, map[string]string{"common/rf": "its tests name docs/operating.md"}, nil},
		"a test":                   {[]string{"common/db/db_test.go"}, map[string]string{"common/db": "common/db/db_test.go"}, []string{"common/db"}},
		"data of a test":           {[]string{"common/db/testdata/fuzz/x"}, map[string]string{"common/db": "common/db/testdata/fuzz/x"}, []string{"common/db"}},
		"a leaf":                   {[]string{"auth/main.go"}, map[string]string{"auth": "auth/main.go"}, []string{"auth"}},
		"a file that is gone": {[]string{"tools/internal/git/old.go"}, map[string]string{
			"tools/internal/git": "tools/internal/git/old.go", "tools/cmd/check": "imports x.example/tools/internal/git",
		}, []string{"tools/internal/git"}},
		"a library": {[]string{"common/db/db.go"}, map[string]string{
			"common/db": "common/db/db.go", "common/outbox": withDB, "auth/internal/app": "imports x.example/common/outbox", "auth": "imports x.example/auth/internal/app",
		}, []string{"common/db"}},
		"through tests alone": {[]string{"common/pgtest/pgtest.go"}, map[string]string{
			"common/pgtest": "common/pgtest/pgtest.go", "common/rf": withTests, "auth/internal/app": withTests, "cfg/internal/tree": withTests,
		}, []string{"common/pgtest"}},
		"a migration": {[]string{"sql/nms/migrations/1.sql"}, map[string]string{
			"sql": "sql/nms/migrations/1.sql", "common/pgtest": withSQL, "common/rf": withTests, "cfg/internal/tree": withTests,
		}, []string{"sql"}},
		"a migration that is new": {[]string{"sql/auth/migrations/2.sql"}, map[string]string{
			"sql": "sql/auth/migrations/2.sql",
		}, []string{"sql"}},
		"queries":    {[]string{"sql/nms/queries/cfg/q.sql"}, map[string]string{}, nil},
		"a go.sum":   {[]string{"tools/go.sum"}, map[string]string{"tools/cmd/check": "tools/go.sum", "tools/internal/git": "tools/go.sum"}, nil},
		"Dockerfile": {[]string{"Dockerfile"}, map[string]string{"tools/cmd/check": "Dockerfile", "tools/internal/git": "Dockerfile"}, nil},
		"go.work": {[]string{"go.work"}, map[string]string{
			"auth": "go.work", "auth/internal/app": "go.work", "cfg/internal/tree": "go.work", "common/db": "go.work", "common/outbox": "go.work",
			"common/pgtest": "go.work", "common/rf": "go.work", "sql": "go.work", "tools/cmd/check": "go.work", "tools/internal/git": "go.work",
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for _, c := range g.Reach(tc.files) {
				got[c.Dir] = c.Why
			}
			require.Equal(t, tc.want, got)
			var touched []string
			for _, c := range g.Touched(tc.files) {
				touched = append(touched, c.Dir)
			}
			require.Equal(t, tc.touched, touched)
		})
	}
}

func TestWhatDiffersFromTheBase(t *testing.T) {
	t.Parallel()
	root, _ := setup(t)
	repo := git.Repo{Dir: filepath.Join(root, "common")}
	do := func(args ...string) {
		_, err := repo.Run(t.Context(), append([]string{"-c", "user.name=t", "-c", "user.email=t@t.example"}, args...)...)
		require.NoError(t, err)
	}
	files := func(base string) []string {
		list, _, err := Files(t.Context(), repo, base)
		require.NoError(t, err)
		return list
	}
	do("-C", root, "init", "-q", "-b", "main")
	do("-C", root, "add", "-A")
	do("commit", "-q", "-m", "first")
	require.Empty(t, files(""))
	do("checkout", "-q", "-b", "branch")
	do("mv", "rf/rf.go", "rf/trace.go")
	do("commit", "-q", "-m", "second")
	require.NoError(t, os.WriteFile(filepath.Join(root, "auth", "main.go"), []byte("package main\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "cfg", "new.go"), []byte("package cfg\n"), 0o600))
	require.Equal(t, []string{"auth/main.go", "cfg/new.go", "common/rf/rf.go", "common/rf/trace.go"}, files(""), "main is the base")
	require.Equal(t, []string{"auth/main.go", "cfg/new.go"}, files("HEAD"))
	_, _, err := Files(t.Context(), repo, "nowhere")
	require.ErrorContains(t, err, `no commit is known as "nowhere"`)
}
