package stack

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	modeNative = "native"
	modeDocker = "docker"
)

// startLimit bounds the whole start of a private system. Building everything on a slow machine is most of it.
const startLimit = 20 * time.Minute

// supervisor starts the servers, then the services that `devstack up` asks for, keeps them running and stops them. It
// is a process of its own that outlives `devstack up`.
type supervisor struct {
	server

	mu    sync.Mutex // guards state and running
	state State
	// running holds the programs in the order of their start.
	running []*keeper
}

// Supervise runs the stack until the context ends or the start fails. leash is the end of a pipe whose other
// end `up` holds: when that closes before the byte that says «detached», `up` has died and the stack goes too.
// lock is the checkout's lock, taken by `up` and handed on, so that it is never free in between.
func Supervise(ctx context.Context, checkout Checkout, leash io.Reader, lock io.Closer) error {
	defer lock.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	go func() {
		<-signals
		stop(errors.New("asked to stop"))
	}()
	requests := make(chan os.Signal, 1)
	signal.Notify(requests, requestSignal)

	s, err := newSupervisor(checkout)
	if err != nil {
		return err
	}
	go s.holdLeash(leash, stop)
	err = s.start(ctx)
	if err == nil {
		s.update(func(st *State) { st.Phase = Serving })
		log.Print("the servers are ready")
		err = s.serve(ctx, requests)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause // clearer than what the cancelled steps say
	}
	log.Printf("stopping: %v", err)
	s.update(func(st *State) { st.Phase = Stopping })
	stop(nil)
	s.stopAll()
	s.update(func(st *State) { st.Phase, st.Error, st.Programs = Failed, err.Error(), nil })
	return err
}

func newSupervisor(checkout Checkout) (*supervisor, error) {
	ident, err := Identify(os.Getpid())
	if err != nil {
		return nil, err
	}
	kept, err := checkout.loadSecrets()
	if err != nil {
		return nil, err
	}
	ports, err := choosePorts(environ)
	if err != nil {
		return nil, err
	}
	s := &supervisor{server: server{checkout: checkout, ports: ports, secrets: kept, spawner: newSpawner()}}
	s.state = State{Mode: modeNative, Supervisor: ident, Phase: Starting, Data: checkout.Data,
		Started: time.Now(), Ports: ports, Protocol: protocol}
	return s, checkout.writeState(&s.state)
}

func (s *supervisor) holdLeash(leash io.Reader, stop context.CancelCauseFunc) {
	byteRead := make([]byte, 1)
	if n, _ := leash.Read(byteRead); n == 0 {
		stop(errors.New("the command that started the stack was interrupted"))
	}
}

// update changes the state and publishes it, unless its folder was removed.
func (s *supervisor) update(change func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.state)
	if err := s.checkout.writeState(&s.state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Printf("write the state: %v", err)
	}
}

// step does one thing and tells of its begin and end.
func (s *supervisor) step(name string, do func() error) error {
	var index int
	s.update(func(st *State) {
		index = len(st.Steps)
		st.Steps = append(st.Steps, Step{Name: name, Begun: time.Now()})
	})
	if err := do(); err != nil {
		return err
	}
	s.update(func(st *State) { st.Steps[index].Ended = time.Now() })
	return nil
}

// start brings up the servers.
func (s *supervisor) start(ctx context.Context) error {
	found, absent := locate(ctx)
	if len(absent) > 0 {
		return notInstalled(absent)
	}
	s.bin = found
	return together(ctx, s.startPostgres, s.startRedis, s.startBroker)
}

