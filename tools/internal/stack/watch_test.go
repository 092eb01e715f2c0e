package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sources makes a folder with a few files of a checkout and watches it.
func sources(t *testing.T) (*tree, func(file, text string)) {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{".git", ".local", "cfg/internal", "docs"} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	watched, err := watchTree(root)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, watched.Close()) })
	return watched, func(file, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
	}
}

func next(t *testing.T, watched *tree) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	paths, err := watched.await(ctx)
	require.NoError(t, err)
	return paths
}

func TestABurstOfSavesIsOneChange(t *testing.T) {
	t.Parallel()
	watched, save := sources(t)
	for i := range 50 {
		save(fmt.Sprintf("cfg/file%d.go", i%5), "package cfg")
	}
	require.Equal(t, []string{"cfg/file0.go", "cfg/file1.go", "cfg/file2.go", "cfg/file3.go", "cfg/file4.go"}, next(t, watched))
	save("cfg/file3.go", "package cfg // again")
	require.Equal(t, []string{"cfg/file3.go"}, next(t, watched), "and nothing of before is left")
}

func TestWhatNoServiceIsBuiltFromIsNotWatched(t *testing.T) {
	t.Parallel()
	watched, save := sources(t)
	for _, file := range []string{".git/index", ".local/state.json", "docs/page.go", "cfg/.main.go.swp", "cfg/main.go~", "cfg/#main.go#", "cfg/4913",
		"cfg/main_test.go", "cfg/README.md", "cfg/main.go.tmp"} {
		save(file, "x")
	}
	save("cfg/main.go", "package main") // the last, so that all others have been seen
	require.Equal(t, []string{"cfg/main.go"}, next(t, watched))
}

func TestNewFoldersAndTheLossOfOldOnesAreFollowed(t *testing.T) {
	t.Parallel()
	watched, save := sources(t)
	require.NoError(t, os.MkdirAll(filepath.Join(watched.root, "weather/internal/app"), 0o755))
	save("weather/internal/app/app.go", "package app") // as git checkout does, before the folder is watched or after
	require.Contains(t, next(t, watched), "weather")
	save("weather/internal/app/app.go", "package app // changed")
	require.Contains(t, next(t, watched), "weather/internal/app/app.go")
	require.NoError(t, os.RemoveAll(filepath.Join(watched.root, "weather")))
	require.Contains(t, next(t, watched), "weather")
	require.NoError(t, os.Rename(filepath.Join(watched.root, "cfg"), filepath.Join(watched.root, "config")))
	require.Equal(t, []string{"cfg", "config"}, next(t, watched))
	save("config/internal/x.sql", "SELECT 1")
	require.Contains(t, next(t, watched), "config/internal/x.sql")
}

func TestTheEndOfTheContextEndsTheWait(t *testing.T) {
	t.Parallel()
	watched, _ := sources(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := watched.await(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
