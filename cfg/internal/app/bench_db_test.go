package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"nms.example/cfg/internal/generator"
)

func jsonOf(v any) ([]byte, error) { return json.Marshal(v) }

func (s *benchService) connect(b *testing.B) *pgx.Conn {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), s.dsn)
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.Close(context.WithoutCancel(b.Context())) })
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "ltree", Codec: pgtype.LtreeCodec{}, OID: ltreeOID(b, conn)})
	return conn
}

func ltreeOID(b *testing.B, conn *pgx.Conn) uint32 {
	b.Helper()
	var oid uint32
	require.NoError(b, conn.QueryRow(b.Context(), "SELECT 'ltree'::regtype::oid").Scan(&oid))
	return oid
}

var pgbenchTPS = regexp.MustCompile(`tps = ([0-9.]+) `)

// pgbench returns the transactions per second of a script with prepared statements.
func (s *benchService) pgbench(b *testing.B, script string, clients int) float64 {
	b.Helper()
	path, err := exec.LookPath("pgbench")
	if err != nil {
		matches, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
		require.NotEmpty(b, matches, "pgbench belongs to postgresql-contrib; install it to run this benchmark")
		path = matches[len(matches)-1]
	}
	file := filepath.Join(b.TempDir(), "select.sql")
	require.NoError(b, os.WriteFile(file, []byte(script), 0o600))
	out, err := exec.CommandContext(b.Context(), path, "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)), "-T", "1", "-f", file, s.dsn).CombinedOutput()
	require.NoError(b, err, "%s", out)
	match := pgbenchTPS.FindSubmatch(out)
	require.NotNil(b, match, "%s", out)
	tps, err := strconv.ParseFloat(string(match[1]), 64)
	require.NoError(b, err)
	return tps
}

// BenchmarkUncachedItem: items that are read from the database, against pgbench's prepared select of the same
// rows by their key, with one client each. "miss" asks for each item once, so that every answer is also put into
// memory and, behind the answer, into Redis; "bypass" reads past the cache (?fields=…). "miss-beside-another" is the
// miss of one of two instances, which costs a question to Redis besides and has no goal of its own.
func BenchmarkUncachedItem(b *testing.B) {
	const nodes = 100_000
	s := startBench(b, generator.Sizes{Equipments: nodes})
	const all = "?fields=id,parent_id,parent_path,parent_path_name,name,name_full"
	script := fmt.Sprintf("\\set id random(1, %d)\nSELECT id, parent_id, parent_path, name, name_full FROM equipment WHERE id = :id AND archived_at IS NULL;\n", nodes)
	next := 0
	run := func(name, suffix string, floor float64) {
		b.Run(name, func(b *testing.B) {
			if name == "miss-beside-another" {
				s.instance(b)
			}
			c := dial(b, s.url, "/")
			defer func() { _ = c.conn.Close() }()
			ours := func() float64 {
				n, began := 0, time.Now()
				for ; time.Since(began) < benchRound; n++ {
					next = next%nodes + 1
					c.request = fmt.Appendf(c.request[:0], "GET /api/v1/cfg/equipments/%d%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", next, suffix, s.token)
					status, _, _, err := c.get()
					if err != nil || status != http.StatusOK {
						b.Fatalf("status %d, %v", status, err)
					}
				}
				return float64(n) / time.Since(began).Seconds()
			}
			compare(b, floor, ours, func() float64 { return s.pgbench(b, script, 1) })
		})
	}
	run("miss", "", 0.5)
	run("bypass", all, 0.5)
	run("miss-beside-another", "", 0)
}

// BenchmarkCommandPage: a page of 1,500 out of 10,000 commands, read past the cache, against the same SQL
// through COPY.
func BenchmarkCommandPage(b *testing.B) {
	s := startBench(b, generator.Sizes{Equipments: 1000, Commands: 10_000})
	conn := s.connect(b)
	const sql = `COPY (SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id, e.name, u.name
		FROM command c JOIN equipment e ON e.id = c.equipment_id LEFT JOIN command u ON u.id = c.undo_cmd_id
		WHERE c.archived_at IS NULL ORDER BY c.name, c.id LIMIT 1500 OFFSET 3000) TO STDOUT`
	for name, query := range map[string]string{"cached": "?page=3", "uncached": "?page=3&sort=name"} {
		b.Run(name, func(b *testing.B) {
			c := dial(b, s.url, "/api/v1/cfg/commands"+query, "Authorization: Bearer "+s.token)
			defer func() { _ = c.conn.Close() }()
			perSecond := func(once func() error) func() float64 {
				return func() float64 {
					n, began := 0, time.Now()
					for ; time.Since(began) < benchRound; n++ {
						require.NoError(b, once())
					}
					return float64(n) / time.Since(began).Seconds()
				}
			}
			compare(b, 0, perSecond(func() error { _, _, _, err := c.get(); return err }),
				perSecond(func() error { _, err := conn.PgConn().CopyTo(b.Context(), io.Discard, sql); return err }))
		})
	}
}

// BenchmarkMoveSubtree: moving a subtree of 100,000 nodes through the API against one plain UPDATE of as many
// rows; the ceiling of the times' ratio is 3.
func BenchmarkMoveSubtree(b *testing.B) {
	s := startBench(b, generator.Sizes{Equipments: 100_000})
	conn := s.connect(b)
	target := s.create(b, "target")
	var ratios, moves, updates []float64
	vacuum := func() {
		_, err := conn.Exec(b.Context(), "VACUUM ANALYZE equipment")
		require.NoError(b, err)
	}
	at := 0
	for b.Loop() {
		for range benchRounds {
			vacuum()
			began := time.Now()
			_, err := conn.Exec(b.Context(), "ALTER TABLE equipment DISABLE TRIGGER equipment_version; UPDATE equipment SET name_full = name_full || '.' WHERE id <= 100000; ALTER TABLE equipment ENABLE TRIGGER equipment_version")
			require.NoError(b, err)
			plain := time.Since(began).Seconds()
			vacuum()
			body := fmt.Sprintf(`{"parent_id":%d}`, target)
			if at++; at%2 == 0 {
				body = `{"parent_id":null}`
			}
			began = time.Now()
			s.send(b, http.MethodPatch, "/equipments/1", body)
			move := time.Since(began).Seconds()
			ratios, moves, updates = append(ratios, move/plain), append(moves, move), append(updates, plain)
		}
	}
	b.ReportMetric(median(moves), "move-s")
	b.ReportMetric(median(updates), "update-s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(3, "ceiling")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkImport: rows per second of importing 100,000 nodes through the API, events and report included,
// against COPY of the same rows into the same table (constraints, indexes and triggers on) and into a copy of it
// that has only its indexes.
func BenchmarkImport(b *testing.B) {
	const nodes = 100_000
	body, err := jsonOf(generator.Document(generator.Sizes{Equipments: nodes}))
	require.NoError(b, err)
	s := startBench(b, generator.Sizes{})
	conn := s.connect(b)
	exec := func(sql string) {
		_, err := conn.Exec(b.Context(), sql)
		require.NoError(b, err)
	}
	exec("CREATE TABLE bare (LIKE equipment INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING INDEXES)")
	var rows [][]any
	copyInto := func(table string) float64 {
		exec("TRUNCATE equipment, equipment_history, bare CASCADE")
		began := time.Now()
		n, err := conn.CopyFrom(b.Context(), pgx.Identifier{table}, []string{"id", "parent_id", "parent_path", "name", "name_full"}, pgx.CopyFromRows(rows))
		require.NoError(b, err)
		return float64(n) / time.Since(began).Seconds()
	}
	var imports, same, bareRates, ratios, bareRatios []float64
	for b.Loop() {
		for range benchRounds {
			exec("TRUNCATE equipment, equipment_history, bare, outbox CASCADE")
			began := time.Now()
			s.send(b, http.MethodPost, "/import", string(body))
			imported := nodes / time.Since(began).Seconds()
			if rows == nil {
				rows = s.rows(b, conn)
			}
			copied, bare := copyInto("equipment"), copyInto("bare")
			imports, same, bareRates = append(imports, imported), append(same, copied), append(bareRates, bare)
			ratios, bareRatios = append(ratios, imported/copied), append(bareRatios, imported/bare)
		}
	}
	b.ReportMetric(median(imports), "import-rows/s")
	b.ReportMetric(median(same), "copy-rows/s")
	b.ReportMetric(median(bareRates), "barecopy-rows/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(bareRatios), "bare-ratio")
	b.ReportMetric(0.3, "floor")
	b.ReportMetric(0, "ns/op")
}

// rows reads what was imported, in the order of the tree.
func (s *benchService) rows(b *testing.B, conn *pgx.Conn) [][]any {
	b.Helper()
	found, err := conn.Query(b.Context(), "SELECT id, parent_id, parent_path::text, name, name_full FROM equipment ORDER BY parent_path, id")
	require.NoError(b, err)
	rows, err := pgx.CollectRows(found, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	require.NoError(b, err)
	return rows
}

// BenchmarkLarge: how long single calls take on 100,000 pieces of equipment, 100,000 commands and 50,000
// parameters, none of them from the cache.
func BenchmarkLarge(b *testing.B) {
	s := startBench(b, generator.Large)
	for name, path := range map[string]string{
		"tree":              "/equipments?sort=name",
		"subtree-1000":      "/equipments?root-id=100",
		"level":             "/equipments?root-id=100&depth=1&sort=name",
		"search-equipment":  "/equipments?q=_0543",
		"commands-first":    "/commands?limit=1500&sort=name",
		"commands-last":     "/commands?limit=1500&page=66&sort=name",
		"commands-section":  "/commands?toc-id=1",
		"commands-search":   "/commands?q=54321",
		"commands-sorted":   "/commands?sort=-equipment_name&limit=100",
		"telemetry-search":  "/telemetry?q=0432",
		"usage-of-the-root": "/equipments/1/usage",
		"export":            "/export?catalogue=commands&format=csv",
	} {
		b.Run(name, func(b *testing.B) {
			c := dial(b, s.url, "/api/v1/cfg"+path, "Authorization: Bearer "+s.token)
			defer func() { _ = c.conn.Close() }()
			size := 0
			for b.Loop() {
				status, _, n, err := c.get()
				if err != nil || status != http.StatusOK {
					b.Fatalf("status %d, %v", status, err)
				}
				size = n
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/call")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

func (s *benchService) send(b *testing.B, method, path, body string) []byte {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, s.url+"/api/v1/cfg"+path, strings.NewReader(body))
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	require.NoError(b, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.Less(b, resp.StatusCode, 300, "%s", answer)
	return answer
}

func (s *benchService) create(b *testing.B, name string) int64 {
	b.Helper()
	var item struct{ ID int64 }
	require.NoError(b, json.Unmarshal(s.send(b, http.MethodPost, "/equipments", fmt.Sprintf(`{"name":%q,"name_full":"x"}`, name)), &item))
	return item.ID
}
