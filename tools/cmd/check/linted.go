package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/toolcache"
	"nms.example/tools/internal/workspace"
)

// linted remembers, in the cache of built tools, what a module looked like when the linter last found nothing, as the go
// command does for tests: what has not changed since needs no second look.
type linted struct {
	checker *checker
	program string // the linter, whose name holds its version
}

// mark returns the file that stands for the module as it is now: its own files, those of the modules that it requires, what
// joins them, the linter and its configuration, and the build tags.
func (l linted) mark(module workspace.Module) (string, error) {
	w := l.checker.workspace
	dirs := []string{module.Dir}
	for _, other := range w.Modules {
		if slices.ContainsFunc(w.Dependents(other.Dir), func(m workspace.Module) bool { return m.Dir == module.Dir }) {
			dirs = append(dirs, other.Dir)
		}
	}
	sum := sha256.New()
	fmt.Fprintln(sum, filepath.Base(l.program), runtime.Version(), os.Getenv("GOFLAGS"), module.Dir)
	for _, name := range []string{".golangci.yml", "go.work", "go.work.sum"} {
		if err := add(sum, w.Root, name); err != nil {
			return "", err
		}
	}
	for _, dir := range dirs {
		if err := addFolder(sum, w.Root, dir); err != nil {
			return "", err
		}
	}
	return filepath.Join(toolcache.Dir(w.Root), "linted-"+hex.EncodeToString(sum.Sum(nil)[:16])), nil
}

// known reports whether the linter found nothing in what the mark stands for; asked for, it stays in the cache.
func (l linted) known(mark string) bool {
	now := time.Now()
	return os.Chtimes(mark, now, now) == nil
}

// remember keeps the mark of a module in which nothing was found, unless its files have changed since the mark was made.
func (l linted) remember(module workspace.Module, mark string) error {
	now, err := l.mark(module)
	if err != nil || now != mark {
		return err
	}
	if err = os.MkdirAll(filepath.Dir(mark), 0o755); err == nil {
		err = os.WriteFile(mark, nil, 0o600)
	}
	if err != nil {
		return fmt.Errorf("remember that %s has no findings: %w", module.Dir, err)
	}
	return nil
}

// addFolder adds the files below a folder, hidden ones and those that are no plain files left out.
func addFolder(sum hash.Hash, root, dir string) error {
	return filepath.WalkDir(filepath.Join(root, filepath.FromSlash(dir)), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return add(sum, root, name)
	})
}

func add(sum hash.Hash, root, name string) error {
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a workspace may have no go.work.sum
		return fmt.Errorf("read what is linted: %w", err)
	}
	fmt.Fprintf(sum, "%s %d\n", filepath.ToSlash(name), len(content))
	_, err = sum.Write(content)
	return err
}
