package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/fault"
)

// HealthBit is a dependency's bit in the health_code of /ctrl. The numbers are part of the contract.
type HealthBit uint64

// The bits of health_code: set while the dependency fails.
const (
	AuthDB  HealthBit = 1 << 0
	NMSDB   HealthBit = 1 << 1
	DWHDB   HealthBit = 1 << 2
	AdminDB HealthBit = 1 << 3
	Bus     HealthBit = 1 << 4
	Cache   HealthBit = 1 << 5
)

// Check is a dependency that is probed in the background.
type Check struct {
	Name string // for people and labels: "nms db", "bus"
	Bit  HealthBit
	// Required dependencies make the service not ready while they fail; others show in health_code only.
	Required bool
	// Probe returns nil while the dependency works. The message of a *fault.Error is shown by /readyz;
	// the text of any other error is only logged.
	Probe func(context.Context) error
}

const (
	probeTimeout = 2 * time.Second
	probeGrace   = 250 * time.Millisecond // for a probe to notice that its context has ended
	// Right after the start some parts are still connecting: until then failures are looked at again
	// soon and not worth a warning.
	settleTime     = 3 * time.Second
	settleInterval = 100 * time.Millisecond
)

var (
	errUnprobed = fault.New(codeDown, "was not probed yet")
	errHangs    = fault.New(codeDown, "does not answer in time")
)

// health probes each dependency on a goroutine of its own, so that one that hangs holds up neither the
// others nor those who ask.
type health struct {
	logger   *slog.Logger
	interval time.Duration
	up       *prometheus.GaugeVec

	mu     sync.RWMutex
	states []*checkState

	running sync.WaitGroup
}

type checkState struct {
	Check

	mu       sync.Mutex
	err      error
	reported bool          // the log says that it fails
	first    chan struct{} // closed after the first probe
	once     sync.Once
}

func (h *health) add(c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.states = append(h.states, &checkState{Check: c, err: errUnprobed, first: make(chan struct{})})
}

func (h *health) all() []*checkState {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.states
}

// start begins to probe, until ctx ends, and returns when every dependency was probed once.
func (h *health) start(ctx context.Context) {
	states := h.all()
	for _, s := range states {
		h.running.Go(func() { h.watch(ctx, s) })
	}
	for _, s := range states {
		select {
		case <-s.first:
		case <-ctx.Done():
			return
		}
	}
}

// wait returns when no prober runs any more.
func (h *health) wait() { h.running.Wait() }

func (h *health) watch(ctx context.Context, s *checkState) {
	settled := time.Now().Add(settleTime)
	for {
		settling := time.Now().Before(settled)
		h.probe(ctx, s, settling)
		pause := h.interval
		if settling && s.failure() != nil {
			pause = min(pause, settleInterval)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// probe runs one probe. When it hangs beyond its deadline, the dependency counts as failing and no
// other probe is started beside it.
func (h *health) probe(ctx context.Context, s *checkState, settling bool) {
	probeCtx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				result <- fmt.Errorf("the probe panicked: %v", v)
			}
		}()
		result <- s.Probe(probeCtx)
	}()
	late := time.NewTimer(probeTimeout + probeGrace)
	defer late.Stop()
	select {
	case err := <-result:
		if ctx.Err() == nil { // else the error is our own stop
			h.note(ctx, s, err, settling)
		}
	case <-late.C:
		h.note(ctx, s, errHangs, false)
		select {
		case <-result: //nolint:errcheck // too late to count; the next probe tells
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
}

func (h *health) note(ctx context.Context, s *checkState, err error, settling bool) {
	value := 1.0
	if err != nil {
		value = 0
	}
	h.up.WithLabelValues(s.Name).Set(value)

	s.mu.Lock()
	s.err = err
	fails, works := err != nil && !s.reported && !settling, err == nil && s.reported
	s.reported = s.reported && !works || fails
	s.mu.Unlock()
	switch {
	case fails:
		h.logger.WarnContext(ctx, "dependency fails", "dependency", s.Name, "required", s.Required, "error", err)
	case works:
		h.logger.InfoContext(ctx, "dependency works again", "dependency", s.Name)
	}
	s.once.Do(func() { close(s.first) })
}

// code returns the bits of the failing dependencies. One that was not probed yet does not count.
func (h *health) code() HealthBit {
	var code HealthBit
	for _, s := range h.all() {
		if err := s.failure(); err != nil && !errors.Is(err, errUnprobed) {
			code |= s.Bit
		}
	}
	return code
}

// reasons lists the required dependencies that keep the service from being ready.
func (h *health) reasons() []fault.Detail {
	var reasons []fault.Detail
	for _, s := range h.all() {
		err := s.failure()
		if err == nil || !s.Required {
			continue
		}
		message := "fails; the log says why"
		if f := fault.As(err); f != nil {
			message = f.Message
		}
		reasons = append(reasons, fault.NewDetail(fault.Request(s.Name), codeDown, message))
	}
	return reasons
}

func (s *checkState) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
