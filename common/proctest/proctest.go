// Package proctest runs a server of a test's own, to be killed, paused and started again. It is for the
// test kits only.
package proctest

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"nms.example/common/waittest"
)

// Process is one server process with everything that it started.
type Process struct {
	tb   testing.TB
	path string
	args []string
	env  []string
	dir  string
	cmd  *exec.Cmd
	log  *os.File

	credential *syscall.Credential // nil: the test's own
}

// New prepares a process without starting it. dir is its working directory, env its whole environment;
// what it prints goes to a file there. It is killed when the test ends.
func New(tb testing.TB, dir string, env []string, path string, args ...string) *Process {
	tb.Helper()
	p := &Process{tb: tb, path: path, args: args, env: env, dir: dir}
	tb.Cleanup(p.Kill)
	return p
}

func (p *Process) logPath() string { return filepath.Join(p.dir, "output.log") }

// Start starts it.
func (p *Process) Start() {
	p.tb.Helper()
	log, err := os.OpenFile(p.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.tb.Fatalf("proctest: %v", err)
	}
	p.log = log
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.dir, p.env, log, log
	p.cmd.SysProcAttr = attributes()
	p.cmd.SysProcAttr.Credential = p.credential
	if err := p.cmd.Start(); err != nil {
		p.tb.Fatalf("proctest: start %s: %v", p.path, err)
	}
}

// Kill ends it at once (SIGKILL) with all its children, and waits. It does nothing when it is not running.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	started := children(p.cmd.Process.Pid) // PostgreSQL's are in sessions of their own
	p.signal(syscall.SIGKILL)
	_ = p.cmd.Wait() // it was killed
	killAll(started)
	_ = p.log.Close()
	p.cmd = nil
}

// Running reports whether it was started and not killed since.
func (p *Process) Running() bool { return p.cmd != nil }

// Output returns what it has printed so far.
func (p *Process) Output() string {
	out, _ := os.ReadFile(p.logPath()) // for a failing test's message, and empty at worst
	return string(out)
}

// Pause stops it in its tracks (SIGSTOP): connections stay open and nothing answers any more when it returns.
func (p *Process) Pause() {
	p.tb.Helper()
	p.signal(syscall.SIGSTOP)
	waittest.Until(p.tb, p.path+" stands still after SIGSTOP", func() bool { return stopped(p.cmd.Process.Pid) })
}

// Resume lets it go on.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// signal goes to the process group, which holds this process and its children only.
func (p *Process) signal(s syscall.Signal) { _ = syscall.Kill(-p.cmd.Process.Pid, s) }

func (p *Process) dial(port int) (net.Conn, error) {
	dialer := net.Dialer{Timeout: time.Second}
	return dialer.DialContext(context.WithoutCancel(p.tb.Context()), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// AwaitPort waits until something listens on a port of 127.0.0.1.
func (p *Process) AwaitPort(port int, patience time.Duration) {
	p.tb.Helper()
	for deadline := time.Now().Add(patience); ; {
		conn, err := p.dial(port)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			p.tb.Fatalf("proctest: %s does not listen on port %d after %v:\n%s", p.path, port, patience, p.Output())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// AwaitClosed waits until nothing listens on a port of 127.0.0.1 any more: a killed process's children keep
// their sockets for a moment.
func (p *Process) AwaitClosed(port int) {
	p.tb.Helper()
	waittest.Until(p.tb, "nothing listens on port "+strconv.Itoa(port), func() bool {
		conn, err := p.dial(port)
		if err != nil {
			return true
		}
		_ = conn.Close()
		return false
	})
}

// given are the ports that FreePort has returned.
var given sync.Map

// FreePort returns a port of 127.0.0.1 that was free a moment ago, and never the same one twice. It lies below those that the
// kernel chooses for connections and for listeners at port 0, so that none of these takes it before the process does, or
// while it is between two lives.
func FreePort(tb testing.TB) int {
	tb.Helper()
	const lowest, number = 10_000, 10_000
	for range number {
		port := lowest + rand.IntN(number)
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			continue
		}
		_ = l.Close()
		if _, twice := given.LoadOrStore(port, true); !twice {
			return port
		}
	}
	tb.Fatalf("proctest: no free port from %d to %d", lowest, lowest+number-1)
	return 0
}

// Find returns the first program that exists among the candidates: absolute paths, or names looked for in
// PATH. Without any the test fails.
func Find(tb testing.TB, candidates ...string) string {
	tb.Helper()
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return path
		}
	}
	tb.Fatalf("proctest: none of %v is installed; ./task test installs the servers", candidates)
	return ""
}
