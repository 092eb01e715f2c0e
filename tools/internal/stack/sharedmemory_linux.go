package stack

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// releaseSharedMemory removes the System V segment that a killed PostgreSQL leaves in the kernel. Its key and
// number are the seventh line of postmaster.pid; the next start of the same data would remove it, but there is
// none after a purge. A number that meanwhile belongs to another key is left alone.
func releaseSharedMemory(pidFile string) {
	raw, err := os.ReadFile(pidFile)
	if err != nil {
		return
	}
	const line, ipcRmid = 6, 0
	lines := strings.Split(string(raw), "\n")
	if len(lines) <= line {
		return
	}
	words := strings.Fields(lines[line])
	if len(words) != 2 {
		return
	}
	key, errKey := strconv.ParseInt(words[0], 10, 64)
	id, errID := strconv.Atoi(words[1])
	if errKey != nil || errID != nil || id < 0 {
		return
	}
	found, _, errno := syscall.Syscall(syscall.SYS_SHMGET, uintptr(uint32(key)), 0, 0)
	if errno != 0 || int(found) != id {
		return
	}
	syscall.Syscall(syscall.SYS_SHMCTL, found, ipcRmid, 0)
}
