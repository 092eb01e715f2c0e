package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/tools/internal/load"
	"nms.example/tools/internal/stack"
)

const (
	// theirs is what the report calls the original, and the name of its role and database.
	theirs = "original"
	// originalGoal is how many times the original's rate ours has to reach.
	originalGoal = 20
	// originalNeeds are what the original imports from elsewhere, and how Debian has it.
	originalNeeds = "fastapi, uvicorn, gunicorn, asyncpg, aiosql, scipy, dotenv"
	originalHelp  = "apt-get install python3-fastapi uvicorn gunicorn python3-asyncpg python3-uvloop python3-httptools python3-dotenv python3-scipy; " +
		"what Debian does not have (aiosql) is found through PYTHONPATH"
)

// original compares this system with the one that it takes the place of: the same requests in one run, in turns.
func (s *suite) original(ctx context.Context, dir string) error {
	s.sayf("beside the original")
	s.report.Beside = "Beside the original"
	const nodes, commands, parameters = 1000, 1000, 1000
	var err error
	if s.token, err = s.login(ctx); err != nil {
		return err
	}
	if _, err := s.fillCatalogue(ctx, nodes, commands, parameters); err != nil {
		return err
	}
	root, err := s.startOriginal(ctx, dir)
	if err != nil {
		return fmt.Errorf("start the original: %w", err)
	}
	for _, one := range []struct{ name, path string }{
		{"an item", fmt.Sprintf("/equipments/%d", root)},
		{"the whole tree, 1,000 nodes", "/equipments"},
		{"the tree below root-id, 111 nodes", fmt.Sprintf("/equipments?root-id=%d", root)},
		{"the tree of a name", "/equipments?name=Site_000001"},
		{"a page of 500 commands", "/commands?limit=500&page=2"},
		{"a page of 100 parameters", "/telemetry?limit=100&page=2"},
	} {
		if err := s.againstOriginal(ctx, one.name, cfgPrefix+one.path); err != nil {
			return err
		}
	}
	return s.tracesAgainstOriginal(ctx)
}

// startOriginal makes the original's database, fills it with our catalogue and starts both of its services. It returns the
// id of a node with 110 others below it.
func (s *suite) startOriginal(ctx context.Context, dir string) (root int64, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return 0, err
	}
	env := []string{
		"PYTHONPATH=" + strings.TrimSuffix(dir+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"), string(os.PathListSeparator)),
		"PYTHONDONTWRITEBYTECODE=1", "PATH=" + os.Getenv("PATH"), "ENVIRONMENT=prod",
	}
	python, err := findPython(ctx, env)
	if err != nil {
		return 0, err
	}
	dsn, err := s.originalDatabase(ctx, dir)
	if err != nil {
		return 0, err
	}
	if root, err = s.copyCatalogue(ctx, dsn.String()); err != nil {
		return 0, fmt.Errorf("copy the catalogue: %w", err)
	}
	// It drops the port of a DSN; its driver takes it from here.
	env = append(env, "PGPORT="+dsn.Port(), "DB_NMS_DSN="+dsn.String(), "DB_DWH_DSN="+dsn.String())
	for _, service := range []string{"cfg", "inbox"} {
		err := s.system.StartFurther(ctx, stack.Further{
			Name: theirs + "-" + service, Path: python, Env: env, Ready: "/", Args: func(port string) []string {
				// Without keep-alive it hangs up on a client that is two seconds late with its next request.
				return []string{"-m", "gunicorn", "--bind=127.0.0.1:" + port, "--workers=" + strconv.Itoa(runtime.NumCPU()), "--keep-alive=60",
					"--worker-class=uvicorn.workers.UvicornWorker", "nms." + service + ".main:app"}
			},
		})
		if err != nil {
			return 0, err
		}
	}
	return root, nil
}

