package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
)

// refresh brings a running stack to what the sources say.
func (p Checkout) refresh(ctx context.Context, console Console, state *State, options UpOptions) error {
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
	if err := s.awaitServices(ctx, console, options); err != nil {
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

// awaitServices waits for the services that were left alone, too: one may just be starting again.
func (s *server) awaitServices(ctx context.Context, console Console, options UpOptions) error {
	var waits []func(context.Context) error
	for _, name := range programNames() {
		if slices.Contains(options.Without, name) || programReady(ctx, name, s.ports[name]) == nil {
			continue
		}
		waits = append(waits, func(ctx context.Context) error {
			return showing(ctx, console, "wait for "+name, func(ctx context.Context, _ func(string)) error {
				bounded, cancel := context.WithTimeout(ctx, readyLimit)
				defer cancel()
				for {
					fault := programReady(bounded, name, s.ports[name])
					if fault == nil {
						return nil
					}
					if pause(bounded, 50*time.Millisecond) != nil {
						return fmt.Errorf("%s is not ready (./task logs %s): %w", name, name, fault)
					}
				}
			})
		})
	}
	return together(ctx, waits...)
}

func aborted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// serverOf describes a running stack as this program's version of the checkout knows it; environ may set anew what the
// services are given.
func (p Checkout) serverOf(state *State, environ []string) (*server, error) {
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
	known, err := p.knownVariables()
	if err != nil {
		return nil, err
	}
	return &server{checkout: p, ports: ports, secrets: kept, known: known, passed: known.passed(state.Passed, environ), spawner: newSpawner()}, nil
}

// apply migrates the databases and has the supervisor run the services from what was built. It names what was done.
func (s *server) apply(ctx context.Context, console Console, supervisor Ident, options UpOptions) ([]string, error) {
	migrated, err := s.checkout.changed(migrator)
	if err != nil {
		return nil, err
	}
	if err := showing(ctx, console, "migrate the databases", func(ctx context.Context, _ func(string)) error { return s.migrate(ctx) }); err != nil {
		return nil, fmt.Errorf("%w\nThe services were left as they are", err)
	}
	if migrated {
		keep, _, err := s.checkout.install(migrator)
		if err == nil {
			err = keep()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.checkout.writeEnv(s.clientEnv()); err != nil {
		return nil, err
	}
	r := request{ID: rand.Text(), Ports: s.ports, Passed: s.passed}
	for _, service := range layout.Services {
		if !slices.Contains(options.Without, service.Name) {
			r.Services = append(r.Services, wanted{service.Name, s.ports[service.Name], s.serviceEnv(service.Name, service)})
		}
	}
	for _, program := range layout.Programs {
		r.Services = append(r.Services, wanted{program.Name, s.ports[program.Name], s.besideEnv(program.Name)})
	}
	return s.checkout.request(ctx, console, supervisor, r)
}
