package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/config"
)

// The server's bounds. Streams move their own deadlines with http.ResponseController.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// closeGrace is left to close hooks and to the last spans when everything else has used up
	// SHUTDOWN_TIMEOUT.
	closeGrace = time.Second
)

// Option changes how a service is started.
type Option func(*Service)

// WithSettings has the settings read from the map alone, not from the environment or .env.
func WithSettings(settings map[string]string) Option {
	return func(s *Service) { s.options = append(s.options, config.WithSettings(settings)) }
}

// WithLogOutput writes the log to w in place of standard output.
func WithLogOutput(w io.Writer) Option { return func(s *Service) { s.output = w } }

func withGlobals() Option { return func(s *Service) { s.global = true } }

func newService(identity Identity, opts ...Option) *Service {
	s := &Service{
		identity: identity, build: ReadBuild(), instance: uuid.New(), started: time.Now(),
		output: os.Stdout, health: new(health), draining: make(chan struct{}),
	}
	s.options = append(s.options, config.WithDefault("PORT", strconv.Itoa(int(identity.Port))))
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// Running is a service that serves.
type Running struct {
	service  *Service
	server   *http.Server
	address  net.Addr
	failures chan error // why it cannot go on

	served     chan struct{}
	stopTasks  context.CancelFunc
	stopProbes context.CancelFunc
	release    context.CancelFunc // ends the context that Build was given
}

// Start builds a service and serves it, and returns when every dependency was probed once. After an
// error nothing is left running. Main uses it, and so do tests, which may run several in one process.
// ctx bounds the start alone.
func Start(ctx context.Context, identity Identity, build BuildFunc, opts ...Option) (*Running, error) {
	s := newService(identity, opts...)
	life, release := context.WithCancel(context.WithoutCancel(ctx))
	s.life = life
	building := context.AfterFunc(ctx, release)
	err := s.runBuild(life, build)
	if err == nil && !s.loaded {
		err = errors.New("the settings were not loaded")
	}
	var listener net.Listener
	if err == nil {
		listener, err = s.listen(ctx)
	}
	if !building() && err == nil { // told to stop meanwhile
		err = errors.Join(ctx.Err(), listener.Close())
	}
	if err != nil {
		_ = s.closeAll(life, time.Now().Add(s.base.ShutdownTimeout)) // why it did not start says more
		release()
		return nil, err
	}
	s.address = listener.Addr().String()
	r := &Running{
		service: s, address: listener.Addr(), failures: make(chan error, 8),
		served: make(chan struct{}), release: release,
	}
	r.serve(life, listener)
	return r, nil
}

func (s *Service) runBuild(ctx context.Context, build BuildFunc) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("internal fault: %v\n%s", v, debug.Stack())
		}
	}()
	return build(ctx, s)
}

func (s *Service) listen(ctx context.Context) (net.Listener, error) {
	address := net.JoinHostPort(s.base.Host, strconv.Itoa(int(s.base.Port)))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another process; set PORT to a free one", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s; set PORT to 1024 or more", address)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s; HOST must be an address of this machine", address)
	}
	return listener, nil
}

func (r *Running) serve(life context.Context, listener net.Listener) {
	s := r.service
	r.server = &http.Server{
		Handler:           s.api.Handler(),
		BaseContext:       func(net.Listener) context.Context { return life },
		ConnContext:       api.ConnContext,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(r.served)
		if err := r.server.Serve(s.api.Listener(listener)); !errors.Is(err, http.ErrServerClosed) {
			r.fail(fmt.Errorf("the HTTP server ended: %w", err))
		}
	}()
	var taskCtx, probeCtx context.Context
	taskCtx, r.stopTasks = context.WithCancel(life)
	probeCtx, r.stopProbes = context.WithCancel(life)
	s.tasks.start(taskCtx, r.fail)
	s.health.start(probeCtx)
	s.logger.InfoContext(life, "ready to serve", "address", r.address.String(), "instance", s.instance.String(),
		"commit", s.build.Commit)
}

// fail reports why the service cannot go on; the first report counts, so none waits.
func (r *Running) fail(err error) {
	select {
	case r.failures <- err:
	default:
	}
}

// Service returns the service itself.
func (r *Running) Service() *Service { return r.service }

// URL is where the service answers, without a slash at the end.
func (r *Running) URL() string {
	tcp, ok := r.address.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return "http://" + r.address.String()
}

// Failures returns errors after which the service should be stopped: a task that broke off.
func (r *Running) Failures() <-chan error { return r.failures }

// Stop ends the service: /readyz goes 503, after SHUTDOWN_DELAY no connections are taken, open requests
// finish, tasks end, hooks run. It takes at most SHUTDOWN_DELAY and SHUTDOWN_TIMEOUT and a second, and
// returns early, with everything cut off, when ctx ends. The error says what had to be cut off.
func (r *Running) Stop(ctx context.Context) error {
	s := r.service
	s.stopping.Store(true)
	s.logger.InfoContext(ctx, "stopping", "delay", s.base.ShutdownDelay.String(), "timeout", s.base.ShutdownTimeout.String())
	select {
	case <-time.After(s.base.ShutdownDelay):
	case <-ctx.Done():
	}
	close(s.draining)

	deadline := time.Now().Add(s.base.ShutdownTimeout)
	bounded, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	var problems []error
	if err := r.server.Shutdown(bounded); err != nil {
		problems = append(problems, errors.New("open requests were cut off"))
		_ = r.server.Close() // the listener is closed already
	}
	<-r.served
	r.stopTasks()
	if err := s.tasks.wait(bounded); err != nil {
		problems = append(problems, err)
	}
	r.stopProbes()
	s.health.wait()
	problems = append(problems, s.closeAll(ctx, deadline))
	r.release()
	err := errors.Join(problems...)
	if err != nil {
		s.logger.ErrorContext(ctx, "stopped, not cleanly", "error", err)
	} else {
		s.logger.InfoContext(ctx, "stopped")
	}
	return err
}

// closeAll runs the close hooks, last added first, then sends the last spans. They have until deadline
// and never less than closeGrace; a hook that hangs is left behind then.
func (s *Service) closeAll(ctx context.Context, deadline time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(time.Until(deadline), closeGrace))
	defer cancel()
	s.closersMu.Lock()
	hooks := slices.Clone(s.closers)
	s.closers = nil
	s.closersMu.Unlock()
	if s.tracing != nil {
		hooks = append([]func(context.Context) error{s.tracing.Shutdown}, hooks...)
	}
	var problems []error
	for _, hook := range slices.Backward(hooks) {
		done := make(chan error, 1)
		go func() {
			defer func() {
				if v := recover(); v != nil {
					done <- fmt.Errorf("a close hook panicked: %v", v)
				}
			}()
			done <- hook(ctx)
		}()
		select {
		case err := <-done:
			problems = append(problems, err)
		case <-ctx.Done():
			problems = append(problems, errors.New("a close hook did not end in time"))
		}
	}
	return errors.Join(problems...)
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// oneLine makes an error's text a single line for standard error.
func oneLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\ngoroutine ")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
