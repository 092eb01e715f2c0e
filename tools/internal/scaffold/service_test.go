//go:build workshop

package scaffold

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/toolcache"
)

// scratch copies the checkout as it is, uncommitted changes included, into a repository of its own without history.
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
	run(t, dir, nil, "git", "init", "--quiet")
	run(t, dir, nil, "git", "add", "--all")
	return dir
}

// run runs a command in a folder of the scratch copy and returns what it prints; all of it is shown when it fails.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, append(os.Environ(), env...), 10*time.Second
	var problems bytes.Buffer // the go command tells there what it downloads, too
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, "%s %s\n%s\n%s", name, strings.Join(args, " "), out, &problems)
	return string(out)
}

// The whole way, so that it never rots: a service is made in a scratch copy of this very checkout, builds,
// passes its own tests against the test servers and lints, and the files that list it are still in order.
func TestANewServiceWorksAtOnce(t *testing.T) {
	t.Parallel()
	root := scratch(t)
	files, err := Make(root, Options{Name: "weather", Database: "weather"})
	require.NoError(t, err)
	require.Contains(t, files, "weather/main.go")
	var out bytes.Buffer
	require.NoError(t, Finish(t.Context(), root, &out), "%s", &out)

	dir, tools := filepath.Join(root, "weather"), filepath.Join(root, "tools")
	alone := []string{"GOWORK=off", "CGO_ENABLED=0"}
	together := []string{"GOWORK=" + filepath.Join(root, "go.work")}
	require.Empty(t, run(t, root, nil, "gofmt", "-l", "weather", "sql", "tools/internal/layout"))
	run(t, dir, together, "go", "vet", "./...")
	tests := []string{"test", "./..."}
	if os.Getenv("CGO_ENABLED") == "1" { // as this test itself is run
		tests = []string{"test", "-race", "./..."}
	}
	run(t, dir, together, "go", tests...)
	binary := filepath.Join(t.TempDir(), "weather")
	run(t, dir, together, "go", "build", "-buildvcs=false", "-o", binary, ".")
	require.Contains(t, run(t, dir, nil, binary, "--version"), "weather")
	require.Contains(t, run(t, dir, nil, binary, "--variables"), "DB_WEATHER_DSN")

	run(t, root, together, "go", "vet", "./common/...", "./sql/...")
	// The up and down of its migration, and compose.yaml, Dockerfile and the affected modules with it in them.
	run(t, filepath.Join(root, "sql"), together, "go", "test", ".", "./migrate")
	run(t, tools, alone, "go", "test", "./internal/layout/...", "./internal/deployment/...", "./internal/workspace/...")
	lint, err := toolcache.Cache{Dir: toolcache.Dir(root), Module: tools}.Program(t.Context(), "github.com/golangci/golangci-lint/v2/cmd/golangci-lint")
	require.NoError(t, err)
	run(t, dir, together, lint, "run", "--allow-parallel-runners", "--config", filepath.Join(root, ".golangci.yml"), "./...")

	_, err = Make(root, Options{Name: "weather"})
	require.ErrorContains(t, err, "taken")
}
