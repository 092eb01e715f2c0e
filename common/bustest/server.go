package bustest

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"nms.example/common/config"
	"nms.example/common/proctest"
	"nms.example/common/tlstest"
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
	s := newNodes(t, 1, "")[0]
	s.Restart()
	return s
}

// StartTLS is StartServer of one that takes TLS at a port beside its own, with DSN, and there only clients with a certificate.
func StartTLS(t testing.TB, authorities string, own tlstest.Pair) *Server {
	t.Helper()
	port := proctest.FreePort(t)
	s := newNodes(t, 1, fmt.Sprintf(`listeners.ssl.1 = 127.0.0.1:%d
ssl_options.cacertfile = %s
ssl_options.certfile = %s
ssl_options.keyfile = %s
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
`, port, authorities, own.Certificate, own.Key))[0]
	if err := s.DSN.Decode(fmt.Sprintf("amqps://guest:guest@127.0.0.1:%d/", port)); err != nil {
		t.Fatalf("bustest: %v", err)
	}
	s.Restart()
	s.AwaitPort(port, startPatience)
	return s
}

// newNodes prepares nodes that make one cluster when they start, with further lines of configuration and one port mapper, which runs already.
func newNodes(tb testing.TB, n int, further string) []*Server {
	tb.Helper()
	epmdPort, cookie := proctest.FreePort(tb), rand.Text()
	names := make([]string, n)
	var config strings.Builder
	config.WriteString("disk_free_limit.absolute = 50MB\n" + further)
	if n > 1 {
		config.WriteString("cluster_formation.peer_discovery_backend = classic_config\ncluster_partition_handling = pause_minority\n")
	}
	for i := range names {
		names[i] = "t" + strings.ToLower(rand.Text()[:8]) + "@localhost"
		if n > 1 {
			fmt.Fprintf(&config, "cluster_formation.classic_config.nodes.%d = %s\n", i+1, names[i])
		}
	}
	epmdDir := tb.TempDir()
	epmd := proctest.New(tb, epmdDir, erlangEnv(epmdDir, epmdPort), proctest.Find(tb, "epmd", "/usr/bin/epmd"))
	epmd.Start()
	epmd.AwaitPort(epmdPort, startPatience)
	nodes := make([]*Server, n)
	for i, name := range names {
		nodes[i] = newNode(tb, name, cookie, config.String(), epmdPort)
	}
	return nodes
}

func erlangEnv(home string, epmdPort int) []string {
	return []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8",
		"ERL_EPMD_PORT=" + strconv.Itoa(epmdPort), "ERL_EPMD_ADDRESS=127.0.0.1", "ERL_MAX_PORTS=1024",
	}
}

func newNode(tb testing.TB, name, cookie, config string, epmdPort int) *Server {
	tb.Helper()
	dir, port := tb.TempDir(), proctest.FreePort(tb)
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			tb.Fatalf("bustest: %v", err)
		}
		return path
	}
	write(".erlang.cookie", cookie, 0o400)
	env := append(erlangEnv(dir, epmdPort),
		"RABBITMQ_NODENAME="+name,
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT="+strconv.Itoa(port),
		"RABBITMQ_DIST_PORT="+strconv.Itoa(proctest.FreePort(tb)),
		"RABBITMQ_MNESIA_BASE="+filepath.Join(dir, "data"), "RABBITMQ_LOG_BASE="+filepath.Join(dir, "log"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+write("plugins", "[].\n", 0o600),
		"RABBITMQ_CONFIG_FILE="+write("rabbitmq.conf", config, 0o600),
		"RABBITMQ_CONF_ENV_FILE=/dev/null",
		// The script then becomes the Erlang VM instead of its parent, so that whoever kills it kills the VM.
		"RUNNING_UNDER_SYSTEMD=yes", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
		"RABBITMQ_PID_FILE="+filepath.Join(dir, "pid"),
	)
	s := &Server{Process: proctest.New(tb, dir, env, proctest.Find(tb, "/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")), port: port}
	if err := s.DSN.Decode(fmt.Sprintf("amqp://guest:guest@%s/", s.Address())); err != nil {
		tb.Fatalf("bustest: %v", err)
	}
	return s
}

// Address is where it takes AMQP connections, host:port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Restart starts it (again) and waits until it takes connections.
func (s *Server) Restart() {
	s.Kill()
	s.AwaitClosed(s.port)
	s.Start()
	s.AwaitPort(s.port, startPatience)
}
