package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// longestKept bounds a kept input in bytes: the corpora are committed, and every test run reads them.
const longestKept = 2 << 10

// grow copies inputs that reached new code from Go's cache, where go test leaves them, into testdata/fuzz of their
// targets, until each has most of them there.
func grow(ctx context.Context, targets []target, most int, out io.Writer) error {
	cache, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return fmt.Errorf("find Go's cache: %w", err)
	}
	for i := range targets {
		t := &targets[i]
		path, err := t.importPath(ctx)
		if err != nil {
			return err
		}
		added, err := keepShortest(filepath.Join(strings.TrimSpace(string(cache)), "fuzz", filepath.FromSlash(path), t.name),
			filepath.Join(t.root, t.module, t.pkg, "testdata", "fuzz", t.name), most)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		if added > 0 {
			fmt.Fprintf(out, "%s keeps %d more\n", t, added)
		}
	}
	return nil
}

// importPath asks go for the package's path.
func (t *target) importPath(ctx context.Context) (string, error) {
	cmd := t.command(ctx, "list", "./"+t.pkg)
	path, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", t, err)
	}
	return strings.TrimSpace(string(path)), nil
}

// keepShortest copies the shortest files that are not there yet until to holds most, and tells how many that were.
func keepShortest(from, to string, most int) (added int, err error) {
	type input struct {
		name string
		size int64
	}
	var inputs []input
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return 0, err
		}
		if info.Size() <= longestKept {
			inputs = append(inputs, input{e.Name(), info.Size()})
		}
	}
	slices.SortFunc(inputs, func(a, b input) int { return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.name, b.name)) })
	kept, err := os.ReadDir(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	for _, one := range inputs {
		if len(kept)+added >= most {
			break
		}
		target := filepath.Join(to, one.name)
		if _, err := os.Stat(target); err == nil {
			continue
		}
		content, err := os.ReadFile(filepath.Join(from, one.name))
		if err != nil {
			return added, err
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			return added, err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return added, err
		}
		added++
	}
	return added, nil
}
