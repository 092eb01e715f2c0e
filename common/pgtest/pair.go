package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	schema "nms.example/sql"
	"nms.example/sql/migrate"

	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/proctest"
)

const (
	superuser = "postgres"
	// pairPatience bounds the wait for anything that a server of a pair does.
	pairPatience = 2 * time.Minute
)

// Pair is two PostgreSQL servers of a test's own: a primary, and a standby that follows it by streaming replication.
// Both are killed when the test ends.
type Pair struct {
	tb       testing.TB
	password string
	// Primary and Standby change places with Promote.
	Primary, Standby *Node
}

// Node is one of the two servers.
type Node struct {
	*proctest.Process
	dir  string
	port int
}

// NewPair starts a pair, with further settings (NAME=VALUE) for both. With synchronous the primary's commits wait until the standby has
// them; a promoted standby waits for nobody.
func NewPair(tb testing.TB, synchronous bool, further ...string) *Pair {
	tb.Helper()
	p := &Pair{tb: tb, password: rand.Text()}
	dir, account := proctest.ServerDir(tb)
	initdb := proctest.Find(tb, programs("initdb")...)
	secret := filepath.Join(dir, "password")
	p.must(os.WriteFile(secret, []byte(p.password), 0o600))
	p.must(account.Own(secret))
	first := filepath.Join(dir, "first")
	account.Run(tb, dir, initdb, "-D", first, "-A", "scram-sha-256", "-U", superuser, "--pwfile", secret,
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

	var both, settings []string
	for _, setting := range further {
		both = append(both, "-c", setting)
	}
	if synchronous {
		settings = append(settings, "-c", "synchronous_standby_names=*")
	}
	second := filepath.Join(dir, "second")
	p.Primary = p.node(account, first, append(settings, both...)...)
	p.copyData(account, first, second)
	p.Standby = p.node(account, second, both...)
	p.Primary.begin(p)
	p.Attach()
	return p
}

// programs are the places where the usual packages put a program of the server, the newest version first. The
// variable POSTGRES_BIN names another folder.
func programs(name string) []string {
	if folder := os.Getenv("POSTGRES_BIN"); folder != "" {
		return []string{filepath.Join(folder, name)}
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/postgresql*/bin"} {
		matches, _ := filepath.Glob(filepath.Join(pattern, name)) // the patterns are well formed
		for i := range matches {
			found = append(found, matches[len(matches)-1-i])
		}
	}
	return append(found, name)
}

func (p *Pair) node(account proctest.Account, dir string, settings ...string) *Node {
	n := &Node{dir: dir, port: proctest.FreePort(p.tb)}
	args := append([]string{
		"-D", dir, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(n.port), "-c", "unix_socket_directories=",
		"-c", "dynamic_shared_memory_type=mmap", "-c", "shared_buffers=16MB",
		// A killed process loses nothing that the kernel has.
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_keep_size=256MB", "-c", "wal_retrieve_retry_interval=50ms",
		"-c", "lc_messages=C", "-c", "timezone=UTC",
	}, settings...)
	n.Process = proctest.New(p.tb, filepath.Dir(dir), os.Environ(), proctest.Find(p.tb, programs("postgres")...), args...).As(account)
	p.tb.Cleanup(func() { // runs before the process's own, and removes what only a next start would
		n.Kill()
		proctest.ReleaseMemory(filepath.Join(dir, "postmaster.pid"))
	})
	return n
}

// copyData makes a standby's data of those of a server that has not been started yet.
func (p *Pair) copyData(account proctest.Account, from, to string) {
	p.must(os.CopyFS(to, os.DirFS(from)))
	conninfo := fmt.Sprintf("primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s'\n", p.Primary.port, superuser, p.password)
	settings, err := os.OpenFile(filepath.Join(to, "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	p.must(err)
	_, err = io.WriteString(settings, conninfo)
	p.must(errors.Join(err, settings.Close(), os.WriteFile(filepath.Join(to, "standby.signal"), nil, 0o600)))
	p.must(filepath.WalkDir(to, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o700)
		}
		return errors.Join(err, account.Own(path))
	}))
}

func (p *Pair) must(err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatalf("pgtest: a pair of servers: %v", err)
	}
}

// Address is the server's host and port.
func (n *Node) Address() string { return "127.0.0.1:" + strconv.Itoa(n.port) }

// begin starts a server and waits until it answers.
func (n *Node) begin(p *Pair) {
	n.Start()
	n.AwaitPort(n.port, pairPatience)
	p.await("the server on port "+strconv.Itoa(n.port)+" answers", func(ctx context.Context) bool { return n.tells(ctx, p, "SELECT true") })
}

