package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nms.example/tools/internal/workspace"
)

const (
	sqlcPackage = "github.com/sqlc-dev/sqlc/cmd/sqlc"
	lintPackage = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"
)

// format runs gofmt over every module.
func (c *checker) format(ctx context.Context) error {
	args := []string{"-l"}
	if c.fix {
		args = []string{"-l", "-w"}
	}
	for _, module := range c.modules() {
		args = append(args, module.Dir)
	}
	out, err := command(ctx, c.workspace.Root, os.Environ(), "gofmt", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("gofmt: %w\n%s", err, out)
	}
	if len(out) == 0 {
		return nil
	}
	if c.fix {
		fmt.Fprintf(c.out, "   formatted:\n%s", indent(out))
		return nil
	}
	return fmt.Errorf("not formatted (./task fmt repairs it):\n%s", indent(out))
}

// generated compares what is generated with what it is made of: the code of queries, then what the services print of
// themselves, for which that code must be there, then the pages of the console.
func (c *checker) generated(ctx context.Context) error {
	if err := c.queries(ctx); err != nil {
		return err
	}
	// The pages are made of what the services say.
	if err := c.fromServices(ctx); err != nil {
		return err
	}
	return c.pages(ctx)
}

// queries compares the generated code with what sqlc makes of the schemas and queries now.
func (c *checker) queries(ctx context.Context) error {
	sqlc, err := c.tool(ctx, sqlcPackage)
	if err != nil {
		return err
	}
	verb := "diff"
	if c.fix {
		verb = "generate"
	}
	out, err := command(ctx, c.workspace.Root, os.Environ(), sqlc, verb).CombinedOutput()
	if err != nil {
		return fmt.Errorf("sqlc %s: %w (./task gen makes it anew)\n%s", verb, err, indent(out))
	}
	return nil
}

// lint runs golangci-lint in every module with the one configuration at the root, but for modules that are as they were when
// it last found nothing.
func (c *checker) lint(ctx context.Context) error {
	lint, err := c.tool(ctx, lintPackage)
	if err != nil {
		return err
	}
	before := linted{checker: c, program: lint}
	var failed, unchanged []string
	for _, module := range c.modules() {
		patterns := []string{"./..."}
		if c.packages != nil {
			patterns = c.packages[module.Dir]
		}
		if len(patterns) == 0 {
			continue
		}
		var mark string // stays empty where less than the module is linted, or more than that is done
		if c.packages == nil && !c.fix {
			if mark, err = before.mark(module); err != nil {
				return err
			}
			if before.known(mark) {
				unchanged = append(unchanged, module.Dir)
				continue
			}
		}
		if err := c.lintModule(ctx, lint, module, patterns); err != nil {
			failed = append(failed, module.Dir)
		} else if mark != "" {
			if err := before.remember(module, mark); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if len(unchanged) > 0 {
		fmt.Fprintf(c.out, "   unchanged since nothing was found: %s\n", strings.Join(unchanged, ", "))
	}
	if len(failed) > 0 {
		return errors.New("findings in " + strings.Join(failed, ", "))
	}
	return nil
}

func (c *checker) lintModule(ctx context.Context, lint string, module workspace.Module, patterns []string) error {
	args := []string{"run", "--config", filepath.Join(c.workspace.Root, ".golangci.yml"), "--show-stats=false", "--allow-parallel-runners"}
	if c.fix {
		args = append(args, "--fix")
	}
	out, err := command(ctx, filepath.Join(c.workspace.Root, module.Dir), c.goEnv(module), lint, append(args, patterns...)...).CombinedOutput()
	if err != nil {
		fmt.Fprintf(c.out, "   -- %s\n%s", module.Dir, indent(out))
	}
	return err
}

func indent(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString("   " + line)
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		b.WriteByte('\n')
	}
	return b.String()
}
