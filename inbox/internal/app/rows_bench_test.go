package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/load"
)

// BenchmarkStoredRows compares the cost of a trace with few and with many stored ones. The filling takes
// minutes and gigabytes; the stored traces have one value each.
//
//	go test ./internal/app -run '^$' -bench StoredRows -benchtime 50000x -timeout 1h
func BenchmarkStoredRows(b *testing.B) {
	bodies := load.NewBodies(1, axisOf(1000))
	for _, rows := range []int{10_000, 10_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			dsn := pgtest.DSN[db.DWH](b)
			pool := pgtest.Open[db.DWH](b, db.Settings{DSN: dsn, ApplicationName: "bench"})
			fill(b, pool, rows)
			instance := servicetest.Start(b, app.Identity, app.Build, map[string]string{
				"DB_DWH_DSN": dsn.Reveal(), "MQ_DSN": bustest.New(b).DSN.Reveal(), "REDIS_DSN": redistest.DSN(b).Reveal(),
				"REDIS_PREFIX": redistest.Prefix(b), "JWT_SECRET_KEY": secret, "RATE_LIMIT": "0", "LOG_LEVEL": "warn",
			})
			target := load.Target{URL: instance.URL + traces, Token: token(b, authn.Mask(authn.InboxWrite))}
			measure(b, func() {
				result, err := load.Posts(b.Context(), target, bodies, b.N, 64, 0)
				require.NoError(b, err)
				require.EqualValues(b, b.N, result.Created)
			})
		})
	}
}

// fill stores rows traces of the last hours, in pieces that stay below the statement's time-out.
func fill(b *testing.B, pool *db.Pool[db.DWH], rows int) {
	b.Helper()
	const piece = 200_000
	newest := time.Now().UTC()
	for _, at := range []time.Time{newest, newest.Add(-24 * time.Hour)} {
		_, err := pool.Exec(b.Context(), `SELECT trace_partition_ensure($1)`, at)
		require.NoError(b, err)
	}
	for from := 0; from < rows; from += piece {
		_, err := pool.Exec(b.Context(), `
			WITH made AS (
				INSERT INTO trace_key
				SELECT gen_random_uuid(), $1::timestamptz - i * interval '1 millisecond'
				FROM generate_series($2::integer, $3::integer) AS i
				RETURNING *
			)
			INSERT INTO trace (measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, power)
			SELECT measured_at, guid, 0, 0, 1, -100, 55, 37, '\x0000' FROM made`,
			newest, from, min(from+piece, rows)-1)
		require.NoError(b, err)
	}
	_, err := pool.Exec(b.Context(), `VACUUM (ANALYZE) trace, trace_key`)
	require.NoError(b, err)
}
