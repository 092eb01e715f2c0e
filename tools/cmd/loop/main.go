// Command loop measures how long the everyday steps take whoever works on this checkout: from a saved line to the running
// program, from a clean start to a running stack, the tests of one service.
//
//	loop [-rounds N] [-test SERVICE] [-cold] [-report FILE]
//
// It uses the checkout's own stack, which it stops first and leaves as it found it, and changes two sources, which it
// restores however it ends. `./task loop` builds and runs it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/loop"
	"nms.example/tools/internal/measure"
	"nms.example/tools/internal/program"
)

func main() {
	program.Main("loop", func(ctx context.Context, args []string) error {
		return run(ctx, ".", args, os.Stdout)
	}, syscall.SIGHUP)
}

// section is the part of a document that -report replaces.
const section = "loop"

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := program.Flags("loop", "./task loop [-rounds N] [-test SERVICE] [-cold] [-report FILE]")
	rounds := flags.Int("rounds", 3, "how often each step is done; the median counts")
	service := flags.String("test", "cfg", "the `SERVICE` whose tests are run; empty for none")
	cold := flags.Bool("cold", false, "also a start with nothing compiled, with an empty build cache in the temporary folder")
	report := flags.String("report", "", "the `FILE` whose table is replaced")
	if err := program.ParseAlone(flags, args); err != nil {
		return err
	}
	if *rounds < 1 {
		return program.Usage(flags, "-rounds begins at 1")
	}
	root, err := git.Repo{Dir: dir}.Root(ctx)
	if err != nil {
		return err
	}
	l := loop.New(root, *rounds, out)
	if err := l.Measure(ctx, *service, *cold); err != nil {
		return err
	}
	table := l.Table()
	fmt.Fprintf(out, "\n%s", table)
	if *report == "" {
		return nil
	}
	return measure.ReplaceSection(filepath.Join(root, *report), section, table)
}
