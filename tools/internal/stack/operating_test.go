//go:build workshop

//nolint:paralleltest // one system is brought from state to state
package stack

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// connections is the DB_MAX_CONNS of the system that operated runs.
const connections = 3

// operated is a system on which the steps of docs/operating.md are done.
type operated struct {
	*Private

	t    *testing.T
	http *prometheus // for its requests; no Prometheus runs
	text string      // docs/operating.md
}

func operate(t *testing.T) *operated {
	t.Helper()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	p, err := StartPrivate(t.Context(), checkout, Console{Out: t.Output()}, PrivateOptions{
		Durable: true, // with the users and passwords of ./task up
		Env:     map[string]string{"HEALTH_INTERVAL": "500ms", "RATE_LIMIT": "0", "DB_MAX_CONNS": strconv.Itoa(connections)},
	})
	require.NoError(t, err)
	t.Cleanup(p.Close)
	text, err := os.ReadFile(filepath.Join(checkout.Root, "docs", "operating.md"))
	require.NoError(t, err)
	requests := &prometheus{Private: p, t: t, ctx: context.WithoutCancel(t.Context()), http: http.Client{Timeout: time.Minute}}
	t.Cleanup(requests.http.CloseIdleConnections)
	requests.logIn()
	return &operated{Private: p, t: t, http: requests, text: string(text)}
}

// said returns what the guide says between two texts, behind a heading.
func (o *operated) said(heading, from, to string) string {
	o.t.Helper()
	_, section, found := strings.Cut(o.text, "\n### "+heading+"\n")
	if !found {
		_, section, found = strings.Cut(o.text, "\n## "+heading+"\n")
	}
	require.True(o.t, found, heading)
	_, rest, found := strings.Cut(section, from)
	require.True(o.t, found, from)
	words, _, found := strings.Cut(rest, to)
	require.True(o.t, found, to)
	return words
}

// shell runs commands of RabbitMQ (rabbitmqctl …) against this system's broker.
func (o *operated) shell(commands string) string {
	o.t.Helper()
	cmd := exec.CommandContext(o.t.Context(), "/bin/sh", "-ec", commands)
	cmd.Dir = o.checkout.dataDir("rabbitmq")
	cmd.Env = append(o.brokerEnv(cmd.Dir), "PATH="+filepath.Dir(o.bin.Rabbit)+":"+os.Getenv("PATH"))
	if as := o.checkout.Account; as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.UID, Gid: as.GID}}
	}
	out, err := cmd.CombinedOutput()
	require.NoError(o.t, err, "%s\n%s", commands, out)
	return string(out)
}

// give restarts services with another value of a variable.
func (o *operated) give(variable, value string, services ...string) {
	o.t.Helper()
	o.giveAll(map[string]string{variable: value}, services...)
}

// giveAll restarts services with other values of variables.
func (o *operated) giveAll(values map[string]string, services ...string) {
	o.t.Helper()
	for _, name := range services {
		one, err := o.find(name)
		require.NoError(o.t, err)
		require.NoError(o.t, o.Stop(name))
		for variable, value := range values {
			one.env = append(one.env, variable+"="+value)
		}
		require.NoError(o.t, o.Start(name))
		require.NoError(o.t, o.AwaitReady(o.t.Context(), name))
	}
	o.healthy()
}

func (o *operated) until(what string, holds func() bool) {
	o.t.Helper()
	require.Eventually(o.t, holds, 5*time.Minute, 50*time.Millisecond, what)
}

// healthy waits until no service misses anything.
func (o *operated) healthy() {
	o.t.Helper()
	for _, service := range layout.Services {
		needs := 2 + len(service.Databases) // RabbitMQ and Redis
		if len(service.Databases) == 0 {
			needs = 1 // Redis alone
		}
		o.until(service.Name+" is healthy", func() bool {
			up := o.http.metric(service.Name, "nms_dependency_up")
			return o.http.metric(service.Name, "nms_health_code") == 0 && up >= float64(needs)
		})
	}
}

