package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrInterrupted is the answer of a command that was stopped by a signal, after it has cleaned up.
var ErrInterrupted = errors.New("interrupted")

// Console is where a command tells the user what it does.
type Console struct{ Out io.Writer }

func (c Console) printf(format string, args ...any) { fmt.Fprintf(c.Out, format+"\n", args...) }

// Up starts the stack, or finds it running, and returns when every service is ready. When ctx ends before, all
// that was started is stopped again.
func Up(ctx context.Context, place Place, console Console) error {
	if err := place.checkMode(ctx); err != nil {
		return err
	}
	if dockerWanted(ctx, place) {
		return dockerUp(ctx, place, console)
	}
	lock, err := place.awaitUpLock(ctx, console)
	if err != nil {
		return err
	}
	defer lock.Close()
	state, err := place.readState()
	if err != nil {
		return err
	}
	if state.Running() && state.Phase != Stopping && state.Phase != Failed {
		console.printf("The stack is already running (since %s).", state.Started.Format("15:04:05"))
		if err := place.follow(ctx, console, state.Supervisor, false); err != nil {
			return err
		}
		if absent := state.absent(); len(absent) > 0 {
			console.printf("It was started without %s: ./task down and then ./task up starts everything.", strings.Join(absent, ", "))
		}
		return place.PrintTable(ctx, console)
	}
	return place.startNative(ctx, console, state)
}

// awaitUpLock lets one `up` of a checkout work at a time.
func (p Place) awaitUpLock(ctx context.Context, console Console) (io.Closer, error) {
	told := false
	for {
		lock, err := tryLock(filepath.Join(p.stateDir(), "up.lock"))
		if err == nil || !errors.Is(err, errLocked) {
			return lock, err
		}
		if !told {
			console.printf("Another ./task up is at work here; waiting for it …")
			told = true
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return nil, ErrInterrupted
		}
	}
}

func (p Place) startNative(ctx context.Context, console Console, old *State) error {
	begun := time.Now()
	lock, err := p.endSupervisor(ctx, console, old)
	if err != nil {
		return err
	}
	defer lock.Close() // the supervisor's copy keeps it taken
	ports, err := choosePorts(environ)
	if err != nil {
		return err
	}
	if err := p.prepare(); err != nil {
		return err
	}
	if err := EnsureServers(ctx, p, console); err != nil {
		return err
	}
	if err := ports.check(); err != nil {
		return err
	}
	if err := os.Remove(p.statePath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	supervisor, leash, err := p.launch(lock)
	if err != nil {
		return err
	}
	console.printf("Starting the stack natively: data in %s, logs in %s.", p.Data, p.logDir())
	err = p.follow(ctx, console, supervisor, true)
	if err == nil {
		_, err = leash.Write([]byte{1}) // from here on it lives without us
	}
	_ = leash.Close()
	if err != nil {
		p.awaitEnd(supervisor, 45*time.Second)
		return err
	}
	console.printf("Ready after %s.", time.Since(begun).Round(100*time.Millisecond))
	return p.PrintTable(ctx, console)
}

// launch starts the supervisor in a session of its own. The answer's writer is its leash.
func (p Place) launch(lock *os.File) (Ident, io.WriteCloser, error) {
	self, err := os.Executable()
	if err != nil {
		return Ident{}, nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return Ident{}, nil, err
	}
	defer read.Close()
	log, err := os.OpenFile(p.supervisorErrors(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return Ident{}, nil, errors.Join(err, write.Close())
	}
	defer log.Close()
	cmd := exec.Command(self, "supervise") //nolint:noctx // it outlives this command on purpose
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = p.Root, log, log, []*os.File{read, lock}
	detached(cmd)
	if err := cmd.Start(); err != nil {
		return Ident{}, nil, errors.Join(err, write.Close())
	}
	ident, err := Identify(cmd.Process.Pid)
	if err != nil {
		return Ident{}, nil, errors.Join(err, write.Close())
	}
	go func() { _ = cmd.Wait() }() // reaps it when it ends before us
	return ident, write, nil
}

// follow shows the supervisor's steps until the stack is ready or has failed.
func (p Place) follow(ctx context.Context, console Console, supervisor Ident, steps bool) error {
	shown := map[int]bool{}
	announced := map[int]time.Time{}
	for {
		state, err := p.readState()
		if err != nil {
			return err
		}
		if state != nil && state.Supervisor == supervisor {
			if steps {
				showSteps(console, state.Steps, shown, announced)
			}
			switch state.Phase {
			case Ready:
				return nil
			case Failed:
				return errors.New(state.Error)
			case Starting, Stopping:
			}
		}
		if !supervisor.Alive() {
			return p.supervisorDied(supervisor)
		}
		if pause(ctx, 100*time.Millisecond) != nil {
			if steps {
				console.printf("Interrupted: stopping what was started …")
			}
			return ErrInterrupted
		}
	}
}

// supervisorDied finds the words of a supervisor that ended between two looks at its state.
func (p Place) supervisorDied(supervisor Ident) error {
	if state, err := p.readState(); err == nil && state != nil && state.Supervisor == supervisor && state.Phase == Failed {
		return errors.New(state.Error)
	}
	if words := tail(p.supervisorErrors(), 5); len(words) > 0 {
		return errors.New(strings.TrimPrefix(strings.Join(words, "\n"), "devstack: "))
	}
	return errors.New("the supervisor was killed; run ./task up again")
}

// showSteps prints each step once when it has ended, and a sign of life for one that takes long.
func showSteps(console Console, steps []Step, shown map[int]bool, announced map[int]time.Time) {
	const first, again = time.Second, 15 * time.Second
	for i, step := range steps {
		switch {
		case shown[i]:
		case !step.Ended.IsZero():
			shown[i] = true
			console.printf("  ✓ %-60s %6.1f s", step.Name, step.Ended.Sub(step.Begun).Seconds())
		case announced[i].IsZero() && time.Since(step.Begun) > first:
			announced[i] = time.Now()
			console.printf("    %s …", step.Name)
		case !announced[i].IsZero() && time.Since(announced[i]) > again:
			announced[i] = time.Now()
			console.printf("    %s … %d s so far", step.Name, int(time.Since(step.Begun).Seconds()))
		}
	}
}

// pause sleeps unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// awaitEnd waits for a supervisor to end and then for the last of what it ran.
func (p Place) awaitEnd(process Ident, limit time.Duration) {
	for begun := time.Now(); process.Alive(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > limit {
			return // the next up or down goes on from here
		}
	}
	endRest(process, p.Data, restPatience)
}

// restPatience is what PostgreSQL and its initdb may take to end in order after their starter was killed.
const restPatience = 5 * time.Second
