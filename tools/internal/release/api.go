package release

import (
	"context"
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"

	"nms.example/tools/internal/workspace"
)

// apiChanges compares what a library offered at a tag with what it offers now. Each change is one line.
func (s *session) apiChanges(ctx context.Context, m workspace.Module, previous string, now archive) (broken, added []string, err error) {
	commit, found := Tagged(ctx, s.copy, m, previous)
	if !found {
		return []string{"the module's path: " + Tag(m, previous) + " was made under another"}, nil, nil
	}
	before, err := s.archive(m, commit, previous)
	if err != nil {
		return nil, nil, err
	}
	if err := s.stage(ctx, before.pins); err != nil {
		return nil, nil, fmt.Errorf("build %s again, to compare with it: %w", Tag(m, previous), err)
	}
	old, err := s.api(ctx, m, before)
	if err != nil {
		return nil, nil, fmt.Errorf("read what %s offered: %w", Tag(m, previous), err)
	}
	fresh, err := s.api(ctx, m, now)
	if err != nil {
		return nil, nil, fmt.Errorf("read what %s offers: %w", m.Dir, err)
	}
	for _, change := range apidiff.ModuleChanges(old, fresh).Changes {
		if change.Compatible {
			added = append(added, change.Message)
		} else {
			broken = append(broken, change.Message)
		}
	}
	return broken, added, nil
}

// api loads the packages that others can import.
func (s *session) api(ctx context.Context, m workspace.Module, a archive) (*apidiff.Module, error) {
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: a.dir, Env: s.goEnv,
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedExportFile,
	}, "./...")
	if err != nil {
		return nil, err
	}
	var public []*types.Package
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, p.Errors[0]
		}
		if p.Name != "main" && !strings.Contains(strings.TrimPrefix(p.PkgPath, m.Path)+"/", "/internal/") {
			public = append(public, p.Types)
		}
	}
	return &apidiff.Module{Path: m.Path, Packages: public}, nil
}
