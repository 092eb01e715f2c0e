package bustest

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"nms.example/common/config"
	"nms.example/common/proctest"
	"nms.example/common/waittest"
)

// Server is a RabbitMQ node of this test's own; it keeps its data over a restart. Starting it takes some
// seconds, so only tests that kill or pause a broker have one.
type Server struct {
	*proctest.Process
	// DSN is its address, the same after a restart.
	DSN  config.AMQPDSN
	port int
}

// startPatience is how long a node may take on a machine that runs all tests at once.
const startPatience = waittest.Bound

// StartServer starts a node with its own Erlang port mapper on free ports. Both are killed when the test ends.
func StartServer(t testing.TB) *Server {
	t.Helper()
	dir := t.TempDir()
	port, dist, epmdPort := proctest.FreePort(t), proctest.FreePort(t), proctest.FreePort(t)
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatalf("bustest: %v", err)
		}
		return path
	}
	write(".erlang.cookie", rand.Text(), 0o400)
	env := []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8",
		"ERL_EPMD_PORT=" + strconv.Itoa(epmdPort), "ERL_EPMD_ADDRESS=127.0.0.1", "ERL_MAX_PORTS=1024",
		"RABBITMQ_NODENAME=t" + strings.ToLower(rand.Text()[:8]) + "@localhost",
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT=" + strconv.Itoa(port),
		"RABBITMQ_DIST_PORT=" + strconv.Itoa(dist),
		"RABBITMQ_MNESIA_BASE=" + filepath.Join(dir, "data"), "RABBITMQ_LOG_BASE=" + filepath.Join(dir, "log"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + write("plugins", "[].\n", 0o600),
		"RABBITMQ_CONFIG_FILE=" + write("rabbitmq.conf", "disk_free_limit.absolute = 50MB\n", 0o600),
		"RABBITMQ_CONF_ENV_FILE=/dev/null",
		// The script then becomes the Erlang VM instead of its parent, so that whoever kills it kills the VM.
		"RUNNING_UNDER_SYSTEMD=yes", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
		"RABBITMQ_PID_FILE=" + filepath.Join(dir, "pid"),
	}
	epmdDir := t.TempDir()
	epmd := proctest.New(t, epmdDir, env, proctest.Find(t, "epmd", "/usr/bin/epmd"))
	epmd.Start()
	epmd.AwaitPort(epmdPort, startPatience)
	path := proctest.Find(t, "/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
	s := &Server{Process: proctest.New(t, dir, env, path), port: port}
	if err := s.DSN.Decode(fmt.Sprintf("amqp://guest:guest@127.0.0.1:%d/", port)); err != nil {
		t.Fatalf("bustest: %v", err)
	}
	s.Restart()
	return s
}

// Restart starts it (again) and waits until it takes connections.
func (s *Server) Restart() {
	s.Kill()
	s.AwaitClosed(s.port)
	s.Start()
	s.AwaitPort(s.port, startPatience)
}