// arrives posts a trace and waits until its event is in the journal.
func (o *operated) arrives() {
	o.t.Helper()
	o.http.logIn()
	before := o.http.count("admin", "event WHERE type LIKE 'inbox.trace.%'")
	require.Equal(o.t, http.StatusCreated, o.http.call(http.MethodPost, "inbox", tracesPath, "application/json", []byte(traceOf(5))))
	o.until("the event is in the journal", func() bool { return o.http.count("admin", "event WHERE type LIKE 'inbox.trace.%'") > before })
}

func TestWhatTheGuideTellsOperatorsToDo(t *testing.T) {
	o := operate(t)
	o.healthy()
	o.listensOnLoopbackAlone()
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"instances one after the other", o.oneAfterTheOther},
		{"one records, the other takes over", o.takeOver},
		{"RabbitMQ short of memory", o.shortOfMemory},
		{"a password of PostgreSQL", o.databasePassword},
		{"users of RabbitMQ", o.brokerUsers},
		{"a lost RabbitMQ", o.lostBroker},
		{"a password of Redis", o.redisPassword},
		{"a private key of auth", o.privateKey},
		{"TLS to all servers", o.encrypted},
	} {
		begun := time.Now()
		step.do()
		t.Logf("%s: %.1f s", step.name, time.Since(begun).Seconds())
	}
	most := o.watchConnections()
	var group sync.WaitGroup
	for service, path := range map[string]string{"auth": "/api/v1/auth/users", "cfg": "/api/v1/cfg/commands?q=x", "inbox": tracesPath, "admin": "/api/v1/admin/events", "ctrl": "/api/v1/ctrl/commands"} {
		for range 20 {
			group.Go(func() {
				for range 10 {
					o.http.call(http.MethodGet, service, path, "", nil)
				}
			})
		}
	}
	group.Wait()
	users := map[string]int{}
	for _, service := range layout.Services {
		for _, database := range service.Databases {
			users[database]++
		}
	}
	for database, n := range most() {
		require.LessOrEqual(t, n, users[database]*(connections+3), "connections to %s, as under Capacity", database)
		require.GreaterOrEqual(t, n, connections, database)
	}
}

