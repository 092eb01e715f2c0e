// Package stack runs the whole system on one machine: natively, as processes that a supervisor starts, watches and
// ends, or through docker compose; and servers alone, with throw-away data, for test runs.
package stack

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Ident names one process beyond doubt: a pid is used again sooner or later, a pid with its start time is not.
type Ident struct {
	PID int `json:"pid"`
	// Start is the start time in clock ticks since boot, field 22 of /proc/<pid>/stat (proc_pid_stat(5)).
	Start uint64 `json:"start"`
}

// procStat is what the cleaning up and the measuring have to know of a process.
type procStat struct {
	state           byte
	parent, session int
	start           uint64
	// ticks is the processor time of the process and of those of its children that have ended and were collected.
	ticks uint64
	// pages is the resident memory.
	pages uint64
}

// readStat reads /proc/<pid>/stat. The program's name stands in parentheses and may hold anything, so the
// fields are counted from the last one on.
func readStat(pid int) (procStat, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return procStat{}, err
	}
	text := string(raw)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	// Fields 3, 4, 6, 14 to 17, 22 and 24, less the two before.
	const state, parent, session, userTime, childSystemTime, start, pages = 0, 1, 3, 11, 14, 19, 21
	if len(fields) <= pages {
		return procStat{}, fmt.Errorf("/proc/%d/stat: unexpected form", pid)
	}
	numbers := make([]uint64, len(fields))
	for i := range fields {
		numbers[i], _ = strconv.ParseUint(fields[i], 10, 64) // some are negative; none of those is asked for
	}
	stat := procStat{state: fields[state][0], parent: int(numbers[parent]), session: int(numbers[session]),
		start: numbers[start], pages: numbers[pages]}
	for _, ticks := range numbers[userTime : childSystemTime+1] {
		stat.ticks += ticks
	}
	return stat, nil
}

// Identify returns the identity of a running process.
func Identify(pid int) (Ident, error) {
	stat, err := readStat(pid)
	if err != nil {
		return Ident{}, err
	}
	return Ident{PID: pid, Start: stat.start}, nil
}

// Alive tells whether the very process is still running.
func (i Ident) Alive() bool {
	if i.PID <= 0 {
		return false
	}
	stat, err := readStat(i.PID)
	return err == nil && stat.start == i.Start && stat.state != 'Z' && stat.state != 'X'
}

// Signal sends a signal to the very process; one that has ended is not an error.
func (i Ident) Signal(sig syscall.Signal) error {
	if !i.Alive() {
		return nil
	}
	if err := syscall.Kill(i.PID, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %v to process %d: %w", sig, i.PID, err)
	}
	return nil
}

// sessionMembers lists the living processes of the session that leader began. The kernel assigns no new process
// a number that still names a session, so once the leader has ended, whoever carries the number belongs to it.
func sessionMembers(leader Ident) []int {
	if now, err := readStat(leader.PID); err == nil && now.start != leader.Start {
		return nil // the number was given away again: the old session is empty
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == leader.PID {
			continue
		}
		if stat, err := readStat(pid); err == nil && stat.session == leader.PID && stat.state != 'Z' {
			pids = append(pids, pid)
		}
	}
	return pids
}

// family lists a living process and all that descend from it, the eldest first.
func family(leader Ident) []Ident {
	if !leader.Alive() {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return []Ident{leader}
	}
	children := map[int][]Ident{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if stat, err := readStat(pid); err == nil && stat.state != 'Z' && stat.state != 'X' {
			children[stat.parent] = append(children[stat.parent], Ident{PID: pid, Start: stat.start})
		}
	}
	members := []Ident{leader}
	for i := 0; i < len(members); i++ {
		members = append(members, children[members[i].PID]...)
	}
	return members
}

// awaitStopped waits until processes that were sent SIGSTOP stand still, or have ended; it takes microseconds.
func awaitStopped(members []Ident) {
	const limit = time.Second
	for begun := time.Now(); time.Since(begun) < limit; time.Sleep(time.Millisecond) {
		if !slices.ContainsFunc(members, func(one Ident) bool {
			stat, err := readStat(one.PID)
			return err == nil && stat.start == one.Start && stat.state != 'T' && stat.state != 't' && stat.state != 'Z'
		}) {
			return
		}
	}
}

// usage sums up what the members of a family take.
func usage(members []Ident) Usage {
	const perSecond = 100 // USER_HZ, the same on every Linux that Go supports
	total := Usage{}
	for _, member := range members {
		stat, err := readStat(member.PID)
		if err != nil || stat.start != member.Start {
			continue
		}
		total.Processes++
		total.Resident += stat.pages * uint64(os.Getpagesize())
		total.CPU += time.Duration(stat.ticks) * time.Second / perSecond
	}
	return total
}

// spawner starts processes that the kernel ends when this process ends, however that happens. Pdeathsig is
// bound to the thread that forks, so one goroutine that never leaves its thread does all the forking.
type spawner struct{ requests chan func() }

func newSpawner() *spawner {
	s := &spawner{requests: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must outlive every child
		for request := range s.requests {
			request()
		}
	}()
	return s
}

// start starts the command in a process group of its own; death is what the kernel sends it when we die.
func (s *spawner) start(cmd *exec.Cmd, as *Account, death syscall.Signal) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
	if as != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: as.UID, Gid: as.GID}
	}
	result := make(chan error, 1)
	s.requests <- func() { result <- cmd.Start() }
	return <-result
}

// killGroup ends a whole process group at once; an empty one is not an error.
func killGroup(pgid int, sig syscall.Signal) { _ = syscall.Kill(-pgid, sig) }

// awaitGroup waits for the last process of a group to end, but not for long.
func awaitGroup(pgid int, limit time.Duration) {
	for begun := time.Now(); time.Since(begun) < limit; time.Sleep(10 * time.Millisecond) {
		if errors.Is(syscall.Kill(-pgid, 0), syscall.ESRCH) {
			return
		}
	}
}

// detached makes a command the leader of a session of its own, so that a closed terminal does not end it.
func detached(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// markVariable is set in the environment of every program of a stack, to the stack's data folder. Helpers that
// leave our process groups and sessions, as those of Erlang do, are known by it.
const markVariable = "NMS_STACK"

// marked lists the living processes, other than this one, that carry a stack's mark.
func marked(data string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	mark := []byte(markVariable + "=" + data)
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if err != nil {
			continue // it has ended, or is another user's and so not ours
		}
		for variable := range bytes.SplitSeq(environ, []byte{0}) {
			if bytes.Equal(variable, mark) {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}

// endRest waits for what a supervisor or test run has left behind and kills what is not gone after patience.
// The kernel has told the direct children of a killed one already. leader may be zero.
func endRest(leader Ident, data string, patience time.Duration) {
	const limit = 5 * time.Second
	for begun := time.Now(); time.Since(begun) < patience+limit; time.Sleep(20 * time.Millisecond) {
		rest := marked(data)
		if leader.PID > 0 {
			rest = append(rest, sessionMembers(leader)...)
		}
		if len(rest) == 0 {
			return
		}
		if time.Since(begun) < patience {
			continue
		}
		for _, pid := range rest {
			_ = syscall.Kill(pid, syscall.SIGKILL) // the next round looks whether it is gone
		}
	}
}

// ownedByUs tells whether a file belongs to the user that runs this.
func ownedByUs(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