// tells asks a server for a truth value; one that does not answer tells false.
func (n *Node) tells(ctx context.Context, p *Pair, query string, args ...any) (holds bool) {
	conn, err := n.connect(ctx, p)
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	return conn.QueryRow(ctx, query, args...).Scan(&holds) == nil && holds
}

func (n *Node) connect(ctx context.Context, p *Pair) (*pgx.Conn, error) {
	return pgx.Connect(ctx, p.url(superuser, "postgres", n))
}

// await waits until a condition holds.
func (p *Pair) await(what string, holds func(ctx context.Context) bool) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.tb.Context(), pairPatience)
	defer cancel()
	for ; !holds(ctx); time.Sleep(10 * time.Millisecond) {
		if ctx.Err() != nil {
			p.tb.Fatalf("pgtest: waited in vain until %s\n%s", what, p.Primary.Output())
		}
	}
}

// url is the address of a database on some of the servers, in their order.
func (p *Pair) url(user, database string, nodes ...*Node) string {
	hosts := make([]string, len(nodes))
	for i, n := range nodes {
		hosts[i] = n.Address()
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(user, p.password), Host: strings.Join(hosts, ","),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// PairDatabase makes the database of kind K on the pair, with its schema and an ordinary role as its owner.
func PairDatabase[K db.Kind](p *Pair) {
	p.tb.Helper()
	name := string(db.DatabaseOf[K]())
	p.Exec(p.Primary, "CREATE ROLE "+owner+" LOGIN PASSWORD '"+p.password+"'")
	p.Exec(p.Primary, "CREATE DATABASE "+name+" OWNER "+owner)
	_, err := migrate.Up(p.tb.Context(), migrate.Target{Database: schema.Database(name), URL: p.url(owner, name, p.Primary)}, io.Discard)
	p.must(err)
}

// PairDSN is the address of PairDatabase's database on some of the servers, in this order.
func PairDSN[K db.Kind](p *Pair, nodes ...*Node) config.PostgresDSN {
	p.tb.Helper()
	return decode(p.tb, p.url(owner, string(db.DatabaseOf[K]()), nodes...))
}

// Exec runs a statement as superuser on one of the servers.
func (p *Pair) Exec(n *Node, statement string) {
	p.tb.Helper()
	conn, err := n.connect(p.tb.Context(), p)
	p.must(err)
	_, err = conn.Exec(p.tb.Context(), statement)
	p.must(errors.Join(err, conn.Close(p.tb.Context())))
}

// Detach kills the standby.
func (p *Pair) Detach() { p.Standby.Kill() }

// Attach starts the standby and waits until it has what the primary has.
func (p *Pair) Attach() {
	p.tb.Helper()
	p.Standby.begin(p)
	p.CatchUp()
}

// CatchUp waits until the standby has what the primary has.
func (p *Pair) CatchUp() {
	p.tb.Helper()
	p.await("the standby follows", func(ctx context.Context) bool {
		return p.Primary.tells(ctx, p, `SELECT count(*) = 1 FROM pg_stat_replication
			WHERE state = 'streaming' AND replay_lsn = pg_current_wal_lsn()
			  AND (sync_state = 'sync' OR current_setting('synchronous_standby_names') = '')`)
	})
}

// Promote kills the primary, makes a primary of the standby as it is, and waits until that takes changes. The old primary can
// be started again only by hand: its history has parted from the new one's.
func (p *Pair) Promote() {
	p.tb.Helper()
	p.Primary.Kill()
	if !p.Standby.Running() {
		p.Standby.begin(p)
	}
	p.Exec(p.Standby, "SELECT pg_promote()")
	p.Primary, p.Standby = p.Standby, p.Primary
	p.await("the promoted server takes changes", func(ctx context.Context) bool {
		return p.Primary.tells(ctx, p, "SELECT NOT pg_is_in_recovery()")
	})
}

// Waiting waits until a commit of the named application waits for the standby.
func (p *Pair) Waiting(application string) {
	p.tb.Helper()
	p.await("a commit of "+application+" waits for the standby", func(ctx context.Context) bool {
		return p.Primary.tells(ctx, p, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = $1)",
			application)
	})
}

// CancelWait waits until a commit of the named application waits for the standby, and cancels the wait.
func (p *Pair) CancelWait(application string) {
	p.tb.Helper()
	p.Waiting(application)
	p.Exec(p.Primary, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = '"+application+"'")
}
