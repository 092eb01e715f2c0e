package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"nms.example/tools/internal/layout"
)

//go:embed templates
var templates embed.FS

// file is a file to be written; path is relative to the checkout, with slashes.
type file struct {
	path    string
	content []byte
}

// model is the service whose go.mod and go.sum a new one begins with, so that all have the same versions.
const model = "admin"

// outboxMigration is the first migration of each database.
const outboxMigration = "20261123000001_outbox.sql"

// files renders everything that is the service's own.
func (s *service) files(root string) ([]file, error) {
	var files []file
	err := fs.WalkDir(templates, "templates/service", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		target := strings.TrimSuffix(strings.TrimPrefix(name, "templates/service/"), ".tmpl")
		content, err := s.render(name)
		files = append(files, file{path.Join(s.Name, target), content})
		return err
	})
	if err != nil {
		return nil, err
	}
	for name, target := range map[string]string{
		"migration": path.Join("sql", s.Database, "migrations", s.migration+"_"+s.Table+".sql"),
		"queries":   path.Join("sql", s.Database, "queries", s.Name, "item.sql"),
	} {
		content, err := s.render("templates/sql/" + name + ".sql.tmpl")
		if err != nil {
			return nil, err
		}
		files = append(files, file{target, content})
	}
	metrics, err := commonMetrics(root)
	if err != nil {
		return nil, err
	}
	files = append(files, file{path.Join(metricsFolder, s.Name+".txt"), metrics})
	if s.OwnDatabase { // every database begins with the same outbox
		content, err := os.ReadFile(filepath.Join(root, "sql", model, "migrations", outboxMigration))
		if err != nil {
			return nil, fmt.Errorf("take over the outbox: %w", err)
		}
		files = append(files, file{path.Join("sql", s.Database, "migrations", outboxMigration), content})
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, model, name))
		if err != nil {
			return nil, fmt.Errorf("take over the versions of %s: %w", model, err)
		}
		content = bytes.Replace(content, []byte("module nms.example/"+model+"\n"), []byte("module nms.example/"+s.Name+"\n"), 1)
		files = append(files, file{path.Join(s.Name, name), content})
	}
	return files, nil
}

// metricsFolder holds a list of metrics for each service, a sorted line each.
const metricsFolder = "deploy/prometheus/metrics"

// commonMetrics lists what every service with databases exposes, as the new one will.
func commonMetrics(root string) ([]byte, error) {
	count, lists := map[string]int{}, 0
	for _, service := range layout.Services {
		if len(service.Databases) == 0 {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(metricsFolder), service.Name+".txt"))
		if err != nil {
			return nil, fmt.Errorf("read the metrics of a service: %w", err)
		}
		for line := range strings.Lines(string(content)) {
			count[line]++
		}
		lists++
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < lists })
	return []byte(strings.Join(slices.Sorted(maps.Keys(count)), "")), nil
}

func (s *service) render(name string) ([]byte, error) {
	t, err := template.New(path.Base(name)).Delims("[[", "]]").Option("missingkey=error").ParseFS(templates, name)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, s); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// write writes the files. One that fails takes back what is new; what was changed is the version control's affair.
func write(root string, files []file) (paths []string, err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, name := range made {
				_ = os.Remove(name) // the first failure says what is wrong
			}
		}
	}()
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			made = append(made, name)
		}
		if err := os.WriteFile(name, f.content, 0o644); err != nil {
			return nil, fmt.Errorf("write a file: %w", err)
		}
		paths = append(paths, f.path)
	}
	return paths, nil
}
