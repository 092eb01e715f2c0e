package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nms.example/tools/internal/layout"
)

// build compiles the services and the migrator into the data folder, where the servers' user may run them.
func (s *server) build(ctx context.Context) error {
	args := []string{"build", "-buildvcs=false", "-tags=" + layout.BuildTags, "-ldflags", "-X nms.example/common/service.version=" + version(ctx, s.place.Root),
		"-o", filepath.Join(s.place.Data, "bin") + string(filepath.Separator), "./sql/cmd/migrate"}
	for _, service := range layout.Services {
		args = append(args, "./"+service.Name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = s.place.Root
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(s.place.Root, "go.work"), "CGO_ENABLED=0")
	lock, err := s.place.awaitBuildLock(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	log, err := os.Create(s.place.logPath("build"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { killGroup(cmd.Process.Pid, syscall.SIGINT); return nil }
	cmd.WaitDelay = 5 * time.Second
	if err := s.spawner.start(cmd, nil, syscall.SIGINT); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("the services do not build:\n  %s", strings.Join(tail(s.place.logPath("build"), 15), "\n  "))
	}
	for _, name := range append([]string{"migrate"}, serviceNames()...) {
		if err := os.Chmod(s.place.binary(name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// awaitBuildLock lets one build of a checkout run at a time: two would compile everything twice, the second one after the
// other finds it all in Go's cache.
func (p Place) awaitBuildLock(ctx context.Context) (io.Closer, error) {
	for {
		lock, err := tryLock(filepath.Join(p.Root, ".local", "build.lock"))
		if err == nil || !errors.Is(err, errLocked) {
			return lock, err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// version describes the checkout, "dev" where git cannot.
func version(ctx context.Context, root string) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "dev"
	}
	return "dev-" + strings.TrimSpace(string(out))
}

func serviceNames() []string {
	var names []string
	for _, service := range layout.Services {
		names = append(names, service.Name)
	}
	return names
}

// databaseEnv gives every database's URL.
func (s *server) databaseEnv() []string {
	var env []string
	for _, name := range layout.Databases {
		env = append(env, layout.DSNVariable(name)+"="+postgresDSN(name, name, name, s.ports[portPostgres]))
	}
	return env
}

// migrate brings every database to the schema of this checkout.
func (s *server) migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.place.binary("migrate"), "up")
	cmd.Dir, cmd.Env = s.place.Data, append(s.serverEnv(), s.databaseEnv()...)
	return s.runOnce(ctx, cmd, "migrate")
}

// passedOn are the caller's variables that a service may see: `LOG_LEVEL=debug ./task up`.
func passedOn(service string) []string {
	own := strings.ToUpper(service) + "_"
	exact := []string{"TZ", "DEBUG", "LOG_LEVEL", "CORS_ORIGINS", "TRUSTED_PROXIES", "MAX_BODY_BYTES", "RATE_LIMIT",
		"RATE_BURST", "HEALTH_INTERVAL", "START_TIMEOUT", "SHUTDOWN_TIMEOUT", "SHUTDOWN_DELAY", "DB_MAX_CONNS", "REDIS_PREFIX",
		"GOMAXPROCS", "GODEBUG", "GOMEMLIMIT"}
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name == layout.PortVariable(service) {
			continue
		}
		if slices.Contains(exact, name) || strings.HasPrefix(name, own) || strings.HasPrefix(name, "OTEL_") {
			env = append(env, entry)
		}
	}
	return env
}

// serviceEnv is the environment of one instance; name is the service's unless there are several.
func (s *server) serviceEnv(name string, service layout.Service) []string {
	var origins []string
	for _, other := range layout.Services {
		port := strconv.Itoa(s.ports[other.Name])
		origins = append(origins, "http://127.0.0.1:"+port, "http://localhost:"+port)
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.place.Data, "TZ=" + timeZone(), "ENVIRONMENT=dev", "HOST=127.0.0.1",
		markVariable + "=" + s.place.Data,
		"CORS_ORIGINS=" + strings.Join(origins, ","),
		"AUTH_TOKEN_URL=http://" + layout.Loopback(s.ports["auth"]) + "/api/v1/auth/token",
	}
	env = append(env, passedOn(service.Name)...)
	env = append(env, "PORT="+strconv.Itoa(s.ports[name]),
		"JWT_SECRET_KEY="+s.secrets.JWT, "MQ_DSN="+s.brokerDSN(), "REDIS_DSN="+s.redisDSN())
	for _, database := range service.Databases {
		dsn := postgresDSN(database, database, database, s.ports[portPostgres])
		env = append(env, layout.DSNVariable(database)+"="+dsn)
	}
	return env
}

// timeZone is the machine's, so that the log's times are those on the user's clock.
func timeZone() string {
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, zone, ok := strings.Cut(target, "/zoneinfo/"); ok && zone != "Etc/UTC" {
			return zone
		}
	}
	return "UTC"
}

// service describes one instance of a service; its port is the one of its name.
func (s *server) service(name string, service layout.Service) (*program, error) {
	dir, err := s.place.private("run", name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	port := s.ports[name]
	return &program{
		name: name, path: s.place.binary(service.Name), env: s.serviceEnv(name, service), dir: dir,
		log: s.place.logPath(name), death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 12 * time.Second,
		ready: func(ctx context.Context) error { return serviceReady(ctx, port) },
	}, nil
}

// serviceReady asks /readyz; a refusal's reasons become the error.
func serviceReady(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+layout.Loopback(port)+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return errors.New("it does not answer on port " + strconv.Itoa(port))
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	var compact any
	if json.Unmarshal(body, &compact) == nil {
		if line, err := json.Marshal(compact); err == nil {
			body = line
		}
	}
	return fmt.Errorf("/readyz answers %d: %s", response.StatusCode, strings.TrimSpace(string(body)))
}
