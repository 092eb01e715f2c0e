//go:build workshop

package stack

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// stop ends programs in order.
func stop(names ...string) func(*prometheus) {
	return func(p *prometheus) {
		for _, name := range names {
			require.NoError(p.t, p.Stop(name))
		}
	}
}

// start starts programs again and waits until they serve.
func start(names ...string) func(*prometheus) {
	return func(p *prometheus) {
		for _, name := range names {
			require.NoError(p.t, p.Start(name))
		}
		for _, name := range names {
			require.NoError(p.t, p.AwaitReady(p.ctx, name))
		}
	}
}

// requests asks a service for a path some times.
func requests(service, path string, times int) func(*prometheus) {
	return func(p *prometheus) {
		for range times {
			p.call(http.MethodGet, service, path, "", nil)
		}
	}
}

// call sends a request as the administrator. The status is 0 when no answer came.
func (p *prometheus) call(method, service, path, kind string, body []byte) (status int) {
	request, err := http.NewRequestWithContext(p.ctx, method, p.URL(service)+path, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := p.http.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // so that the connection is used again; who cuts it off is no matter here
	return response.StatusCode
}

// logIn renews the token well before it expires.
func (p *prometheus) logIn() {
	p.t.Helper()
	const age = 5 * time.Minute // of 15
	if time.Since(p.loggedIn) < age {
		return
	}
	name, password := p.Login()
	response, err := p.http.PostForm(p.URL("auth")+"/api/v1/auth/token", url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}})
	require.NoError(p.t, err)
	defer response.Body.Close()
	var grant struct {
		Token string `json:"access_token"`
	}
	require.NoError(p.t, json.NewDecoder(response.Body).Decode(&grant))
	require.NotEmpty(p.t, grant.Token)
	p.token, p.loggedIn = grant.Token, time.Now()
}

const tracesPath = "/api/v1/inbox/traces"

// traceOf is a new trace of that many values.
func traceOf(points int) string {
	return fmt.Sprintf(`{"guid":%q,"start_freq_hz":100000000,"stop_freq_hz":%d,"step_freq_hz":100,"noise":-110.5,"numpoints":%d,"y_val_dbm":[%s-90.5],`+
		`"timestamp":%q,"location":{"lat":55.75,"lng":37.62}}`, uuid.NewString(), 100_000_000+100*(points-1), points,
		strings.Repeat("-90.5,", points-1), time.Now().UTC().Format(time.RFC3339Nano))
}

// trace posts a small trace, whatever comes of it; when it is stored, so is an event.
func (p *prometheus) trace() {
	p.call(http.MethodPost, "inbox", tracesPath, "application/json", []byte(traceOf(5)))
}

// largeTrace posts a trace of 200 kB in the queue, and waits for no answer.
func (p *prometheus) largeTrace() {
	body := []byte(traceOf(100_000))
	p.waiting.Go(func() { p.call(http.MethodPost, "inbox", tracesPath, "application/json", body) })
}

// settle logs in and waits until the journal has every event so far, so that from then on it stands still unless something
// is written. The last event is of the only trace, behind all others in the journal's queue.
func (p *prometheus) settle() {
	p.t.Helper()
	const patience, pause = 5 * time.Minute, 100 * time.Millisecond
	p.logIn()
	require.Eventually(p.t, func() bool {
		waiting := 0
		for _, database := range layout.Databases {
			waiting += p.count(database, "outbox")
		}
		return waiting == 0
	}, patience, pause, "the outboxes stay full")
	p.trace()
	requests("inbox", tracesPath+"/"+uuid.NewString(), 1)(p) // as later ones: the first of its kind moves no rate
	require.Eventually(p.t, func() bool { return p.count("admin", "event WHERE type LIKE 'inbox.trace.%'") > 0 }, patience, pause,
		"the journal does not catch up")
}

// count counts the rows of a table.
func (p *prometheus) count(database, table string) (rows int) {
	p.t.Helper()
	conn, err := pgx.Connect(p.ctx, p.SuperDSN(database))
	require.NoError(p.t, err)
	defer func() { require.NoError(p.t, conn.Close(p.ctx)) }()
	require.NoError(p.t, conn.QueryRow(p.ctx, "SELECT count(*) FROM "+table).Scan(&rows))
	return rows
}

