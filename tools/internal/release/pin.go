package release

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"nms.example/tools/internal/workspace"
)

// Pin raises the versions of other modules of the repository that a module is built with: those named
// ("common", "common@v0.2.0"), or all, to their newest tags. It builds the module with them before anything is
// written, and takes the new pins into go.work, so that the workspace still builds.
func (r *Releaser) Pin(ctx context.Context, dir string, siblings []string) error {
	s, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	m, err := s.module(dir)
	if err != nil {
		return err
	}
	if err := s.clean(ctx); err != nil {
		return err
	}
	wanted, err := s.wanted(ctx, m, siblings)
	if err != nil {
		return err
	}
	raised, err := s.raise(ctx, m, wanted)
	if err != nil {
		return err
	}
	if len(raised) == 0 {
		s.sayf("%s: its pins are the newest tags", m.Dir)
		return nil
	}
	commit, err := s.commitCopy(ctx)
	if err != nil {
		return err
	}
	// Whatever its version will be: the archive is only built.
	a, err := s.archive(m, commit, "v0.0.0")
	if err != nil {
		return err
	}
	if err := s.lane(ctx, m, a); err != nil {
		return refuse("%s does not build with these pins: %w", m.Dir, err)
	}
	return s.finish(ctx, fmt.Sprintf("build(%s): %s", m.Dir, strings.Join(raised, ", ")), nil)
}

// wanted reads which pins to raise, and to what.
func (s *session) wanted(ctx context.Context, m workspace.Module, siblings []string) ([]pin, error) {
	if len(siblings) == 0 {
		siblings = m.Requires
	}
	if len(siblings) == 0 {
		return nil, fmt.Errorf("%s requires no other module of the repository", m.Dir)
	}
	var wanted []pin
	for _, name := range siblings {
		dir, version, _ := strings.Cut(name, "@")
		sibling, err := s.module(dir)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(m.Requires, sibling.Dir) {
			return nil, fmt.Errorf("%s does not require %s", m.Dir, sibling.Dir)
		}
		if version == "" {
			if version, err = newest(ctx, s.copy, sibling, false); err != nil {
				return nil, err
			}
		}
		if _, found := Tagged(ctx, s.copy, sibling, version); version == "" || !found {
			return nil, refuse("%w of %s to pin: release it first (./task release %[2]s minor -yes)", errUntagged, sibling.Dir)
		}
		wanted = append(wanted, pin{sibling, version})
	}
	return wanted, nil
}

// raise writes the pins into go.mod, go.sum and go.work of the copy. It tells what differs ("common v0.2.0").
func (s *session) raise(ctx context.Context, m workspace.Module, wanted []pin) ([]string, error) {
	name := filepath.Join(s.copy.Dir, m.Dir, "go.mod")
	before, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	old, err := s.pins(before)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.copy.Dir, m.Dir)
	for _, p := range wanted {
		if _, err := s.goRun(ctx, dir, "mod", "edit", "-require="+p.Path+"@"+p.version); err != nil {
			return nil, err
		}
	}
	// What stays has to be there as well.
	stay := slices.DeleteFunc(slices.Clone(old), func(o pin) bool {
		return slices.ContainsFunc(wanted, func(w pin) bool { return w.Path == o.Path })
	})
	if missing := s.untagged(ctx, stay); len(missing) > 0 {
		return nil, refuse("%s pins %s %s, which has no tag: release it first", m.Dir, missing[0].Dir, missing[0].version)
	}
	if err := s.stage(ctx, append(stay, wanted...)); err != nil {
		return nil, refuse("%w", err)
	}
	if _, err := s.goRun(ctx, dir, "mod", "tidy"); err != nil {
		return nil, refuse("no set of versions fits: %w", err)
	}
	after, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	fresh, err := s.pins(after)
	if err != nil {
		return nil, err
	}
	var raised []string
	for _, now := range fresh {
		i := slices.IndexFunc(old, func(o pin) bool { return o.Path == now.Path })
		switch {
		case i < 0:
			raised = append(raised, now.Dir+" "+now.version)
		case old[i].version != now.version:
			raised = append(raised, now.Dir+" "+now.version)
			s.sayf("%s: %s %s → %s", m.Dir, now.Dir, old[i].version, now.version)
		}
	}
	return raised, s.writeWork()
}

// writeWork lists in the copy's go.work every version of our own modules that a go.mod pins, since a workspace
// does not load with a pin that no proxy serves, and no others.
func (s *session) writeWork() error {
	name := filepath.Join(s.copy.Dir, "go.work")
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	work, err := modfile.ParseWork(name, content, nil)
	if err != nil {
		return err
	}
	pinned := map[module.Version]string{} // to the folder
	for _, m := range s.workspace.Modules {
		gomod, err := os.ReadFile(filepath.Join(s.copy.Dir, m.Dir, "go.mod"))
		if err != nil {
			return err
		}
		pins, err := s.pins(gomod)
		if err != nil {
			return err
		}
		for _, p := range pins {
			pinned[module.Version{Path: p.Path, Version: p.version}] = "./" + p.Dir
		}
	}
	if err := s.setReplaces(work, pinned); err != nil {
		return err
	}
	return os.WriteFile(name, modfile.Format(work.Syntax), 0o644)
}

func (s *session) setReplaces(work *modfile.WorkFile, pinned map[module.Version]string) error {
	var gone []module.Version
	for _, r := range work.Replace {
		if _, ours := s.byPath(r.Old.Path); ours && r.Old.Version != "" && pinned[r.Old] == "" {
			gone = append(gone, r.Old)
		}
	}
	// New lines first: the last line of a block takes the block with it.
	wanted := slices.SortedFunc(maps.Keys(pinned), func(a, b module.Version) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), semver.Compare(a.Version, b.Version))
	})
	for _, v := range wanted {
		if err := work.AddReplace(v.Path, v.Version, pinned[v], ""); err != nil {
			return err
		}
	}
	for _, v := range gone {
		if err := work.DropReplace(v.Path, v.Version); err != nil {
			return err
		}
	}
	work.SortBlocks()
	work.Cleanup()
	return nil
}
