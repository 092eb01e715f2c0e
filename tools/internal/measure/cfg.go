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

// catalogue is what was imported: nodes pieces of equipment whose ids end with last, and among them a tree of about
// 10,000 below root.
type catalogue struct {
	nodes, last int64
	root        string
	treeNodes   int64
}

// cfg measures what the cache holds against bare gin, and what it does not hold against pgbench.
func (s *suite) cfg(ctx context.Context) error {
	s.sayf("cfg")
	c := catalogue{nodes: 60_000, root: "Site_000001"}
	if s.quick {
		c.nodes = 20_000
	}
	if err := s.fillCatalogue(ctx, &c); err != nil {
		return err
	}
	// Before anything else: what is asked here is in no cache.
	if err := s.uncachedItem(ctx, c); err != nil {
		return err
	}
	tree := cfgPrefix + "/equipments?root-name=" + c.root
	item := fmt.Sprintf("%s/equipments/%d", cfgPrefix, c.last)
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
		{fmt.Sprintf("cfg: cached tree of %d nodes", c.treeNodes), tree, http.StatusOK, nil},
		{"cfg: the same as gzip", tree, http.StatusOK, []string{"Accept-Encoding: gzip"}},
		{"cfg: the same as 304", tree, http.StatusNotModified, []string{"If-None-Match: " + ready.Header.Get("ETag")}},
	} {
		if err := s.againstBare(ctx, one.name, "cfg", one.path, one.want, one.headers...); err != nil {
			return err
		}
	}
	return s.saturate(ctx, "cfg: cached item", "cfg", item)
}

// fillCatalogue imports a generated tree and waits until its events are published.
func (s *suite) fillCatalogue(ctx context.Context, c *catalogue) error {
	generate := exec.CommandContext(ctx, "go", "run", "./cfg/cmd/generate", "-equipments", strconv.FormatInt(c.nodes, 10), "-commands", "0", "-parameters", "0")
	generate.Dir, generate.Stderr = s.place.Root, os.Stderr
	document, err := generate.Output()
	if err != nil {
		return fmt.Errorf("generate a catalogue: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.system.URL("cfg")+cfgPrefix+"/import", bytes.NewReader(document))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the import was answered %s", response.Status)
	}
	if err := s.settle(ctx, "nms"); err != nil {
		return err
	}
	return s.sql(ctx, "nms", func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "VACUUM ANALYZE equipment"); err != nil {
			return err
		}
		return conn.QueryRow(ctx, `SELECT max(id), count(*) FILTER (WHERE id = r.root OR parent_path::text LIKE '%.' || r.root || '.%' OR parent_path::text LIKE '%.' || r.root)
			FROM equipment, (SELECT id AS root FROM equipment WHERE name = $1 AND archived_at IS NULL) AS r
			WHERE archived_at IS NULL`, c.root).Scan(&c.last, &c.treeNodes)
	})
}

// sql opens a connection to a database for a moment.
func (s *suite) sql(ctx context.Context, database string, use func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.system.DSN(database))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return use(conn)
}

// settle waits until the events of a database are published, so that they disturb no figure.
func (s *suite) settle(ctx context.Context, database string) error {
	const patience = 2 * time.Minute
	return s.sql(ctx, database, func(conn *pgx.Conn) error {
		for begun := time.Now(); time.Since(begun) < patience; time.Sleep(20 * time.Millisecond) {
			var left bool
			if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM outbox)").Scan(&left); err != nil || !left {
				return err
			}
		}
		return fmt.Errorf("the events of %s are not published after %s", database, patience)
	})
}

// uncachedItem asks for items that no cache holds yet, each once, against pgbench's prepared select of the same rows;
// one client on either side.
func (s *suite) uncachedItem(ctx context.Context, c catalogue) error {
	first := c.last - c.nodes + 1
	script := filepath.Join(s.system.Dir(), "select.sql")
	text := fmt.Sprintf("\\set id random(%d, %d)\nSELECT id, parent_id, parent_path, name, name_full FROM equipment WHERE id = :id AND archived_at IS NULL;\n", first, c.last)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		return err
	}
	var asked atomic.Int64
	target := load.Target{Address: s.system.Address("cfg"), Want: http.StatusOK, Request: func(dst []byte, _ int64) []byte {
		return fmt.Appendf(dst, "GET %s/equipments/%d HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
			cfgPrefix, first+asked.Add(1)-1, s.token)
	}}
	return s.compare(ctx, "cfg: uncached item", "/s", AtLeast(0.5),
		side{"cfg", func(ctx context.Context) (float64, error) {
			result, err := load.Run(ctx, target, load.Plan{Clients: 1, For: s.slice / 2})
			if err != nil {
				return 0, err
			}
			if asked.Load() > c.nodes {
				return 0, fmt.Errorf("%d items were not enough", c.nodes)
			}
			return result.PerSecond(), nil
		}},
		side{"pgbench", func(ctx context.Context) (float64, error) { return s.pgbench(ctx, "nms", script) }})
}

var transactionsPerSecond = regexp.MustCompile(`tps = ([0-9.]+) `)

// pgbench gives the rate of a script with prepared statements and one client.
func (s *suite) pgbench(ctx context.Context, database, script string) (float64, error) {
	path, err := exec.LookPath("pgbench")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
		if len(found) == 0 {
			return 0, fmt.Errorf("pgbench is not installed (it belongs to PostgreSQL's contributions): %w", err)
		}
		path = found[len(found)-1]
	}
	out, err := exec.CommandContext(ctx, path, "-n", "-M", "prepared", "-c", "1", "-T", strconv.Itoa(max(1, int(s.slice.Seconds()))),
		"-f", script, s.system.DSN(database)).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	match := transactionsPerSecond.FindSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("pgbench says nothing of its rate: %s", out)
	}
	return strconv.ParseFloat(string(match[1]), 64)
}
