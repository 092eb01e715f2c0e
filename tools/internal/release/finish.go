package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeSums adds to go.sum the hashes of the tags that are pinned. Nothing else may change: go.mod and the lines of
// other modules are `./task check`'s business.
func (s *session) writeSums(ctx context.Context, p *plan) error {
	if len(p.pins) == 0 {
		return nil
	}
	if err := s.stage(ctx, p.pins); err != nil {
		return err
	}
	dir := filepath.Join(s.copy.Dir, p.Dir)
	before, err := s.othersSums(dir)
	if err != nil {
		return err
	}
	if _, err := s.goRun(ctx, dir, "mod", "tidy"); err != nil {
		return refuse("go.mod and go.sum of %s do not fit the tags: %w", p.Dir, err)
	}
	diff, err := s.copy.Run(ctx, "diff", "--", p.Dir+"/go.mod")
	if err != nil {
		return err
	}
	if diff != "" {
		return refuse("go.mod of %s does not fit its pins (raise them with ./task release pin %[1]s, or ./task fmt):\n%s", p.Dir, diff)
	}
	after, err := s.othersSums(dir)
	if err != nil {
		return err
	}
	if !slices.Equal(before, after) {
		return refuse("go.sum of %s is not tidy: ./task fmt", p.Dir)
	}
	changed, err := s.changedCopy(ctx)
	if err == nil && slices.Contains(changed, p.Dir+"/go.sum") {
		s.sayf("   go.sum gets the hashes of its pins")
	}
	return err
}

// othersSums lists the lines of a go.sum that do not speak of our own modules.
func (s *session) othersSums(dir string) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		path, _, _ := strings.Cut(line, " ")
		if _, ours := s.byPath(path); !ours {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// changedCopy lists the files of the copy that differ from its commit.
func (s *session) changedCopy(ctx context.Context) ([]string, error) {
	if _, err := s.copy.Run(ctx, "add", "--all"); err != nil {
		return nil, err
	}
	list, err := s.copy.Run(ctx, "diff", "--cached", "--name-only", "--no-renames", "-z", s.head)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(list, func(r rune) bool { return r == 0 }), nil
}

// commitCopy commits in the copy what was written there and returns the commit, HEAD when nothing was.
func (s *session) commitCopy(ctx context.Context) (string, error) {
	changed, err := s.changedCopy(ctx)
	if err != nil || len(changed) == 0 {
		return s.head, err
	}
	_, err = s.copy.Run(ctx, "-c", "user.name=release", "-c", "user.email=release@localhost", "-c", "commit.gpgSign=false",
		"-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message", "tried")
	if err != nil {
		return "", err
	}
	return s.copy.Line(ctx, "rev-parse", "HEAD")
}

// finish carries what was tried over to the checkout: the files, a commit of them, the tag of a release. In a
// dry run it only says so.
func (s *session) finish(ctx context.Context, message string, p *plan) error {
	changed, err := s.changedCopy(ctx)
	if err != nil {
		return err
	}
	if !s.Yes {
		s.sayf("dry run: nothing was changed. With -yes:")
		if len(changed) > 0 {
			s.sayf("   commit %q of %s", message, strings.Join(changed, ", "))
		}
		if p != nil {
			s.sayf("   tag %s", p.tag())
		}
		return nil
	}
	if err := s.untouched(ctx); err != nil {
		return err
	}
	if len(changed) > 0 {
		if err := s.commitOrigin(ctx, changed, message); err != nil {
			return err
		}
		s.sayf("committed: %s", message)
	}
	push := "HEAD"
	if p != nil {
		text := p.Dir + " " + p.version + "\n\n" + p.section + "\n"
		if _, err := s.origin.RunWith(ctx, text, "tag", "--annotate", "--cleanup=verbatim", "--file=-", p.tag(), "HEAD"); err != nil {
			return err
		}
		s.sayf("tagged: %s", p.tag())
		push += " " + p.tag()
	}
	s.sayf("next: git push --atomic origin %s", push)
	return nil
}

// untouched makes sure that the checkout is still what was tried.
func (s *session) untouched(ctx context.Context) error {
	head, err := s.origin.Line(ctx, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if head != s.head {
		return refuse("the checkout moved from %.12s to %.12s meanwhile; try again", s.head, head)
	}
	return s.clean(ctx)
}

// commitOrigin commits the tried files in the checkout, as its user and with its hooks. The commit has to hold the
// very tree that was tried, else the hash of the archive would not be the one that was shown.
func (s *session) commitOrigin(ctx context.Context, files []string, message string) error {
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(s.copy.Dir, filepath.FromSlash(file)))
		if err != nil {
			return err
		}
		name := filepath.Join(s.Root, filepath.FromSlash(file))
		if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
			continue
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	if _, err := s.origin.Run(ctx, append([]string{"add", "--"}, files...)...); err != nil {
		return err
	}
	if _, err := s.origin.Run(ctx, append([]string{"commit", "--quiet", "--message", message, "--"}, files...)...); err != nil {
		return err
	}
	tried, err := s.copy.Line(ctx, "rev-parse", "HEAD^{tree}")
	if err != nil {
		return err
	}
	made, err := s.origin.Line(ctx, "rev-parse", "HEAD^{tree}")
	if err != nil {
		return err
	}
	if made != tried {
		return fmt.Errorf("the commit is not what was tried (a hook?); it is left as it is, without a tag: git diff %s %s", tried, made)
	}
	return nil
}
