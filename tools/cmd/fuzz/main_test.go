package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTargetsAreFoundAndChosen(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"a/go.mod": "module a\n", "a/x/x_test.go": "package x\n\nfunc FuzzOne(f *testing.F) {}\n\nfunc FuzzTwo(f *testing.F) {}\n",
		"a/x/x.go": "func FuzzNot(f *testing.F) {}\n", "a/x/testdata/y_test.go": "func FuzzNot(f *testing.F) {}\n", "b/b_test.go": "func FuzzNot(f *testing.F) {}\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	found, err := find(root)
	require.NoError(t, err)
	require.Equal(t, []target{{root: root, module: "a", pkg: "x", name: "FuzzOne"}, {root: root, module: "a", pkg: "x", name: "FuzzTwo"}}, found)

	some, err := chosen(found, []string{"x.FuzzT"})
	require.NoError(t, err)
	require.Equal(t, found[1:], some)
	_, err = chosen(found, []string{"nothing"})
	require.Error(t, err)
	_, err = chosen(found, []string{"("})
	require.Error(t, err)
}

func TestTheTable(t *testing.T) {
	t.Parallel()
	executions, interesting := progress([]byte("fuzz: elapsed: 3s, execs: 10 (3/sec), new interesting: 1 (total: 2)\nfuzz: elapsed: 6s, execs: 250 (41/sec), new interesting: 7 (total: 8)\nPASS\n"))
	require.Equal(t, []int64{250, 7}, []int64{executions, interesting})
	executions, _ = progress(nil)
	require.Zero(t, executions)
	var out bytes.Buffer
	table(&out, []target{{module: "a", pkg: "x", name: "FuzzOne", executions: 250}, {module: "a", pkg: "x", name: "FuzzTwo", err: os.ErrInvalid}})
	require.Contains(t, out.String(), "FOUND SOMETHING")
	require.Contains(t, out.String(), "2 targets, 250 executions")
}

func TestTheShortestInputsAreKept(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "testdata", "fuzz", "FuzzX")
	for name, size := range map[string]int{"a": 30, "b": 10, "c": 20, "d": longestKept + 1} {
		require.NoError(t, os.WriteFile(filepath.Join(from, name), make([]byte, size), 0o600))
	}
	names := func() (list []string) {
		entries, err := os.ReadDir(to)
		require.NoError(t, err)
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	added, err := keepShortest(from, to, 2)
	require.NoError(t, err)
	require.Equal(t, 2, added)
	require.Equal(t, []string{"b", "c"}, names())
	added, err = keepShortest(from, to, 2)
	require.NoError(t, err)
	require.Zero(t, added, "it has as many as it may")
	added, err = keepShortest(from, to, 9)
	require.NoError(t, err)
	require.Equal(t, 1, added)
	require.Equal(t, []string{"a", "b", "c"}, names())
	added, err = keepShortest(filepath.Join(from, "nothing"), to, 9)
	require.NoError(t, err)
	require.Zero(t, added)
}
