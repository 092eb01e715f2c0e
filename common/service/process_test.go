package service_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/config"
	"nms.example/common/service"
	"nms.example/common/servicetest"
)

// asProcess has the test binary act as a service's main: real arguments, environment and signals.
const asProcess = "SERVICE_TEST_AS_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) != "" {
		os.Exit(service.Main(identity, buildProcess))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) { os.Exit(code) }),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"), // idle connections of the tests' own client
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

type processSettings struct {
	config.Base

	DB  config.PostgresDSN `envconfig:"DB_AUTH_DSN" required:"true"`
	Key config.Secret      `envconfig:"JWT_SECRET_KEY" required:"true"`
}

func buildProcess(ctx context.Context, s *service.Service) error {
	var set processSettings
	if err := s.Load(&set); err != nil {
		return err
	}
	if set.DB.String() == "postgres://old:5432/auth" {
		return errors.New("database auth is at version 3, this service needs 5\nat " + set.DB.Reveal())
	}
	release := make(chan struct{}) // never closed
	if set.DB.String() == "postgres://hangs:5432/auth" {
		s.Logger().Info("hanging")
		<-ctx.Done()
		return ctx.Err()
	}
	begun := make(chan struct{}, 8)
	addWait(s, begun, release)
	s.Go("announcer", func(ctx context.Context) error {
		select {
		case <-begun:
			s.Logger().Info("a request is open")
		case <-ctx.Done():
		}
		return nil
	})
	s.Logger().Info("with secrets", "key", set.Key, "db", set.DB, "settings", set)
	s.Go("ticker", func(ctx context.Context) error {
		if set.DB.String() == "postgres://breaks:5432/auth" {
			return errors.New("lost")
		}
		<-ctx.Done()
		s.Logger().Info("the task has ended")
		return nil
	})
	s.OnClose(func(context.Context) error { s.Logger().Info("the hook has run"); return nil })
	return nil
}

type process struct {
	cmd            *exec.Cmd
	stdout, stderr servicetest.Log
}

func (p *process) output() string { return p.stdout.String() }

func newProcess(t *testing.T, args []string, env ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{cmd: exec.CommandContext(ctx, self, args...)}
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append([]string{asProcess + "=1"}, env...)
	p.cmd.Stderr = &p.stderr
	return p
}

// begin starts the process and waits until it serves.
func (p *process) begin(t *testing.T) string {
	t.Helper()
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	url := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		scanner := bufio.NewScanner(out)
		for scanner.Scan() {
			line := scanner.Text()
			_, _ = p.stdout.Write([]byte(line + "\n"))
			if _, rest, ok := strings.Cut(line, `"address":"`); ok {
				address, _, _ := strings.Cut(rest, `"`)
				url <- "http://" + address
			}
		}
		close(url)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-read
		_ = p.cmd.Wait()
	})
	got, ok := <-url
	require.True(t, ok, "ended before it served: %s%s", p.output(), p.stderr.String())
	return got
}

func (p *process) signal(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// end waits for the process and returns its exit code.
func (p *process) end(t *testing.T) int {
	t.Helper()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) run(t *testing.T) int {
	t.Helper()
	p.cmd.Stdout = &p.stdout
	require.NoError(t, p.cmd.Start())
	return p.end(t)
}

var settled = []string{
	"HOST=127.0.0.1", "PORT=0", "DB_AUTH_DSN=postgres://u:s3cret@db/auth", "JWT_SECRET_KEY=s3cret-key",
}

func with(env ...string) []string { return append(append([]string{}, settled...), env...) }

func TestProcessServesAndStopsOnSignal(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil, with("TZ=Asia/Tokyo")...)
	url := p.begin(t)
	status, ctrl := get(t, url+"/ctrl")
	require.Equal(t, http.StatusOK, status)
	require.True(t, strings.HasSuffix(ctrl["timestamp"].(string), "+09:00"))

	_, port, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
	check := newProcess(t, []string{"--healthcheck"}, "HOST=0.0.0.0", "PORT="+port)
	require.Zero(t, check.run(t), check.stderr.String())

	p.signal(t)
	require.Zero(t, p.end(t))
	require.Empty(t, p.stderr.String())
	log := p.output()
	require.Regexp(t, `(?s)the task has ended.*the hook has run.*"msg":"stopped"`, log)
	require.NotContains(t, log, "s3cret")
	require.Contains(t, log, "[redacted]")

	check = newProcess(t, []string{"--healthcheck"}, "PORT="+port)
	require.Equal(t, 1, check.run(t))
	require.Contains(t, check.stderr.String(), "probe: not ready: ")
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil, with("SHUTDOWN_TIMEOUT=10m")...)
	url := p.begin(t)
	go func() { _, _ = http.Get(url + "/api/v1/wait") }() // cut off
	eventually(t, "the request", func() bool { return strings.Contains(p.output(), "a request is open") })
	p.signal(t)
	eventually(t, "stopping", func() bool { return strings.Contains(p.output(), `"msg":"stopping"`) })
	// Again and again, because one at the heels of the first would count as its echo.
	eventually(t, "the end", func() bool {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		return strings.Contains(p.output(), "stopped at once")
	})
	require.Equal(t, 1, p.end(t))
}

