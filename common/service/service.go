// Package service is the process around a service's own code: it reads the settings, logs, measures,
// traces, tells about itself and its health, serves HTTP, runs background tasks and stops without
// dropping anything.
//
// A service's main is one call:
//
//	func main() { os.Exit(service.Main(app.Identity, app.Build)) }
//
// Build reads the settings with [Service.Load], opens what the service depends on, and registers its
// operations, checks, tasks and close hooks. Nothing is served and no task runs before Build has
// returned without an error.
package service

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/api"
	"nms.example/common/config"
	"nms.example/common/telemetry"
)

// BuildFunc sets a service up. Its ctx ends when the process is told to stop while it is still being set
// up, and otherwise after the last close hook.
type BuildFunc func(ctx context.Context, s *Service) error

// Service is one running instance. Its methods are for Build; those that only read may be used later,
// from any goroutine.
type Service struct {
	identity Identity
	build    Build
	instance uuid.UUID
	started  time.Time
	output   io.Writer
	options  []config.Option
	// describe is set to have Load print the variables in place of reading them.
	describe io.Writer
	// global lets Load set what belongs to the whole process: time zone, default logger, tracer.
	global bool

	life     context.Context //nolint:containedctx // of the process, not of a call
	base     config.Base
	loaded   bool
	logger   *slog.Logger
	tracing  *telemetry.Tracing
	registry *prometheus.Registry
	api      *api.API
	health   *health
	tasks    tasks
	lags     []Lag

	address string // set before tasks and requests

	closersMu sync.Mutex
	closers   []func(context.Context) error

	stopping atomic.Bool
	draining chan struct{}
}

// errDescribed ends Build after Load printed the variables.
var errDescribed = errors.New("the variables were printed")

// Load reads the settings into dst, a pointer to a struct that embeds config.Base, and prepares logger,
// metrics, tracing and API accordingly. Build calls it once, before any other method. Its error names
// everything that is wrong with the configuration.
func (s *Service) Load(dst any) error {
	if s.describe != nil {
		if err := config.WriteTable(s.describe, dst, s.options...); err != nil {
			return err
		}
		return errDescribed
	}
	warnings, err := config.Load(dst, s.options...)
	if err != nil {
		return err
	}
	base, ok := findBase(reflect.ValueOf(dst).Elem())
	if !ok {
		return errors.New("the settings do not embed config.Base")
	}
	s.base = base
	s.loaded = true
	if err := s.prepare(); err != nil {
		return err
	}
	for _, warning := range warnings {
		s.logger.Warn(warning)
	}
	return nil
}

func findBase(v reflect.Value) (config.Base, bool) {
	if base, ok := reflect.TypeAssert[config.Base](v); ok {
		return base, true
	}
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Struct && v.Type().Field(i).IsExported() {
			if base, ok := findBase(f); ok {
				return base, true
			}
		}
	}
	return config.Base{}, false
}

// Identity returns what the service tells about itself.
func (s *Service) Identity() Identity { return s.identity }

// Version returns the build's version, such as v1.2.3.
func (s *Service) Version() string { return s.build.Version }

// Instance identifies this process among the service's instances.
func (s *Service) Instance() uuid.UUID { return s.instance }

// Started tells since when the process runs.
func (s *Service) Started() time.Time { return s.started }

// Address is where the service listens, host:port. It is known to tasks and requests, not yet to Build.
func (s *Service) Address() string { return s.address }

// Base returns the settings that every service has.
func (s *Service) Base() config.Base { return s.base }

// Logger returns the service's logger. Use its …Context methods, so that lines carry the request id.
func (s *Service) Logger() *slog.Logger { return s.logger }

// Registry returns the service's own metrics registry, which /metrics shows.
func (s *Service) Registry() *prometheus.Registry { return s.registry }

// Tracing returns the service's tracer provider.
func (s *Service) Tracing() *telemetry.Tracing { return s.tracing }

// API returns the HTTP interface to register operations on.
func (s *Service) API() *api.API { return s.api }

// Handler returns the whole HTTP interface, for tests that need no socket.
func (s *Service) Handler() http.Handler { return s.api.Handler() }

// AddCheck has a dependency probed in the background every HEALTH_INTERVAL.
func (s *Service) AddCheck(c Check) { s.health.add(c) }

// HealthCode returns the bits of the failing dependencies, 0 when all work.
func (s *Service) HealthCode() HealthBit { return s.health.code() }

// Lag returns for how long the oldest of some work waits, 0 when none does, if that is known.
type Lag func() (lag time.Duration, known bool)

// AddLag adds work that may wait.
func (s *Service) AddLag(lag Lag) { s.lags = append(s.lags, lag) }

// Lag returns for how long the oldest of all work waits that was added; nil when none was, or it is not known of some.
func (s *Service) Lag() *time.Duration {
	var longest *time.Duration
	for _, lag := range s.lags {
		one, known := lag()
		if !known {
			return nil
		}
		if longest == nil || one > *longest {
			longest = &one
		}
	}
	return longest
}

// Go runs a background task from the moment Build has succeeded. At stop, after the last request, its
// ctx ends and it is waited for. An error or a panic before that stops the service with exit code 1;
// returning nil only ends the task.
func (s *Service) Go(name string, task func(ctx context.Context) error) { s.tasks.add(name, task) }

// OnClose adds a hook that runs at stop, after requests and tasks have ended, the last added first.
func (s *Service) OnClose(hook func(context.Context) error) {
	s.closersMu.Lock()
	defer s.closersMu.Unlock()
	s.closers = append(s.closers, hook)
}

// Draining is closed when the service begins to stop. Endless answers (server-sent events) end then:
// the stop waits for open requests.
func (s *Service) Draining() <-chan struct{} { return s.draining }
