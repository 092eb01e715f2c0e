package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"nms.example/tools/internal/layout"
)

// brokerUser is the broker's administrator in a development stack; its password is the same.
const brokerUser = "nms"

// administrator is brokerUser, or what tests know from RabbitMQ's own defaults.
func (s *server) administrator() string {
	if s.throw {
		return "guest"
	}
	return brokerUser
}

func (s *server) brokerDSN() string {
	u := url.URL{Scheme: "amqp", User: url.UserPassword(s.administrator(), s.administrator()),
		Host: layout.Loopback(s.ports[portRabbit]), Path: "/"}
	return u.String()
}

func (s *server) managementURL(withLogin bool) string {
	u := url.URL{Scheme: "http", Host: layout.Loopback(s.ports[portManagement])}
	if withLogin {
		u.User = url.UserPassword(s.administrator(), s.administrator())
	}
	return u.String()
}

// brokerEnv keeps the broker away from the machine's own: other name, ports, folders, cookie and epmd.
func (s *server) brokerEnv(data string) []string {
	in := func(name string) string { return filepath.Join(data, name) }
	return append(s.serverEnv(),
		"HOME="+in("home"),
		"RABBITMQ_NODENAME=nms"+strconv.Itoa(s.ports[portRabbit])+"@localhost",
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
		"RABBITMQ_NODE_PORT="+strconv.Itoa(s.ports[portRabbit]),
		"RABBITMQ_DIST_PORT="+strconv.Itoa(s.ports[portDist]),
		"RABBITMQ_MNESIA_BASE="+in("mnesia"),
		"RABBITMQ_LOG_BASE="+in("log"),
		"RABBITMQ_LOGS=-",
		"RABBITMQ_ENABLED_PLUGINS_FILE="+in("enabled_plugins"),
		"RABBITMQ_CONFIG_FILE="+in("rabbitmq.conf"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+in("advanced.config"),
		"RABBITMQ_CONF_ENV_FILE=/dev/null",
		"RABBITMQ_PID_FILE="+in("pid"),
		// The script then becomes the Erlang machine instead of waiting for it as a child, so the kernel's
		// signal at our death reaches the machine itself.
		"RUNNING_UNDER_SYSTEMD=true",
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
		"ERL_EPMD_PORT="+strconv.Itoa(s.ports[portEpmd]),
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"ERL_AFLAGS=-start_epmd false", // ours runs already; one that Erlang starts would outlive everything
		"ERL_MAX_PORTS=4096",           // the default follows the open-files limit and may take gigabytes
		"ERL_CRASH_DUMP_BYTES=0",
	)
}

// bootedName is a file that says that the broker has once been ready with these data.
const bootedName = "booted"

func (s *server) prepareBroker() (string, error) {
	data, err := s.checkout.private("rabbitmq")
	if err != nil {
		return "", err
	}
	// A first start that was cut off may have left half a database, which no later start would repair.
	if _, err := os.Stat(filepath.Join(data, bootedName)); errors.Is(err, fs.ErrNotExist) {
		if err := os.RemoveAll(filepath.Join(data, "mnesia")); err != nil {
			return "", err
		}
	}
	for _, dir := range []string{"home", "mnesia", "log"} {
		if _, err := s.checkout.private("rabbitmq", dir); err != nil {
			return "", err
		}
	}
	files := map[string]string{
		"enabled_plugins": "[rabbitmq_management].\n",
		"rabbitmq.conf": fmt.Sprintf("disk_free_limit.absolute = 50MB\nmanagement.tcp.ip = 127.0.0.1\n"+
			"management.tcp.port = %d\ndefault_user = %s\ndefault_pass = %s\n",
			s.ports[portManagement], s.administrator(), s.administrator()),
		filepath.Join("home", ".erlang.cookie"): s.secrets.Cookie,
	}
	for name, content := range files {
		if err := s.checkout.write(filepath.Join(data, name), content); err != nil {
			return "", err
		}
	}
	return data, nil
}

// epmd is Erlang's name server. The broker would start one that outlives it; ours ends with the stack.
func (s *server) epmd() *program {
	return &program{
		name: "epmd", path: s.bin.Epmd,
		args: []string{"-port", strconv.Itoa(s.ports[portEpmd]), "-address", "127.0.0.1"},
		env:  s.serverEnv(), dir: s.checkout.Data, log: s.checkout.logPath("epmd"),
		death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 3 * time.Second,
		ready: func(ctx context.Context) error {
			conn, err := dial(ctx, s.ports[portEpmd])
			if err != nil {
				return err
			}
			return conn.Close()
		},
	}
}

func (s *server) rabbitmq() (*program, error) {
	data, err := s.prepareBroker()
	if err != nil {
		return nil, err
	}
	return &program{
		name: portRabbit, path: s.bin.Rabbit, env: s.brokerEnv(data), dir: data, log: s.checkout.logPath(portRabbit),
		death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 20 * time.Second, ready: s.brokerReady,
		startGrace: time.Second, // it would finish its start first, and there is nothing to put in order yet
	}, nil
}

// brokerReady opens a connection as far as the server's first frame, a method frame (type 1) on channel 0
// (AMQP 0-9-1, sections 2.2.4 and 4.2.3), and asks that the management port listens too.
func (s *server) brokerReady(ctx context.Context) error {
	conn, err := dial(ctx, s.ports[portRabbit])
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		return err
	}
	head := make([]byte, 3)
	if _, err := io.ReadFull(conn, head); err != nil {
		return err
	}
	if head[0] != 1 || head[1] != 0 || head[2] != 0 {
		return errors.New("it does not speak AMQP 0-9-1")
	}
	management, err := dial(ctx, s.ports[portManagement])
	if err != nil {
		return err
	}
	if err := management.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.checkout.dataDir("rabbitmq"), bootedName), nil, 0o600)
}

// serverEnv is the little that the servers get from the caller's environment.
func (s *server) serverEnv() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + s.checkout.Data,
		markVariable + "=" + s.checkout.Data}
	if dir := os.Getenv("TMPDIR"); dir != "" {
		env = append(env, "TMPDIR="+dir)
	}
	return env
}
