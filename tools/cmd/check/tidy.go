package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/release"
	"nms.example/tools/internal/workspace"
)

// tidy asks `go mod tidy` about every module on its own, without the workspace.
//
// A service pins versions of its siblings (nms.example/common v0.1.0) that no proxy serves. So the question is
// put about a copy of go.mod and go.sum in which each sibling is replaced by the very source that the pin
// names: the tree of its tag where there is one, else the folder beside it, which is what the tag will hold.
// The siblings' own lines in go.sum are left out of the question: they can only be written once the tag
// is there, and the release lane checks them (docs/releasing.md).
func (c *checker) tidy(ctx context.Context) error {
	var untidy []string
	for _, module := range slices.Concat(c.modules(), c.pinsOnly()) {
		if err := c.tidyModule(ctx, module); err != nil {
			fmt.Fprintf(c.out, "   -- %s\n%s", module.Dir, indent([]byte(err.Error()+"\n")))
			untidy = append(untidy, module.Dir)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err := c.sums(ctx); err != nil {
		fmt.Fprintf(c.out, "   -- go.work\n%s", indent([]byte(err.Error()+"\n")))
		untidy = append(untidy, sumsFile)
	}
	if len(untidy) > 0 {
		return errors.New("not tidy: " + strings.Join(untidy, ", ") + " (./task fmt repairs it)")
	}
	return nil
}

func (c *checker) tidyModule(ctx context.Context, module workspace.Module) error {
	dir := filepath.Join(c.workspace.Root, module.Dir)
	temp, err := os.MkdirTemp("", "nms-tidy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	original, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	siblings, err := c.copyModule(ctx, original, dir, temp)
	if err != nil {
		return err
	}
	env := append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	args := []string{"mod", "tidy", "-modfile=" + filepath.Join(temp, "go.mod")}
	if !c.fix {
		args = append(args, "-diff")
	}
	cmd := command(ctx, dir, env, "go", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); exited && !c.fix && stdout.Len() > 0 {
			return errors.New(strings.ReplaceAll(stdout.String(), temp, module.Dir))
		}
		return fmt.Errorf("go mod tidy: %w\n%s", err, stderr.Bytes())
	}
	if c.fix {
		return c.takeBack(dir, temp, siblings)
	}
	return nil
}

// copyModule writes go.mod with the siblings replaced, and go.sum without them. It names the siblings.
func (c *checker) copyModule(ctx context.Context, original []byte, dir, temp string) ([]string, error) {
	file, err := modfile.Parse(filepath.Join(dir, "go.mod"), original, nil)
	if err != nil {
		return nil, err
	}
	var siblings []string
	pins := map[string]string{}
	for _, require := range file.Require {
		pins[require.Mod.Path] = require.Mod.Version
	}
	for _, sibling := range c.workspace.Modules {
		if sibling.Path == file.Module.Mod.Path {
			continue
		}
		source, err := c.pinnedSource(ctx, sibling, pins[sibling.Path], temp)
		if err != nil {
			return nil, err
		}
		if err := file.AddReplace(sibling.Path, "", source, ""); err != nil {
			return nil, err
		}
		siblings = append(siblings, sibling.Path)
	}
	content, err := file.Format()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(temp, "go.mod"), content, 0o600); err != nil {
		return nil, err
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	_, others := splitSums(sums, siblings)
	return siblings, os.WriteFile(filepath.Join(temp, "go.sum"), others, 0o600)
}

// pinnedSource returns the folder with a sibling's source at the pinned version.
func (c *checker) pinnedSource(ctx context.Context, sibling workspace.Module, version, temp string) (string, error) {
	head := filepath.Join(c.workspace.Root, sibling.Dir)
	repo := git.Repo{Dir: c.workspace.Root}
	commit, found := release.Tagged(ctx, repo, sibling, version)
	if version == "" || !found {
		return head, nil
	}
	work := filepath.Join(temp, "tags", sibling.Dir)
	if err := os.MkdirAll(work, 0o755); err != nil {
		return "", err
	}
	archive := filepath.Join(temp, sibling.Dir+".tar")
	if _, err := repo.Run(ctx, "archive", "--output", archive, commit+":"+sibling.Dir); err != nil {
		return "", err
	}
	return work, unpack(archive, work)
}

// takeBack carries what tidy changed in the copies over to the module, without the replaces; the lines of
// go.sum that speak of siblings stay as they were.
func (c *checker) takeBack(dir, temp string, siblings []string) error {
	path := filepath.Join(temp, "go.mod")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file, err := modfile.Parse(path, content, nil)
	if err != nil {
		return err
	}
	for _, sibling := range siblings {
		if err := file.DropReplace(sibling, ""); err != nil {
			return err
		}
	}
	file.Cleanup()
	if content, err = file.Format(); err != nil {
		return err
	}
	if err := writeChanged(filepath.Join(dir, "go.mod"), content); err != nil {
		return err
	}
	old, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	kept, _ := splitSums(old, siblings)
	fresh, err := os.ReadFile(filepath.Join(temp, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeChanged(filepath.Join(dir, "go.sum"), append(sorted(fresh), kept...))
}

// sorted puts the lines of a go.sum in the order in which the go command writes them, and leaves them where it finds nothing
// else to change.
func sorted(sums []byte) []byte {
	var order []module.Version
	lines := map[module.Version][]byte{}
	for line := range bytes.Lines(sums) {
		path, rest, _ := strings.Cut(string(line), " ")
		version, _, _ := strings.Cut(rest, " ")
		key := module.Version{Path: path, Version: version}
		if lines[key] == nil {
			order = append(order, key)
		}
		lines[key] = append(lines[key], line...)
	}
	module.Sort(order)
	var out []byte
	for _, key := range order {
		out = append(out, lines[key]...)
	}
	return out
}

func writeChanged(path string, content []byte) error {
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, content) || errors.Is(err, fs.ErrNotExist) && len(content) == 0 {
		return nil
	}
	return os.WriteFile(path, content, 0o644)
}

// splitSums parts the lines of a go.sum that speak of the given modules from the others.
func splitSums(sums []byte, modules []string) (theirs, others []byte) {
	for line := range bytes.Lines(sums) {
		path, _, _ := strings.Cut(string(line), " ")
		ours := false
		for _, module := range modules {
			ours = ours || path == module
		}
		if ours {
			theirs = append(theirs, line...)
		} else {
			others = append(others, line...)
		}
	}
	return theirs, others
}
