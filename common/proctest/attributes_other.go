//go:build !linux

package proctest

import "syscall"

// attributes put the server into a group of its own.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
