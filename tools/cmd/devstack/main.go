// Command devstack runs the whole system on this machine, with Docker or without. `./task` calls it.
//
//	devstack up                     start everything, or find it running
//	devstack down [--purge]         stop it; --purge removes all that was made
//	devstack status                 what runs, and where
//	devstack logs [-f] [-n N] [NAME …]
//	devstack env                    the variables that clients of the running stack need
//	devstack exec -- CMD [ARG …]    run a command with them
//	devstack test [FLAG|PACKAGE …]  go test -race on throw-away servers
//	devstack test -- CMD [ARG …]    any command on throw-away servers
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"nms.example/tools/internal/stack"
)

// The frame is its own, not program.Main: it forwards the exit codes of commands, and the supervisor treats signals
// differently.
func main() {
	os.Exit(run(os.Args[1:]))
}

// codeInterrupted is what a shell reports for a program that SIGINT ended.
const codeInterrupted = 130

func run(args []string) int {
	if len(args) > 0 && args[0] == "supervise" {
		return report(supervise())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watchParent(ctx, cancel)
	code, err := command(ctx, args)
	if err == nil {
		return code
	}
	return max(code, report(err)) // 2 for a wrong call
}

func report(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, stack.ErrInterrupted):
		return codeInterrupted
	case errors.Is(err, stack.ErrNotReady), errors.Is(err, flag.ErrHelp):
		return 1
	default:
		fmt.Fprintln(os.Stderr, "devstack:", err)
		return 1
	}
}

// watchParent ends the work when whoever called us has died, as a killed ./task has.
func watchParent(ctx context.Context, cancel context.CancelFunc) {
	parent := os.Getppid()
	for os.Getppid() == parent {
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
	cancel()
}

func command(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("usage: devstack up|down|status|logs|env|exec|test")
	}
	place, err := stack.FindPlace(".")
	if err != nil {
		return 1, err
	}
	console := stack.Console{Out: os.Stdout}
	name, args := args[0], args[1:]
	switch name {
	case "up":
		if err := noArguments(name, args); err != nil {
			return 2, err
		}
		return 0, stack.Up(ctx, place, console)
	case "down":
		return down(ctx, place, console, args)
	case "status":
		return 0, stack.Status(ctx, place, console)
	case "logs":
		return logs(ctx, place, console, args)
	case "env":
		env, err := place.ClientEnv()
		fmt.Println(strings.Join(env, "\n"))
		return 0, err
	case "exec":
		return execute(ctx, place, args)
	case "test":
		return test(ctx, place, args)
	default:
		return 2, fmt.Errorf("unknown command %q: up, down, status, logs, env, exec or test", name)
	}
}

func noArguments(name string, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, but was given %q", name, strings.Join(args, " "))
	}
	return nil
}

func down(ctx context.Context, place stack.Place, console stack.Console, args []string) (int, error) {
	flags := flag.NewFlagSet("down", flag.ContinueOnError)
	purge := flags.Bool("purge", false, "also remove the data, logs, secrets and built tools")
	if err := flags.Parse(args); err != nil {
		return 2, flag.ErrHelp
	}
	if err := noArguments("down", flags.Args()); err != nil {
		return 2, err
	}
	return 0, stack.Down(ctx, place, console, *purge)
}

func logs(ctx context.Context, place stack.Place, console stack.Console, args []string) (int, error) {
	flags := flag.NewFlagSet("logs", flag.ContinueOnError)
	follow := flags.Bool("f", false, "go on with new lines")
	lines := flags.Int("n", 20, "lines of each log")
	if err := flags.Parse(args); err != nil {
		return 2, flag.ErrHelp
	}
	return 0, stack.Logs(ctx, place, console, flags.Args(), *follow, *lines)
}
