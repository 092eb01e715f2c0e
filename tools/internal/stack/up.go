package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"nms.example/tools/internal/layout"
)

// ErrInterrupted is the answer of a command that was stopped by a signal, after it has cleaned up.
var ErrInterrupted = errors.New("interrupted")

// Console is where a command tells the user what it does.
type Console struct{ Out io.Writer }

func (c Console) printf(format string, args ...any) { fmt.Fprintf(c.Out, format+"\n", args...) }

// UpOptions says how `up` is to bring up the stack.
type UpOptions struct {
	// Without names services whose own instance is not to run, since they are run by hand.
	Without []string
}

// Up brings the stack to what the sources say and returns when every service is ready. One that does not run is started;
// when ctx ends before that is done, all that was started is stopped again. On one that runs, what changed is built and
// exchanged and the rest left alone.
func Up(ctx context.Context, place Place, console Console, options UpOptions) error {
	if err := options.check(); err != nil {
		return err
	}
	if err := place.checkMode(ctx); err != nil {
		return err
	}
	if dockerWanted(ctx, place) {
		if len(options.Without) > 0 {
			return errors.New("-without is for the native stack: in containers, docker compose stop does it")
		}
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
	if state.Running() && state.Phase == Ready {
		if err := place.refresh(ctx, console, state, options); err != nil {
			return err
		}
	} else if err := place.startNative(ctx, console, state, options); err != nil {
		return err
	}
	return place.PrintTable(ctx, console)
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

func (p Place) startNative(ctx context.Context, console Console, old *State, options UpOptions) error {
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
	s := &server{place: p, ports: ports, passed: passed(nil, os.Environ()), spawner: newSpawner()}
	var supervisor Ident
	var leash io.WriteCloser
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

func (p Place) startServices(ctx context.Context, console Console, s *server, supervisor Ident, options UpOptions) error {
	var err error
	if s.secrets, err = p.loadSecrets(); err != nil { // made by the supervisor when there were none
		return err
	}
	_, err = s.apply(ctx, console, supervisor, options)
	return err
}

// refresh brings a running stack to what the sources say.
func (p Place) refresh(ctx context.Context, console Console, state *State, options UpOptions) error {
	begun := time.Now()
	s, err := p.serverOf(state, os.Environ())
	if err != nil {
		return err
	}
	if err := p.prepare(); err != nil {
		return err
	}
	if err := showing(ctx, console, "build", s.build); err != nil {
		return aborted(ctx, err)
	}
	returning := Ports{}
	for _, name := range state.absent() {
		if !slices.Contains(options.Without, name) {
			returning[name] = s.ports[name]
		}
	}
	if err := returning.check(); err != nil {
		return fmt.Errorf("%w\n(does it still run from an editor?)", err)
	}
	done, err := s.apply(ctx, console, state.Supervisor, options)
	if err != nil {
		return aborted(ctx, err)
	}
	took := time.Since(begun).Round(100 * time.Millisecond)
	if len(done) == 0 {
		console.printf("Nothing to do: the stack (started %s) runs what the sources say (%s).", state.Started.Format("15:04:05"), took)
	} else {
		console.printf("Done: %s; the rest was left alone (%s).", strings.Join(done, ", "), took)
	}
	for _, name := range options.Without {
		console.printf("%s is yours to run: ./task env %s prints its variables; ./task up starts the stack's own again.", name, name)
	}
	return nil
}

func aborted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// serverOf describes a running stack as this program's version of the checkout knows it; environ may set anew what the
// services are given.
func (p Place) serverOf(state *State, environ []string) (*server, error) {
	if state.Protocol != protocol {
		return nil, errors.New("the stack was started by another version of this program: ./task down and then ./task up exchanges it")
	}
	kept, err := p.loadSecrets()
	if err != nil {
		return nil, err
	}
	ports, err := choosePorts(os.Getenv) // for services that came later
	if err != nil {
		return nil, err
	}
	maps.Copy(ports, state.Ports)
	return &server{place: p, ports: ports, secrets: kept, passed: passed(state.Passed, environ), spawner: newSpawner()}, nil
}

// apply migrates the databases and has the supervisor run the services from what was built. It names what was done.
func (s *server) apply(ctx context.Context, console Console, supervisor Ident, options UpOptions) ([]string, error) {
	migrated, err := s.place.changed(migrator)
	if err != nil {
		return nil, err
	}
	if err := showing(ctx, console, "migrate the databases", func(ctx context.Context, _ func(string)) error { return s.migrate(ctx) }); err != nil {
		return nil, fmt.Errorf("%w\nThe services were left as they are", err)
	}
	if migrated {
		keep, _, err := s.place.install(migrator)
		if err == nil {
			err = keep()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.place.writeEnv(s.clientEnv()); err != nil {
		return nil, err
	}
	r := request{ID: rand.Text(), Ports: s.ports, Passed: s.passed}
	for _, service := range layout.Services {
		if !slices.Contains(options.Without, service.Name) {
			r.Services = append(r.Services, wanted{service.Name, s.ports[service.Name], s.serviceEnv(service.Name, service)})
		}
	}
	return s.place.request(ctx, console, supervisor, r)
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

// follow shows the supervisor's steps, those of the change named, until the state is as wanted or the supervisor has ended.
func (p Place) follow(ctx context.Context, console Console, supervisor Ident, change string, done func(*State) bool) error {
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

// showing does one thing of this process and shows it as the supervisor's steps are.
func showing(ctx context.Context, console Console, name string, do func(ctx context.Context, note func(string)) error) error {
	var mu sync.Mutex
	step := []Step{{Name: name, Begun: time.Now()}}
	shown, announced := map[int]bool{}, map[int]time.Time{}
	show := func() {
		mu.Lock()
		defer mu.Unlock()
		showSteps(console, step, shown, announced)
	}
	watching, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		for pause(watching, 100*time.Millisecond) == nil {
			show()
		}
	})
	err := do(ctx, func(words string) {
		mu.Lock()
		defer mu.Unlock()
		step[0].Note = words
	})
	stop()
	group.Wait()
	if err == nil {
		step[0].Ended = time.Now()
		show()
	}
	return err
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
			console.printf("    %s … %d s so far%s", step.Name, int(time.Since(step.Begun).Seconds()), prefixed(": ", step.Note))
		}
	}
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
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
