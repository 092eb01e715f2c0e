package stack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"nms.example/tools/internal/layout"
)

func (s *server) redisDSN() string {
	// redis-cli refuses a URL with a password and no user.
	u := url.URL{Scheme: "redis", User: url.UserPassword("default", s.secrets.Redis),
		Host: layout.Loopback(s.ports[portRedis]), Path: "/0"}
	return u.String()
}

// redis has a password although it listens on loopback alone: other users of the machine reach that too, and
// Redis writes files as whoever runs it.
func (s *server) redis() (*program, error) {
	data, err := s.checkout.private("redis")
	if err != nil {
		return nil, err
	}
	config := []string{
		"bind 127.0.0.1", fmt.Sprintf("port %d", s.ports[portRedis]), "daemonize no", "databases 16",
		"dir " + data, "requirepass " + s.secrets.Redis,
	}
	if s.throw {
		config = append(config, `save ""`, "appendonly no")
	} else {
		config = append(config, "save 300 1", "appendonly yes", "appendfsync everysec")
	}
	path := s.checkout.dataDir("redis.conf")
	if err := s.checkout.write(path, strings.Join(config, "\n")+"\n"); err != nil {
		return nil, err
	}
	return &program{
		name: portRedis, path: s.bin.Redis, args: []string{path}, env: s.serverEnv(), dir: data,
		log: s.checkout.logPath(portRedis), death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 10 * time.Second,
		ready: s.redisReady,
	}, nil
}

// redisReady asks PING; "-LOADING" while it reads its data is not ready.
func (s *server) redisReady(ctx context.Context) error {
	conn, err := dial(ctx, s.ports[portRedis])
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", s.secrets.Redis); err != nil {
		return err
	}
	reader := bufio.NewReader(conn)
	for _, want := range []string{"+OK", "+PONG"} {
		line, err := reader.ReadString('\n')
		if err != nil {
			return err
		}
		if line = strings.TrimSpace(line); line != want {
			return errors.New("it answers " + line)
		}
	}
	return nil
}

// dial connects to a loopback port; the whole talk may take two seconds.
func dial(ctx context.Context, port int) (net.Conn, error) {
	const limit = 2 * time.Second
	dialer := net.Dialer{Timeout: limit}
	conn, err := dialer.DialContext(ctx, "tcp", layout.Loopback(port))
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
