package stack

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

// Down stops the stack. With purge it removes the data and all else that the stack made.
func Down(ctx context.Context, checkout Checkout, console Console, purge bool) error {
	state, err := checkout.readState()
	if err != nil {
		return err
	}
	if state.Running() {
		console.printf("Stopping the stack …")
	}
	unlock, err := checkout.endAll(ctx, console, state)
	if err != nil {
		return err
	}
	defer unlock()
	// Where Docker does not do its part the rest is done all the same, so that the checkout is free for another start.
	left := dockerDown(ctx, checkout, console, state, purge)
	if errors.Is(left, ErrInterrupted) || ctx.Err() != nil {
		return ErrInterrupted
	}
	if left == nil {
		console.printf("The stack is stopped.")
	}
	for _, path := range []string{checkout.statePath(), checkout.envPath()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	sweepThrowAways()
	if !purge {
		return left
	}
	installed, _ := os.ReadFile(checkout.installedPath())
	if err := checkout.Purge(); err != nil {
		return err
	}
	console.printf("Removed %s: data, logs, secrets and built tools.", checkout.Local)
	if packages := strings.Fields(string(installed)); len(packages) > 0 {
		console.printf("These packages, which ./task installed, stay; «apt-get purge --autoremove %s» removes them.",
			strings.Join(packages, " "))
	}
	return left
}

// endAll ends the supervisor, and an `up` that is at work, whose supervisor it may be. Until unlock is called no other
// starts. It never holds one lock while it waits for the other: `up` takes them in the other order.
func (p Checkout) endAll(ctx context.Context, console Console, state *State) (unlock func(), err error) {
	for {
		lock, err := p.endSupervisor(ctx, console, state)
		if err != nil {
			return nil, err
		}
		upLock, err := tryLock(p.upLockPath())
		if err == nil {
			return func() { _, _ = upLock.Close(), lock.Close() }, nil // they are locks alone; nothing was written
		}
		_ = lock.Close() // as above
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		if pause(ctx, 100*time.Millisecond) != nil {
			return nil, ErrInterrupted
		}
		if state, err = p.readState(); err != nil {
			return nil, err
		}
	}
}

// endSupervisor stops a living supervisor in order, and whatever a dead one has left. The answer is the
// checkout's lock: while it is held, no stack of this checkout runs.
func (p Checkout) endSupervisor(ctx context.Context, console Console, state *State) (*os.File, error) {
	const order, told = 45 * time.Second, 2 * time.Second
	asked := Ident{}
	said := false
	for begun := time.Now(); ; {
		if state != nil && state.Mode == modeNative && state.Supervisor.Alive() {
			sig := syscall.SIGTERM
			if time.Since(begun) > order {
				sig = syscall.SIGKILL
			}
			if asked != state.Supervisor || sig == syscall.SIGKILL {
				asked = state.Supervisor
				if err := state.Supervisor.Signal(sig); err != nil {
					return nil, err
				}
			}
		}
		lock, err := tryLock(p.lockPath())
		if err == nil {
			leader := Ident{}
			if state != nil && state.Mode == modeNative {
				leader = state.Supervisor
			}
			endRest(leader, p.Data, restPatience)
			return lock, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		if time.Since(begun) > told && !said {
			console.printf("Waiting for the servers to end …")
			said = true
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			return nil, ErrInterrupted
		}
		if state, err = p.readState(); err != nil { // a new supervisor may have begun to speak
			return nil, err
		}
	}
}
