package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// program is one long-running process of the stack: how it is started, stopped and known to be ready.
type program struct {
	name string
	path string
	args []string
	env  []string
	dir  string
	// log is the file that takes its output.
	log string
	// death is what the kernel sends when the starter dies; stop is what asks it to end in order.
	death, stop syscall.Signal
	// grace is how long it may take to end before it is killed.
	grace time.Duration
	// startGrace is the same for a program that has not served yet; 0: no difference.
	startGrace time.Duration
	// ready returns nil once the program serves. It is asked again until it does.
	ready func(ctx context.Context) error

	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended
	err    error         // how it ended; read after done
	served atomic.Bool   // it has been ready once
	offset int64         // where the log of this process begins
}

// start starts the process as the given account and begins to wait for its end.
func (p *program) start(s *spawner, as *Account) error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	if p.offset, err = out.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	cmd := exec.Command(p.path, p.args...) //nolint:noctx // its life is longer than any context's; stop ends it
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, p.env, out, out
	if err := s.start(cmd, as, p.death); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done, p.err = cmd, done, nil
	go func() {
		p.err = cmd.Wait()
		close(done)
	}()
	return nil
}

// awaitReady polls until the program serves, ends, or the context is over.
func (p *program) awaitReady(ctx context.Context) error {
	for pause := 20 * time.Millisecond; ; pause = min(pause*3/2, 250*time.Millisecond) {
		last := p.ready(ctx)
		if last == nil {
			p.served.Store(true)
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s stopped while starting (%s)%s", p.name, p.ending(), p.lastWords())
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%s did not get ready in time: %w%s", p.name, last, p.lastWords())
			}
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// ending says how the process ended.
func (p *program) ending() string {
	if p.err == nil {
		return "exit code 0"
	}
	return strings.Replace(p.err.Error(), "exit status", "exit code", 1)
}

// lastWords returns the last lines that the process wrote into its log, for an error that names the cause; a panic from its
// first line on, since what follows says only where.
func (p *program) lastWords() string {
	const many, few = 40, 6
	lines := tailFrom(p.log, p.offset, many)
	panics := slices.IndexFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")
	})
	if panics >= 0 {
		lines = lines[panics:min(panics+few, len(lines))]
	} else {
		lines = lines[max(0, len(lines)-few):]
	}
	if len(lines) == 0 {
		return ""
	}
	return "; its last words:\n  " + strings.Join(lines, "\n  ")
}

// halt ends the process: in order if it hurries, else at once. Afterwards nothing of its group is left.
func (p *program) halt() {
	if p.cmd == nil {
		return
	}
	pid, grace := p.cmd.Process.Pid, p.grace
	if p.startGrace > 0 && !p.served.Load() {
		grace = p.startGrace
	}
	select {
	case <-p.done:
	default:
		_ = p.cmd.Process.Signal(p.stop) // fails only when it has ended
		select {
		case <-p.done:
		case <-time.After(grace):
			killGroup(pid, syscall.SIGKILL)
			<-p.done
		}
	}
}

// tail returns the last n lines of a file, without blank ones.
func tail(path string, n int) []string { return tailFrom(path, 0, n) }

// tailFrom is tail for what lies behind an offset.
func tailFrom(path string, offset int64, n int) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	const window = 16 << 10
	if info, err := file.Stat(); err == nil {
		offset = max(offset, info.Size()-window)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}
