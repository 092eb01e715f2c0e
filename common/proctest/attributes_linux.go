package proctest

import "syscall"

// attributes put the server into a group of its own and let it die with the test process.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
