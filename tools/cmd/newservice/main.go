// Command newservice makes a service like the others: a module with one resource, its table and queries, its
// tests, and its place in go.work, sqlc.yaml, compose.yaml, the stack and the documentation.
//
//	newservice [-database nms[,dwh…]|NAME] [-port N] [-id UUID] NAME
//
// `./task new-service NAME` builds and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"nms.example/tools/internal/program"
	"nms.example/tools/internal/scaffold"
)

func main() {
	program.Main("newservice", func(ctx context.Context, args []string) error {
		return run(ctx, args, os.Stdout)
	})
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o scaffold.Options
	flags := program.Flags("newservice", "./task new-service [-database NAME[,NAME]] [-port N] [-id UUID] NAME, for example: ./task new-service weather")
	flags.StringVar(&o.Database, "database", "nms",
		"the database of its table: auth, nms, dwh, admin, or the service's own name for a new one; further ones that it opens follow behind commas")
	flags.StringVar(&o.ID, "id", "", "its identity for good, a UUID; empty: a new one")
	flags.IntVar(&o.Port, "port", 0, "its port; 0: the next free one from 4045")
	var err error
	if o.Name, err = parse(flags, args); err != nil {
		return err
	}
	root, err := checkout(ctx)
	if err != nil {
		return err
	}
	files, err := scaffold.Make(root, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Made and changed:\n  %s\n", strings.Join(files, "\n  "))
	fmt.Fprintln(out, "Generating its code and completing its go.mod …")
	if err := scaffold.Finish(ctx, root, out); err != nil {
		return err
	}
	fmt.Fprintf(out, `
The service %[1]s is there. ./task test ./%[1]s/... runs its tests, ./task up starts it with the others.
Say what it is for in %[1]s/internal/app/app.go, README.md and docs/architecture.md, and turn the items
into what you need.
`, o.Name)
	return nil
}

// parse takes flags before and after the one name.
func parse(flags *flag.FlagSet, args []string) (name string, err error) {
	names, err := program.Parse(flags, args)
	if err != nil {
		return "", err
	}
	switch len(names) {
	case 0:
		return "", program.Usage(flags, "which name?")
	case 1:
		return names[0], nil
	default:
		return "", program.Usage(flags, "one name at a time, please")
	}
}

func checkout(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", errors.New("this is no checkout of the repository")
	}
	return strings.TrimSpace(string(out)), nil
}
