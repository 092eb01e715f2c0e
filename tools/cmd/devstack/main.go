// Command devstack runs the whole system on this machine, with Docker or without. `./task` calls it.
//
//	devstack up [-without NAME …]   start everything, or bring what runs to what the sources say
//	devstack up -watch              the same, and again at every save
//	devstack down [--purge]         stop it; --purge removes all that was made
//	devstack status                 what runs, and where
//	devstack logs [-f] [-n N] [NAME …]
//	devstack env [SERVICE]          the variables that clients of the running stack need, or a service run by hand
//	devstack exec -- CMD [ARG …]    run a command with them
//	devstack test [FLAG|PACKAGE …]  go test on throw-away servers
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

	"nms.example/tools/internal/program"
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
	case errors.Is(err, stack.ErrNotReady):
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
	checkout, err := stack.FindCheckout(".")
	if err != nil {
		return 1, err
	}
	console := stack.Console{Out: os.Stdout}
	name, args := args[0], args[1:]
	switch name {
	case "up":
		return up(ctx, checkout, console, args)
	case "down":
		return down(ctx, checkout, console, args)
	case "status":
		return noArguments(name, args, func() error { return stack.Status(ctx, checkout, console) })
	case "logs":
		return logs(ctx, checkout, console, args)
	case "env":
		return printEnv(checkout, args)
	case "exec":
		return execute(ctx, checkout, args)
	case "test":
		return test(ctx, checkout, args)
	default:
		return 2, fmt.Errorf("unknown command %q: up, down, status, logs, env, exec or test", name)
	}
}

// noArguments does the work of a command that takes none.
func noArguments(name string, args []string, do func() error) (int, error) {
	flags := program.Flags(name, "./task "+name)
	words, err := program.Parse(flags, args)
	if err == nil && len(words) > 0 {
		err = unexpected(flags, words[0])
	}
	if err != nil {
		return explained(err), nil
	}
	return 0, do()
}

func unexpected(flags *flag.FlagSet, word string) error {
	return program.Usage(flags, fmt.Sprintf("takes no argument %q", word))
}

// explained is the exit code for an error of package program, which has said already what there is to say.
func explained(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	return 2
}

func up(ctx context.Context, checkout stack.Checkout, console stack.Console, args []string) (int, error) {
	flags := program.Flags("up", "./task up [-watch] [-without SERVICE[,SERVICE] …]")
	watch := flags.Bool("watch", false, "stay, and bring the stack to what the sources say at every save")
	var options stack.UpOptions
	flags.Func("without", "a `SERVICE` that runs by hand, from an editor or a debugger (./task env SERVICE)", func(names string) error {
		options.Without = append(options.Without, strings.Split(names, ",")...)
		return nil
	})
	words, err := program.Parse(flags, args)
	if err == nil && len(words) > 0 {
		err = unexpected(flags, words[0])
	}
	if err != nil {
		return explained(err), nil
	}
	if *watch {
		return 0, stack.Watch(ctx, checkout, console, options)
	}
	return 0, stack.Up(ctx, checkout, console, options)
}

func printEnv(checkout stack.Checkout, args []string) (int, error) {
	flags := program.Flags("env", "./task env [SERVICE]; for an editor's env file: (umask 077; ./task env cfg >.local/cfg.env)")
	words, err := program.Parse(flags, args)
	if err == nil && len(words) > 1 {
		err = unexpected(flags, words[1])
	}
	if err != nil {
		return explained(err), nil
	}
	var env []string
	if len(words) == 0 {
		env, err = checkout.ClientEnv()
	} else {
		env, err = checkout.ServiceEnv(words[0])
	}
	if err != nil {
		return 1, err
	}
	fmt.Println(strings.Join(env, "\n"))
	return 0, nil
}

func down(ctx context.Context, checkout stack.Checkout, console stack.Console, args []string) (int, error) {
	flags := program.Flags("down", "./task down [--purge]")
	purge := flags.Bool("purge", false, "also remove the data, logs, secrets and built tools")
	words, err := program.Parse(flags, args)
	if err == nil && len(words) > 0 {
		err = unexpected(flags, words[0])
	}
	if err != nil {
		return explained(err), nil
	}
	return 0, stack.Down(ctx, checkout, console, *purge)
}

func logs(ctx context.Context, checkout stack.Checkout, console stack.Console, args []string) (int, error) {
	flags := program.Flags("logs", "./task logs [-f] [-n N] [NAME …], for example: ./task logs -f auth cfg")
	follow := flags.Bool("f", false, "go on with new lines")
	lines := flags.Int("n", 20, "lines of each log")
	names, err := program.Parse(flags, args)
	if err != nil {
		return explained(err), nil
	}
	return 0, stack.Logs(ctx, checkout, console, names, *follow, *lines)
}
