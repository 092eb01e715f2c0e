package proctest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
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
		if _, _, of := state(process); of != strconv.Itoa(group) {
			continue
		}
		threads, _ := filepath.Glob(filepath.Join(filepath.Dir(process), "task", "*", "stat"))
		for _, thread := range threads {
			if now, _, _ := state(thread); now != "T" && now != "Z" && now != "" {
				return false
			}
		}
	}
	return true
}

// children returns the processes that a process has started, those that left its group included.
func children(of int) (pids []int) {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, process := range processes {
		if _, parent, _ := state(process); parent == strconv.Itoa(of) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(process))) // the pattern matches numbers only
			pids = append(pids, pid)
		}
	}
	return pids
}

// killAll kills processes that have lost their parent, and waits until they have ended.
func killAll(pids []int) {
	for _, pid := range pids {
		stat := filepath.Join("/proc", strconv.Itoa(pid), "stat")
		for now, _, _ := state(stat); now != "" && now != "Z"; now, _, _ = state(stat) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended meanwhile
			time.Sleep(time.Millisecond)
		}
	}
}

// state reads the state, the parent and the process group of a process or thread from its stat file
// (proc_pid_stat(5)), empty when it is gone.
func state(stat string) (now, parent, group string) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return "", "", ""
	}
	// The name before it may hold blanks and brackets.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	return string(fields[0]), string(fields[1]), string(fields[2])
}

// ReleaseMemory removes the System V segment that a killed PostgreSQL server leaves in the kernel, unless the
// server was started again and stopped in order. Its key and number are the seventh line of postmaster.pid.
func ReleaseMemory(pidFile string) {
	const line, ipcRmid = 6, 0
	text, err := os.ReadFile(pidFile)
	lines := bytes.Split(text, []byte{'\n'})
	if err != nil || len(lines) <= line {
		return
	}
	words := bytes.Fields(lines[line])
	if len(words) != 2 {
		return
	}
	key, errKey := strconv.ParseUint(string(words[0]), 10, 32)
	number, errNumber := strconv.Atoi(string(words[1]))
	if errKey != nil || errNumber != nil {
		return
	}
	// The number may belong to another key by now.
	if found, _, errno := syscall.Syscall(syscall.SYS_SHMGET, uintptr(key), 0, 0); errno == 0 && int(found) == number {
		_, _, _ = syscall.Syscall(syscall.SYS_SHMCTL, found, ipcRmid, 0) // somebody was faster
	}
}
