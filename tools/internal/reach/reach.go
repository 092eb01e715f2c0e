package reach

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/workspace"
)

// Choice is a package that a change touches or reaches.
type Choice struct {
	Package

	// Why is the first reason found: "common/db/tx.go", "imports nms.example/common/db",
	// "its tests import nms.example/common/pgtest".
	Why string
	// Touched tells that a file of the package itself has changed.
	Touched bool
}

// Touched lists the packages that have a changed file of their own, by folder. Paths are relative to the root, with
// slashes.
func (g *Graph) Touched(files []string) []Choice {
	return slices.DeleteFunc(g.Reach(files), func(c Choice) bool { return !c.Touched })
}

// Reach lists the packages whose tests a set of changed files can reach, by folder. The rules:
//
//   - a _test.go file, a file in testdata and any other file that is not compiled into a package reach the package in
//     whose folder they lie, or the next above;
//   - a file that is not Go's reaches the packages whose tests name it (docs/operating.md); documentation (docs/, *.md,
//     LICENSE) reaches no others;
//   - a Go file and an embedded file reach their package, all that import it, directly or through others, and all whose
//     tests do;
//   - sql/<db>/migrations/ does so too, but leaves out the modules of services that do not use the database;
//     sql/<db>/queries/ reaches nothing: only the code that is generated from it does;
//   - go.mod and go.sum reach all packages of the module and what depends on them;
//   - go.work, go.work.sum and sqlc.yaml reach everything;
//   - a Go file also reaches the tests of tools that read the sources of all modules;
//   - any other file outside the modules (compose.yaml, Dockerfile, deploy/ …) reaches the module tools, whose tests read
//     such files.
func (g *Graph) Reach(files []string) []Choice {
	c := &chooser{graph: g, chosen: map[string]*Choice{}}
	for _, file := range files {
		c.file(file)
	}
	c.spread()
	list := make([]Choice, 0, len(c.chosen))
	for _, choice := range c.chosen {
		list = append(list, *choice)
	}
	slices.SortFunc(list, func(a, b Choice) int { return strings.Compare(a.Dir, b.Dir) })
	return list
}

// readers are the packages of tools whose tests read the Go files of all modules.
var readers = []string{"tools/internal/layout", "tools/internal/deployment"}

type chooser struct {
	graph  *Graph
	chosen map[string]*Choice // by folder
	// sources are the packages whose importers are reached, too, with the modules that are not (nil: none).
	sources []source
}

type source struct {
	path    string
	without []string
}

func (c *chooser) choose(p Package, why string, touched bool) {
	if c.chosen[p.Dir] == nil {
		c.chosen[p.Dir] = &Choice{Package: p, Why: why}
	}
	c.chosen[p.Dir].Touched = c.chosen[p.Dir].Touched || touched
}

// change is a changed file that is compiled into a package.
func (c *chooser) change(p Package, why string, touched bool, without []string) {
	c.choose(p, why, touched)
	c.sources = append(c.sources, source{p.Path, without})
}

func (c *chooser) file(file string) {
	owner, owned := c.graph.Workspace.Owner(file)
	database := workspace.SchemaDatabase(file)
	if path.Ext(file) != ".go" {
		c.named(file)
	} else {
		for _, p := range c.graph.Packages {
			if slices.Contains(readers, p.Dir) {
				c.choose(p, "its tests read the sources", false)
			}
		}
	}
	switch {
	case workspace.IsDocumentation(file), strings.HasPrefix(file, "sql/"+database+"/queries/") && database != "":
	case owned && (path.Base(file) == "go.mod" || path.Base(file) == "go.sum"):
		c.module(owner.Dir, file)
	case owned:
		c.within(owner, file, c.strangers(database))
	case file == "go.work", file == "go.work.sum", file == "sqlc.yaml":
		for _, p := range c.graph.Packages {
			c.choose(p, file, false)
		}
	default:
		for _, p := range c.graph.Packages {
			if p.Module == workspace.ToolsDir {
				c.choose(p, file, false)
			}
		}
	}
}

// named chooses the packages whose tests name the file; a file of a common name finds some too many.
func (c *chooser) named(file string) {
	for _, p := range c.graph.Packages {
		for _, name := range p.Tests {
			content, err := os.ReadFile(filepath.Join(c.graph.Workspace.Root, filepath.FromSlash(name)))
			if err == nil && bytes.Contains(content, []byte(path.Base(file)+`"`)) {
				c.choose(p, "its tests name "+file, false)
			}
		}
	}
}

// strangers lists the services that use other databases, but not this one.
func (c *chooser) strangers(database string) []string {
	var dirs []string
	for _, m := range c.graph.Workspace.Modules {
		if database != "" && len(m.Databases) > 0 && !slices.Contains(m.Databases, database) {
			dirs = append(dirs, m.Dir)
		}
	}
	return dirs
}

func (c *chooser) module(dir, why string) {
	for _, p := range c.graph.Packages {
		if p.Module == dir {
			c.change(p, why, false, nil)
		}
	}
}

// within handles a file of a module: compiled into a package, or lying beside one.
func (c *chooser) within(owner workspace.Module, file string, without []string) {
	embedded := false
	for _, p := range c.graph.Packages {
		if slices.Contains(p.Embeds, file) {
			c.change(p, file, true, without)
			embedded = true
		}
	}
	if embedded {
		return
	}
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		i := slices.IndexFunc(c.graph.Packages, func(p Package) bool { return p.Dir == dir })
		switch {
		case i >= 0 && dir == path.Dir(file) && path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go"):
			c.change(c.graph.Packages[i], file, true, without)
			return
		case i >= 0:
			c.choose(c.graph.Packages[i], file, true)
			return
		case dir == owner.Dir: // a file of no package, or of one that is gone
			c.module(owner.Dir, file)
			return
		}
	}
}

// spread adds what imports a source, directly or through others, and what has tests that do.
func (c *chooser) spread() {
	for _, s := range c.sources {
		reached := map[string]bool{s.path: true}
		for queue := []string{s.path}; len(queue) > 0; queue = queue[1:] {
			for _, p := range c.graph.Packages {
				if slices.Contains(s.without, p.Module) {
					continue
				}
				if slices.Contains(p.Imports, queue[0]) && !reached[p.Path] {
					reached[p.Path] = true
					queue = append(queue, p.Path)
					c.choose(p, "imports "+queue[0], false)
				}
				if slices.Contains(p.TestImports, queue[0]) {
					c.choose(p, "its tests import "+queue[0], false)
				}
			}
		}
	}
}