func TestSignalDuringTheStart(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil, with("DB_AUTH_DSN=postgres://u:s3cret@hangs/auth")...)
	p.cmd.Stdout = &p.stdout
	require.NoError(t, p.cmd.Start())
	eventually(t, "the build", func() bool { return strings.Contains(p.output(), "hanging") })
	p.signal(t)
	require.Zero(t, p.end(t))
	require.Empty(t, p.stderr.String())
}

// timeout(1) signals its child and then the child's whole group.
func TestSignalThatComesTwiceAtOnceIsOne(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil, settled...)
	p.begin(t)
	p.signal(t)
	p.signal(t)
	require.Zero(t, p.end(t))
	require.Contains(t, p.output(), `"msg":"stopped"`)
}

func TestOneSentenceWhenItCannotStart(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)

	for name, tt := range map[string]struct {
		env  []string
		want []string
	}{
		"missing": {[]string{"PORT=x"}, []string{"DB_AUTH_DSN is missing (expected: postgres://user:password@host:port/database", "JWT_SECRET_KEY is missing", "PORT is wrong"}},
		"empty":   {with("DB_AUTH_DSN="), []string{"DB_AUTH_DSN is missing"}},
		"behind":  {with("DB_AUTH_DSN=postgres://u:s3cret@old/auth"), []string{"at version 3, this service needs 5; at postgres://[redacted]@old/auth"}},
		"port":    {with("PORT=" + port), []string{"127.0.0.1:" + port + " is in use"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t, nil, tt.env...)
			require.Equal(t, 1, p.run(t))
			message := p.stderr.String()
			require.True(t, strings.HasPrefix(message, "probe: cannot start: "), message)
			require.Equal(t, 1, strings.Count(message, "\n"), message)
			for _, want := range tt.want {
				require.Contains(t, message, want)
			}
			require.NotContains(t, message+p.stdout.String(), "s3cret")
			require.NotContains(t, p.stdout.String(), "ready to serve")
		})
	}
}

func TestTaskThatBreaksOffEndsTheProcess(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil, with("DB_AUTH_DSN=postgres://u:s3cret@breaks/auth")...)
	require.Equal(t, 1, p.run(t))
	require.Contains(t, p.stdout.String(), "background task ticker: lost")
	require.Contains(t, p.stdout.String(), "the hook has run")
}

func TestEnvFileOfTheProcess(t *testing.T) {
	t.Parallel()
	p := newProcess(t, nil, "HOST=127.0.0.1")
	require.NoError(t, os.WriteFile(filepath.Join(p.cmd.Dir, ".env"),
		[]byte("PORT=0\nDB_AUTH_DSN=postgres://u:s3cret@db/auth\nJWT_SECRET_KEY=k\nDB_NMS_DSN=x\nJWT_SECRET_KYE=s3cret\nHOST=256.0.0.1\n"), 0o600))
	p.begin(t)
	p.signal(t)
	require.Zero(t, p.end(t))
	require.Contains(t, p.output(), "JWT_SECRET_KYE is not read; did you mean JWT_SECRET_KEY?")
	require.NotContains(t, p.output(), "s3cret")
	require.NotContains(t, p.output(), "variable DB_NMS_DSN")
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"version":   {[]string{"--version"}, 0, "probe v", ""},
		"events":    {[]string{"--events"}, 0, `{"service":"probe","events":[]}`, ""},
		"errors":    {[]string{"--errors"}, 0, `{"code":"forbidden","statuses":[403],"meaning":"The caller lacks the permission that the call needs."}`, ""},
		"variables": {[]string{"--variables"}, 0, "| `PORT` | `4099` |", ""},
		"help":      {[]string{"--help"}, 0, "", "Usage: probe"},
		"flag":      {[]string{"--what"}, 2, "", "Usage: probe"},
		"argument":  {[]string{"serve"}, 2, "", "unexpected argument: serve"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t, tt.args)
			require.Equal(t, tt.code, p.run(t))
			require.Contains(t, p.stdout.String(), tt.stdout)
			require.Contains(t, p.stderr.String(), tt.stderr)
		})
	}
}

func TestSlowHeadersAndHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	i := start(t, nil)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(i.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(deadline)))
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: "+strings.Repeat("a", 80<<10)+"\r\n\r\n")
	require.NoError(t, err)
	status, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, "431")
}
