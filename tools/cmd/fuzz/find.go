package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var declaration = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// find lists the fuzz functions under root, by folder and name. A module is a folder of the root with a go.mod.
func find(root string) ([]target, error) {
	modules, err := filepath.Glob(filepath.Join(root, "*", "go.mod"))
	if err != nil {
		return nil, err
	}
	var targets []target
	for _, file := range modules {
		dir := filepath.Dir(file)
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return filepath.SkipDir
			case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			pkg, err := filepath.Rel(dir, filepath.Dir(path))
			for _, match := range declaration.FindAllSubmatch(text, -1) {
				targets = append(targets, target{root: root, module: filepath.Base(dir), pkg: filepath.ToSlash(pkg), name: string(match[1])})
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for fuzz targets: %w", err)
		}
	}
	slices.SortFunc(targets, func(a, b target) int { return strings.Compare(a.String(), b.String()) })
	return targets, nil
}
