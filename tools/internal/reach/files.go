package reach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nms.example/tools/internal/git"
)

// Files lists what differs from a commit, relative to the checkout's root: committed since, changed, staged, or new and
// not ignored; of a renamed file both names. The commit is the one at which HEAD left base; base "" is main, else
// origin/main, else HEAD. since names it for people.
func Files(ctx context.Context, repo git.Repo, base string) (files []string, since string, err error) {
	candidates := []string{base}
	if base == "" {
		candidates = []string{"main", "origin/main", "HEAD"}
	}
	start := ""
	for _, candidate := range candidates {
		if _, found := repo.Commit(ctx, candidate); !found {
			continue
		}
		if start, err = repo.Line(ctx, "merge-base", candidate, "HEAD"); err != nil {
			return nil, "", err
		}
		since = fmt.Sprintf("%.12s, where %s was left", start, candidate)
		break
	}
	if start == "" {
		return nil, "", fmt.Errorf("no commit is known as %q; fetch it first (a shallow clone may lack it)", base)
	}
	root, err := repo.Root(ctx)
	if err != nil {
		return nil, "", err
	}
	repo.Dir = root // below it, git would list only what is there
	for _, args := range [][]string{
		{"diff", "--name-only", "--no-renames", "-z", start, "--"},
		{"ls-files", "--others", "--exclude-standard", "-z"},
	} {
		list, err := repo.Run(ctx, args...)
		if err != nil {
			return nil, "", err
		}
		files = append(files, strings.FieldsFunc(list, func(r rune) bool { return r == 0 })...)
	}
	slices.Sort(files)
	return slices.Compact(files), since, nil
}