// findPython returns an interpreter that has all that the original needs: Debian's own where another comes first.
func findPython(ctx context.Context, env []string) (string, error) {
	var reasons []error
	for _, candidate := range []string{"python3", "/usr/bin/python3"} {
		path, err := exec.LookPath(candidate)
		if err != nil {
			reasons = append(reasons, err)
			continue
		}
		cmd := exec.CommandContext(ctx, path, "-c", "import nms.cfg, "+originalNeeds)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err == nil {
			return path, nil
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		reasons = append(reasons, fmt.Errorf("%s: %s", path, lines[len(lines)-1]))
	}
	return "", fmt.Errorf("no Python here has what the original needs (%s): %w", originalHelp, errors.Join(reasons...))
}

// originalDatabase makes a database of the original's own, from its migrations.
func (s *suite) originalDatabase(ctx context.Context, dir string) (*url.URL, error) {
	dsn, err := url.Parse(s.system.SuperDSN(theirs))
	if err != nil {
		return nil, err
	}
	for _, step := range []struct{ database, sql string }{
		{"postgres", "CREATE ROLE original LOGIN PASSWORD 'original'"},
		{"postgres", "CREATE DATABASE original OWNER original"},
		{theirs, `CREATE EXTENSION ltree; CREATE EXTENSION "uuid-ossp"`},
	} {
		if err := onConnection(ctx, s.system.SuperDSN(step.database), simply(ctx, step.sql)); err != nil {
			return nil, err
		}
	}
	dsn.User = url.UserPassword(theirs, theirs)
	migrations, err := filepath.Glob(filepath.Join(dir, "db", "nms", "migrations", "*.sql"))
	if err != nil || len(migrations) == 0 {
		return nil, errors.Join(fmt.Errorf("%s holds no migrations of the original", dir), err)
	}
	for _, file := range migrations { // sorted, as their names order them
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		up, _, _ := strings.Cut(string(text), "-- name: down#")
		if err := onConnection(ctx, dsn.String(), simply(ctx, up)); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return dsn, nil
}

// simply runs statements without parameters.
func simply(ctx context.Context, statements string) func(*pgx.Conn) error {
	return func(conn *pgx.Conn) error { return conn.PgConn().Exec(ctx, statements).Close() }
}

// The catalogue, under the same ids. The original's trigger makes the paths, of parents first: they have the lower ids.
var catalogueTables = []struct{ table, columns, from string }{
	{"equipment", "id, parent_id, name, name_full", "equipment WHERE archived_at IS NULL"},
	{"commands_toc", "id, parent_id, name", "command_toc WHERE archived_at IS NULL"},
	{"commands", "id, equipment_id, toc_id, name, name_full, description, undo_cmd_id", "command WHERE archived_at IS NULL"},
	{"telemetry", "id, name, name_full, description, value_validator", "telemetry WHERE archived_at IS NULL"},
}

// copyCatalogue gives the original what our cfg has, and returns the id of the node Site_000001.
func (s *suite) copyCatalogue(ctx context.Context, to string) (root int64, err error) {
	err = onConnection(ctx, to, simply(ctx, "TRUNCATE equipment, commands_toc, commands, telemetry"))
	if err != nil {
		return 0, err
	}
	err = s.sql(ctx, "nms", func(from *pgx.Conn) error {
		for _, one := range catalogueTables {
			var rows bytes.Buffer
			read := "COPY (SELECT " + one.columns + " FROM " + one.from + " ORDER BY id) TO STDOUT"
			if _, err := from.PgConn().CopyTo(ctx, &rows, read); err != nil {
				return fmt.Errorf("read %s: %w", one.table, err)
			}
			err := onConnection(ctx, to, func(conn *pgx.Conn) error {
				_, err := conn.PgConn().CopyFrom(ctx, &rows, "COPY "+one.table+" ("+one.columns+") FROM STDIN")
				return err
			})
			if err != nil {
				return fmt.Errorf("write %s: %w", one.table, err)
			}
		}
		return from.QueryRow(ctx, "SELECT id FROM equipment WHERE name = 'Site_000001'").Scan(&root)
	})
	if err != nil {
		return 0, err
	}
	return root, onConnection(ctx, to, simply(ctx, "ANALYZE"))
}

// againstOriginal compares a GET of both cfg services, which have to give as many items.
func (s *suite) againstOriginal(ctx context.Context, name, path string) error {
	items := map[string]int{}
	for _, service := range []string{"cfg", theirs + "-cfg"} {
		answer, err := s.fetch(ctx, service, path, []string{"Authorization: Bearer " + s.token})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if answer.Status != http.StatusOK {
			return fmt.Errorf("%s: %s answers %d: %.300s", name, service, answer.Status, answer.Body)
		}
		items[service] = bytes.Count(answer.Body, []byte(`"id":`))
	}
	if items["cfg"] == 0 || items["cfg"] != items[theirs+"-cfg"] {
		return fmt.Errorf("%s: the answers do not hold the same: %v items", name, items)
	}
	requests, sides := map[string][]byte{}, map[string]side{}
	for service := range items {
		address := s.system.Address(service)
		requests[service] = load.Get(address, path, "Authorization: Bearer "+s.token) // the original knows no logins
		sides[service] = side{"the original", s.ask(address, http.StatusOK, requests[service])}
	}
	if err := s.compare(ctx, "cfg: "+name, "/s", AtLeast(originalGoal), sides["cfg"], sides[theirs+"-cfg"]); err != nil {
		return err
	}
	for _, service := range []string{"cfg", theirs + "-cfg"} {
		var result *load.Result
		cpu, err := s.spent(func() (n int64, err error) {
			result, err = load.Run(ctx, load.Target{Address: s.system.Address(service), Want: http.StatusOK, Request: load.Same(requests[service])},
				load.Plan{Clients: clients, For: s.slice})
			return result.Done, err
		})
		if err != nil {
			return err
		}
		s.latency(Latency{Name: service + ": " + name, Rate: result.PerSecond(), P50: ms(result.Wait(0.5)), P99: ms(result.Wait(0.99)), CPU: cpu})
	}
	return nil
}

// tracesAgainstOriginal compares single posts of the same bodies. The original checks a trace and drops it; ours commits it
// with its event, publishes that and records it in the journal.
func (s *suite) tracesAgainstOriginal(ctx context.Context) error {
	if err := s.buildSpectra(ctx); err != nil {
		return err
	}
	l := traceLoad{points: 1000, clients: 256, journal: true}
	post := func(service string, count int) (sent, error) {
		result, err := s.send(ctx, s.system.Address(service), l, count, 0)
		if err == nil && result.Created != int64(count) {
			err = fmt.Errorf("%s: %d of %d traces were taken", service, result.Created, count)
		}
		return result, err
	}
	counts := map[string]int{}
	for service, probe := range map[string]int{"inbox": 4000, theirs + "-inbox": 512} {
		result, err := post(service, probe)
		if err != nil {
			return err
		}
		counts[service] = max(probe, int(float64(probe)/result.Seconds*s.slice.Seconds()))
	}
	theirPosts := side{"the original", func(ctx context.Context) (float64, error) {
		if err := s.settleJournal(ctx); err != nil { // what ours has left to do is not the original's burden
			return 0, err
		}
		result, err := post(theirs+"-inbox", counts[theirs+"-inbox"])
		return float64(result.Created) / result.Seconds, err
	}}
	answered := side{"inbox", func(context.Context) (float64, error) {
		result, err := post("inbox", counts["inbox"])
		return float64(result.Created) / result.Seconds, err
	}}
	if err := s.compare(ctx, l.String(), "/s", AtLeast(originalGoal), answered, theirPosts); err != nil {
		return err
	}
	for _, service := range []string{"inbox", theirs + "-inbox"} {
		var result sent
		cpu, err := s.spent(func() (n int64, err error) { // all that a trace costs, whoever does it and whenever
			result, err = post(service, counts[service])
			return result.Created, errors.Join(err, s.settleJournal(ctx))
		})
		if err != nil {
			return err
		}
		s.latency(Latency{Name: service + strings.TrimPrefix(l.String(), "inbox"), Rate: float64(result.Created) / result.Seconds,
			P50: 1000 * result.P50, P99: 1000 * result.P99, CPU: cpu})
	}
	return nil
}

// settleJournal waits until the traces' events are published and recorded.
func (s *suite) settleJournal(ctx context.Context) error {
	if err := s.settle(ctx, "dwh"); err != nil {
		return err
	}
	const patience, quiet = 2 * time.Minute, 300 * time.Millisecond
	return s.sql(ctx, "admin", func(conn *pgx.Conn) error {
		var last int64
		for begun, since := time.Now(), time.Now(); time.Since(since) < quiet; time.Sleep(20 * time.Millisecond) {
			var now int64
			if err := conn.QueryRow(ctx, "SELECT last_value FROM event_seq_seq").Scan(&now); err != nil {
				return err
			}
			if now != last {
				last, since = now, time.Now()
			}
			if time.Since(begun) > patience {
				return fmt.Errorf("the journal is still busy after %s", patience)
			}
		}
		return nil
	})
}