// metric is the sum of a metric's series as a service shows it.
func (p *prometheus) metric(service, name string) (sum float64) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.URL(service)+"/metrics", nil)
	require.NoError(p.t, err)
	response, err := p.http.Do(request)
	require.NoError(p.t, err)
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		series, text, _ := strings.Cut(lines.Text(), " ")
		if shown, _, _ := strings.Cut(series, "{"); shown == name {
			number, err := strconv.ParseFloat(text[strings.LastIndexByte(text, ' ')+1:], 64)
			require.NoError(p.t, err, lines.Text())
			sum += number
		}
	}
	return sum
}

// sql runs statements as PostgreSQL's superuser.
func (p *prometheus) sql(database string, statements ...string) {
	p.t.Helper()
	conn, err := pgx.Connect(p.ctx, p.SuperDSN(database))
	require.NoError(p.t, err)
	defer func() { require.NoError(p.t, conn.Close(p.ctx)) }()
	for _, statement := range statements {
		_, err = conn.Exec(p.ctx, statement)
		require.NoError(p.t, err)
	}
}

// lockTraces lets nobody read or write traces until release is called. Readers wait for it, more than there are connections.
func (p *prometheus) lockTraces() (release func()) {
	p.t.Helper()
	const readers = 16
	unlock := p.lock("dwh", "trace_key, trace")
	locked := make(chan struct{})
	for range readers {
		p.waiting.Go(func() {
			for {
				p.call(http.MethodGet, "inbox", tracesPath+"/"+uuid.NewString(), "", nil)
				select {
				case <-locked:
					return
				default: // the service gave up: again
				}
			}
		})
	}
	return sync.OnceFunc(func() {
		close(locked)
		unlock()
	})
}

// lock lets nobody read or write tables until release is called, which waits for all requests in the background.
func (p *prometheus) lock(database, tables string) (release func()) {
	p.t.Helper()
	conn, err := pgx.Connect(p.ctx, p.SuperDSN(database))
	require.NoError(p.t, err)
	for _, statement := range []string{"BEGIN", "LOCK TABLE " + tables + " IN ACCESS EXCLUSIVE MODE"} {
		_, err = conn.Exec(p.ctx, statement)
		require.NoError(p.t, err)
	}
	return sync.OnceFunc(func() {
		require.NoError(p.t, conn.Close(p.ctx))
		p.waiting.Wait()
	})
}

// garbage puts a message into the journal's queue that is no event.
func (p *prometheus) garbage() {
	p.t.Helper()
	conn, err := amqp.Dial(p.BrokerDSN())
	require.NoError(p.t, err)
	defer func() { require.NoError(p.t, conn.Close()) }()
	channel, err := conn.Channel()
	require.NoError(p.t, err)
	require.NoError(p.t, channel.Confirm(false))
	confirmed, err := channel.PublishWithDeferredConfirmWithContext(p.ctx, "", "admin.journal", true, false, amqp.Publishing{Body: []byte("no event")})
	require.NoError(p.t, err)
	acknowledged, err := confirmed.WaitContext(p.ctx)
	require.NoError(p.t, err)
	require.True(p.t, acknowledged)
}

// refuseEvents has the journal's table refuse a hundred events.
func (p *prometheus) refuseEvents() {
	p.t.Helper()
	p.sql("admin", `CREATE FUNCTION refuse_events() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'provoked by a test'; END $$`,
		"CREATE TRIGGER refuse_events BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_events()")
	var lines strings.Builder
	for range 100 {
		lines.WriteString(traceOf(5) + "\n")
	}
	require.Equal(p.t, http.StatusOK, p.call(http.MethodPost, "inbox", tracesPath, "application/x-ndjson", []byte(lines.String())))
}

func (p *prometheus) takeEvents() { p.sql("admin", "DROP FUNCTION refuse_events CASCADE") }

