package proctest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// attributes put the server into a group of its own and let it die with the test process.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stopped tells whether every thread of every process in the group stands still. A signal is sent at once,
// but on a busy machine the threads of a process go on until one of them has taken it.
func stopped(group int) bool {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, process := range processes {
		if _, of := state(process); of != strconv.Itoa(group) {
			continue
		}
		threads, _ := filepath.Glob(filepath.Join(filepath.Dir(process), "task", "*", "stat"))
		for _, thread := range threads {
			if now, _ := state(thread); now != "T" && now != "Z" && now != "" {
				return false
			}
		}
	}
	return true
}

// state reads the state and the process group of a process or thread from its stat file (proc_pid_stat(5)),
// empty when it is gone.
func state(stat string) (now, group string) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return "", ""
	}
	// The name before it may hold blanks and brackets.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	return string(fields[0]), string(fields[2])
}
