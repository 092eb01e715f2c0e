// Package git asks the git program about one repository.
package git

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Repo is a checkout.
type Repo struct {
	// Dir is any folder of the checkout; commands run there.
	Dir string
}

// Run returns what a git command printed, byte for byte. An error carries what git said.
func (r Repo) Run(ctx context.Context, args ...string) (string, error) {
	return r.RunWith(ctx, "", args...)
}

// RunWith is Run with something to read for git.
func (r Repo) RunWith(ctx context.Context, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.Dir
	cmd.Stdin = strings.NewReader(input)
	// No questions to a terminal, and no writing where only reading was asked for (git status renews the index).
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}

// Line is Run for answers of one line, without the line's end.
func (r Repo) Line(ctx context.Context, args ...string) (string, error) {
	out, err := r.Run(ctx, args...)
	return strings.TrimSpace(out), err
}

// Root is the top folder of the checkout.
func (r Repo) Root(ctx context.Context) (string, error) {
	return r.Line(ctx, "rev-parse", "--show-toplevel")
}

// Commit is the hash of the commit that a revision names (a tag's commit, not the tag); found is false where
// there is none.
func (r Repo) Commit(ctx context.Context, revision string) (hash string, found bool) {
	hash, err := r.Line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	return hash, err == nil
}
