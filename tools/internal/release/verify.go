package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/semver"

	"nms.example/tools/internal/workspace"
)

// Verify builds what a tag holds in the release lane, for CI: whoever pushed the tag may have made it by hand. With a
// folder, the staged proxy (the module's pins and itself) is left there for the image's build.
func (r *Releaser) Verify(ctx context.Context, tag, proxy string) error {
	s, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	tag = strings.TrimPrefix(tag, "refs/tags/")
	slash := strings.LastIndex(tag, "/")
	if slash < 0 {
		return fmt.Errorf("%q is no tag like auth/v1.2.3", tag)
	}
	commit, found := s.copy.Commit(ctx, "refs/tags/"+tag)
	if !found {
		return fmt.Errorf("%w %s here; fetch it first", errUntagged, tag)
	}
	if err := s.checkout(ctx, commit); err != nil {
		return err
	}
	m, err := s.module(tag[:slash])
	if err != nil {
		return err
	}
	p := &plan{Module: m}
	if p.previous, err = s.before(ctx, m, tag[slash+1:]); err != nil {
		return err
	}
	if p.version, p.bump, err = next(p.previous, tag[slash+1:]); err != nil {
		return err
	}
	s.sayf("%s (%s)", tag, p.bump)
	if p.archive, err = s.archive(m, commit, p.version); err != nil {
		return err
	}
	if err := s.verify(ctx, p); err != nil {
		return err
	}
	if proxy == "" {
		return nil
	}
	if err := s.stage(ctx, []pin{{m, p.version}}); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(proxy), os.CopyFS(proxy, os.DirFS(s.proxy)))
}

func (s *session) verify(ctx context.Context, p *plan) error {
	if err := checkMajor(p.Module, p.version); err != nil {
		return refuse("%w", err)
	}
	for _, pin := range s.untagged(ctx, p.archive.pins) {
		return refuse("%s pins %s %s, which has no tag", p.tag(), pin.Dir, pin.version)
	}
	content, err := os.ReadFile(filepath.Join(p.archive.dir, "CHANGELOG.md"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !parseChangelog(string(content), p.Dir).has(p.version) {
		return refuse("CHANGELOG.md has no section for %s", p.version)
	}
	return s.try(ctx, p)
}

// before returns the last version in the tag's history that is older, "" when there is none.
func (s *session) before(ctx context.Context, m workspace.Module, version string) (string, error) {
	found, err := versions(ctx, s.copy, m, true)
	if err != nil {
		return "", err
	}
	older := ""
	for _, v := range found {
		if semver.Compare(v, version) < 0 {
			older = v
		}
	}
	return older, nil
}
