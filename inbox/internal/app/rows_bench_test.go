package app_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/load"
)

// BenchmarkStoredRows compares what a posted trace costs with 10,000 and with 10 million stored ones, spread
// over a month of partitions. The two take turns, so that the ratios hold on a machine that does other things
// as well. The filling takes 3 GB and a few minutes; STORED_ROWS sets another number.
//
//	go test ./internal/app -run '^$' -bench StoredRows -benchtime 1x -timeout 1h
//
// pg-ratio compares the processor time of PostgreSQL's sessions, which is where the rows could tell,
// wall-ratio the time to commit; both are medians over the rounds.
func BenchmarkStoredRows(b *testing.B) {
	const few, rounds, posts, clients = 10_000, 9, 3000, 64
	many := 10_000_000
	if text := os.Getenv("STORED_ROWS"); text != "" {
		var err error
		many, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	sides := [2]*side{newSide(b, few), newSide(b, many)}
	bodies := load.NewBodies(1, axisOf(1000))
	for b.Loop() {
		var wall, cpu []float64
		for round := range rounds + 1 {
			var cost [2]cost
			for i, s := range sides {
				cost[i] = s.post(b, bodies, posts, clients)
			}
			if round > 0 { // the first one warms up
				wall = append(wall, cost[1].wall/cost[0].wall)
				cpu = append(cpu, cost[1].cpu/cost[0].cpu)
			}
		}
		b.ReportMetric(median(wall), "wall-ratio")
		b.ReportMetric(median(cpu), "pg-ratio")
		b.ReportMetric(0, "ns/op")
	}
}

// side is an inbox on a database with a number of stored traces.
type side struct {
	pool   *db.Pool[db.DWH]
	target load.Target
}

// cost is what a trace takes, in µs.
type cost struct{ wall, cpu float64 }

func newSide(b *testing.B, rows int) *side {
	b.Helper()
	dsn := pgtest.DSN[db.DWH](b)
	pool := pgtest.Open[db.DWH](b, db.Settings{DSN: dsn, ApplicationName: "bench", Limits: db.Limits{StatementTimeout: time.Hour}})
	began := time.Now()
	fill(b, pool, rows)
	b.Logf("%d rows stored in %v", rows, time.Since(began).Round(time.Second))
	return &side{pool, startOn(b, dsn)}
}

// startOn runs inbox on a database, without the checks that tests add.
func startOn(b *testing.B, dsn config.PostgresDSN) load.Target {
	b.Helper()
	instance := servicetest.Start(b, app.Identity, app.Build, map[string]string{
		"DB_DWH_DSN": dsn.Reveal(), "MQ_DSN": bustest.New(b).DSN.Reveal(), "REDIS_DSN": redistest.DSN(b).Reveal(),
		"REDIS_PREFIX": redistest.Prefix(b), "JWT_SECRET_KEY": secret, "LOG_LEVEL": "warn",
		"INTAKE_RATE_LIMIT": "1000000", "INTAKE_RATE_BURST": "1000000",
	})
	app.Events.SetCheck(func(*event.Event) error { return nil })
	return load.Target{URL: instance.URL + base + traces, Token: token(b, authn.Mask(authn.InboxWrite))}
}

// post sends some traces and returns what each one took.
func (s *side) post(b *testing.B, bodies *load.Bodies, count, clients int) cost {
	b.Helper()
	before := s.sessions(b)
	result, err := load.Posts(b.Context(), s.target, bodies, count, clients, 0)
	require.NoError(b, err)
	require.EqualValues(b, count, result.Created)
	var spent float64
	for pid, cpu := range s.sessions(b) {
		spent += cpu - before[pid]
	}
	return cost{wall: 1e6 * result.Took.Seconds() / float64(count), cpu: spent / float64(count)}
}

// sessions returns the processor time of each of the database's sessions, in µs. It needs a server on this machine.
func (s *side) sessions(b *testing.B) map[int]float64 {
	b.Helper()
	rows, err := s.pool.Query(b.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`)
	require.NoError(b, err)
	defer rows.Close()
	spent := map[int]float64{}
	for rows.Next() {
		var pid int
		require.NoError(b, rows.Scan(&pid))
		spent[pid] = processorTime(b, pid)
	}
	require.NoError(b, rows.Err())
	return spent
}

// processorTime reads what a process of this machine has used, in µs.
func processorTime(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	require.NoError(b, err)
	ns, err := strconv.ParseFloat(strings.Fields(string(text))[0], 64)
	require.NoError(b, err)
	return ns / 1e3
}

// fill stores rows traces of the last 31 days, each day's part at once. The indexes are built afterwards,
// from sorted entries.
func fill(b *testing.B, pool *db.Pool[db.DWH], rows int) {
	b.Helper()
	const days = 31
	ctx := b.Context()
	exec := func(ctx context.Context, query string, args ...any) {
		_, err := pool.Exec(ctx, query, args...)
		require.NoError(b, err)
	}
	exec(ctx, `ALTER TABLE trace_key DROP CONSTRAINT trace_key_pkey`)
	exec(ctx, `DROP INDEX trace_search`)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for day := range days {
		at := today.AddDate(0, 0, -day)
		exec(ctx, `SELECT trace_partition_ensure($1)`, at)
		exec(ctx, `
			WITH made AS (
				INSERT INTO trace_key
				SELECT gen_random_uuid(), $1::timestamptz + i * (interval '1 day' / $2::integer)
				FROM generate_series(0, $2::integer - 1) AS i
				RETURNING *
			)
			INSERT INTO trace (measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, power)
			SELECT measured_at, guid, 88000000, 88000015, 1, -100, 55, 37, decode(repeat('0000', 16), 'hex') FROM made`,
			at, rows/days)
	}
	exec(ctx, `ALTER TABLE trace_key ADD CONSTRAINT trace_key_pkey PRIMARY KEY (guid)`)
	exec(ctx, `CREATE INDEX trace_search ON trace (measured_at, guid, start_freq_hz, stop_freq_hz, lat, lng)`)
	exec(ctx, `VACUUM (ANALYZE) trace, trace_key`)
}
