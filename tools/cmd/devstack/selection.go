package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/lane"
	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/reach"
	"nms.example/tools/internal/stack"
	"nms.example/tools/internal/workspace"
)

// selection says which tests are wanted.
type selection struct {
	workshop, changed bool
	// base is the commit that -changed compares with, "" when it is left open.
	base string
	// args are go test's, packages among them.
	args []string
}

func readSelection(args []string) (selection, error) {
	var s selection
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-workshop", "--workshop":
			s.workshop = true
		case "-changed", "--changed":
			s.changed = true
			if i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") && !namesPackage(args[i+1]) {
				i++
				s.base = args[i]
			}
		default:
			s.args = append(s.args, args[i])
		}
	}
	switch {
	case s.changed && s.workshop:
		return s, errors.New("-changed and -workshop exclude each other: what a change can reach of the workshop is not known")
	case s.changed && slices.ContainsFunc(s.args, namesPackage):
		return s, errors.New("-changed chooses the packages; name none")
	}
	return s, nil
}

// commands makes the go commands; none when there is nothing to test.
func (s selection) commands(ctx context.Context, root string) ([]stack.Command, error) {
	switch {
	case s.workshop:
		return s.workshopTests(root)
	case s.changed:
		return s.changedTests(ctx, root)
	}
	return goTests(root, s.args)
}

// workshopTests runs the workshop's tests alone: in its packages, those that the everyday run leaves out or thins.
func (s selection) workshopTests(root string) ([]stack.Command, error) {
	w, err := workspace.Load(root)
	if err != nil {
		return nil, err
	}
	packages, err := lane.Workshop(w)
	if err != nil {
		return nil, err
	}
	var flags, patterns, dirs, tests []string
	for _, arg := range s.args {
		if namesPackage(arg) {
			patterns = append(patterns, arg)
		} else {
			flags = append(flags, arg)
		}
	}
	for _, p := range packages {
		if len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return covers(pattern, p.Dir) }) {
			dirs = append(dirs, "./"+p.Dir)
			tests = append(tests, p.Tests...)
		}
	}
	if len(dirs) == 0 {
		return nil, fmt.Errorf("no tests of the workshop in %s", strings.Join(patterns, " "))
	}
	slices.Sort(tests)
	own := []string{"-tags=" + lane.Tag + "," + layout.BuildTags, "-run", "^(" + strings.Join(slices.Compact(tests), "|") + ")$"}
	return goTests(root, slices.Concat(own, flags, dirs)) // a -run among the flags comes behind and wins
}

// covers tells whether a package pattern (./common/..., nms.example/common/db) takes in the package of a folder.
func covers(pattern, dir string) bool {
	below, found := strings.CutPrefix(pattern, "./")
	if !found {
		below = strings.TrimPrefix(pattern, "nms.example/")
	}
	if parent, all := strings.CutSuffix(below, "..."); all {
		return strings.HasPrefix(dir+"/", parent)
	}
	return strings.TrimSuffix(below, "/") == dir
}

// changedTests runs the packages that a change can reach, and prints which these are and why.
func (s selection) changedTests(ctx context.Context, root string) ([]stack.Command, error) {
	w, err := workspace.Load(root)
	if err != nil {
		return nil, err
	}
	files, since, err := reach.Files(ctx, git.Repo{Dir: root}, s.base)
	if err != nil {
		return nil, err
	}
	graph, err := reach.Load(ctx, w)
	if err != nil {
		return nil, err
	}
	args := s.args
	var lines strings.Builder
	all, chosen := 0, 0
	for _, p := range graph.Packages {
		if len(p.Tests) > 0 {
			all++
		}
	}
	for _, choice := range graph.Reach(files) {
		if len(choice.Tests) > 0 {
			chosen++
			args = append(args, "./"+choice.Dir)
			fmt.Fprintf(&lines, "  %-32s %s\n", choice.Dir, choice.Why)
		}
	}
	fmt.Fprintf(os.Stderr, "%d files differ from %s; they reach %d of %d packages with tests:\n%s", len(files), since, chosen, all, &lines)
	if chosen == 0 {
		return nil, nil
	}
	return goTests(root, args)
}
