// Command release ships one module of the repository apart from the others. docs/releasing.md tells how.
//
//	release [-yes] MODULE patch|minor|major|vX.Y.Z   tag a module's next version
//	release [-yes] pin MODULE [SIBLING[@VERSION] …]  build a module with newer tags of its siblings
//	release [-proxy DIR] verify MODULE/vX.Y.Z        build what a tag holds, as CI does
//
// Without -yes the first two try everything and change nothing. Flags may stand anywhere.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/program"
	"nms.example/tools/internal/release"
)

const usage = `usage: release [-yes] MODULE patch|minor|major|vX.Y.Z
       release [-yes] pin MODULE [SIBLING[@VERSION] …]
       release [-proxy DIR] verify MODULE/vX.Y.Z`

func main() {
	program.Main("release", func(ctx context.Context, args []string) error {
		err := run(ctx, ".", args, os.Stdout)
		if errors.Is(err, errUsage) {
			fmt.Fprintln(os.Stderr, usage)
			return flag.ErrHelp
		}
		return err
	})
}

var errUsage = errors.New("wrong call")

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	yes := flags.Bool("yes", false, "do it")
	proxy := flags.String("proxy", "", "verify: folder that gets the tags as a module proxy")
	var words []string
	for rest := args; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			return errUsage
		}
		if rest = flags.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	root, err := git.Repo{Dir: dir}.Root(ctx)
	if err != nil {
		return err
	}
	r := release.Releaser{Root: root, Out: out, Environ: os.Environ(), Now: time.Now, Yes: *yes}
	switch {
	case len(words) >= 2 && words[0] == "pin":
		return r.Pin(ctx, words[1], words[2:])
	case len(words) == 2 && words[0] == "verify":
		return r.Verify(ctx, words[1], *proxy)
	case len(words) == 2:
		return r.Release(ctx, words[0], words[1])
	}
	return errUsage
}
