// Package redistest makes tests a Redis client with a private prefix, and servers of their own to break.
// It is for tests only.
package redistest

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/config"
	"nms.example/common/proctest"
	"nms.example/common/redis"
	"nms.example/common/tlstest"
	"nms.example/common/waittest"
)

// Variable names the environment variable with the URL of a Redis server for tests.
const Variable = "TEST_REDIS_DSN"

// opTimeout is more generous than the product's: a machine that runs all tests at once is slow, and not
// what these tests are about.
const opTimeout = 30 * time.Second

// New returns a client whose keys have a prefix of this test's own. They are removed and the client is
// closed when the test ends.
func New(t testing.TB) *redis.Client {
	t.Helper()
	return Open(t, redis.Settings{DSN: DSN(t), Prefix: Prefix(t)})
}

// DSN returns the test server's address; without one the test fails.
func DSN(t testing.TB) config.RedisDSN {
	t.Helper()
	url := os.Getenv(Variable)
	if url == "" {
		t.Fatalf("redistest: %s is not set; start the servers: ./task test does it", Variable)
	}
	return decode(t, url)
}

// Prefix makes a key prefix for this test and removes its keys when the test ends.
func Prefix(t testing.TB) string {
	t.Helper()
	prefix := "test:" + strings.ToLower(rand.Text()[:12]) + ":"
	dsn := DSN(t)
	t.Cleanup(func() { removeKeys(t, dsn, prefix) })
	return prefix
}

// Open opens a further client for the time of the test, by default with patience for a busy machine.
func Open(t testing.TB, s redis.Settings) *redis.Client {
	t.Helper()
	if s.Timeout == 0 {
		s.Timeout = opTimeout
	}
	client, err := redis.Open(s)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	return client
}

func removeKeys(t testing.TB, dsn config.RedisDSN, prefix string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), waittest.Bound)
	defer cancel()
	options, err := goredis.ParseURL(dsn.Reveal())
	if err != nil {
		t.Errorf("redistest: %s is not a redis:// URL of one server", Variable)
		return
	}
	rdb := goredis.NewClient(options)
	defer func() { _ = rdb.Close() }()
	keys := rdb.Scan(ctx, 0, prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := rdb.Unlink(ctx, keys.Val()).Err(); err != nil {
			t.Errorf("redistest: remove keys: %v", err)
			return
		}
	}
	if err := keys.Err(); err != nil {
		t.Errorf("redistest: list keys: %v", err)
	}
}

func decode(t testing.TB, url string) config.RedisDSN {
	t.Helper()
	var dsn config.RedisDSN
	if err := dsn.Decode(url); err != nil {
		t.Fatalf("redistest: the server's URL: %v", err)
	}
	return dsn
}

// Server is a Redis server of this test's own. It keeps nothing over a restart.
type Server struct {
	*proctest.Process
	// DSN is its address, the same after a restart.
	DSN  config.RedisDSN
	port int
	rdb  *goredis.Client // for this package's own questions
}

// askTimeout bounds a question of this package to a server, which may be paused.
const askTimeout = time.Second

// StartServer starts a server on a free port. It is killed when the test ends.
func StartServer(t testing.TB) *Server {
	t.Helper()
	s := newServer(t)
	s.Restart()
	return s
}

// StartTLS is StartServer of one that takes TLS at a port beside its own, with DSN, and there only clients with a certificate.
func StartTLS(t testing.TB, authorities string, own tlstest.Pair) *Server {
	t.Helper()
	port := proctest.FreePort(t)
	s := newServer(t, "--tls-port", itoa(port), "--tls-cert-file", own.Certificate, "--tls-key-file", own.Key, "--tls-ca-cert-file", authorities)
	s.DSN = decode(t, "rediss://127.0.0.1:"+itoa(port)+"/0")
	s.Restart()
	s.AwaitPort(port, waittest.Bound)
	return s
}

// newServer prepares a server that keeps nothing; options follow those that every one has.
func newServer(tb testing.TB, options ...string) *Server {
	tb.Helper()
	return newProcess(tb, append([]string{"--save", "", "--appendonly", "no", "--enable-debug-command", "yes",
		"--repl-diskless-sync-delay", "0"}, options...)...)
}

// newProcess prepares redis-server on a free port of 127.0.0.1.
func newProcess(tb testing.TB, args ...string) *Server {
	tb.Helper()
	port := proctest.FreePort(tb)
	s := &Server{DSN: decode(tb, "redis://127.0.0.1:"+itoa(port)+"/0"), port: port}
	s.rdb = goredis.NewClient(&goredis.Options{
		Addr: s.Address(), Protocol: 2, DisableIdentity: true, DialTimeout: askTimeout, ReadTimeout: askTimeout, MaxRetries: -1,
	})
	tb.Cleanup(func() { _ = s.rdb.Close() })
	s.Process = proctest.New(tb, tb.TempDir(), os.Environ(), proctest.Find(tb, "redis-server", "/usr/bin/redis-server"),
		append(args, "--port", itoa(port), "--bind", "127.0.0.1")...)
	return s
}

// Address is where it listens, host:port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", itoa(s.port)) }

// Restart starts it (again) and waits until it listens.
func (s *Server) Restart() {
	s.Kill()
	s.AwaitClosed(s.port)
	s.Start()
	s.AwaitPort(s.port, waittest.Bound)
}

func itoa(n int) string { return strconv.Itoa(n) }
