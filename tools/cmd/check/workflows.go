package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
)

// pinnedAction is a step's action as it has to be named: by the full hash of a commit, which nobody can move,
// with the version in a comment, which is what people and Dependabot read. Actions of this repository ("./…")
// need none.
var pinnedAction = regexp.MustCompile(`^(\./\S*|[\w.-]+/[\w./-]+@[0-9a-f]{40} +# v\d+(\.\d+)*)\s*$`)

// workflows looks at the CI's files: their syntax, expressions and permissions (actionlint), and whether every
// action is pinned by hash.
func (c *checker) workflows(context.Context) error {
	dir := filepath.Join(c.workspace.Root, ".github", "workflows")
	var files []string
	for _, pattern := range []string{"*.yml", "*.yaml"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil
	}
	slices.Sort(files)
	// Without shellcheck and pyflakes, so that the verdict does not depend on what else is installed.
	linter, err := actionlint.NewLinter(c.out, &actionlint.LinterOptions{WorkingDir: c.workspace.Root, Color: actionlint.ColorOptionKindNever})
	if err != nil {
		return err
	}
	project, err := actionlint.NewProject(c.workspace.Root)
	if err != nil {
		return err
	}
	found, err := linter.LintFiles(files, project)
	if err != nil {
		return err
	}
	loose := 0
	for _, file := range files {
		n, err := c.looseActions(file)
		if err != nil {
			return err
		}
		loose += n
	}
	if len(found)+loose > 0 {
		return errors.New("findings in .github/workflows")
	}
	return nil
}

// looseActions reports the actions of a file that are not pinned.
func (c *checker) looseActions(file string) (int, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	found := 0
	for i, line := range strings.Split(string(content), "\n") {
		_, action, uses := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "- "), "uses:")
		if !uses || strings.HasPrefix(strings.TrimSpace(line), "#") || pinnedAction.MatchString(strings.TrimSpace(action)) {
			continue
		}
		found++
		fmt.Fprintf(c.out, "   %s:%d: pin the action by its commit's hash, with the version as comment: owner/name@<40 hex digits> # v1.2.3\n",
			filepath.Base(file), i+1)
	}
	return found, nil
}
