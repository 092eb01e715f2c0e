package toolcache

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// setup makes a module that pins a tool, which lies beside it and says a word.
func setup(t *testing.T, word string) Cache {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"tools/go.mod":      "module x.example/tools\n\ngo 1.26\n\nrequire x.example/say v1.2.3\n\nreplace x.example/say => ../say\n",
		"say/go.mod":        "module x.example/say\n\ngo 1.26\n",
		"say/cmd/word/m.go": "package main\n\nfunc main() { println(\"" + word + "\") }\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	return Cache{Dir: filepath.Join(root, "cache"), Module: filepath.Join(root, "tools")}
}

func TestAToolIsBuiltOnceHoweverManyAsk(t *testing.T) {
	t.Parallel()
	c := setup(t, "hello")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			program, err := c.Program(t.Context(), "x.example/say/cmd/word")
			if err != nil {
				t.Error(err)
				return
			}
			out, err := exec.CommandContext(t.Context(), program).CombinedOutput()
			if err != nil || string(out) != "hello\n" {
				t.Errorf("%s: %v", out, err)
			}
		})
	}
	all.Wait()
	entries, err := os.ReadDir(c.Dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left of the builds")
	require.True(t, strings.HasPrefix(entries[0].Name(), "word-v1.2.3-go"), entries[0].Name())

	c.Building = func(string) func() { t.Error("it is built again"); return func() {} }
	_, err = c.Program(t.Context(), "x.example/say/cmd/word")
	require.NoError(t, err)
}

func TestAnotherPinIsAnotherProgramAndOldOnesGo(t *testing.T) {
	t.Parallel()
	c := setup(t, "hello")
	first, err := c.Program(t.Context(), "x.example/say/cmd/word")
	require.NoError(t, err)
	long := time.Now().Add(-unused - time.Hour)
	require.NoError(t, os.Chtimes(first, long, long))
	file := filepath.Join(c.Module, "go.mod")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(content), "v1.2.3", "v1.2.4")), 0o600))
	second, err := c.Program(t.Context(), "x.example/say/cmd/word")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.NoFileExists(t, first)
}

func TestABuildThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	t.Parallel()
	c := setup(t, "\" + missing + \"")
	_, err := c.Program(t.Context(), "x.example/say/cmd/word")
	require.ErrorContains(t, err, "undefined: missing")
	entries, err := os.ReadDir(c.Dir)
	require.NoError(t, err)
	require.Empty(t, entries)
	_, err = c.Program(t.Context(), "y.example/other")
	require.ErrorContains(t, err, "requires no module of y.example/other")
}
