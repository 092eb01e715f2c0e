package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/joho/godotenv"

	schema "nms.example/sql"
	"nms.example/sql/migrate"
)

const usage = `usage: migrate <command> [flags] [auth|nms|dwh|admin …]

  up        apply the pending migrations
  down      undo the newest one (--steps N for more, --all for every one)
  status    list what is applied and what is pending
  wait      return when the databases are up and migrated; --timeout bounds it
  version   print this build's version and its schema versions

Without names all databases are meant whose URL is set: DB_AUTH_DSN, DB_NMS_DSN, DB_DWH_DSN, DB_ADMIN_DSN,
or, in DB_AUTH_DSN_FILE …, the path of a file with it, in the environment or else in ./.env. Only down wants names, because it takes data with it.

flags:
`

// version and commit are set by the image's build: -ldflags "-X main.version=v1.2.3 -X main.commit=…".
var version, commit = "v0.0.0-dev", "unknown"

const (
	defaultWait = time.Minute
	defaultWork = 30 * time.Minute
)

// command is one call of the program, taken apart.
type command struct {
	name    string
	names   []string
	timeout time.Duration
	steps   int
	all     bool
	envFile string
}

// run is the program; its answer is the exit code: 0, 1 for a failure, 2 for a wrong call.
func run(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	cmd, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "migrate:", err)
		return 2
	}
	if cmd.name == "version" {
		fmt.Fprintf(out, "migrate %s (%s)\n", version, commit)
		for _, d := range schema.Databases() {
			fmt.Fprintf(out, "%-5s %s\n", d, schema.Latest(d))
		}
		return 0
	}
	targets, err := cmd.targets(getenv)
	if err != nil {
		fmt.Fprintln(errs, "migrate:", err)
		return 1
	}
	ctx, cancel := context.WithTimeout(ctx, cmd.timeout)
	defer cancel()
	code := 0
	for _, t := range targets {
		if err := cmd.work(ctx, t, out); err != nil {
			fmt.Fprintln(errs, "migrate:", err)
			code = 1 // the other databases still get their turn
		}
	}
	return code
}

func parse(args []string, errs io.Writer) (command, error) {
	var c command
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprint(errs, usage)
		flags.PrintDefaults()
	}
	flags.DurationVar(&c.timeout, "timeout", 0, "how long all of it may take (default 1m for wait, 30m otherwise)")
	flags.IntVar(&c.steps, "steps", 1, "down: how many migrations to undo")
	flags.BoolVar(&c.all, "all", false, "down: undo every migration")
	flags.StringVar(&c.envFile, "env-file", ".env", "file with variables that the environment lacks")
	for len(args) > 0 { // flags may stand before, between and after the words
		if err := flags.Parse(args); err != nil {
			return c, err
		}
		if args = flags.Args(); len(args) == 0 {
			break
		}
		if c.name == "" {
			c.name = args[0]
		} else {
			c.names = append(c.names, args[0])
		}
		args = args[1:]
	}
	return c, c.complete(flags)
}

func (c *command) complete(flags *flag.FlagSet) error {
	if c.name == "" {
		flags.Usage()
		return errors.New("no command given")
	}
	if !slices.Contains([]string{"up", "down", "status", "wait", "version"}, c.name) {
		return fmt.Errorf("there is no command %q: up, down, status, wait or version", c.name)
	}
	if c.name == "down" && len(c.names) == 0 {
		return errors.New("down takes data with it: name the databases that are meant")
	}
	if c.timeout < 0 || c.steps < 1 {
		return errors.New("--timeout and --steps must be over 0")
	}
	if c.timeout == 0 {
		c.timeout = defaultWork
		if c.name == "wait" {
			c.timeout = defaultWait
		}
	}
	return nil
}

func (c *command) targets(getenv func(string) string) ([]migrate.Target, error) {
	file, err := godotenv.Read(c.envFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s cannot be read as a list of NAME=value lines", c.envFile) // its text may be a secret
	}
	plain := func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return file[name]
	}
	lookup := func(name string) (string, error) { return addressOf(name, plain) }
	var targets []migrate.Target
	if len(c.names) == 0 {
		for _, d := range schema.Databases() {
			url, err := lookup(d.Variable())
			if err != nil {
				return nil, err
			}
			if url != "" {
				targets = append(targets, migrate.Target{Database: d, URL: url})
			}
		}
		if len(targets) == 0 {
			return nil, errors.New("no database is set: give DB_AUTH_DSN, DB_NMS_DSN, DB_DWH_DSN or DB_ADMIN_DSN")
		}
		return targets, nil
	}
	for _, name := range c.names {
		d, err := schema.Parse(name)
		if err != nil {
			return nil, err
		}
		url, err := lookup(d.Variable())
		if err != nil {
			return nil, err
		}
		if url == "" {
			return nil, fmt.Errorf("database %s is not set: give %s", d, d.Variable())
		}
		targets = append(targets, migrate.Target{Database: d, URL: url})
	}
	return targets, nil
}

// addressOf is a database's URL: the variable's value, or the content of the file that <name>_FILE names, as container
// platforms hand over secrets. Both at once is an error. No error holds what is in the file.
func addressOf(name string, lookup func(string) string) (string, error) {
	url, path := lookup(name), lookup(name+"_FILE")
	switch {
	case path == "":
		return url, nil
	case url != "":
		return "", fmt.Errorf("set either %s or %s_FILE, not both", name, name)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimSpace(string(content)), nil
}

func (c *command) work(ctx context.Context, t migrate.Target, out io.Writer) error {
	switch c.name {
	case "up":
		applied, err := migrate.Up(ctx, t, out)
		if err != nil {
			return err
		}
		if len(applied) > 0 {
			fmt.Fprintf(out, "%s: %d migrations applied, now at %s\n", t.Database, len(applied), schema.Latest(t.Database))
			return nil
		}
		return report(ctx, t, out, false)
	case "down":
		steps := c.steps
		if c.all {
			steps = -1
		}
		undone, err := migrate.Down(ctx, t, steps, out)
		if err == nil {
			fmt.Fprintf(out, "%s: %d migrations undone\n", t.Database, len(undone))
		}
		return err
	case "wait":
		if err := migrate.Wait(ctx, t); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: ready\n", t.Database)
		return nil
	default:
		return report(ctx, t, out, true)
	}
}

// report prints one line about the database and, in full, its pending migrations.
func report(ctx context.Context, t migrate.Target, out io.Writer, full bool) error {
	s, err := migrate.ReadStatus(ctx, t)
	if err != nil {
		return err
	}
	switch {
	case s.Ahead():
		fmt.Fprintf(out, "%s: at %s, ahead of this build's %s; a newer build migrated it, and that is fine\n", t.Database, s.Current, s.Latest)
	case len(s.Pending) > 0:
		fmt.Fprintf(out, "%s: at %s, %d pending up to %s\n", t.Database, s.Current, len(s.Pending), s.Latest)
	default:
		fmt.Fprintf(out, "%s: up to date at %s\n", t.Database, s.Current)
	}
	if full {
		for _, v := range s.Pending {
			fmt.Fprintf(out, "  pending %s\n", v)
		}
		for _, v := range s.Unknown {
			fmt.Fprintf(out, "  applied, unknown to this build: %s\n", v)
		}
	}
	return nil
}
