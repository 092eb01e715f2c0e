// Package workspace knows the modules of this repository: which there are, which requires which, and which
// service uses which database. It reads go.work, the go.mod files and sqlc.yaml; nothing is listed twice.
package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"
)

// Module is one separately versioned module of the repository.
type Module struct {
	// Dir is the folder below the repository's root, which is also the module's short name ("auth").
	Dir string
	// Path is the module path ("nms.example/auth").
	Path string
	// Requires lists the short names of the repository's modules that its go.mod requires.
	Requires []string
	// Databases lists the databases whose schema its generated code is made from ("auth", "nms").
	Databases []string
	// Image tells whether an image is made of it: a service has its program at its top, the migrator belongs to sql.
	Image bool
}

// Workspace is the set of modules, ordered by folder.
type Workspace struct {
	Root    string
	Modules []Module
}

// ToolsDir is the folder of the module that lies outside go.work.
const ToolsDir = "tools"

// sqlDir is the folder of the module with the schemas and their migrator.
const sqlDir = "sql"

// Load reads the workspace whose go.work lies in root.
func Load(root string) (*Workspace, error) {
	dirs, err := moduleDirs(root)
	if err != nil {
		return nil, err
	}
	w := &Workspace{Root: root}
	requires := map[string][]string{}
	for _, dir := range dirs {
		file, err := parseGoMod(filepath.Join(root, filepath.FromSlash(dir), "go.mod"))
		if err != nil {
			return nil, err
		}
		for _, r := range file.Require {
			requires[dir] = append(requires[dir], r.Mod.Path)
		}
		_, err = os.Stat(filepath.Join(root, filepath.FromSlash(dir), "main.go"))
		w.Modules = append(w.Modules, Module{Dir: dir, Path: file.Module.Mod.Path, Image: err == nil || dir == sqlDir})
	}
	users, err := databaseUsers(filepath.Join(root, "sqlc.yaml"))
	if err != nil {
		return nil, err
	}
	for i := range w.Modules {
		m := &w.Modules[i]
		for _, other := range w.Modules {
			if slices.Contains(requires[m.Dir], other.Path) {
				m.Requires = append(m.Requires, other.Dir)
			}
		}
		m.Databases = users[m.Dir]
	}
	return w, nil
}

// Module finds a module by its short name.
func (w *Workspace) Module(dir string) (Module, bool) {
	i := slices.IndexFunc(w.Modules, func(m Module) bool { return m.Dir == dir })
	if i < 0 {
		return Module{}, false
	}
	return w.Modules[i], true
}

// Owner finds the module that a file belongs to: the longest folder that is a prefix of its slash-separated
// path. Files at the root have no owner.
func (w *Workspace) Owner(file string) (Module, bool) {
	var owner Module
	for _, m := range w.Modules {
		if strings.HasPrefix(file, m.Dir+"/") && len(m.Dir) > len(owner.Dir) {
			owner = m
		}
	}
	return owner, owner.Dir != ""
}

// Dependents lists the modules that require dir, directly or through others.
func (w *Workspace) Dependents(dir string) []Module {
	var found []Module
	seen := map[string]bool{dir: true}
	for queue := []string{dir}; len(queue) > 0; queue = queue[1:] {
		for _, m := range w.Modules {
			if !seen[m.Dir] && slices.Contains(m.Requires, queue[0]) {
				seen[m.Dir] = true
				found = append(found, m)
				queue = append(queue, m.Dir)
			}
		}
	}
	slices.SortFunc(found, func(a, b Module) int { return cmp.Compare(a.Dir, b.Dir) })
	return found
}

func moduleDirs(root string) ([]string, error) {
	name := filepath.Join(root, "go.work")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the workspace: %w", err)
	}
	work, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		return nil, fmt.Errorf("read the workspace: %w", err)
	}
	var dirs []string
	for _, use := range work.Use {
		dirs = append(dirs, path.Clean(filepath.ToSlash(use.Path)))
	}
	if _, err := os.Stat(filepath.Join(root, ToolsDir, "go.mod")); err == nil {
		dirs = append(dirs, ToolsDir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}

func parseGoMod(name string) (*modfile.File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read a module: %w", err)
	}
	file, err := modfile.Parse(name, data, nil)
	if err != nil {
		return nil, fmt.Errorf("read a module: %w", err)
	}
	if file.Module == nil {
		return nil, fmt.Errorf("read a module: %s has no module line", name)
	}
	return file, nil
}

// databaseUsers maps a module's folder to the databases whose schema its sqlc blocks name.
func databaseUsers(name string) (map[string][]string, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the query blocks: %w", err)
	}
	var config struct {
		SQL []struct {
			Schema string
			Gen    struct{ Go struct{ Out string } }
		}
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		return nil, fmt.Errorf("read the query blocks of %s: %w", name, err)
	}
	users := map[string][]string{}
	for _, block := range config.SQL {
		database := SchemaDatabase(path.Clean(block.Schema) + "/")
		module, _, _ := strings.Cut(path.Clean(block.Gen.Go.Out), "/")
		if database == "" || module == "" || slices.Contains(users[module], database) {
			continue
		}
		users[module] = append(users[module], database)
	}
	return users, nil
}

// SchemaDatabase names the database whose schema folder (sql/<db>/migrations or sql/<db>/queries) a path lies
// in, "" for any other path.
func SchemaDatabase(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) < 4 || parts[0] != sqlDir || parts[2] != "migrations" && parts[2] != "queries" {
		return ""
	}
	return parts[1]
}
