package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// throwAwayPrefix begins the names of throw-away folders; the owner's pid and start time and a number follow.
const throwAwayPrefix = "nms-test-"

// throwAways counts the folders that this process has made.
var throwAways atomic.Int64 //nolint:gochecknoglobals // names must differ within the process

// Command is one program to run against throw-away servers.
type Command struct {
	// Dir is the working directory, below the checkout.
	Dir string
	// Args are the program and its arguments.
	Args []string
	// Env is added to the caller's environment.
	Env []string
}

// WithServers starts throw-away servers on free ports, runs the commands one after the other with
// TEST_POSTGRES_DSN, TEST_REDIS_DSN, TEST_MQ_DSN and TEST_MQ_API set, and stops the servers. All commands run,
// whatever the others' outcome; the answer is the exit code of the last that failed, or 0. Errors in the servers' logs
// that show a mistake of ours are printed, and the answer is then not 0.
func WithServers(ctx context.Context, checkout Checkout, console Console, commands ...Command) (int, error) {
	sweepThrowAways()
	throw, err := newThrowAway(ctx, checkout, "")
	if err != nil {
		return 1, err
	}
	defer throw.remove()
	begun := time.Now()
	err = throw.start(ctx)
	if err == nil {
		console.printf("PostgreSQL %s, Redis %s and RabbitMQ %s for this run are up after %.1f s.", throw.bin.PostgresVersion,
			throw.bin.RedisVersion, throw.bin.RabbitVersion, time.Since(begun).Seconds())
	}
	code := 0
	for _, command := range commands {
		if err != nil || ctx.Err() != nil {
			break
		}
		var one int
		if one, err = throw.run(ctx, command); one != 0 {
			code = one
		}
	}
	throw.stop()
	if ctx.Err() != nil {
		return 1, ErrInterrupted
	}
	if found, logErr := throw.faults(); logErr != nil || len(found) > 0 {
		err, code = errors.Join(err, logErr), max(code, 1)
		console.printf("FAIL: the servers' logs hold errors that no test asked for (one that does says %q in its SQL):\n%s",
			Provoked, strings.Join(found, "\n"))
	}
	return code, err
}

// throwAway is a set of servers with data of their own that nobody needs afterwards.
type throwAway struct {
	server

	mu       sync.Mutex
	programs []*program
}

// newThrowAway makes the folder and looks for the servers' programs. dir "" is one in the system's temporary
// folder, named after this process; further are programs beside the servers that need a port.
func newThrowAway(ctx context.Context, checkout Checkout, dir string, further ...string) (*throwAway, error) {
	found, absent := locate(ctx)
	if len(absent) > 0 {
		return nil, notInstalled(absent)
	}
	known, err := checkout.knownVariables()
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(further...)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		if dir, err = checkout.temporary(); err != nil {
			return nil, err
		}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	checkout.Local, checkout.Data = dir, filepath.Join(dir, "data")
	if err := checkout.prepare(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &throwAway{server: server{checkout: checkout, bin: found, ports: ports, secrets: newSecrets(), throw: true,
		spawner: newSpawner(), known: known, passed: known.passed(nil, os.Environ())}}, nil
}

// temporary names a new folder that the servers' user may enter.
func (p Checkout) temporary() (string, error) {
	self, err := Identify(os.Getpid())
	if err != nil {
		return "", err
	}
	parent := os.TempDir()
	if p.Account != nil && !openToAll(parent) {
		parent = "/var/tmp"
	}
	name := fmt.Sprintf("%s%d-%d-%d", throwAwayPrefix, self.PID, self.Start, throwAways.Add(1))
	return filepath.Join(parent, name), nil
}

func (t *throwAway) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return together(ctx,
		func(ctx context.Context) error {
			if err := t.initPostgres(ctx); err != nil {
				return err
			}
			return t.launch(ctx, t.postgres())
		},
		func(ctx context.Context) error {
			p, err := t.redis()
			if err != nil {
				return err
			}
			return t.launch(ctx, p)
		},
		func(ctx context.Context) error {
			if err := t.launch(ctx, t.epmd()); err != nil {
				return err
			}
			p, err := t.rabbitmq()
			if err != nil {
				return err
			}
			return t.launch(ctx, p)
		})
}

// launch starts a program and waits until it serves.
func (t *throwAway) launch(ctx context.Context, p *program) error {
	t.mu.Lock()
	err := p.start(t.spawner, t.checkout.Account)
	if err == nil {
		t.programs = append(t.programs, p)
	}
	t.mu.Unlock()
	if err != nil {
		return err
	}
	return p.awaitReady(ctx)
}

// run runs the command in a process group of its own, which is ended as a whole on interruption.
func (t *throwAway) run(ctx context.Context, command Command) (int, error) {
	cmd := exec.Command(command.Args[0], command.Args[1:]...) //nolint:noctx // ended by group below
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Join(t.checkout.Root, command.Dir), os.Stdout, os.Stderr
	cmd.Env = append(append(os.Environ(), command.Env...), markVariable+"="+t.checkout.Data,
		"TEST_POSTGRES_DSN="+t.superDSN("postgres"), "TEST_REDIS_DSN="+t.redisDSN(),
		"TEST_MQ_DSN="+t.brokerDSN(), "TEST_MQ_API="+t.managementURL(true))
	if err := t.spawner.start(cmd, nil, syscall.SIGINT); err != nil {
		return 1, err
	}
	pid := cmd.Process.Pid
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		killGroup(pid, syscall.SIGINT)
		select {
		case err = <-done:
		case <-time.After(10 * time.Second):
		}
	}
	killGroup(pid, syscall.SIGKILL) // a test binary that outlived its go command
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// stop ends everything at once: nothing is worth a tidy end, except PostgreSQL's shared memory.
func (t *throwAway) stop() {
	var group sync.WaitGroup
	for _, p := range t.programs {
		p.stop = syscall.SIGKILL
		if p.name == portPostgres {
			p.stop = syscall.SIGQUIT
		}
		group.Go(p.halt)
	}
	group.Wait()
	endRest(Ident{}, t.checkout.Data, 0)
}

func (t *throwAway) remove() {
	t.checkout.releaseMemory()
	// The broker's helpers may still be closing files for a moment.
	for range 50 {
		if os.RemoveAll(t.checkout.Local) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// sweepThrowAways removes the folders of test runs that were killed.
func sweepThrowAways() {
	for _, parent := range []string{os.TempDir(), "/var/tmp"} {
		matches, _ := filepath.Glob(filepath.Join(parent, throwAwayPrefix+"*-*"))
		for _, dir := range matches {
			first, rest, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), throwAwayPrefix), "-")
			second, _, _ := strings.Cut(rest, "-")
			pid, errPID := strconv.Atoi(first)
			start, errStart := strconv.ParseUint(second, 10, 64)
			if errPID != nil || errStart != nil || (Ident{PID: pid, Start: start}).Alive() {
				continue
			}
			if info, err := os.Lstat(dir); err != nil || !info.IsDir() || !ownedByUs(info) {
				continue
			}
			data := filepath.Join(dir, "data")
			endRest(Ident{}, data, 0) // test programs that are still looking for their servers
			Checkout{Data: data}.releaseMemory()
			_ = os.RemoveAll(dir) // the next run tries again
		}
	}
}
