package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"nms.example/tools/internal/stack"
)

// supervise is the process behind `up`: descriptor 3 is its leash, 4 the checkout's lock.
func supervise() error {
	const leash, lock = 3, 4
	syscall.CloseOnExec(leash)
	syscall.CloseOnExec(lock)
	checkout, err := stack.FindCheckout(".")
	if err != nil {
		return err
	}
	if !isPipe(leash) {
		return errors.New("supervise is started by `devstack up` alone")
	}
	return stack.Supervise(context.Background(), checkout, os.NewFile(leash, "leash"), os.NewFile(lock, "lock"))
}

func isPipe(descriptor int) bool {
	target, err := os.Readlink(filepath.Join("/proc/self/fd", strconv.Itoa(descriptor)))
	return err == nil && strings.HasPrefix(target, "pipe:")
}
