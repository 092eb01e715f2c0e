package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/program"
)

// setup makes a git repository with the shape of this one: common and sql required by auth and cfg, cfg
// using the database nms and auth the database auth, common requiring sql.
func setup(t *testing.T) (dir string, commit func(files ...string)) {
	t.Helper()
	dir = t.TempDir()
	gitIn := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@t.example", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@t.example")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "git %v: %s", args, out)
	}
	write := func(name, content string) {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	gomod := func(name, requires string) {
		write(name+"/go.mod", "module nms.example/"+name+"\n\ngo 1.26\n\n"+requires)
	}

	write("go.work", "go 1.26\n\nuse (\n\t./auth\n\t./cfg\n\t./common\n\t./sql\n)\n")
	gomod("sql", "")
	gomod("common", "require nms.example/sql v0.1.0\n")
	gomod("auth", "require nms.example/common v0.1.0\nrequire nms.example/sql v0.1.0\n")
	gomod("cfg", "require (\n\tnms.example/common v0.1.0\n\tnms.example/sql v0.1.0\n)\n")
	gomod("tools", "")
	write("sqlc.yaml", `version: "2"
sql:
  - {schema: sql/auth/migrations, gen: {go: {out: auth/internal/authdb}}}
  - {schema: sql/nms/migrations, gen: {go: {out: cfg/internal/nmsdb}}}
`)
	write("auth/main.go", "package main\n")
	write("auth/guide_test.go", "package main\n\nconst guide = \"docs/operating.md\"\n")
	write("common/servicetest/variables.go", "package servicetest\n\nvar read = []string{\"README.md\", \"openapi\"}\n")
	gitIn("init", "-q", "-b", "main")
	gitIn("add", "-A")
	gitIn("commit", "-q", "-m", "start")
	gitIn("tag", "base")
	return dir, func(files ...string) {
		for _, f := range files {
			write(f, "changed\n")
		}
		gitIn("add", "-A")
		gitIn("commit", "-q", "-m", "change", "--allow-empty")
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	all := []string{"auth", "cfg", "common", "sql", "tools"}
	for name, tc := range map[string]struct {
		files []string
		want  []string
	}{
		"one service":                               {[]string{"auth/internal/api/users.go"}, []string{"auth"}},
		"two services":                              {[]string{"auth/main.go", "cfg/x.go"}, []string{"auth", "cfg"}},
		"common and its dependents":                 {[]string{"common/api/api.go"}, []string{"auth", "cfg", "common"}},
		"a schema and its users":                    {[]string{"sql/nms/migrations/1_a.sql"}, []string{"cfg", "sql"}},
		"a database that nobody uses":               {[]string{"sql/dwh/migrations/1_a.sql"}, []string{"sql"}},
		"queries of one service":                    {[]string{"sql/auth/queries/auth/user.sql"}, []string{"auth", "sql"}},
		"the code of the sql module":                {[]string{"sql/schema.go"}, []string{"auth", "cfg", "common", "sql"}},
		"a folder alike but not a db":               {[]string{"sql/cmd/migrate/main.go"}, []string{"auth", "cfg", "common", "sql"}},
		"the tools":                                 {[]string{"tools/cmd/x/main.go"}, []string{"tools"}},
		"go.work":                                   {[]string{"go.work.sum"}, all},
		"the Taskfile":                              {[]string{"Taskfile.yml"}, all},
		"CI's own files":                            {[]string{".github/workflows/ci.yml"}, all},
		"a folder alike but no module":              {[]string{"author/notes.txt"}, all},
		"docs":                                      {[]string{"docs/architecture.md", "docs/picture.svg"}, []string{}},
		"a document that a test reads":              {[]string{"docs/operating.md"}, []string{"auth"}},
		"a document that a library reads for tests": {[]string{"README.md"}, []string{"auth", "cfg", "common"}},
		"one of several that it reads":              {[]string{"docs/openapi/auth.json"}, []string{"auth", "cfg", "common"}},
		"another module's document":                 {[]string{"sql/README.md"}, []string{}},
		"a module's changelog":                      {[]string{"auth/CHANGELOG.md", "LICENSE"}, []string{}},
		"no change":                                 {nil, []string{}},
		"names with spaces and letters":             {[]string{"cfg/файл с пробелом.go"}, []string{"cfg"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, commit := setup(t)
			commit(tc.files...)

			var out bytes.Buffer
			require.NoError(t, run(t.Context(), dir, []string{"-json", "base"}, &out))

			var got struct {
				Modules []string
				Images  []string
				Reasons map[string][]string
			}
			require.NoError(t, json.Unmarshal(out.Bytes(), &got))
			require.Equal(t, tc.want, got.Modules)
			for _, image := range got.Images {
				require.Contains(t, []string{"auth", "sql"}, image, "only these have a program")
				require.Contains(t, got.Modules, image)
			}
			require.Equal(t, slices.Contains(got.Modules, "auth"), slices.Contains(got.Images, "auth"))
			require.Len(t, got.Reasons, len(tc.want))
			for module, reasons := range got.Reasons {
				require.NotEmpty(t, reasons, module)
			}
		})
	}
}

func TestRenameTouchesBothModules(t *testing.T) {
	t.Parallel()
	dir, commit := setup(t)
	require.NoError(t, os.Rename(filepath.Join(dir, "auth/main.go"), filepath.Join(dir, "cfg/main.go")))
	commit()

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), dir, []string{"base"}, &out))
	require.Equal(t, "auth     its own files\ncfg      its own files\n", out.String())
}

func TestOnlyWhatTheBranchAdds(t *testing.T) {
	t.Parallel()
	dir, commit := setup(t)
	commit("auth/a.go")

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), dir, []string{"HEAD", "base"}, &out))
	require.Contains(t, out.String(), "nothing to build")
}

func TestUnknownCommitIsNamed(t *testing.T) {
	t.Parallel()
	dir, _ := setup(t)
	err := run(t.Context(), dir, []string{"origin/nowhere"}, &bytes.Buffer{})
	require.EqualError(t, err, `no commit is known as "origin/nowhere"; fetch it first (a shallow clone may lack it)`)
	require.ErrorIs(t, run(t.Context(), dir, nil, &bytes.Buffer{}), program.ErrUsage)
}
