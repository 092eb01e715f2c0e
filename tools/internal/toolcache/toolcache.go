// Package toolcache builds the programs that tools/go.mod pins (sqlc, golangci-lint …) once per version into the user's cache
// folder, where all checkouts find them.
package toolcache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// folder is the cache's name below the user's cache folder.
const folder = "nms-tools"

// unused is how long a program stays in the cache that nobody has asked for.
const unused = 30 * 24 * time.Hour

// Dir is the folder of the cache, below $XDG_CACHE_HOME or ~/.cache; for a user without a home below the checkout's .local.
func Dir(root string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = filepath.Join(root, ".local", "cache")
	}
	return filepath.Join(dir, folder)
}

// Cache is the cache of one module of tools.
type Cache struct {
	// Dir is where the programs lie.
	Dir string
	// Module is the folder whose go.mod pins them.
	Module string
	// Building is called when a program has to be built, and what it returns when that is done.
	Building func(what string) (built func())
}

// Program returns the path of the program that a package makes, and builds it when it is not there. Several may ask at once,
// also in other processes: each builds under a name of its own and renames, so the last wins and nobody runs half a program.
func (c Cache) Program(ctx context.Context, pkg string) (string, error) {
	name, err := c.name(pkg)
	if err != nil {
		return "", err
	}
	program := filepath.Join(c.Dir, name)
	now := time.Now()
	if err := os.Chtimes(program, now, now); err == nil {
		return program, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("use the cached %s: %w", name, err)
	}
	if c.Building != nil {
		defer c.Building(pkg)()
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache of built tools: %w", err)
	}
	own, err := os.MkdirTemp(c.Dir, ".build-")
	if err != nil {
		return "", fmt.Errorf("make the cache of built tools: %w", err)
	}
	defer os.RemoveAll(own)
	// Without cgo sqlc brings PostgreSQL's parser as WebAssembly and needs no C compiler.
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(own, name), pkg)
	build.Dir, build.Env = c.Module, append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	build.Cancel = func() error { return build.Process.Signal(os.Interrupt) }
	build.WaitDelay = 5 * time.Second
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	if err := os.Rename(filepath.Join(own, name), program); err != nil {
		return "", fmt.Errorf("put %s into the cache: %w", name, err)
	}
	c.sweep()
	return program, nil
}

// name is made of all that the program depends on: its version, the versions of what it is linked with (a hash of go.mod),
// the Go that compiles it and the machine that it is for.
func (c Cache) name(pkg string) (string, error) {
	file := filepath.Join(c.Module, "go.mod")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("find the version of %s: %w", pkg, err)
	}
	module, err := modfile.ParseLax(file, content, nil)
	if err != nil {
		return "", fmt.Errorf("find the version of %s: %w", pkg, err)
	}
	longest, version := "", ""
	for _, r := range module.Require {
		if (pkg == r.Mod.Path || strings.HasPrefix(pkg, r.Mod.Path+"/")) && len(r.Mod.Path) > len(longest) {
			longest, version = r.Mod.Path, r.Mod.Version
		}
	}
	if version == "" {
		return "", fmt.Errorf("%s requires no module of %s", file, pkg)
	}
	hash := sha256.Sum256(content)
	return fmt.Sprintf("%s-%s-%s-%s-%s-%s", path.Base(pkg), version, runtime.Version(), runtime.GOOS, runtime.GOARCH, hex.EncodeToString(hash[:4])), nil
}

// sweep removes programs that nobody has used for long, and what interrupted builds have left.
func (c Cache) sweep() {
	entries, _ := os.ReadDir(c.Dir)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > unused {
			_ = os.RemoveAll(filepath.Join(c.Dir, entry.Name())) // the next sweep tries again
		}
	}
}
