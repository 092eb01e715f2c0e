// Package program is the frame around the work of a command-line program: its signals, what it says of a failure, and
// its exit code.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Main runs a program with the arguments that follow its name, and ends the process with its exit code:
//
//	0  it did its work
//	1  it failed; the error is printed to standard error, after the program's name
//	2  the call was wrong: run answered with flag.ErrHelp, alone or wrapped. Nothing is printed, for package flag, or
//	   whoever answered so, has said already what a right call is
//
// SIGINT, SIGTERM and the further signals cancel the context; run is waited for, so that it can clean up.
func Main(name string, run func(ctx context.Context, args []string) error, further ...os.Signal) {
	os.Exit(exitCode(name, run, further))
}

// exitCode is all of Main but the exit, which would skip what is deferred.
func exitCode(name string, run func(context.Context, []string) error, further []os.Signal) int {
	signals := append([]os.Signal{os.Interrupt, syscall.SIGTERM}, further...)
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 2
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}
