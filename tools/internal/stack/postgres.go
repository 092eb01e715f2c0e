package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nms.example/tools/internal/layout"
)

const superuser = "postgres"

// server holds what the start of the three servers needs.
type server struct {
	checkout Checkout
	bin      Binaries
	ports    Ports
	secrets  secrets
	throw    bool // throw-away: durability off, more connections
	spawner  *spawner
	known    knownVariables // what may be passed on to which service
	passed   []string       // variables that the services are given as the caller set them
}

// postgresDSN is the URL of a database for a role.
func postgresDSN(user, password, database string, port int) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: layout.Loopback(port),
		Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

func (s *server) superDSN(database string) string {
	return postgresDSN(superuser, s.secrets.Postgres, database, s.ports[portPostgres])
}

// initPostgres makes the data folder. It is made under another name first, so that an interrupted initdb
// never passes for a cluster.
func (s *server) initPostgres(ctx context.Context) error {
	data := s.checkout.dataDir("postgres")
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		have, _, _ := strings.Cut(s.bin.PostgresVersion, ".")
		if made := strings.TrimSpace(string(version)); made != have {
			return fmt.Errorf("the data were made by PostgreSQL %s and the one found is %s: "+
				"set POSTGRES_BIN to the older one's folder, or drop the data with ./task down --purge", made, have)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fresh := data + ".new"
	s.checkout.releaseMemory()
	if err := errors.Join(os.RemoveAll(fresh), os.RemoveAll(data)); err != nil {
		return err
	}
	if _, err := s.checkout.private("postgres.new"); err != nil {
		return err
	}
	password := s.checkout.dataDir("postgres.password")
	if err := s.checkout.write(password, s.secrets.Postgres+"\n"); err != nil {
		return err
	}
	defer os.Remove(password)
	args := []string{"-D", fresh, "-A", "scram-sha-256", "-U", superuser, "--pwfile", password,
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync"}
	cmd := exec.CommandContext(ctx, s.bin.Initdb, args...)
	cmd.Dir, cmd.Env = s.checkout.Data, s.serverEnv()
	if err := s.runOnce(ctx, cmd, "initdb"); err != nil {
		return err
	}
	return os.Rename(fresh, data)
}

// runOnce runs a short program as the servers' user; its output is shown when it fails. When it has to end
// early it is asked and may end in order: a killed child of initdb leaves shared memory behind.
func (s *server) runOnce(ctx context.Context, cmd *exec.Cmd, name string) error {
	const patience = 10 * time.Second
	log, err := os.Create(s.checkout.logPath(name))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	if err := s.spawner.start(cmd, s.checkout.Account, syscall.SIGTERM); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	err = cmd.Wait()
	awaitGroup(cmd.Process.Pid, patience)
	killGroup(cmd.Process.Pid, syscall.SIGKILL)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s failed (%w):\n  %s", name, err, strings.Join(tail(s.checkout.logPath(name), 6), "\n  "))
	}
	return nil
}

func (s *server) postgres() *program {
	settings := map[string]string{
		"listen_addresses":           "127.0.0.1",
		"port":                       strconv.Itoa(s.ports[portPostgres]),
		"unix_socket_directories":    "",
		"dynamic_shared_memory_type": "mmap", // in the data folder, so a kill leaves nothing in /dev/shm
		"max_connections":            "200",
		"timezone":                   "UTC",
		"log_timezone":               "UTC",
		"log_line_prefix":            logPrefix, // read again by ServerLogs
	}
	if s.throw {
		maps.Copy(settings, map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
			"max_connections": "1000", "shared_buffers": "512MB", "max_wal_size": "4GB", "autovacuum_naptime": "10s",
		})
	}
	args := []string{"-D", s.checkout.dataDir("postgres")}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return &program{
		name: portPostgres, path: s.bin.Postgres, args: args, env: s.serverEnv(), dir: s.checkout.Data,
		log: s.checkout.logPath(portPostgres),
		// SIGQUIT: stop at once, tidily. SIGINT: close the sessions and write a checkpoint.
		death: syscall.SIGQUIT, stop: syscall.SIGINT, grace: 20 * time.Second,
		ready: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			conn, err := pgconn.Connect(ctx, s.superDSN("postgres"))
			if err != nil {
				return withoutSecret(err)
			}
			return conn.Close(ctx)
		},
	}
}

// createDatabases makes the roles and databases that are not there yet.
func (s *server) createDatabases(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.superDSN("postgres"))
	if err != nil {
		return withoutSecret(err)
	}
	defer conn.Close(ctx)
	for _, name := range layout.Databases {
		quoted := pgx.Identifier{name}.Sanitize()
		var hasRole, hasDatabase bool
		const query = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), EXISTS (SELECT FROM pg_database WHERE datname = $1)"
		if err := conn.QueryRow(ctx, query, name).Scan(&hasRole, &hasDatabase); err != nil {
			return fmt.Errorf("look for the database %s: %w", name, err)
		}
		if !hasRole {
			if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", quoted, name)); err != nil {
				return fmt.Errorf("create the role %s: %w", name, err)
			}
		}
		if !hasDatabase {
			if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s OWNER %s", quoted, quoted)); err != nil {
				return fmt.Errorf("create the database %s: %w", name, err)
			}
		}
		if _, err := conn.Exec(ctx, fmt.Sprintf("REVOKE CONNECT ON DATABASE %s FROM PUBLIC", quoted)); err != nil {
			return fmt.Errorf("close the database %s to other roles: %w", name, err)
		}
	}
	return nil
}

// withoutSecret keeps the cause of a failed connection and drops the URL that pgx puts before it.
func withoutSecret(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return errors.New(pgErr.Message)
	}
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}
