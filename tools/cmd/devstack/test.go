package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/stack"
	"nms.example/tools/internal/workspace"
)

// test runs go test, or the command after --, on throw-away servers. What devstack itself has to say goes to
// standard error, so that standard output is go test's alone.
func test(ctx context.Context, place stack.Place, args []string) (int, error) {
	console := stack.Console{Out: os.Stderr}
	if len(args) == 1 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
		fmt.Fprintln(os.Stderr, `usage: ./task test [FLAG …] [PACKAGE …], everything or some packages, with go test's flags,
       for example: ./task test -run Login ./auth/...`)
		return 0, nil
	}
	if len(args) > 0 && args[0] == "--" {
		if len(args) == 1 {
			return 2, errors.New("usage: devstack test -- CMD [ARG …]")
		}
		if err := stack.EnsureServers(ctx, place, console); err != nil {
			return 1, err
		}
		return stack.WithServers(ctx, place, console, stack.Command{Args: args[1:]})
	}
	if err := stack.EnsureTests(ctx, place, console); err != nil {
		return 1, err
	}
	commands, err := goTests(place.Root, args)
	if err != nil {
		return 1, err
	}
	code, err := stack.WithServers(ctx, place, console, commands...)
	if err == nil && code != 0 && len(commands) > 1 {
		fmt.Println("FAIL") // the last module may have passed
	}
	return code, err
}

// goTests makes the go commands: all modules of the workspace at once, so that packages of all of them build
// and run side by side, and before them the module tools, which is no part of it. Packages among the
// arguments (./common/bus/..., nms.example/auth/...) choose from the workspace instead.
func goTests(root string, args []string) ([]stack.Command, error) {
	const raceEnv = "CGO_ENABLED=1"
	// For machines where all modules have still to be fetched and built; an argument -timeout comes behind and wins.
	const patience = "-timeout=40m"
	inWorkspace := stack.Command{
		Args: []string{"go", "test", "-race", patience},
		Env:  []string{raceEnv, "GOWORK=" + filepath.Join(root, "go.work")},
	}
	// -count=1: its tests read files outside the module (Dockerfile, compose.yaml), which Go's test cache overlooks.
	inTools := stack.Command{
		Dir: workspace.ToolsDir, Args: append([]string{"go", "test", "-race", "-count=1", patience}, args...), Env: []string{raceEnv, "GOWORK=off"},
	}
	inWorkspace.Args = append(inWorkspace.Args, args...)
	if slices.ContainsFunc(args, namesPackage) {
		return []stack.Command{inWorkspace}, nil
	}
	w, err := workspace.Load(root)
	if err != nil {
		return nil, err
	}
	for _, module := range w.Modules {
		if module.Dir != workspace.ToolsDir {
			inWorkspace.Args = append(inWorkspace.Args, "./"+module.Dir+"/...")
		}
	}
	inTools.Args = append(inTools.Args, "./...")
	return []stack.Command{inTools, inWorkspace}, nil
}

// namesPackage tells package patterns from flags and their values.
func namesPackage(arg string) bool {
	return strings.HasPrefix(arg, "./") || strings.HasPrefix(arg, "nms.example/")
}
