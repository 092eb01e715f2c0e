package release

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/workspace"
)

// Bump is the part of a version that a release raises.
type Bump string

// The parts of a version.
const (
	Patch Bump = "patch"
	Minor Bump = "minor"
	Major Bump = "major"
)

// numbers are the parts of vX.Y.Z.
type numbers [3]int

// parse reads vX.Y.Z, and nothing with a suffix.
func parse(version string) (numbers, error) {
	var n numbers
	if semver.Canonical(version) != version || semver.Prerelease(version) != "" {
		return n, fmt.Errorf("%q is not a version like v1.2.3", version)
	}
	for i, part := range strings.Split(strings.TrimPrefix(version, "v"), ".") {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil {
			return n, err
		}
	}
	return n, nil
}

// next returns the version after previous ("" for none yet) and how it differs. How is a part to raise or the
// version itself.
func next(previous, how string) (string, Bump, error) {
	var old numbers
	if previous != "" {
		var err error
		if old, err = parse(previous); err != nil {
			return "", "", err
		}
	}
	switch Bump(how) {
	case Patch:
		return fmt.Sprintf("v%d.%d.%d", old[0], old[1], old[2]+1), Patch, nil
	case Minor:
		return fmt.Sprintf("v%d.%d.0", old[0], old[1]+1), Minor, nil
	case Major:
		return fmt.Sprintf("v%d.0.0", old[0]+1), Major, nil
	}
	n, err := parse(how)
	if err != nil {
		return "", "", fmt.Errorf("say patch, minor, major or a version: %w", err)
	}
	switch {
	case previous != "" && semver.Compare(how, previous) <= 0:
		return "", "", fmt.Errorf("%s does not come after %s", how, previous)
	case n[0] != old[0]:
		return how, Major, nil
	case n[1] != old[1]:
		return how, Minor, nil
	}
	return how, Patch, nil
}

// mayBreak tells whether a release may take away or change what others use: before v1 a minor one may, from v1
// on only a major one. The first release breaks nobody.
func mayBreak(previous string, bump Bump) bool {
	return previous == "" || bump == Major || bump == Minor && semver.Major(previous) == "v0"
}

// mayAdd tells whether a release may add to what others use: any before v1, from v1 on not a patch.
func mayAdd(previous string, bump Bump) bool {
	return previous == "" || bump != Patch || semver.Major(previous) == "v0"
}

// Tag is the name of a module's tag for a version: "auth/v0.5.1".
func Tag(m workspace.Module, version string) string { return m.Dir + "/" + version }

// Tagged returns the commit of a module's tag. A tag that was made under another module path counts as none: its
// source cannot stand for the module.
func Tagged(ctx context.Context, repo git.Repo, m workspace.Module, version string) (commit string, found bool) {
	commit, found = repo.Commit(ctx, "refs/tags/"+Tag(m, version))
	if !found {
		return "", false
	}
	path, err := pathAt(ctx, repo, m, commit)
	return commit, err == nil && path == m.Path
}

// versions lists the versions of a module that have a tag, oldest first; with merged those in HEAD's history.
func versions(ctx context.Context, repo git.Repo, m workspace.Module, merged bool) ([]string, error) {
	args := []string{"tag", "--list", Tag(m, "v*")}
	if merged {
		args = append(args, "--merged", "HEAD")
	}
	list, err := repo.Run(ctx, args...)
	if err != nil {
		return nil, err
	}
	var found []string
	for tag := range strings.FieldsSeq(list) {
		version := strings.TrimPrefix(tag, m.Dir+"/")
		if _, err := parse(version); err == nil {
			found = append(found, version)
		}
	}
	slices.SortFunc(found, semver.Compare)
	return found, nil
}

// newest returns the last version with a tag, "" when there is none.
func newest(ctx context.Context, repo git.Repo, m workspace.Module, merged bool) (string, error) {
	found, err := versions(ctx, repo, m, merged)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[len(found)-1], nil
}

// checkMajor refuses v2 and above for a path that does not end in /v2: Go would not find it.
func checkMajor(m workspace.Module, version string) error {
	_, suffix, _ := module.SplitPathVersion(m.Path)
	if err := module.CheckPathMajor(version, suffix); err != nil {
		return fmt.Errorf("%w: from v2 on the module path has to end in /%s", err, semver.Major(version))
	}
	return nil
}
