package release

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"nms.example/tools/internal/workspace"
)

// lane builds a module's archive the way everybody else will: on its own, against the tags that it pins.
func (s *session) lane(ctx context.Context, m workspace.Module, a archive) error {
	if err := s.stage(ctx, a.pins); err != nil {
		return err
	}
	s.sayf("   release lane:")
	for _, step := range []struct {
		name string
		args []string
	}{
		{"go.mod and go.sum are tidy", []string{"mod", "tidy", "-diff"}},
		{"it builds", []string{"build", "./..."}},
		{"vet is content", []string{"vet", "./..."}},
		{"the tests compile", []string{"list", "-test", "-export", "-f", "", "./..."}},
	} {
		begun := time.Now()
		if _, err := s.goRun(ctx, a.dir, step.args...); err != nil {
			return err
		}
		s.sayf("      %s (%.0f s)", step.name, time.Since(begun).Seconds())
	}
	if err := s.checkSums(a); err != nil {
		return err
	}
	return s.checkPrograms(ctx, m, a)
}

// checkSums compares the lines of go.sum with the hashes of the tags. The go command has done so for what it
// used; this holds for all, and without its help.
func (s *session) checkSums(a archive) error {
	sums, err := readSums(a.dir)
	if err != nil {
		return err
	}
	for _, p := range a.pins {
		if got, want := sums[module.Version{Path: p.Path, Version: p.version}], s.staged[p.tag()]; got != "" && got != want {
			return fmt.Errorf("go.sum has %s for %s, its tag has %s: has the tag been moved?", got, p.tag(), want)
		}
	}
	return nil
}

// checkPrograms builds the module's programs and reads from them what `go version -m` would print: each of
// our own modules at the pinned version, replaced by nothing.
func (s *session) checkPrograms(ctx context.Context, m workspace.Module, a archive) error {
	list, err := s.goRun(ctx, a.dir, "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	if err != nil {
		return err
	}
	pinned := map[string]string{}
	for _, p := range a.pins {
		pinned[p.Path] = p.version
	}
	for i, program := range strings.Fields(list) {
		binary := filepath.Join(s.temp, "bin", m.Dir, strconv.Itoa(i))
		if _, err := s.goRun(ctx, a.dir, "build", "-o", binary, program); err != nil {
			return err
		}
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			return err
		}
		var with strings.Builder
		for _, dep := range info.Deps {
			if _, ours := s.byPath(dep.Path); !ours {
				continue
			}
			if dep.Replace != nil || dep.Version != pinned[dep.Path] {
				return fmt.Errorf("%s is built with %s %s, go.mod pins %q", program, dep.Path, dep.Version, pinned[dep.Path])
			}
			fmt.Fprintf(&with, " %s %s", strings.TrimPrefix(dep.Path, parent(m)+"/"), dep.Version)
		}
		s.sayf("      %s is built with%s %s", program, with.String(), info.GoVersion)
	}
	return nil
}

// parent is the module path without its folder: "nms.example" of "nms.example/auth".
func parent(m workspace.Module) string { return strings.TrimSuffix(m.Path, "/"+m.Dir) }

// readSums reads the hashes of archives (not those of go.mod files) from the go.sum in a folder.
func readSums(dir string) (map[module.Version]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	sums := map[module.Version]string{}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) == 3 {
			sums[module.Version{Path: fields[0], Version: fields[1]}] = fields[2]
		}
	}
	return sums, nil
}
