// Command check looks for what a reviewer should not have to: lint, formatting, generated code that is behind its
// queries, pages of the console that are behind an API, changes of an API that no changelog tells of, go.mod files out of order, migrations and events that break what was
// released, faults in the CI's files and in what deploys the system, known vulnerabilities.
// It needs no server.
// `./task check` builds and runs it.
//
//	check [-fix] [-strict] [-changed [-base COMMIT]] [format|generated|types|openapi|tidy|released|workflows|deployment|vulnerabilities|lint …]
//
// Without names it does all. With -changed only those packages are linted of which a file differs from -base (main when left
// out), uncommitted changes included. With -fix it repairs what it can. What cannot be checked here (vulnerabilities, without
// a way to their database) is reported as not checked; with -strict that is a failure.
//
// VULNDB names another database of vulnerabilities than https://vuln.go.dev, such as a mirror's URL or file:///path.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/program"
	"nms.example/tools/internal/workspace"
)

func main() {
	program.Main("check", func(ctx context.Context, args []string) error {
		return run(ctx, ".", args, os.Stdout)
	})
}

// checker is one run.
type checker struct {
	workspace *workspace.Workspace
	fix       bool
	// vulndb is the URL of the vulnerability database.
	vulndb string
	out    io.Writer
	// packages are what is linted, by the folder of their module, as patterns relative to it; nil: all.
	packages map[string][]string
}

// check is one thing that is looked at. It prints its findings and answers with an error when there are any.
type check struct {
	name, about string
	do          func(context.Context) error
}

func (c *checker) checks() []check {
	return []check{
		{"format", "gofmt", c.format},
		{"generated", "generated code is what sqlc makes of sql/, docs/ what the services say, the console's bundle what its sources say", c.generated},
		{"types", "the pages of the console fit the services' documents, and have every text in each language (TypeScript)", c.types},
		{"openapi", "what breaks the clients of the last releases is said in the changelogs (oasdiff)", c.openapi},
		{"tidy", "go.mod and go.sum of every module, go.work.sum of all", c.tidy},
		{"released", "no migration of the newest tags has changed, no event has lost a member", c.released},
		{"workflows", "the CI's files (actionlint), actions pinned by hash", c.workflows},
		{"deployment", "Helm charts, alert rules and dashboard (deploy/check)", c.deployment},
		{"vulnerabilities", "known ones that the code reaches (govulncheck)", c.vulnerabilities},
		{"lint", "golangci-lint over every module", c.lint},
	}
}

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	c := &checker{out: out}
	flags := program.Flags("check", "./task check [-fix] [-strict] [-changed] [NAME …], all of them or some of\n"+list(c.checks()))
	fix := flags.Bool("fix", false, "repair what can be repaired")
	changed := flags.Bool("changed", false, "lint only the packages that differ from -base, uncommitted changes included")
	base := flags.String("base", "", "the commit that -changed compares with (default main)")
	strict := flags.Bool("strict", false, "fail where something could not be checked")
	names, err := program.Parse(flags, args)
	if err != nil {
		return err
	}
	chosen, err := choose(c.checks(), names)
	if err != nil {
		return err
	}
	root, err := findRoot(dir)
	if err != nil {
		return err
	}
	if c.workspace, err = workspace.Load(root); err != nil {
		return err
	}
	c.fix, c.vulndb = *fix, cmp.Or(os.Getenv("VULNDB"), goVulnerabilities)
	if *changed {
		if err := c.onlyChanged(ctx, *base); err != nil {
			return err
		}
	}
	return c.do(ctx, chosen, *strict)
}

// do runs the checks one after the other and sums up.
func (c *checker) do(ctx context.Context, chosen []check, strict bool) error {
	var failed, left []string
	for _, one := range chosen {
		fmt.Fprintf(c.out, "== %s: %s\n", one.name, one.about)
		begun := time.Now()
		err := one.do(ctx)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		verdict := "good"
		switch {
		case errors.Is(err, errNotChecked) && !strict:
			verdict = "NOT CHECKED"
			left = append(left, one.name)
		case err != nil:
			verdict = "FAILED"
			failed = append(failed, one.name)
		}
		if err != nil {
			fmt.Fprintf(c.out, "   %v\n", err)
		}
		fmt.Fprintf(c.out, "   %s after %.1f s\n", verdict, time.Since(begun).Seconds())
	}
	if len(left) > 0 {
		fmt.Fprintf(c.out, "== could not be checked here: %s\n", strings.Join(left, ", "))
	}
	if len(failed) > 0 {
		return fmt.Errorf("%s failed", strings.Join(failed, ", "))
	}
	return nil
}

func choose(all []check, names []string) ([]check, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []check
	for _, name := range names {
		i := slices.IndexFunc(all, func(c check) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no check %q; there are:\n%s", name, list(all))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// list shows the checks' names and what each is about.
func list(all []check) string {
	lines := make([]string, len(all))
	for i, one := range all {
		lines[i] = fmt.Sprintf("  %-15s  %s", one.name, one.about)
	}
	return strings.Join(lines, "\n")
}

func findRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", errors.Join(errors.New("no go.work here or above"), err)
}
