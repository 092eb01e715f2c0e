// Command fuzz runs every fuzz target of every module, one after the other, and prints a table of what was tried.
//
//	fuzz [-time 10s] [-keep 20] [REGEXP …]
//
// A target runs when one of the expressions matches its package and name (common/api.FuzzRequest); without any,
// all run. A finding is kept by go test under testdata/fuzz, from where every later test run repeats it, and makes
// the exit code 1 after all other targets had their turn.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"text/tabwriter"
	"time"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/program"
)

func main() {
	program.Main("fuzz", func(ctx context.Context, args []string) error {
		return run(ctx, ".", args, os.Stdout)
	})
}

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := program.Flags("fuzz", "./task fuzz [-time 10s] [-keep N] [REGEXP …], for example: ./task fuzz common/api")
	each := flags.Duration("time", 10*time.Second, "how long each target runs")
	keep := flags.Int("keep", 0, "grow the committed corpora: of the inputs that reached new code, so many of the shortest per target")
	expressions, err := program.Parse(flags, args)
	if err != nil {
		return err
	}
	root, err := git.Repo{Dir: dir}.Root(ctx)
	if err != nil {
		return err
	}
	targets, err := find(root)
	if err != nil {
		return err
	}
	if targets, err = chosen(targets, expressions); err != nil {
		return err
	}
	failed := 0
	for i := range targets {
		t := &targets[i]
		fmt.Fprintf(out, "%d/%d %s for %s\n", i+1, len(targets), t, *each)
		if t.err = t.run(ctx, *each); t.err != nil {
			failed++
			fmt.Fprintf(out, "%s\n", t.output)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	table(out, targets)
	if *keep > 0 {
		if err := grow(ctx, targets, *keep, out); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d targets found something", failed, len(targets))
	}
	return nil
}

// chosen keeps the targets that one of the expressions matches.
func chosen(targets []target, expressions []string) ([]target, error) {
	if len(expressions) == 0 {
		return targets, nil
	}
	var kept []target
	for _, t := range targets {
		for _, text := range expressions {
			expression, err := regexp.Compile(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", text, err)
			}
			if expression.MatchString(t.String()) {
				kept = append(kept, t)
				break
			}
		}
	}
	if len(kept) == 0 {
		return nil, errors.New("no fuzz target matches: they are named like common/api.FuzzRequest")
	}
	return kept, nil
}

// target is one fuzz function.
type target struct {
	root, module, pkg string // folders: absolute, in the root, in the module
	name              string

	executions, interesting int64
	output                  []byte
	err                     error
}

func (t target) String() string { return t.module + "/" + t.pkg + "." + t.name }

// margin is what building a package and the seeds may take beside the fuzzing.
const margin = 15 * time.Minute

func (t *target) run(ctx context.Context, each time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, each+margin)
	defer cancel()
	cmd := t.command(ctx, "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", each.String(), "./"+t.pkg)
	var err error
	t.output, err = cmd.CombinedOutput()
	t.executions, t.interesting = progress(t.output)
	return err
}

// command makes a go command in the target's module.
func (t *target) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = t.root+"/"+t.module, os.Environ(), 10*time.Second
	if t.module == "tools" {
		cmd.Env = append(cmd.Env, "GOWORK=off")
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

var line = regexp.MustCompile(`execs: (\d+) \(\d+/sec\), new interesting: (\d+)`)

// progress reads the last line that go test printed about its work.
func progress(output []byte) (executions, interesting int64) {
	all := line.FindAllSubmatch(output, -1)
	if len(all) == 0 {
		return 0, 0
	}
	last := all[len(all)-1]
	executions, _ = strconv.ParseInt(string(last[1]), 10, 64) // digits
	interesting, _ = strconv.ParseInt(string(last[2]), 10, 64)
	return executions, interesting
}

func table(out io.Writer, targets []target) {
	var total int64
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ntarget\texecutions\tnew inputs\tresult")
	for _, t := range targets {
		result := "good"
		if t.err != nil {
			result = "FOUND SOMETHING"
		}
		total += t.executions
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", t, t.executions, t.interesting, result)
	}
	_ = w.Flush() // a buffer takes everything
	_, _ = out.Write(text.Bytes())
	fmt.Fprintf(out, "\n%d targets, %d executions\n", len(targets), total)
}