// together runs functions side by side; the first error stops the others and is the answer.
func together(ctx context.Context, functions ...func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	for _, function := range functions {
		group.Go(func() {
			if err := function(ctx); err != nil {
				stop(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

func (s *supervisor) startPostgres(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.checkout.dataDir("postgres"), "PG_VERSION")); err != nil {
		if err := s.step("create the PostgreSQL data", func() error { return s.initPostgres(ctx) }); err != nil {
			return err
		}
	} else if err := s.initPostgres(ctx); err != nil {
		return err
	}
	return s.run(ctx, s.postgres(), time.Minute)
}

func (s *supervisor) startRedis(ctx context.Context) error {
	p, err := s.redis()
	if err != nil {
		return err
	}
	return s.run(ctx, p, time.Minute)
}

func (s *supervisor) startBroker(ctx context.Context) error {
	if err := s.run(ctx, s.epmd(), 10*time.Second); err != nil {
		return err
	}
	p, err := s.rabbitmq()
	if err != nil {
		return err
	}
	return s.run(ctx, p, 3*time.Minute)
}

// run starts a server, waits until it serves, and keeps it running from then on.
func (s *supervisor) run(ctx context.Context, p *program, limit time.Duration) error {
	return s.step("start "+p.name, func() error { return s.launch(ctx, &keeper{program: p}, limit) })
}

// launch starts a program and waits until it serves. It is among the running ones from its start on, so that it is
// stopped with them, and it is started again when it ends from the moment that it serves.
func (s *supervisor) launch(ctx context.Context, k *keeper, limit time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := rotate(k.log); err != nil {
		return err
	}
	s.mu.Lock()
	err := k.start(s.spawner, s.checkout.Account)
	if err == nil {
		s.running = append(s.running, k)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.started(k.program, false)
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := k.awaitReady(bounded); err != nil {
		return err
	}
	k.keep(func(ctx context.Context) { s.keep(ctx, k.program) })
	return nil
}

// retire ends a program for good.
func (s *supervisor) retire(k *keeper) {
	k.release()
	k.halt()
	s.mu.Lock()
	s.running = slices.DeleteFunc(s.running, func(other *keeper) bool { return other == k })
	s.mu.Unlock()
	s.update(func(st *State) {
		st.Programs = slices.DeleteFunc(st.Programs, func(p Program) bool { return p.Name == k.name })
	})
}

// started puts the program's process into the state.
func (s *supervisor) started(p *program, again bool) {
	ident, err := Identify(p.cmd.Process.Pid)
	if err != nil {
		return // it has ended already; whoever waits for it says so
	}
	s.update(func(st *State) {
		i := slices.IndexFunc(st.Programs, func(one Program) bool { return one.Name == p.name })
		if i < 0 {
			i = len(st.Programs)
			st.Programs = append(st.Programs, Program{Name: p.name})
		}
		st.Programs[i].Ident, st.Programs[i].Since = ident, time.Now()
		if again {
			st.Programs[i].Restarts++
		}
	})
}

// serve does what `up` asks for, until the context ends or the state's folder is removed.
func (s *supervisor) serve(ctx context.Context, requests <-chan os.Signal) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-requests:
			s.answer(ctx)
		case <-ticker.C:
			if _, err := os.Stat(s.checkout.statePath()); errors.Is(err, fs.ErrNotExist) {
				return errors.New("the folder with its state was removed")
			}
		}
	}
}

// keeper is a program with the goroutine that starts it again.
type keeper struct {
	*program

	service bool // not one of the servers
	cancel  context.CancelFunc
	idle    chan struct{} // closed when the goroutine has ended
}

func (k *keeper) keep(do func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background()) // release ends it
	k.cancel, k.idle = cancel, make(chan struct{})
	go func() {
		defer close(k.idle)
		do(ctx)
	}()
}

// release ends the goroutine: from now on the program stays ended when it ends.
func (k *keeper) release() {
	if k.cancel != nil {
		k.cancel()
		<-k.idle
	}
}

// keep starts one program again whenever it ends, ever more slowly while it ends at once.
func (s *supervisor) keep(ctx context.Context, p *program) {
	const least, most, healthy = 200 * time.Millisecond, 10 * time.Second, 30 * time.Second
	pause := least
	for begun := time.Now(); ; begun = time.Now() {
		select {
		case <-ctx.Done():
			return
		case <-p.done:
		}
		if ctx.Err() != nil {
			return
		}
		log.Printf("%s ended (%s); starting it again", p.name, p.ending())
		if pause = min(pause*2, most); time.Since(begun) > healthy {
			pause = least
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if err := p.start(s.spawner, s.checkout.Account); err != nil {
			log.Printf("start %s again: %v", p.name, err)
			continue // p.done is closed still, so the next round comes after a longer pause
		}
		s.started(p, true)
	}
}

// stopAll stops the programs: the services first and together, then the servers.
func (s *supervisor) stopAll() {
	s.mu.Lock()
	running := slices.Clone(s.running)
	s.mu.Unlock()
	for _, k := range running {
		k.release()
	}
	halt := func(wanted func(*keeper) bool) {
		var group sync.WaitGroup
		for _, k := range running {
			if wanted(k) {
				group.Go(k.halt)
			}
		}
		group.Wait()
	}
	halt(func(k *keeper) bool { return k.service })
	halt(func(k *keeper) bool { return !k.service && k.name != "epmd" })
	halt(func(k *keeper) bool { return k.name == "epmd" })
	endRest(Ident{}, s.checkout.Data, 0)
}

// rotate begins a new log when the old one has grown large; one old one is kept.
func rotate(path string) error {
	const limit = 8 << 20
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < limit {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Rename(path, path+".1")
}
