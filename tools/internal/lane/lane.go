// Package lane finds the tests of the workshop: those that prove the tools with which the system is made (releases, a new
// service, moved module paths, the sizes of images, chaos, the checks) and those that are thinned in the everyday run and
// whole here. `./task test` runs all others, `./task test -workshop` these.
//
// A file belongs to the workshop by the build constraint "//go:build workshop". A test belongs to it
//
//   - when its file does, or
//   - when its file imports a package of this repository of which a file is chosen by that constraint, one way or the
//     other: such a package does more with it.
package lane

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nms.example/tools/internal/workspace"
)

// Tag is the build constraint of the workshop's files.
const Tag = "workshop"

// Package is a package that has tests of the workshop.
type Package struct {
	// Dir is its folder below the root, with slashes.
	Dir string
	// Module is the folder of its module.
	Module string
	// Tests are the names of the workshop's test functions in it, sorted.
	Tests []string
}

// file is what one Go file says about its place.
type file struct {
	module, dir, name string
	depends           bool // whether it is compiled depends on the tag
	tagged            bool // it is compiled with the tag only
	imports, tests    []string
}

// Workshop lists the packages with tests of the workshop, by folder.
func Workshop(w *workspace.Workspace) ([]Package, error) {
	var files []file
	differs := map[string]bool{} // import paths of packages that have more or other files with the tag
	for _, m := range w.Modules {
		found, err := read(w.Root, m.Dir)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.depends && !strings.HasSuffix(f.name, "_test.go") {
				differs[path.Join(m.Path, strings.TrimPrefix(f.dir, m.Dir))] = true
			}
		}
		files = append(files, found...)
	}
	packages := map[string]*Package{}
	for _, f := range files {
		thinned := slices.ContainsFunc(f.imports, func(name string) bool { return differs[name] })
		if len(f.tests) == 0 || !f.tagged && !thinned {
			continue
		}
		p := packages[f.dir]
		if p == nil {
			p = &Package{Dir: f.dir, Module: f.module}
			packages[f.dir] = p
		}
		p.Tests = append(p.Tests, f.tests...)
	}
	list := make([]Package, 0, len(packages))
	for _, p := range packages {
		slices.Sort(p.Tests)
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	return list, nil
}

// read reads the Go files of a module, without those of modules inside it and of testdata.
func read(root, module string) ([]file, error) {
	var files []file
	top := filepath.Join(root, filepath.FromSlash(module))
	err := filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if name != top && (err == nil || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".")) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(entry.Name()) != ".go" {
			return nil
		}
		f, err := parse(name)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		f.module, f.dir = module, filepath.ToSlash(dir)
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the files of %s: %w", module, err)
	}
	return files, nil
}

func parse(name string) (file, error) {
	f := file{name: filepath.Base(name)}
	content, err := os.ReadFile(name)
	if err != nil {
		return f, err
	}
	isTest := strings.HasSuffix(name, "_test.go")
	if !isTest && !bytes.Contains(content, []byte(Tag)) {
		return f, nil
	}
	with, without := compiled(content, true), compiled(content, false)
	f.depends, f.tagged = with != without, with && !without
	if !isTest || !with {
		return f, nil
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
	if err != nil {
		return f, err
	}
	for _, i := range syntax.Imports {
		if imported, err := strconv.Unquote(i.Path.Value); err == nil {
			f.imports = append(f.imports, imported)
		}
	}
	for _, d := range syntax.Decls {
		if function, ok := d.(*ast.FuncDecl); ok && function.Recv == nil && strings.HasPrefix(function.Name.Name, "Test") && function.Name.Name != "TestMain" {
			f.tests = append(f.tests, function.Name.Name)
		}
	}
	return f, nil
}

// compiled tells whether the file's constraint lets it be compiled with the tag or without it; every other tag is taken
// as given.
func compiled(content []byte, tag bool) bool {
	for line := range bytes.Lines(content) {
		text := strings.TrimSpace(string(line))
		if strings.HasPrefix(text, "package ") {
			break
		}
		if !constraint.IsGoBuild(text) {
			continue
		}
		if expression, err := constraint.Parse(text); err == nil {
			return expression.Eval(func(name string) bool { return name != Tag || tag })
		}
	}
	return true
}
