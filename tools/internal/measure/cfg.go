package measure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/tools/internal/load"
)

const cfgPrefix = "/api/v1/cfg"

// cfg measures what the cache holds against bare gin, and what it does not hold against pgbench.
func (s *suite) cfg(ctx context.Context) error {
	s.sayf("cfg")
	const treeNodes = 10_000
	last, err := s.fillCatalogue(ctx, treeNodes, 0, 0)
	if err != nil {
		return err
	}
	tree, item := cfgPrefix+"/equipments", fmt.Sprintf("%s/equipments/%d", cfgPrefix, last)
	ready, err := s.fetch(ctx, "cfg", tree, []string{"Authorization: Bearer " + s.token})
	if err != nil {
		return err
	}
	for _, one := range []struct {
		name, path string
		want       int
		headers    []string
	}{
		{"cfg: cached item", item, http.StatusOK, nil},
		{"cfg: cached tree of 10,000 nodes", tree, http.StatusOK, nil},
		{"cfg: the same as gzip", tree, http.StatusOK, []string{"Accept-Encoding: gzip"}},
		{"cfg: the same as 304", tree, http.StatusNotModified, []string{"If-None-Match: " + ready.Header.Get("ETag")}},
	} {
		if err := s.againstBare(ctx, one.name, "cfg", one.path, one.want, one.headers...); err != nil {
			return err
		}
	}
	if err := s.saturate(ctx, "cfg: cached item", "cfg", item); err != nil {
		return err
	}
	// More of the same catalogue: nobody has asked for the new items yet, so no cache holds them.
	nodes := 200_000
	if s.quick {
		nodes = 40_000
	}
	// The journal would be busy with so many events while the items are asked for.
	if err := s.journal(ctx, false); err != nil {
		return err
	}
	end, err := s.fillCatalogue(ctx, nodes, 0, 0)
	if err != nil {
		return err
	}
	if err := s.uncachedItems(ctx, last+1, end); err != nil {
		return err
	}
	return s.journal(ctx, true)
}

// fillCatalogue imports a generated catalogue and waits until its events are published. It returns the highest id of
// equipment.
func (s *suite) fillCatalogue(ctx context.Context, nodes, commands, parameters int) (last int64, err error) {
	generate := exec.CommandContext(ctx, "go", "run", "./cfg/cmd/generate", "-equipments", strconv.Itoa(nodes),
		"-commands", strconv.Itoa(commands), "-parameters", strconv.Itoa(parameters))
	generate.Dir, generate.Stderr = s.checkout.Root, os.Stderr
	document, err := generate.Output()
	if err != nil {
		return 0, fmt.Errorf("generate a catalogue: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.system.URL("cfg")+cfgPrefix+"/import", bytes.NewReader(document))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the import was answered %s", response.Status)
	}
	if err := s.settle(ctx, "nms"); err != nil {
		return 0, err
	}
	err = s.sql(ctx, "nms", func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "VACUUM ANALYZE equipment"); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "SELECT max(id) FROM equipment").Scan(&last)
	})
	return last, err
}

// sql opens a connection to a database for a moment.
func (s *suite) sql(ctx context.Context, database string, use func(*pgx.Conn) error) error {
	return onConnection(ctx, s.system.DSN(database), use)
}

func onConnection(ctx context.Context, dsn string, use func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return use(conn)
}

// awaitNone waits until a database has no row of a query, which begins with its FROM. otherwise says what is so when it still
// has one at the end of patience.
func (s *suite) awaitNone(ctx context.Context, database string, patience time.Duration, otherwise, from string, args ...any) error {
	return s.sql(ctx, database, func(conn *pgx.Conn) error {
		for begun := time.Now(); time.Since(begun) < patience; time.Sleep(20 * time.Millisecond) {
			var left bool
			if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT "+from+")", args...).Scan(&left); err != nil || !left {
				return err
			}
		}
		return fmt.Errorf("%s after %s", otherwise, patience)
	})
}

