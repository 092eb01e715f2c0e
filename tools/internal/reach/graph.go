// Package reach finds the packages whose tests a change can reach: by the imports of packages and of their tests over all
// modules of the repository, and by what else a package is made of (embedded files, testdata, go.mod).
package reach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/workspace"
)

// Package is one package of the repository.
type Package struct {
	// Path is its import path, Dir its folder below the root, with slashes, Module the folder of its module.
	Path, Dir, Module string
	// Imports are what it imports, TestImports what its tests import besides.
	Imports, TestImports []string
	// Embeds are the files, below the root, that are compiled into it.
	Embeds []string
	// Tests are its test files, below the root.
	Tests []string
}

// Graph is all packages, by folder.
type Graph struct {
	Workspace *workspace.Workspace
	Packages  []Package
}

// Load asks the go command for all packages of the workspace and of the module beside it.
func Load(ctx context.Context, w *workspace.Workspace) (*Graph, error) {
	g := &Graph{Workspace: w}
	inside := []string{}
	for _, m := range w.Modules {
		if m.Dir != workspace.ToolsDir {
			inside = append(inside, "./"+m.Dir+"/...")
			continue
		}
		if err := g.list(ctx, filepath.Join(w.Root, m.Dir), "off", "./..."); err != nil {
			return nil, err
		}
	}
	if err := g.list(ctx, w.Root, filepath.Join(w.Root, "go.work"), inside...); err != nil {
		return nil, err
	}
	slices.SortFunc(g.Packages, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	return g, nil
}

// listed is what is read of an answer of go list.
type listed struct {
	ImportPath, Dir                       string
	Imports, TestImports, XTestImports    []string
	EmbedFiles, TestGoFiles, XTestGoFiles []string
}

func (g *Graph) list(ctx context.Context, dir, work string, patterns ...string) error {
	args := append([]string{"list", "-e", "-json=ImportPath,Dir,Imports,TestImports,XTestImports,EmbedFiles,TestGoFiles,XTestGoFiles"}, patterns...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK="+work)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list in %s: %w\n%s", dir, err, &complaints)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) { //nolint:musttag // the names are those of go list
			return nil
		} else if err != nil {
			return fmt.Errorf("go list in %s: %w", dir, err)
		}
		below, err := filepath.Rel(g.Workspace.Root, one.Dir)
		if err != nil {
			return fmt.Errorf("go list in %s: %w", dir, err)
		}
		p := Package{
			Path: one.ImportPath, Dir: filepath.ToSlash(below), Imports: one.Imports, TestImports: slices.Concat(one.TestImports, one.XTestImports),
		}
		for _, name := range slices.Concat(one.TestGoFiles, one.XTestGoFiles) {
			p.Tests = append(p.Tests, path.Join(p.Dir, name))
		}
		owner, _ := g.Workspace.Owner(p.Dir + "/")
		p.Module = owner.Dir
		for _, name := range one.EmbedFiles {
			p.Embeds = append(p.Embeds, path.Join(p.Dir, filepath.ToSlash(name)))
		}
		g.Packages = append(g.Packages, p)
	}
}
