package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrInterrupted is the answer of a command that was stopped by a signal, after it has cleaned up.
var ErrInterrupted = errors.New("interrupted")

// Console is where a command tells the user what it does.
type Console struct{ Out io.Writer }

func (c Console) printf(format string, args ...any) { fmt.Fprintf(c.Out, format+"\n", args...) }

// shared returns a console that several steps may write to at once.
func (c Console) shared() Console { return Console{Out: &sharedWriter{to: c.Out}} }

type sharedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *sharedWriter) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(text)
}

// UpOptions says how `up` is to bring up the stack.
type UpOptions struct {
	// Without names services whose own instance is not to run, since they are run by hand.
	Without []string
}

// Up brings the stack to what the sources say and returns when every service is ready. One that does not run is started;
// when ctx ends before that is done, all that was started is stopped again. On one that runs, what changed is built and
// exchanged and the rest left alone.
func Up(ctx context.Context, checkout Checkout, console Console, options UpOptions) error {
	if err := options.check(); err != nil {
		return err
	}
	if err := checkout.checkMode(ctx); err != nil {
		return err
	}
	if dockerWanted(ctx, checkout) {
		if len(options.Without) > 0 {
			return errors.New("-without is for the native stack: in containers, docker compose stop does it")
		}
		return dockerUp(ctx, checkout, console)
	}
	lock, err := checkout.awaitUpLock(ctx, console)
	if err != nil {
		return err
	}
	defer lock.Close()
	state, err := checkout.readState()
	if err != nil {
		return err
	}
	if state.Running() && state.Phase == Ready {
		if err := checkout.refresh(ctx, console, state, options); err != nil {
			return err
		}
	} else if err := checkout.startNative(ctx, console, state, options); err != nil {
		return err
	}
	if state, err = checkout.readState(); err != nil {
		return err
	}
	if state.Running() { // else it has just been stopped
		if err := checkout.setUpStation(ctx, console, modeNative, state.Ports, options); err != nil {
			return err
		}
	}
	return checkout.PrintTable(ctx, console)
}

func (o UpOptions) check() error {
	for _, name := range o.Without {
		if !slices.Contains(serviceNames(), name) {
			return fmt.Errorf("-without %s: there is no such service; there are %s", name, strings.Join(serviceNames(), ", "))
		}
	}
	return nil
}

// awaitUpLock lets one `up` of a checkout work at a time.
func (p Checkout) awaitUpLock(ctx context.Context, console Console) (io.Closer, error) {
	told := false
	for {
		lock, err := tryLock(p.upLockPath())
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

func (p Checkout) startNative(ctx context.Context, console Console, old *State, options UpOptions) error {
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
	used := maps.Clone(ports)
	for _, name := range options.Without {
		delete(used, name) // whoever runs it by hand may do so already
	}
	if err := used.check(); err != nil {
		return err
	}
	known, err := p.knownVariables()
	if err != nil {
		return err
	}
	s := &server{checkout: p, ports: ports, known: known, passed: known.passed(nil, os.Environ()), spawner: newSpawner()}
	var supervisor Ident
	var leash io.WriteCloser
	console = console.shared()
	err = together(ctx, // the servers are installed and started while the services are built
		func(ctx context.Context) error { return showing(ctx, console, "build the services", s.build) },
		func(ctx context.Context) error {
			if err := EnsureServers(ctx, p, console); err != nil {
				return err
			}
			if err := os.Remove(p.statePath()); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			var err error
			if supervisor, leash, err = p.launch(lock); err != nil {
				return err
			}
			console.printf("Starting the stack natively: data in %s, logs in %s.", p.Data, p.logDir())
			return p.follow(ctx, console, supervisor, "", func(state *State) bool { return state.Phase == Serving })
		})
	if err == nil {
		err = p.startServices(ctx, console, s, supervisor, options)
	}
	if err == nil {
		_, err = leash.Write([]byte{1}) // from here on it lives without us
	}
	if leash != nil {
		_ = leash.Close()
	}
	if err != nil {
		if ctx.Err() != nil {
			console.printf("Interrupted: stopping what was started …")
			err = ErrInterrupted
		}
		p.awaitEnd(supervisor, 45*time.Second)
		return err
	}
	console.printf("Ready after %s.", time.Since(begun).Round(100*time.Millisecond))
	return nil
}

func (p Checkout) startServices(ctx context.Context, console Console, s *server, supervisor Ident, options UpOptions) error {
	var err error
	if s.secrets, err = p.loadSecrets(); err != nil { // made by the supervisor when there were none
		return err
	}
	_, err = s.apply(ctx, console, supervisor, options)
	return err
}

// launch starts the supervisor in a session of its own. The answer's writer is its leash.
func (p Checkout) launch(lock *os.File) (Ident, io.WriteCloser, error) {
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

// follow shows the supervisor's steps, those of the change named, until the state is as wanted or the supervisor has ended.
func (p Checkout) follow(ctx context.Context, console Console, supervisor Ident, change string, done func(*State) bool) error {
	shown := map[int]bool{}
	announced := map[int]time.Time{}
	for {
		state, err := p.readState()
		if err != nil {
			return err
		}
		if state != nil && state.Supervisor == supervisor {
			if state.Phase == Failed {
				return errors.New(state.Error)
			}
			if state.Change.ID == change {
				showSteps(console, state.Steps, shown, announced)
				if done(state) {
					return nil
				}
			}
		}
		if !supervisor.Alive() {
			return p.supervisorDied(supervisor)
		}
		if pause(ctx, 20*time.Millisecond) != nil {
			return ErrInterrupted
		}
	}
}

// supervisorDied finds the words of a supervisor that ended between two looks at its state.
func (p Checkout) supervisorDied(supervisor Ident) error {
	if state, err := p.readState(); err == nil && state != nil && state.Supervisor == supervisor && state.Phase == Failed {
		return errors.New(state.Error)
	}
	if words := tail(p.supervisorErrors(), 5); len(words) > 0 {
		return errors.New(strings.TrimPrefix(strings.Join(words, "\n"), "devstack: "))
	}
	return errors.New("the supervisor was killed; run ./task up again")
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
func (p Checkout) awaitEnd(process Ident, limit time.Duration) {
	for begun := time.Now(); process.Alive(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > limit {
			return // the next up or down goes on from here
		}
	}
	endRest(process, p.Data, restPatience)
}

// restPatience is what PostgreSQL and its initdb may take to end in order after their starter was killed.
const restPatience = 5 * time.Second
