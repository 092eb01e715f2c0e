package workspace

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Reasons says for each affected module, by its short name, why it has to be built again, in the order the
// causes were met and without repeats.
type Reasons map[string][]string

// Affected finds the modules that a set of changed files touches. Paths are relative to the root, with
// slashes. The rules, in order:
//
//   - documentation (docs/, *.md, LICENSE) touches the modules whose tests read it, so far as they name the file, and
//     those that require a library which reads it for them;
//   - sql/<db>/queries/<service>/ touches sql and that service, sql/<db>/migrations/ touches sql and every
//     service that uses the database: a schema is no one else's business;
//   - any other file of a module touches the module and all that require it;
//   - a file that no module owns (go.work, Taskfile.yml, Dockerfile, the CI's own files …) touches all.
func (w *Workspace) Affected(files []string) Reasons {
	reasons := Reasons{}
	for _, file := range files {
		w.affect(reasons, file)
	}
	return reasons
}

func (w *Workspace) affect(reasons Reasons, file string) {
	owner, owned := w.Owner(file)
	switch {
	case IsDocumentation(file):
		for _, m := range w.Modules {
			if !owned || m.Dir == owner.Dir {
				w.affectReaders(reasons, m.Dir, file)
			}
		}
	case !owned:
		for _, m := range w.Modules {
			reasons.add(m.Dir, "root file "+file)
		}
	case owner.Dir == sqlDir && SchemaDatabase(file) != "":
		w.affectBySchema(reasons, file)
	default:
		reasons.add(owner.Dir, "its own files")
		for _, m := range w.Dependents(owner.Dir) {
			reasons.add(m.Dir, "requires "+owner.Dir)
		}
	}
}

// affectReaders adds the module if its code names the document.
func (w *Workspace) affectReaders(reasons Reasons, module, document string) {
	names := path.Base(document) + `"`
	if path.Ext(document) != ".md" && path.Dir(document) != "docs" { // one of several, the code puts the name together
		names = `"` + path.Base(path.Dir(document)) + `"`
	}
	// A file that cannot be read is none of the documentation's readers.
	_ = filepath.WalkDir(filepath.Join(w.Root, module), func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" {
			return nil //nolint:nilerr // see above
		}
		if content, err := os.ReadFile(file); err != nil || !bytes.Contains(content, []byte(names)) {
			return nil //nolint:nilerr // see above
		}
		reasons.add(module, "reads "+document)
		if !strings.HasSuffix(file, "_test.go") {
			for _, m := range w.Dependents(module) {
				reasons.add(m.Dir, "requires "+module+", which reads "+document)
			}
		}
		return nil
	})
}

func (w *Workspace) affectBySchema(reasons Reasons, file string) {
	database := SchemaDatabase(file)
	reasons.add(sqlDir, "schema of "+database)
	parts := strings.Split(file, "/")
	queriesOf := ""
	if parts[2] == "queries" {
		queriesOf = parts[3]
	}
	for _, m := range w.Modules {
		switch {
		case queriesOf == m.Dir:
			reasons.add(m.Dir, "its queries on "+database)
		case queriesOf == "" && slices.Contains(m.Databases, database):
			reasons.add(m.Dir, "uses database "+database)
		}
	}
}

func (r Reasons) add(module, why string) {
	if !slices.Contains(r[module], why) {
		r[module] = append(r[module], why)
	}
}

// IsDocumentation tells files that are for people only.
func IsDocumentation(file string) bool {
	return strings.HasPrefix(file, "docs/") || path.Ext(file) == ".md" || path.Base(file) == "LICENSE"
}
