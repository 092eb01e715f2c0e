package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"syscall"
	"time"
)

// requestSignal tells the supervisor that a request lies in the folder of its state.
const requestSignal = syscall.SIGUSR1

// protocol is raised when requests change, so that a supervisor of another version is not sent what it cannot read.
const protocol = 2

// request is what `up` asks of the supervisor: that exactly these services and programs beside them run, as they were built.
type request struct {
	ID       string   `json:"id"`
	Services []wanted `json:"services"`
	// Ports and Passed go into the state.
	Ports  Ports    `json:"ports"`
	Passed []string `json:"passed"`
}

// wanted is one service as it is to run.
type wanted struct {
	Name string   `json:"name"`
	Port int      `json:"port"`
	Env  []string `json:"env"`
}

// answer does what the request in the state's folder says.
func (s *supervisor) answer(ctx context.Context) {
	taken := s.checkout.requestPath() + ".taken" // renamed first: one that is written meanwhile is another, with a signal of its own
	if err := os.Rename(s.checkout.requestPath(), taken); err != nil {
		log.Printf("take the request: %v", err)
		return
	}
	raw, err := os.ReadFile(taken)
	if err != nil {
		log.Printf("read the request: %v", err)
		return
	}
	if err := os.Remove(taken); err != nil {
		log.Printf("remove the request: %v", err)
	}
	var r request
	if err := json.Unmarshal(raw, &r); err != nil {
		log.Printf("read the request: %v", err)
		return
	}
	s.ports = r.Ports
	s.update(func(st *State) {
		st.Steps, st.Ports, st.Passed, st.Change = nil, r.Ports, r.Passed, Change{ID: r.ID}
	})
	err = s.bring(ctx, r.Services)
	if ctx.Err() != nil {
		return // all of it is being stopped
	}
	s.update(func(st *State) {
		st.Change.Done = true
		if err != nil {
			st.Change.Error = err.Error()
		} else {
			st.Phase = Ready
		}
	})
	if err != nil {
		log.Printf("request %s: %v", r.ID, err)
	}
}

// bring stops the services that are not wanted, starts those that are missing and exchanges those whose program or
// environment differs, all side by side. The faults of all are the answer.
func (s *supervisor) bring(ctx context.Context, services []wanted) error {
	var work []func() error
	for _, k := range s.services() {
		if !slices.ContainsFunc(services, func(w wanted) bool { return w.Name == k.name }) {
			work = append(work, func() error {
				return s.step("stop "+k.name, func() error { s.retire(k); return nil })
			})
		}
	}
	for _, w := range services {
		old := s.find(w.Name)
		changed, err := s.checkout.changed(w.Name)
		switch {
		case err != nil:
			return err
		case old == nil:
			work = append(work, func() error {
				return s.step("start "+w.Name, func() error { return s.exchange(ctx, nil, w) })
			})
		case changed || !slices.Equal(old.env, w.Env):
			work = append(work, func() error {
				return s.step("exchange "+w.Name, func() error { return s.exchange(ctx, old, w) })
			})
		}
	}
	errs := make(chan error, len(work))
	for _, one := range work {
		go func() { errs <- one() }()
	}
	var faults []error
	for range work {
		if err := <-errs; err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// readyLimit is how long a service may take to get ready.
const readyLimit = time.Minute

// exchange puts a service with the built program in the place of the old one, which may be nil. When the new one does
// not get ready, the old one runs again, with its own program and environment.
func (s *supervisor) exchange(ctx context.Context, old *keeper, w wanted) error {
	p, err := s.service(w.Name, w.Name, w.Port, w.Env)
	if err != nil {
		return err
	}
	fresh := &keeper{program: p, service: true}
	keep, back, err := s.checkout.install(w.Name)
	if err != nil {
		return fmt.Errorf("install the program %s: %w", w.Name, err)
	}
	if old != nil {
		s.retire(old)
	}
	fault := s.launch(ctx, fresh, readyLimit)
	if fault == nil {
		return keep()
	}
	if ctx.Err() != nil {
		return fault
	}
	if slices.Contains(s.services(), fresh) {
		s.retire(fresh)
	}
	if err := back(); err != nil {
		return errors.Join(fault, fmt.Errorf("return to the old program %s: %w", w.Name, err))
	}
	if old == nil {
		return fault
	}
	if err := s.launch(ctx, &keeper{program: old.program, service: true}, readyLimit); err != nil {
		return errors.Join(fault, fmt.Errorf("nor does the old program start again: %w", err))
	}
	return fmt.Errorf("%w\n%s runs with its old program again", fault, w.Name)
}

// services lists the services that run.
func (s *supervisor) services() []*keeper {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.running), func(k *keeper) bool { return !k.service })
}

func (s *supervisor) find(service string) *keeper {
	for _, k := range s.services() {
		if k.name == service {
			return k
		}
	}
	return nil
}

// request hands the supervisor a request and waits until it is done, showing its steps. It returns the names of the steps.
func (p Checkout) request(ctx context.Context, console Console, supervisor Ident, r request) ([]string, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := replaceFile(p.requestPath(), raw); err != nil {
		return nil, err
	}
	if err := supervisor.Signal(requestSignal); err != nil {
		return nil, err
	}
	var names []string
	var failure string
	err = p.follow(ctx, console, supervisor, r.ID, func(state *State) bool {
		if !state.Change.Done {
			return false
		}
		for _, step := range state.Steps {
			names = append(names, step.Name)
		}
		failure = state.Change.Error
		return true
	})
	if err == nil && failure != "" {
		err = errors.New(failure)
	}
	return names, err
}
