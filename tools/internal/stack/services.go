package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
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

func serviceNames() []string {
	var names []string
	for _, service := range layout.Services {
		names = append(names, service.Name)
	}
	return names
}

// programNames are the services and then the programs that run beside them.
func programNames() []string {
	names := serviceNames()
	for _, program := range layout.Programs {
		names = append(names, program.Name)
	}
	return names
}

// beside returns the program of this name that runs beside the services; found is false for all else.
func beside(name string) (program layout.Program, found bool) {
	i := slices.IndexFunc(layout.Programs, func(p layout.Program) bool { return p.Name == name })
	if i < 0 {
		return program, false
	}
	return layout.Programs[i], true
}

// databaseEnv returns every database's URL.
func (s *server) databaseEnv() []string {
	var env []string
	for _, name := range layout.Databases {
		env = append(env, layout.DSNVariable(name)+"="+postgresDSN(name, name, name, s.ports[portPostgres]))
	}
	return env
}

// migrate makes the databases that are missing and brings every one to the schema of this checkout.
func (s *server) migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if err := s.createDatabases(ctx); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.checkout.built(migrator), "up")
	cmd.Dir, cmd.Env = s.checkout.Data, append(s.serverEnv(), s.databaseEnv()...)
	return s.runOnce(ctx, cmd, migrator)
}

// allowedNetworks is the variable with the networks in which ctrl may reach equipment.
const allowedNetworks = "CTRL_ALLOWED_NETWORKS"

// notifiedNetworks is the variable with the networks that it may tell of alarms.
const notifiedNetworks = "NOTIFY_ALLOWED_NETWORKS"

// consoleName is the service with the operator's pages, which hands calls on to all others.
const consoleName = "console"

// settings is what a service is configured with, in the order in which the last one counts; name is the service's unless
// there are several instances.
func (s *server) settings(name string, service layout.Service) []string {
	var origins []string
	for _, other := range layout.Services {
		port := strconv.Itoa(s.ports[other.Name])
		origins = append(origins, "http://127.0.0.1:"+port, "http://localhost:"+port)
	}
	env := []string{
		"TZ=" + timeZone(), "ENVIRONMENT=dev", "HOST=127.0.0.1", "CORS_ORIGINS=" + strings.Join(origins, ","),
		"AUTH_TOKEN_URL=http://" + layout.Loopback(s.ports["auth"]) + "/api/v1/auth/token",
	}
	if service.Name == "ctrl" {
		env = append(env, allowedNetworks+"=127.0.0.0/8", notifiedNetworks+"=127.0.0.0/8") // where the simulator is, and what is tried
	}
	if service.Name == consoleName {
		env = append(env, "CONSOLE_KEY="+s.secrets.Console)
		for _, other := range layout.Services {
			env = append(env, urlVariable(other.Name)+"=http://"+layout.Loopback(s.ports[other.Name]))
		}
	}
	env = append(env, s.known.passedOn(service.Name, s.passed)...)
	env = append(env, "PORT="+strconv.Itoa(s.ports[name]),
		"JWT_SECRET_KEY="+s.secrets.JWT, "MQ_DSN="+s.brokerDSN(), "REDIS_DSN="+s.redisDSN())
	for _, database := range service.Databases {
		dsn := postgresDSN(database, database, database, s.ports[portPostgres])
		env = append(env, layout.DSNVariable(database)+"="+dsn)
	}
	return env
}

// serviceEnv is the whole environment of one instance. There is no PATH in it: services run no programs, and the shell of
// the next `up` may have another.
func (s *server) serviceEnv(name string, service layout.Service) []string {
	return append([]string{"HOME=" + s.checkout.Data, markVariable + "=" + s.checkout.Data},
		s.settings(name, service)...)
}

// besideEnv is the whole environment of a program beside the services.
func (s *server) besideEnv(name string) []string {
	return []string{"HOME=" + s.checkout.Data, markVariable + "=" + s.checkout.Data, "HOST=127.0.0.1", "PORT=" + strconv.Itoa(s.ports[name])}
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

// service describes one instance of a service, or a program beside them.
func (s *server) service(name, service string, port int, env []string) (*program, error) {
	dir, err := s.checkout.private("run", name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	return &program{
		name: name, path: s.checkout.binary(service), env: env, dir: dir,
		log: s.checkout.logPath(name), death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 12 * time.Second,
		ready: func(ctx context.Context) error { return programReady(ctx, service, port) },
	}, nil
}

// programReady asks a service, or a program beside them, whether it serves.
func programReady(ctx context.Context, name string, port int) error {
	if program, found := beside(name); found {
		return answersLine(ctx, port, program.Ping)
	}
	return serviceReady(ctx, port)
}

// answersLine fails unless a line is answered with one.
func answersLine(ctx context.Context, port int, line string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", layout.Loopback(port))
	if err != nil {
		return errors.New("it does not answer on port " + strconv.Itoa(port))
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline() // it has one
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return err
	}
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
		return errors.New("it takes connections on port " + strconv.Itoa(port) + " and does not answer")
	}
	return nil
}

// serviceReady asks /readyz; a refusal's reasons become the error.
func serviceReady(ctx context.Context, port int) error { return answersOK(ctx, port, "/readyz") }

// answersOK fails, with the answer, unless a path is answered 200.
func answersOK(ctx context.Context, port int, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+layout.Loopback(port)+path, nil)
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
	return fmt.Errorf("%s answers %d: %s", path, response.StatusCode, strings.TrimSpace(string(body)))
}
