// Package program is the frame around the work of a command-line program: its signals, its flags and their help, what it
// says of a failure, and its exit code.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// Main runs a program with the arguments that follow its name, and ends the process with its exit code:
//
//	0  it did its work, or gave the help that was asked for: run answered with flag.ErrHelp
//	1  it failed; the error is printed to standard error, after the program's name
//	2  the call was wrong: run answered with ErrUsage, alone or wrapped. Nothing is printed, for whoever answered so has
//	   said already what a right call is
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
		return 0
	case errors.Is(err, ErrUsage):
		return 2
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

// ErrUsage is the answer of a run that was called in a wrong way and has printed what a right call is.
var ErrUsage = errors.New("wrong call")

// Flags makes a set of flags whose help begins with the forms of a right call, one a line.
func Flags(name, usage string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "usage: %s\n", strings.ReplaceAll(usage, "\n", "\n       "))
		flags.PrintDefaults()
	}
	return flags
}

// Parse reads flags, which may stand anywhere, and returns the other words. Its errors are flag.ErrHelp, when help was asked
// for, and ErrUsage; both have been explained to the user.
func Parse(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, ErrUsage
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
}

// ParseAlone is Parse for a program that takes flags and nothing else.
func ParseAlone(flags *flag.FlagSet, args []string) error {
	words, err := Parse(flags, args)
	if err == nil && len(words) > 0 {
		err = Usage(flags, "unknown argument "+strconv.Quote(words[0]))
	}
	return err
}

// Usage complains about the call in one line after the name of the flags, prints what a right one is, and returns ErrUsage.
func Usage(flags *flag.FlagSet, complaint string) error {
	fmt.Fprintf(flags.Output(), "%s: %s\n", flags.Name(), complaint)
	flags.Usage()
	return ErrUsage
}