// settle waits until the events of a database are published and its changes are in its files, so that neither
// disturbs the next figure.
func (s *suite) settle(ctx context.Context, database string) error {
	err := s.awaitNone(ctx, database, 2*time.Minute, "the events of "+database+" are not published", "FROM outbox")
	if err != nil {
		return err
	}
	return onConnection(ctx, s.system.SuperDSN(database), func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CHECKPOINT")
		return err
	})
}

// The statements that pgbench compares uncached items with. The first one gives the bare row, the second one all that
// the item has: the names of the nodes above it too.
const (
	selectRow = "SELECT id, parent_id, parent_path, name, name_full FROM equipment WHERE id = :id AND archived_at IS NULL;"

	selectItem = "SELECT e.id, e.parent_id, e.parent_path, e.name, e.name_full, " +
		"coalesce('/' || (SELECT string_agg(a.name, '/' ORDER BY nlevel(a.parent_path)) FROM equipment a " +
		"WHERE a.id = ANY (string_to_array(e.parent_path::text, '.')::bigint[])), '/') " +
		"FROM equipment e WHERE e.id = :id AND e.archived_at IS NULL;"
)

// uncachedItems asks for the items from first to last, each once, against pgbench's prepared selects of the same rows,
// with as many clients on either side.
func (s *suite) uncachedItems(ctx context.Context, first, last int64) error {
	next := first - 1
	target := load.Target{Address: s.system.Address("cfg"), Want: http.StatusOK, Request: func(dst []byte, _ int64) []byte {
		return fmt.Appendf(dst, "GET %s/equipments/%d HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
			cfgPrefix, atomic.AddInt64(&next, 1), s.token)
	}}
	loads := []int{clients, 8 * clients}
	if s.quick {
		loads = loads[:1]
	}
	for _, many := range loads {
		ours := side{"cfg", func(ctx context.Context) (float64, error) {
			result, err := load.Run(ctx, target, load.Plan{Clients: many, For: s.slice / 2})
			if err != nil {
				return 0, err
			}
			if result.Other > 0 || next > last {
				return 0, fmt.Errorf("the items from %d to %d were not enough", first, last)
			}
			return result.PerSecond(), nil
		}}
		var ceilings []side
		for _, ceiling := range []struct{ label, statement string }{{"pgbench, the row", selectRow}, {"pgbench, the item", selectItem}} {
			script := fmt.Sprintf("\\set id random(%d, %d)\n%s\n", first, last, ceiling.statement)
			ceilings = append(ceilings, side{ceiling.label, func(ctx context.Context) (float64, error) {
				return s.pgbench(ctx, "nms", script, many)
			}})
		}
		if err := s.compare(ctx, fmt.Sprintf("cfg: uncached items, %d clients", many), "/s", AtLeast(0.5), ours, ceilings...); err != nil {
			return err
		}
	}
	return nil
}

var transactionsPerSecond = regexp.MustCompile(`tps = ([0-9.]+) `)

// pgbench returns the rate of a script with prepared statements.
func (s *suite) pgbench(ctx context.Context, database, script string, many int) (float64, error) {
	path, err := exec.LookPath("pgbench")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
		if len(found) == 0 {
			return 0, fmt.Errorf("pgbench is not installed (it belongs to PostgreSQL's contributions): %w", err)
		}
		path = found[len(found)-1]
	}
	file := filepath.Join(s.system.Dir(), "pgbench.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	seconds := strconv.Itoa(1 + many/64) // it connects in this time, too
	out, err := exec.CommandContext(ctx, path, "-n", "-M", "prepared", "-c", strconv.Itoa(many), "-j", "2", "-T", seconds, "-f", file, s.system.DSN(database)).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	match := transactionsPerSecond.FindSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("pgbench says nothing of its rate: %s", out)
	}
	return strconv.ParseFloat(string(match[1]), 64)
}
