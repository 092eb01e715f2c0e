package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/stack"
	"nms.example/tools/internal/workspace"
)

const testUsage = `usage: ./task test [FLAG …] [PACKAGE …]
       ./task test -workshop [FLAG …] [PACKAGE …]
       ./task test -changed [BASE] [FLAG …]

Runs the tests of everything or of some packages on throw-away servers, with go test's flags:
       ./task test -run Login ./auth/...

-race      under the race detector, as the CI has it: about three times as long, and it needs a C compiler
-workshop  instead the tests of the tools with which the system is made (releases, a new service, moved modules, the
           sizes of images, chaos, the checks, the alerts), and whole what the everyday run thins (hostile input)
-changed   the packages that what differs from BASE can reach, uncommitted changes included; BASE is main when left out
`

// test runs go test, or the command after --, on throw-away servers. What devstack itself has to say goes to
// standard error, so that standard output is go test's alone.
func test(ctx context.Context, checkout stack.Checkout, args []string) (int, error) {
	console := stack.Console{Out: os.Stderr}
	if len(args) == 1 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
		fmt.Fprint(os.Stderr, testUsage)
		return 0, nil
	}
	if len(args) > 0 && args[0] == "--" {
		if len(args) == 1 {
			return 2, errors.New("usage: devstack test -- CMD [ARG …]")
		}
		if err := stack.EnsureServers(ctx, checkout, console); err != nil {
			return 1, err
		}
		return stack.WithServers(ctx, checkout, console, stack.Command{Args: args[1:]})
	}
	wanted, err := readSelection(args)
	if err != nil {
		return 2, err
	}
	if err := stack.EnsureTests(ctx, checkout, console, stack.Tests{Workshop: wanted.workshop, Race: race(wanted.args)}); err != nil {
		return 1, err
	}
	commands, err := wanted.commands(ctx, checkout.Root)
	if err != nil || len(commands) == 0 {
		return exitCode(err), err
	}
	code, err := stack.WithServers(ctx, checkout, console, commands...)
	if err == nil && code != 0 && len(commands) > 1 {
		fmt.Println("FAIL") // the last module may have passed
	}
	return code, err
}

func exitCode(err error) int {
	if err != nil {
		return 1
	}
	return 0
}

// race reports whether go test's flags ask for the race detector.
func race(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		return slices.Contains([]string{"-race", "--race", "-race=true", "--race=true"}, arg)
	})
}

// unwatched are the flags that leave packages out of the race detector: the inner loops of bcrypt, of drawing and of PNG share nothing,
// and take ten times as long when they are watched.
func unwatched() (flags []string) {
	for _, packages := range []string{
		"golang.org/x/crypto/blowfish", "image/...", "compress/flate", "golang.org/x/image/...", "github.com/golang/freetype/raster", "git.sr.ht/~sbinet/gg",
	} {
		flags = append(flags, "-gcflags="+packages+"=-race=false")
	}
	return flags
}

// goTests makes the go commands: all modules of the workspace at once, so that packages of all of them build
// and run side by side, and before them the module tools, which is no part of it. Packages among the
// arguments (./common/bus/..., nms.example/auth/..., ./tools/internal/git) choose instead.
//
// Without -race they are built as `./task up` builds the services, so that what one of the two has compiled serves the other.
func goTests(root string, args []string) ([]stack.Command, error) {
	// For machines where all modules have still to be fetched and built; an argument -timeout comes behind and wins.
	const patience = "-timeout=40m"
	own, cgo := []string{"go", "test", "-tags=" + layout.BuildTags}, "CGO_ENABLED=0"
	if race(args) {
		own, cgo = append(own, unwatched()...), "CGO_ENABLED=1"
	}
	// Tests wait for servers more than they compute: more of them at once than there are processors keep these busy.
	own = append(own, "-parallel="+strconv.Itoa(2*runtime.GOMAXPROCS(0)), patience)
	inWorkspace := stack.Command{Args: slices.Clone(own), Env: []string{cgo, "GOWORK=" + filepath.Join(root, "go.work")}}
	// -count=1: its tests read files outside the module (Dockerfile, compose.yaml), which Go's test cache overlooks.
	inTools := stack.Command{Dir: workspace.ToolsDir, Args: append(slices.Clone(own), "-count=1"), Env: []string{cgo, "GOWORK=off"}}
	if slices.ContainsFunc(args, namesPackage) {
		var commands []stack.Command
		forTools, forWorkspace := divide(args)
		if slices.ContainsFunc(forTools, namesPackage) {
			inTools.Args = append(inTools.Args, forTools...)
			commands = append(commands, inTools)
		}
		if slices.ContainsFunc(forWorkspace, namesPackage) {
			inWorkspace.Args = append(inWorkspace.Args, forWorkspace...)
			commands = append(commands, inWorkspace)
		}
		return commands, nil
	}
	inTools.Args, inWorkspace.Args = append(inTools.Args, args...), append(inWorkspace.Args, args...)
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

// divide returns the packages of the module tools, as they are called inside of it, and those of the workspace, each with all
// other arguments.
func divide(args []string) (forTools, forWorkspace []string) {
	const dir, path = "./" + workspace.ToolsDir, "nms.example/" + workspace.ToolsDir
	for _, arg := range args {
		below, inTools := strings.CutPrefix(arg, dir+"/")
		switch {
		case inTools:
			forTools = append(forTools, "./"+below)
		case arg == dir:
			forTools = append(forTools, "./.")
		case arg == path, strings.HasPrefix(arg, path+"/"):
			forTools = append(forTools, arg)
		case namesPackage(arg):
			forWorkspace = append(forWorkspace, arg)
		default:
			forTools, forWorkspace = append(forTools, arg), append(forWorkspace, arg)
		}
	}
	return forTools, forWorkspace
}

// namesPackage tells package patterns from flags and their values.
func namesPackage(arg string) bool {
	return strings.HasPrefix(arg, "./") || strings.HasPrefix(arg, "nms.example/")
}
