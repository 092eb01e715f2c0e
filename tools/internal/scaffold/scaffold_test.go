package scaffold

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

const checkout = "../../.."

// scratch copies the checkout as it is, uncommitted changes included, without its history.
func scratch(t *testing.T) string {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "git", "-C", checkout, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	require.NoError(t, err)
	dir := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		source := filepath.Join(checkout, name)
		info, err := os.Stat(source)
		if err != nil || !info.Mode().IsRegular() { // deleted and not committed yet
			continue
		}
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		target := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
		require.NoError(t, os.WriteFile(target, content, info.Mode().Perm()))
	}
	// The tools are built once, in the checkout, and not anew for every copy of it.
	built, err := filepath.Abs(filepath.Join(checkout, ".local", "bin"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(built, 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".local"), 0o755))
	require.NoError(t, os.Symlink(built, filepath.Join(dir, ".local", "bin")))
	return dir
}

// run runs a command in a folder of the scratch copy; its output is shown when it fails.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, append(os.Environ(), env...), 10*time.Second
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
	return string(out)
}

// The whole way, so that it never rots: a service is made in a scratch copy of this very checkout, builds,
// passes its own tests against the test servers and lints, and the files that list it are still in order.
func TestANewServiceWorksAtOnce(t *testing.T) {
	t.Parallel()
	root := scratch(t)
	files, err := Make(root, Options{Name: "weather", Database: "dwh"})
	require.NoError(t, err)
	require.Contains(t, files, "weather/main.go")
	var out bytes.Buffer
	require.NoError(t, Finish(t.Context(), root, &out), "%s", &out)

	dir, tools := filepath.Join(root, "weather"), filepath.Join(root, "tools")
	alone := []string{"GOWORK=off", "CGO_ENABLED=0"}
	together := []string{"GOWORK=" + filepath.Join(root, "go.work")}
	require.Empty(t, run(t, root, nil, "gofmt", "-l", "weather", "sql", "tools/internal/layout"))
	run(t, dir, together, "go", "vet", "./...")
	run(t, dir, together, "go", "test", "-race", "./...")
	binary := filepath.Join(t.TempDir(), "weather")
	run(t, dir, together, "go", "build", "-buildvcs=false", "-o", binary, ".")
	require.Contains(t, run(t, dir, nil, binary, "--version"), "weather")
	require.Contains(t, run(t, dir, nil, binary, "--variables"), "DB_DWH_DSN")

	// The up and down of its migration, and compose.yaml, Dockerfile and the affected modules with it in them.
	run(t, filepath.Join(root, "sql"), together, "go", "test", "./migrate")
	run(t, tools, alone, "go", "test", "./internal/layout/...", "./internal/deployment/...", "./internal/workspace/...")
	lint := filepath.Join(root, ".local", "bin", "golangci-lint")
	run(t, tools, alone, "go", "build", "-buildvcs=false", "-o", lint, "github.com/golangci/golangci-lint/v2/cmd/golangci-lint")
	run(t, dir, together, lint, "run", "--allow-parallel-runners", "--config", filepath.Join(root, ".golangci.yml"), "./...")

	_, err = Make(root, Options{Name: "weather"})
	require.ErrorContains(t, err, "taken")
}

func TestWhatCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"empty":     {Options{}, "a name is"},
		"capital":   {Options{Name: "Weather"}, "a name is"},
		"dash":      {Options{Name: "two-words"}, "a name is"},
		"path":      {Options{Name: "../weather"}, "a name is"},
		"keyword":   {Options{Name: "func"}, "a name is"},
		"long":      {Options{Name: strings.Repeat("a", 21)}, "a name is"},
		"service":   {Options{Name: "cfg"}, "taken"},
		"folder":    {Options{Name: "docs"}, "taken"},
		"reserved":  {Options{Name: "internal"}, "taken"},
		"database":  {Options{Name: "weather", Database: "oracle"}, "no database oracle"},
		"port":      {Options{Name: "weather", Port: 4000}, "port 4000"},
		"kept port": {Options{Name: "weather", Port: 4042}, "port 4042"},
		"low port":  {Options{Name: "weather", Port: 80}, "port 80"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := Make(checkout, c.options)
			require.ErrorContains(t, err, c.want)
			require.Empty(t, files)
		})
	}
}

// A file that has changed its form makes it refuse before anything is written.
func TestNothingIsWrittenWhenAPlaceIsMissing(t *testing.T) {
	t.Parallel()
	s, err := plan(checkout, Options{Name: "weather"})
	require.NoError(t, err)
	for _, e := range s.edits() {
		t.Run(e.path, func(t *testing.T) {
			t.Parallel()
			_, found := e.do("something else\n")
			require.False(t, found)

			root := t.TempDir()
			require.NoError(t, os.MkdirAll(filepath.Join(root, "sql/nms/migrations"), 0o755))
			for _, other := range s.edits() {
				content, err := os.ReadFile(filepath.Join(checkout, other.path))
				require.NoError(t, err)
				if other.path == e.path {
					content = []byte("something else\n")
				}
				put(t, filepath.Join(root, other.path), content)
			}
			put(t, filepath.Join(root, model, "go.mod"), []byte("module x\n"))
			put(t, filepath.Join(root, model, "go.sum"), nil)
			before := tree(t, root)
			_, err := Make(root, Options{Name: "weather"})
			require.ErrorContains(t, err, e.path)
			require.Equal(t, before, tree(t, root))
		})
	}
}

func put(t *testing.T, name string, content []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, content, 0o600))
}

// tree gives all files with their content.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		files[name] = string(content)
		return err
	}))
	return files
}

func TestPortsAndMigrationsGoOn(t *testing.T) {
	t.Parallel()
	port, err := choosePort(0)
	require.NoError(t, err)
	for _, s := range layout.Services {
		require.NotEqual(t, s.Port, port)
	}
	require.GreaterOrEqual(t, port, firstPort)

	dir := t.TempDir()
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	number, err := nextMigration(dir, now)
	require.NoError(t, err)
	require.Equal(t, "20261123140000", number)
	put(t, filepath.Join(dir, "20270101000005_later.sql"), nil)
	put(t, filepath.Join(dir, "20260101000009_earlier.sql"), nil)
	number, err = nextMigration(dir, now)
	require.NoError(t, err)
	require.Equal(t, "20270101000006", number)
}
