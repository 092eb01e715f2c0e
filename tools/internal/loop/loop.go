// Package loop measures how long the everyday steps take whoever works on this checkout: from a saved line to the running
// program, from a clean start to a running stack, the tests of one service.
package loop

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
)

// Loop is one run. Make it with New.
type Loop struct {
	root   string
	rounds int
	out    io.Writer
	load   string
	rows   []row
	// originals are the sources as they were, by path.
	originals map[string][]byte
}

// row is one step and how long it took.
type row struct {
	what string
	took
	rounds int
}

// took is the time of one command: on the clock, and of the processors for it and the commands that it ran. On a busy
// machine the second says more. What the stack's own processes take is not in it.
type took struct{ clock, processors time.Duration }

// The sources that are changed: one that cfg alone is built from, and one that every service is.
const (
	ofCfg = "cfg/internal/app/app.go"
	ofAll = "common/service/version.go"
)

// New returns a run on the checkout at root, each step of which is done rounds times; the median counts.
func New(root string, rounds int, out io.Writer) *Loop {
	return &Loop{root: root, rounds: rounds, out: out, load: load()}
}

// Measure does every step and prints what each took; service names the service whose tests are run (empty: none), cold adds
// a start with nothing compiled. The sources that it changes are restored however it ends.
func (l *Loop) Measure(ctx context.Context, service string, cold bool) error {
	defer l.restore()
	ran := l.do(ctx, "status") == nil
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return l.do(ctx, "down") },
		func(ctx context.Context) error {
			if cold {
				return l.cold(ctx)
			}
			return l.do(ctx, "up") // compiles what is left to compile
		},
		func(ctx context.Context) error {
			return l.repeat(ctx, "`./task up`, stopped before, everything compiled", func() error { return l.do(ctx, "down") }, "up")
		},
		func(ctx context.Context) error { return l.repeat(ctx, "`./task up`, nothing changed", nil, "up") },
		l.build,
		func(ctx context.Context) error {
			return l.repeat(ctx, "`./task up`, a line of cfg changed", func() error { return l.change(ofCfg) }, "up")
		},
		func(ctx context.Context) error {
			return l.repeat(ctx, "`./task up`, a line of common changed", func() error { return l.change(ofAll) }, "up")
		},
		func(ctx context.Context) error {
			l.restore()
			if err := l.do(ctx, "up"); err != nil {
				return err
			}
			if service == "" {
				return nil
			}
			tests := []string{"test", "-count=1", "./" + service + "/..."}
			if err := l.do(ctx, tests...); err != nil { // compiles them
				return err
			}
			return l.repeat(ctx, "`./task test -count=1 ./"+service+"/...`, everything compiled", nil, tests...)
		},
	}
	if !ran {
		steps = append(steps, func(ctx context.Context) error { return l.do(ctx, "down") })
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// cold starts the stack with an empty build cache.
func (l *Loop) cold(ctx context.Context) error {
	cache, err := os.MkdirTemp("", "loop-gocache-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	if err := os.RemoveAll(filepath.Join(l.root, ".local", "stack", "data", "built")); err != nil {
		return err
	}
	took, err := l.timed(ctx, []string{"GOCACHE=" + cache}, l.task(), "up")
	if err != nil {
		return err
	}
	l.add("`./task up`, stopped before, nothing compiled (modules downloaded)", took, 1)
	return l.do(ctx, "up") // into the usual cache
}

// build measures go build alone, after the same change as `./task up` gets and with the same flags.
func (l *Loop) build(ctx context.Context) error {
	target, err := os.MkdirTemp("", "loop-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(target)
	all := make([]took, l.rounds)
	for i := range all {
		if err := l.change(ofCfg); err != nil {
			return err
		}
		if all[i], err = l.timed(ctx, []string{"CGO_ENABLED=0", "GOWORK=" + filepath.Join(l.root, "go.work")},
			"go", "build", "-buildvcs=false", "-tags="+layout.BuildTags, "-o", filepath.Join(target, "cfg"), "./cfg"); err != nil {
			return err
		}
	}
	l.add("`go build ./cfg` alone, a line of cfg changed", median(all), l.rounds)
	return nil
}

// repeat measures a task as often as asked for, each time after what comes before.
func (l *Loop) repeat(ctx context.Context, what string, before func() error, args ...string) error {
	all := make([]took, l.rounds)
	for i := range all {
		if before != nil {
			if err := before(); err != nil {
				return err
			}
		}
		var err error
		if all[i], err = l.timed(ctx, nil, append([]string{l.task()}, args...)...); err != nil {
			return err
		}
	}
	l.add(what, median(all), l.rounds)
	return nil
}

func (l *Loop) add(what string, took took, rounds int) {
	l.rows = append(l.rows, row{what, took, rounds})
	fmt.Fprintf(l.out, "%-75s %7.1f s\n", strings.ReplaceAll(what, "`", ""), took.clock.Seconds())
}

func median(all []took) took {
	slices.SortFunc(all, func(a, b took) int { return cmp.Compare(a.clock, b.clock) })
	return all[len(all)/2]
}

func (l *Loop) task() string { return filepath.Join(l.root, "task") }

func (l *Loop) do(ctx context.Context, args ...string) error {
	_, err := l.timed(ctx, nil, append([]string{l.task()}, args...)...)
	return err
}

// timed runs a command whose output is shown only when it fails.
func (l *Loop) timed(ctx context.Context, env []string, args ...string) (took, error) {
	begun := time.Now()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var output bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = l.root, append(os.Environ(), env...), &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil {
		return took{}, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(output.String()))
	}
	return took{time.Since(begun), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// change adds to a source a line that it never had, so that the program differs and no cache knows it.
func (l *Loop) change(source string) error {
	path := filepath.Join(l.root, source)
	if l.originals == nil {
		l.originals = map[string][]byte{}
	}
	if _, known := l.originals[path]; !known {
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		l.originals[path] = raw
	}
	line := fmt.Sprintf("\nvar measuredByLoop int64\n\nfunc init() { measuredByLoop = %d }\n", time.Now().UnixNano())
	return os.WriteFile(path, append(slices.Clone(l.originals[path]), line...), 0o644)
}

// restore writes back what the sources held.
func (l *Loop) restore() {
	for path, raw := range l.originals {
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			fmt.Fprintf(l.out, "%s could not be restored (git checkout does it): %v\n", path, err)
		}
	}
	l.originals = nil
}

// Table is the Markdown of what was measured.
func (l *Loop) Table() string {
	var text strings.Builder
	fmt.Fprintf(&text, "Measured by `./task loop` on %s: %d processors, Go %s", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(),
		strings.TrimPrefix(runtime.Version(), "go"))
	if l.load != "" {
		fmt.Fprintf(&text, ", %s processes wanting to run when it began", l.load)
	}
	text.WriteString(".\n\n| step | seconds | of the processors | rounds (median) |\n|---|---:|---:|---:|\n")
	for _, one := range l.rows {
		fmt.Fprintf(&text, "| %s | %.1f | %.1f | %d |\n", one.what, one.clock.Seconds(), one.processors.Seconds(), one.rounds)
	}
	return text.String()
}

// load is how many processes wanted to run over the last minute (proc_loadavg(5)), "" where that is not told.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(raw), " ")
	return first
}
