package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"time"

	"nms.example/tools/internal/stack"
)

// execute runs a command with the running stack's variables; what the caller has set stays.
func execute(ctx context.Context, checkout stack.Checkout, args []string) (int, error) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 2, errors.New("usage: devstack exec -- CMD [ARG …]")
	}
	env, err := checkout.ClientEnv()
	if err != nil {
		return 1, err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = slices.Concat(env, []string{stack.LogsVariable + "=" + checkout.LogDir()}, os.Environ())
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}