// closeConnections has RabbitMQ close all connections that it shows.
func (p *prometheus) closeConnections() {
	p.t.Helper()
	var connections []struct{ Name string }
	if _, err := p.get(p.ctx, p.ManagementURL()+"/api/connections", &connections); err != nil {
		return // asked again
	}
	for _, one := range connections {
		request, err := http.NewRequestWithContext(p.ctx, http.MethodDelete, p.ManagementURL()+"/api/connections/"+url.PathEscape(one.Name), nil)
		require.NoError(p.t, err)
		response, err := p.http.Do(request)
		require.NoError(p.t, err)
		require.NoError(p.t, response.Body.Close())
	}
}

// agedEvent stores an event, and lets those that wait be two minutes old.
func (p *prometheus) agedEvent() {
	p.t.Helper()
	p.trace()
	p.sql("dwh", "UPDATE outbox SET created_at = clock_timestamp() - interval '2 minutes'")
}

// prlimit reads or sets the soft limit of auth's open files (util-linux, prlimit(1)), as the user that auth runs as.
func (p *prometheus) prlimit(args ...string) string {
	p.t.Helper()
	auth, err := p.Process("auth")
	require.NoError(p.t, err)
	cmd := exec.CommandContext(p.ctx, "prlimit", append([]string{"--pid=" + strconv.Itoa(auth.PID)}, args...)...)
	if as := p.checkout.Account; as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.UID, Gid: as.GID}}
	}
	out, err := cmd.CombinedOutput()
	require.NoError(p.t, err, string(out))
	return strings.TrimSpace(string(out))
}

// fewFiles sets the limit just above what auth has open.
func (p *prometheus) fewFiles() {
	p.t.Helper()
	p.files = p.prlimit("--nofile", "--output=SOFT", "--noheadings", "--raw")
	p.prlimit(fmt.Sprintf("--nofile=%.0f:", p.metric("auth", "process_open_fds")/0.9+1))
}

func (p *prometheus) manyFiles() { p.prlimit("--nofile=" + p.files + ":") }

// anotherVersion starts an instance of auth that says that it is of another version.
func (p *prometheus) anotherVersion() {
	p.t.Helper()
	binary := p.Binary("auth")
	build := p.goCommand(p.ctx, slices.Concat([]string{"build", "-ldflags=-X nms.example/common/service.version=v0.0.0-other"}, buildFlags(),
		[]string{"-o", binary + ".other", "./auth"})...)
	out, err := build.CombinedOutput()
	require.NoError(p.t, err, string(out))
	require.NoError(p.t, os.Chmod(binary+".other", 0o755))
	require.NoError(p.t, os.Rename(binary, binary+".first"))
	require.NoError(p.t, os.Rename(binary+".other", binary))
	_, err = p.StartSecond(p.ctx, "auth", nil)
	require.NoError(p.t, err)
	require.NoError(p.t, os.Rename(binary+".first", binary))
	p.targets()
}

// oneVersion stops what anotherVersion started, as a roll-out does that was rolled back.
func (p *prometheus) oneVersion() {
	p.t.Helper()
	for _, name := range p.Programs() {
		if strings.HasPrefix(name, "auth-") {
			require.NoError(p.t, p.Stop(name))
		}
	}
	p.targets()
}

// restarts kills cfg three times, and waits each time until Prometheus has seen the new process.
func (p *prometheus) restarts() {
	p.t.Helper()
	for i := range 3 {
		require.NoError(p.t, p.Kill("cfg"))
		start("cfg")(p)
		p.await("cfg's new start is seen", func(map[string]rule) bool {
			return p.value(`changes(process_start_time_seconds{job="cfg"}[30m])`) > float64(i)
		}, nil)
	}
}

// awaitFirst waits until every service is scraped and every alert silent.
func (p *prometheus) awaitFirst() {
	p.t.Helper()
	p.await("all quiet at first", func(now map[string]rule) bool {
		for _, one := range now {
			if len(one.Alerts) > 0 {
				return false
			}
		}
		return p.value("count(up == 1)") == float64(len(layout.Services))
	}, nil)
}