// watchConnections counts the connections to each database until its answer is asked for.
func (o *operated) watchConnections() (most func() map[string]int) {
	o.t.Helper()
	found, stop, done := map[string]int{}, make(chan struct{}), make(chan error, 1)
	conn, err := pgx.Connect(o.t.Context(), o.SuperDSN("postgres"))
	require.NoError(o.t, err)
	go func() {
		defer conn.Close(context.Background())
		for {
			// The query's error is that of ForEachRow.
			rows, _ := conn.Query(context.Background(), `SELECT datname, count(*)::int FROM pg_stat_activity
				WHERE backend_type = 'client backend' AND usename <> 'postgres' GROUP BY 1`)
			var database string
			var n int
			if _, err := pgx.ForEachRow(rows, []any{&database, &n}, func() error { found[database] = max(found[database], n); return nil }); err != nil {
				done <- err
				return
			}
			select {
			case <-stop:
				done <- nil
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() map[string]int {
		close(stop)
		require.NoError(o.t, <-done)
		require.Len(o.t, found, len(layout.Databases))
		return found
	}
}

// listensOnLoopbackAlone reads the listening sockets of every process (proc_pid_net(5)).
func (o *operated) listensOnLoopbackAlone() {
	o.t.Helper()
	const listening, loopback4, loopback6 = "0A", "0100007F", "00000000000000000000000001000000"
	seen := 0
	for _, name := range o.Programs() {
		one, err := o.find(name)
		require.NoError(o.t, err)
		owned := map[string]bool{}
		for _, member := range o.members(one) {
			dir := fmt.Sprintf("/proc/%d/fd", member.PID)
			entries, err := os.ReadDir(dir)
			if err != nil {
				continue // it has ended
			}
			for _, entry := range entries {
				target, _ := os.Readlink(filepath.Join(dir, entry.Name())) // one that was closed is nobody's
				owned[strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]")] = true
			}
		}
		for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
			table, err := os.Open(file)
			if os.IsNotExist(err) {
				continue // a machine without IPv6
			}
			require.NoError(o.t, err)
			for lines := bufio.NewScanner(table); lines.Scan(); {
				fields := strings.Fields(lines.Text())
				if len(fields) < 10 || fields[3] != listening || !owned[fields[9]] {
					continue
				}
				address, port, _ := strings.Cut(fields[1], ":")
				number, err := hex.DecodeString(port)
				require.NoError(o.t, err)
				require.Contains(o.t, []string{loopback4, loopback6}, address, "%s listens on port %d", name, int(number[0])<<8+int(number[1]))
				seen++
			}
			require.NoError(o.t, table.Close())
		}
	}
	require.GreaterOrEqual(o.t, seen, len(layout.Services)+4, "services, PostgreSQL, Redis, RabbitMQ and epmd")
}

// takeOver kills the instance of admin that records while another one stands by.
func (o *operated) takeOver() {
	o.t.Helper()
	o.arrives()
	second, err := o.StartSecond(o.t.Context(), "admin", nil)
	require.NoError(o.t, err)
	require.NoError(o.t, o.Kill("admin"))
	o.arrives()
	start("admin")(o.http)
	require.NoError(o.t, o.Kill(second))
	o.arrives()
}

// shortOfMemory has the broker refuse publishers, as it does when memory or disk run out: events wait and arrive later.
func (o *operated) shortOfMemory() {
	o.t.Helper()
	o.arrives()
	o.shell("rabbitmqctl set_vm_memory_high_watermark 0")
	require.Contains(o.t, o.shell(o.said("NMSBusDown", "runs out: `", "`")), "emory")
	before := o.http.count("admin", "event WHERE type LIKE 'inbox.trace.%'")
	const traces = 5
	for range traces {
		require.Equal(o.t, http.StatusCreated, o.http.call(http.MethodPost, "inbox", tracesPath, "application/json", []byte(traceOf(5))))
		waiting := o.http.count("dwh", "outbox")
		require.Positive(o.t, waiting)
	}
	o.until("the backlog is measured", func() bool { return o.http.metric("inbox", "nms_outbox_rows") > 0 })
	require.Equal(o.t, before, o.http.count("admin", "event WHERE type LIKE 'inbox.trace.%'"))
	o.shell("rabbitmqctl set_vm_memory_high_watermark 0.4")
	o.until("the outbox is empty", func() bool { return o.http.count("dwh", "outbox") == 0 })
	o.until("all events are in the journal, once", func() bool {
		return o.http.count("admin", "event WHERE type LIKE 'inbox.trace.%'") == before+traces
	})
}

// dsn is that of cfg and ctrl, with other credentials.
func (o *operated) dsn(user, password string) string {
	return postgresDSN(user, password, "nms", o.ports[portPostgres])
}

// endConnections ends those of the database nms.
func (o *operated) endConnections() {
	o.http.sql("nms", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'nms' AND pid <> pg_backend_pid()")
}

func (o *operated) databasePassword() {
	o.t.Helper()
	statement := o.said("Database passwords", "```sql\n", "\n```")
	o.http.sql("nms", statement)
	require.NoError(o.t, serviceReady(o.t.Context(), o.ports["cfg"]), "open connections go on")
	o.endConnections()
	words := o.said("NMSDatabaseDown", "password that was changed\n(`", "`")
	o.until("the log names the cause", func() bool {
		log, err := os.ReadFile(o.Log("cfg"))
		require.NoError(o.t, err)
		return strings.Contains(string(log), words)
	})
	o.until("cfg is not ready", func() bool { return serviceReady(o.t.Context(), o.ports["cfg"]) != nil })
	o.give("DB_NMS_DSN", o.dsn("nms", "the new one"), "cfg", "ctrl")

	// With a second role nothing is away in between.
	o.http.sql("nms", strings.ReplaceAll(o.said("Database passwords", "move it there: `", "`"), "'…'", "'another'"))
	o.give("DB_NMS_DSN", o.dsn("nms_b", "another"), "cfg", "ctrl")
	o.http.sql("nms", strings.ReplaceAll(statement, "the new one", "the newest"))
	o.endConnections()
	conn, err := pgx.Connect(o.t.Context(), o.dsn("nms_b", "another"))
	require.NoError(o.t, err)
	var user string
	require.NoError(o.t, conn.QueryRow(o.t.Context(), "SELECT current_user").Scan(&user))
	require.NoError(o.t, conn.Close(o.t.Context()))
	require.Equal(o.t, "nms", user, "what it makes belongs to the first role")
	o.healthy()
	require.Equal(o.t, http.StatusCreated, o.http.call(http.MethodPost, "cfg", "/api/v1/cfg/equipments", "application/json", []byte(`{"name":"after","name_full":"after"}`)))
}

func (o *operated) brokerUsers() {
	o.t.Helper()
	first, second, found := strings.Cut(o.said("RabbitMQ and Redis", "```sh\n", "```"), "\n# MQ_DSN of every service")
	require.True(o.t, found)
	_, second, found = strings.Cut(second, "\n")
	require.True(o.t, found)
	open, err := amqp.Dial(o.BrokerDSN())
	require.NoError(o.t, err)
	closed := open.NotifyClose(make(chan *amqp.Error, 1))
	o.shell(first)
	moved := url.URL{Scheme: "amqp", User: url.UserPassword("nms_b", "the new one"), Host: o.Address("rabbitmq"), Path: "/"}
	o.give("MQ_DSN", moved.String(), serviceNames()...)
	channel, err := open.Channel()
	require.NoError(o.t, err, "open connections go on")
	require.NoError(o.t, channel.Close())
	o.shell(second)
	select {
	case reason := <-closed:
		require.NotNil(o.t, reason)
	case <-time.After(5 * time.Minute):
		require.Fail(o.t, "the connection of a user that is gone is open")
	}
	_, err = amqp.Dial(o.BrokerDSN())
	require.Error(o.t, err)
	o.healthy()
	o.arrives()
}

// lostBroker loses the broker with all its data: users come from the definitions, all else is declared by the services.
func (o *operated) lostBroker() {
	o.t.Helper()
	export := o.said("Backup and restore", "Users and permissions are not: `", "`")
	verb := o.said("Backup and restore", "\nand `", "` carry them")
	const documented = "/var/backups/rabbitmq.json"
	file := filepath.Join(o.checkout.dataDir("rabbitmq"), "definitions.json")
	require.Contains(o.t, export, documented)
	o.shell(strings.ReplaceAll(export, documented, file))
	require.NoError(o.t, o.Kill("rabbitmq"))
	require.NoError(o.t, os.RemoveAll(filepath.Join(o.checkout.dataDir("rabbitmq"), "mnesia")))
	_, err := o.checkout.private("rabbitmq", "mnesia")
	require.NoError(o.t, err)
	require.NoError(o.t, o.Start("rabbitmq"))
	require.NoError(o.t, o.AwaitReady(o.t.Context(), "rabbitmq"))
	o.shell("rabbitmqctl " + verb + " " + file)
	o.healthy()
	o.arrives()
}

// askRedis sends Redis a command as a text, as redis-cli does, and returns the first line of the answer.
func (o *operated) askRedis(password, command string) string {
	o.t.Helper()
	conn, err := dial(o.t.Context(), o.ports[portRedis])
	require.NoError(o.t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "AUTH \"%s\"\r\n%s\r\n", password, command)
	require.NoError(o.t, err)
	reader := bufio.NewReader(conn)
	_, err = reader.ReadString('\n') // of AUTH; where that failed the command fails, too
	require.NoError(o.t, err)
	answer, err := reader.ReadString('\n')
	require.NoError(o.t, err)
	return strings.TrimSpace(answer)
}

func (o *operated) redisPassword() {
	o.t.Helper()
	old := o.secrets.Redis
	require.Equal(o.t, "+OK", o.askRedis(old, o.said("RabbitMQ and Redis", "several passwords at a time: `", "`")))
	moved := url.URL{Scheme: "redis", User: url.UserPassword("", "the new one"), Host: o.Address("redis"), Path: "/0"}
	o.give("REDIS_DSN", moved.String(), serviceNames()...)
	remove := o.said("RabbitMQ and Redis", "services with it, then `", "`")
	require.Equal(o.t, "+OK", o.askRedis("the new one", strings.ReplaceAll(remove, "the old one", old)))
	require.Contains(o.t, o.askRedis(old, "PING"), "-NOAUTH")
	require.Equal(o.t, "+PONG", o.askRedis("the new one", "PING"))
	o.healthy()
}

// balancer is a load balancer as README means it: it asks every instance's /readyz and sends requests in turn to those that are ready.
type balancer struct {
	ports []int
	ready atomic.Pointer[[]int]
	turn  atomic.Int64
}

func (b *balancer) look(ctx context.Context) {
	var ready []int
	for _, port := range b.ports {
		if serviceReady(ctx, port) == nil {
			ready = append(ready, port)
		}
	}
	b.ready.Store(&ready)
}

func (b *balancer) rewrite(r *httputil.ProxyRequest) {
	ready := *b.ready.Load()
	if len(ready) == 0 {
		ready = b.ports // and the request fails
	}
	port := ready[int(b.turn.Add(1))%len(ready)]
	r.SetURL(&url.URL{Scheme: "http", Host: layout.Loopback(port)})
}

// oneAfterTheOther restarts the instances of a service in turn behind a load balancer: no request fails.
func (o *operated) oneAfterTheOther() {
	o.t.Helper()
	o.give("SHUTDOWN_DELAY", "5s", "cfg")
	second, err := o.StartSecond(o.t.Context(), "cfg", map[string]string{"SHUTDOWN_DELAY": "5s"})
	require.NoError(o.t, err)
	b := &balancer{ports: []int{o.ports["cfg"], o.ports[second]}}
	b.look(o.t.Context())
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: b.rewrite})
	defer server.Close()
	ctx, stop := context.WithCancel(o.t.Context())
	defer stop()
	var group sync.WaitGroup
	group.Go(func() {
		for pause(ctx, 50*time.Millisecond) == nil {
			b.look(context.WithoutCancel(ctx))
		}
	})
	var good atomic.Int64
	failed := make(chan string, 1000)
	for worker := range 4 {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				method, body := http.MethodGet, ""
				if n%2 == 1 {
					method, body = http.MethodPost, fmt.Sprintf(`{"name":"%[1]s %[2]d %[3]d","name_full":"x"}`, second, worker, n)
				}
				r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, server.URL+"/api/v1/cfg/equipments", strings.NewReader(body))
				if err != nil {
					failed <- err.Error()
					return
				}
				r.Header.Set("Authorization", "Bearer "+o.http.token)
				r.Header.Set("Content-Type", "application/json")
				answer, err := o.http.http.Do(r)
				if err != nil {
					failed <- err.Error()
					return
				}
				_ = answer.Body.Close() // only the status counts
				if answer.StatusCode/100 != 2 {
					failed <- method + " " + answer.Status
					return
				}
				good.Add(1)
			}
		})
	}
	for _, name := range []string{"cfg", second} {
		before := good.Load()
		o.until("requests are answered", func() bool { return good.Load() > before+50 })
		require.NoError(o.t, o.Stop(name))
		require.NoError(o.t, o.Start(name))
		require.NoError(o.t, o.AwaitReady(o.t.Context(), name))
		o.until("both take requests", func() bool { return len(*b.ready.Load()) == 2 })
	}
	before := good.Load()
	o.until("requests are answered", func() bool { return good.Load() > before+50 || len(failed) > 0 })
	stop()
	group.Wait()
	close(failed)
	for one := range failed {
		require.Fail(o.t, "a request failed", one)
	}
	require.NoError(o.t, o.Stop(second))
	o.give("SHUTDOWN_DELAY", "0s", "cfg")
}
