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
	"io"
	"os"
	"time"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/program"
	"nms.example/tools/internal/release"
)

const usage = `./task release [-yes] MODULE patch|minor|major|vX.Y.Z
./task release [-yes] pin MODULE [SIBLING[@VERSION] …]
./task release [-proxy DIR] verify MODULE/vX.Y.Z`

func main() {
	program.Main("release", func(ctx context.Context, args []string) error {
		return run(ctx, ".", args, os.Stdout)
	})
}

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := program.Flags("release", usage)
	yes := flags.Bool("yes", false, "do it; without, it only shows what it would do")
	proxy := flags.String("proxy", "", "verify: folder that gets the tags as a module proxy")
	words, err := program.Parse(flags, args)
	if err != nil {
		return err
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
	flags.Usage()
	return program.ErrUsage
}
