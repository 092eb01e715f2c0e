//go:build !linux

package proctest

import "syscall"

// attributes put the server into a group of its own.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stopped takes it for granted: there is no portable way to see it.
func stopped(int) bool { return true }

// ReleaseMemory does nothing: what it is for is known of Linux.
func ReleaseMemory(string) {}

// children finds none: there is no portable way to see them.
func children(int) []int { return nil }

func killAll([]int) {}
