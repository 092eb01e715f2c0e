// Command bundle makes what the browser gets of the console: TypeScript types and calls from docs/openapi, and the bundle of
// console/web/src with the vendored libraries. Go alone does it (esbuild is a Go library). `./task gen` runs it.
//
//	bundle [-check] [ROOT]
//
// With -check nothing is written; it fails when a file is not what it would write.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when a file is behind")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	if err := run(root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// folder of the pages, below the root of the repository.
const folder = "console/web"

// run writes the types first, since the bundle is made of them.
func run(root string, check bool) error {
	web := filepath.Join(root, filepath.FromSlash(folder))
	types, err := typesOf(root)
	if err != nil {
		return err
	}
	behind, err := files{dir: filepath.Join(web, "types"), check: check}.bring(types)
	if err != nil {
		return err
	}
	// A bundle of types that are behind would be behind as well: one message is enough.
	if len(behind) == 0 || !check {
		bundled, err := bundle(web)
		if err != nil {
			return err
		}
		late, err := files{dir: filepath.Join(web, "dist"), check: check}.bring(bundled)
		if err != nil {
			return err
		}
		behind = append(behind, late...)
	}
	if check && len(behind) > 0 {
		return fmt.Errorf("%s differs from its sources (./task gen makes it anew): %s", folder, strings.Join(behind, ", "))
	}
	return nil
}

// files is a folder that holds exactly what is generated.
type files struct {
	dir   string
	check bool
}

// bring writes what differs and removes what is not wanted; with check it only names both.
func (f files) bring(wanted map[string][]byte) (behind []string, err error) {
	present, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read what is there: %w", err)
	}
	for _, entry := range present {
		if _, ok := wanted[entry.Name()]; ok {
			continue
		}
		behind = append(behind, entry.Name())
		if !f.check {
			if err := os.RemoveAll(filepath.Join(f.dir, entry.Name())); err != nil {
				return nil, fmt.Errorf("remove what is not made any more: %w", err)
			}
		}
	}
	for name, content := range wanted {
		path := filepath.Join(f.dir, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
			continue
		}
		behind = append(behind, name)
		if f.check {
			continue
		}
		if err := os.MkdirAll(f.dir, 0o755); err != nil {
			return nil, fmt.Errorf("make the folder: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return nil, fmt.Errorf("write: %w", err)
		}
	}
	slices.Sort(behind)
	return behind, nil
}
