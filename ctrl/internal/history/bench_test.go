package history_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/ctrl/internal/history"
)

// BenchmarkMonth reads a month of one parameter of 40 in 300 buckets, of one of 200 pieces of equipment whose hours are rolled up.
//
//	go test ./internal/history -run '^$' -bench .
func BenchmarkMonth(b *testing.B) {
	pool := pgtest.New[db.DWH](b)
	const month = 31 * days
	to := time.Now().UTC().Truncate(time.Hour)
	for at := to.Add(-month); !at.After(to); at = at.Add(days) {
		_, err := pool.Exec(b.Context(), "SELECT frame_partition_ensure('rollup_1h', $1)", at)
		require.NoError(b, err)
	}
	_, err := pool.Exec(b.Context(), `WITH d AS (INSERT INTO frame_def (params) SELECT array_agg(i) FROM generate_series(1::bigint, 40) i RETURNING id),
		a AS (SELECT array_agg(60) AS n, array_agg(0) AS bad, array_agg(i::float8) AS v FROM generate_series(1, 40) i),
		l AS (INSERT INTO latest (equipment, frame, at, value) SELECT e, d.id, now(), a.v FROM d, a, generate_series(1, 200) e)
		INSERT INTO rollup_1h (equipment, frame, bucket, n, bad, vmin, vmax, vsum)
		SELECT e, d.id, h, a.n, a.bad, a.v, a.v, a.v FROM d, a, generate_series(1, 200) e, generate_series($1::timestamptz, $2, '1 hour') h`, to.Add(-month), to)
	require.NoError(b, err)
	_, err = pool.Exec(b.Context(), "ANALYZE rollup_1h")
	require.NoError(b, err)
	reader, equipment := history.NewReader(pool, history.Policy{Frames: 14 * days, Minutes: 366 * days, Hours: 1827 * days}), int64(0)
	for b.Loop() {
		equipment = equipment%200 + 1
		s, err := reader.Read(b.Context(), history.Query{Equipment: equipment, Parameter: 7, From: to.Add(-month + time.Hour), To: to, Points: 300})
		require.NoError(b, err)
		require.Greater(b, len(s.Buckets), 240)
	}
}
