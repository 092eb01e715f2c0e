package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/workspace"
)

// plan is a release on its way.
type plan struct {
	workspace.Module

	previous, version string // previous is "" for the first release
	bump              Bump
	pins              []pin
	commits           []commit // those since the previous tag that touch the module, newest first
	section           string   // of the changelog, without its heading
	archive           archive
}

func (p *plan) tag() string { return Tag(p.Module, p.version) }

// Release releases a module: how is the part of the version to raise, or the version itself.
func (r *Releaser) Release(ctx context.Context, dir, how string) error {
	s, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	m, err := s.module(dir)
	if err != nil {
		return err
	}
	p, err := s.plan(ctx, m, how)
	if err != nil {
		return err
	}
	if err := s.may(ctx, p); err != nil {
		return err
	}
	if err := s.prepare(ctx, p); err != nil {
		return err
	}
	if err := s.try(ctx, p); err != nil {
		return err
	}
	return s.finish(ctx, fmt.Sprintf("build(%s): release %s", p.Dir, p.version), p)
}

// plan finds out what is to be released.
func (s *session) plan(ctx context.Context, m workspace.Module, how string) (*plan, error) {
	p := &plan{Module: m}
	var err error
	if p.previous, err = newest(ctx, s.copy, m, true); err != nil {
		return nil, err
	}
	if p.version, p.bump, err = next(p.previous, how); err != nil {
		return nil, err
	}
	gomod, err := os.ReadFile(filepath.Join(s.copy.Dir, m.Dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	if p.pins, err = s.pins(gomod); err != nil {
		return nil, err
	}
	if p.commits, err = s.commits(ctx, m, p.since()...); err != nil {
		return nil, err
	}
	from := p.previous
	if from == "" {
		from = "nothing"
	}
	s.sayf("%s: %s → %s (%s), %d commits", m.Dir, from, p.version, p.bump, len(p.commits))
	return p, s.sayPins(ctx, p)
}

// since limits commits to those after the previous release.
func (p *plan) since() []string {
	if p.previous == "" {
		return nil
	}
	return []string{"^" + "refs/tags/" + Tag(p.Module, p.previous)}
}

func (s *session) sayPins(ctx context.Context, p *plan) error {
	for _, pin := range p.pins {
		latest, err := newest(ctx, s.copy, pin.Module, false)
		if err != nil {
			return err
		}
		if latest == "" || latest == pin.version {
			s.sayf("   pins %s %s", pin.Dir, pin.version)
			continue
		}
		s.sayf("   pins %s %s; the newest is %s (./task release pin %s raises it)", pin.Dir, pin.version, latest, p.Dir)
	}
	return nil
}

// may checks what can be known at once; all reasons against the release are named together.
func (s *session) may(ctx context.Context, p *plan) error {
	var against []error
	against = append(against, s.clean(ctx))
	if _, exists := s.origin.Commit(ctx, "refs/tags/"+p.tag()); exists {
		against = append(against, refuse("the tag %s exists, and a tag is never moved", p.tag()))
	} else if err := s.remoteTag(ctx, p.tag()); err != nil {
		against = append(against, err)
	}
	if err := checkMajor(p.Module, p.version); err != nil {
		against = append(against, refuse("%w", err))
	}
	for _, pin := range s.untagged(ctx, p.pins) {
		against = append(against, refuse("%s pins %s %s, which has no tag: release it first (./task release %[2]s %[3]s -yes)", p.Dir, pin.Dir, pin.version))
	}
	for _, c := range p.commits {
		if c.breaking() && !mayBreak(p.previous, p.bump) {
			against = append(against, refuse("a %s release may not break its users, but a commit says that it does: %s", p.bump, c.subject))
		}
	}
	return errors.Join(against...)
}

// clean refuses a checkout with changes: what is released is what is committed.
func (s *session) clean(ctx context.Context) error {
	status, err := s.origin.Run(ctx, "-C", s.Root, "status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" {
		return refuse("the checkout has changes; commit them or put them aside:\n%s", strings.TrimRight(status, "\n"))
	}
	return nil
}

// remoteTimeout bounds the question for a tag at the place that the checkout is pushed to.
const remoteTimeout = 20 * time.Second

// remoteTag asks origin, where there is one, for a tag that this checkout has not fetched.
func (s *session) remoteTag(ctx context.Context, tag string) error {
	if _, err := s.origin.Line(ctx, "remote", "get-url", "origin"); err != nil {
		return nil // no origin, no question
	}
	ctx, cancel := context.WithTimeout(ctx, remoteTimeout)
	defer cancel()
	found, err := s.origin.Line(ctx, "ls-remote", "--tags", "origin", "refs/tags/"+tag)
	if err != nil {
		s.sayf("   origin does not answer (%v); a push refuses a tag that is already there", err)
		return nil
	}
	if found != "" {
		return refuse("the tag %s exists at origin, and a tag is never moved: git fetch --tags", tag)
	}
	return nil
}

// prepare writes what the release commit holds into the copy, commits it there and makes the archive.
func (s *session) prepare(ctx context.Context, p *plan) error {
	if err := s.writeChangelog(ctx, p); err != nil {
		return err
	}
	if err := s.writeSums(ctx, p); err != nil {
		return err
	}
	commit, err := s.commitCopy(ctx)
	if err != nil {
		return err
	}
	p.archive, err = s.archive(p.Module, commit, p.version)
	return err
}

// writeChangelog writes the version's section, unless it is there already.
func (s *session) writeChangelog(ctx context.Context, p *plan) error {
	name := filepath.Join(s.copy.Dir, p.Dir, "CHANGELOG.md")
	content, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	log := parseChangelog(string(content), p.Dir)
	if log.has(p.version) {
		s.sayf("   CHANGELOG.md has a section for %s", p.version)
		return nil
	}
	made, err := s.entries(ctx, p, log)
	if err != nil {
		return err
	}
	p.section = log.section(made)
	if p.section == "" {
		return refuse("CHANGELOG.md has no entry for %s: nothing is written under [Unreleased], and no commit of type feat, fix or perf touches %s since its last release",
			p.version, p.Dir)
	}
	s.sayf("   CHANGELOG.md gets")
	s.sayf("      %s", strings.ReplaceAll("## ["+strings.TrimPrefix(p.version, "v")+"]\n\n"+p.section, "\n", "\n      "))
	return os.WriteFile(name, []byte(log.with(p.version, p.section, s.Now().UTC())), 0o644)
}

// entries makes lines of the changelog from commits: of all since the last release; where people wrote under
// [Unreleased], of those that came after the last change to the file, since what was before they have described.
func (s *session) entries(ctx context.Context, p *plan, log changelog) (map[string][]string, error) {
	commits := p.commits
	if log.unreleased != "" {
		last, err := s.copy.Line(ctx, "log", "-1", "--format=%H", "HEAD", "--", p.Dir+"/CHANGELOG.md")
		if err != nil {
			return nil, err
		}
		if commits, err = s.commits(ctx, p.Module, append(p.since(), "^"+last)...); err != nil {
			return nil, err
		}
	}
	made := map[string][]string{}
	for _, c := range slices.Backward(commits) {
		if group, line := c.entry(p.Dir); group != "" && !slices.Contains(made[group], line) {
			made[group] = append(made[group], line)
		}
	}
	raised, err := s.raised(ctx, p)
	made["Changed"] = append(made["Changed"], raised...)
	return made, err
}

// raised tells which of our own modules the release is built with newly.
func (s *session) raised(ctx context.Context, p *plan) ([]string, error) {
	if p.previous == "" {
		return nil, nil
	}
	gomod, err := s.copy.Run(ctx, "show", Tag(p.Module, p.previous)+":"+p.Dir+"/go.mod")
	if err != nil {
		return nil, err
	}
	old, err := s.pins([]byte(gomod))
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, now := range p.pins {
		i := slices.IndexFunc(old, func(o pin) bool { return o.Path == now.Path })
		if i >= 0 && old[i].version != now.version {
			lines = append(lines, fmt.Sprintf("- Built with %s %s (was %s)", now.Dir, now.version, old[i].version))
		}
	}
	return lines, nil
}

// commits lists the commits in HEAD's history that touch a module, newest first, within limits such as
// "^auth/v0.1.0".
func (s *session) commits(ctx context.Context, m workspace.Module, limits ...string) ([]commit, error) {
	args := append([]string{"log", "--no-merges", "--format=%s%x00%b%x01", "HEAD"}, limits...)
	list, err := s.copy.Run(ctx, append(args, "--", m.Dir)...)
	if err != nil {
		return nil, err
	}
	var found []commit
	for one := range strings.SplitSeq(list, "\x01") {
		subject, body, is := strings.Cut(strings.TrimLeft(one, "\n"), "\x00")
		if is {
			found = append(found, commit{subject, body})
		}
	}
	return found, nil
}

// try builds the release, and compares a library with what it offered before.
func (s *session) try(ctx context.Context, p *plan) error {
	if err := s.lane(ctx, p.Module, p.archive); err != nil {
		return refuse("the release lane is red: %w", err)
	}
	s.sayf("   hash of %s: %s", p.tag(), p.archive.hash)
	if err := s.tryDocument(ctx, p); err != nil {
		return err
	}
	if p.previous == "" || len(s.workspace.Dependents(p.Dir)) == 0 {
		return nil // nobody compiles against it
	}
	broken, added, err := s.apiChanges(ctx, p.Module, p.previous, p.archive)
	if err != nil {
		return err
	}
	for _, change := range broken {
		s.sayf("   breaks: %s", change)
	}
	for _, change := range added {
		s.sayf("   adds: %s", change)
	}
	if len(broken) > 0 && !mayBreak(p.previous, p.bump) {
		return refuse("a %s release may not break the API of %s:\n%s", p.bump, Tag(p.Module, p.previous), strings.Join(broken, "\n"))
	}
	if len(added) > 0 && !mayAdd(p.previous, p.bump) {
		return refuse("a patch may not add to the API of %s:\n%s", Tag(p.Module, p.previous), strings.Join(added, "\n"))
	}
	return nil
}
