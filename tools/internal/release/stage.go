package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/workspace"
)

// archive is a module at one version as the world gets it.
type archive struct {
	zip  string // the zip file
	dir  string // its content
	hash string // its line in others' go.sum ("h1:…")
	pins []pin  // the repository's own modules that its go.mod requires
}

// pin is a requirement of one module of the repository on another.
type pin struct {
	workspace.Module

	version string
}

// tag is the name of the tag that the pin stands for.
func (p pin) tag() string { return Tag(p.Module, p.version) }

// archive makes a module's archive from a commit, by the same steps as the go command: its hash is the one
// that everybody will see.
func (s *session) archive(m workspace.Module, commit, version string) (archive, error) {
	name := strings.ReplaceAll(m.Dir, "/", "-") + "@" + version + "-" + commit
	a := archive{zip: filepath.Join(s.temp, name+".zip"), dir: filepath.Join(s.temp, "src", name)}
	v := module.Version{Path: m.Path, Version: version}
	file, err := os.Create(a.zip)
	if err != nil {
		return archive{}, err
	}
	err = zip.CreateFromVCS(file, v, s.copy.Dir, commit, m.Dir)
	if err := errors.Join(err, file.Close()); err != nil {
		return archive{}, fmt.Errorf("archive %s: %w", m.Dir, err)
	}
	if a.hash, err = dirhash.HashZip(a.zip, dirhash.Hash1); err != nil {
		return archive{}, err
	}
	if err := os.RemoveAll(a.dir); err != nil {
		return archive{}, err
	}
	if err := zip.Unzip(a.dir, v, a.zip); err != nil {
		return archive{}, err
	}
	content, err := os.ReadFile(filepath.Join(a.dir, "go.mod"))
	if err != nil {
		return archive{}, err
	}
	a.pins, err = s.pins(content)
	return a, err
}

// pins lists the requirements of a go.mod on modules of the repository, direct or not.
func (s *session) pins(gomod []byte) ([]pin, error) {
	file, err := modfile.Parse("go.mod", gomod, nil)
	if err != nil {
		return nil, err
	}
	var found []pin
	for _, r := range file.Require {
		if m, ours := s.byPath(r.Mod.Path); ours {
			found = append(found, pin{m, r.Mod.Version})
		}
	}
	return found, nil
}

func (s *session) byPath(path string) (workspace.Module, bool) {
	for _, m := range s.workspace.Modules {
		if m.Path == path {
			return m, true
		}
	}
	return workspace.Module{}, false
}

// untagged lists the pins that have no tag, so cannot be had by anybody.
func (s *session) untagged(ctx context.Context, pins []pin) []pin {
	var missing []pin
	for _, p := range pins {
		if _, found := Tagged(ctx, s.copy, p.Module, p.version); !found {
			missing = append(missing, p)
		}
	}
	return missing
}

// stage puts the tags that pins name, and those that these pin in turn, into a folder that the go command
// reads as a proxy.
func (s *session) stage(ctx context.Context, pins []pin) error {
	for queue := pins; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if s.staged[p.tag()] != "" {
			continue
		}
		commit, found := Tagged(ctx, s.copy, p.Module, p.version)
		if !found {
			return fmt.Errorf("%w: %s", errUntagged, p.tag())
		}
		a, err := s.archive(p.Module, commit, p.version)
		if err != nil {
			return err
		}
		if err := s.serve(ctx, p, commit, a); err != nil {
			return err
		}
		s.staged[p.tag()] = a.hash
		queue = append(queue, a.pins...)
	}
	return nil
}

// serve writes the files of one version (https://go.dev/ref/mod#goproxy-protocol).
func (s *session) serve(ctx context.Context, p pin, commit string, a archive) error {
	path, err := module.EscapePath(p.Path)
	if err != nil {
		return err
	}
	dir := filepath.Join(s.proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	seconds, err := s.copy.Line(ctx, "log", "-1", "--format=%cI", commit)
	if err != nil {
		return err
	}
	when, err := time.Parse(time.RFC3339, seconds)
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string    `json:"Version"`
		Time    time.Time `json:"Time"`
	}{p.version, when.UTC()})
	if err != nil {
		return err
	}
	gomod, err := os.ReadFile(filepath.Join(a.dir, "go.mod"))
	if err != nil {
		return err
	}
	archived, err := os.ReadFile(a.zip)
	if err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(dir, "list"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(list, p.version)
	return errors.Join(err, list.Close(),
		os.WriteFile(filepath.Join(dir, p.version+".info"), info, 0o644),
		os.WriteFile(filepath.Join(dir, p.version+".mod"), gomod, 0o644),
		os.WriteFile(filepath.Join(dir, p.version+".zip"), archived, 0o644))
}

// pathAt is the module path that a module's folder had at a commit.
func pathAt(ctx context.Context, repo git.Repo, m workspace.Module, commit string) (string, error) {
	content, err := repo.Run(ctx, "show", commit+":"+m.Dir+"/go.mod")
	if err != nil {
		return "", err
	}
	return modfile.ModulePath([]byte(content)), nil
}
