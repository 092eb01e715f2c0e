package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
)

func TestPartitionsPastTheirTimeAreDropped(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.DWH](t)
	_, err := pool.Exec(t.Context(), `
		CREATE TABLE sample (at timestamptz NOT NULL) PARTITION BY RANGE (at);
		CREATE TABLE sample_20260301 PARTITION OF sample FOR VALUES FROM ('2026-03-01Z') TO ('2026-03-02Z');
		CREATE TABLE sample_202602 PARTITION OF sample FOR VALUES FROM ('2026-02-01Z') TO ('2026-03-01Z');
		CREATE TABLE sample_2025 PARTITION OF sample FOR VALUES FROM ('2025-01-01Z') TO ('2026-01-01Z');
		CREATE TABLE sample_20260302 PARTITION OF sample FOR VALUES FROM ('2026-03-02Z') TO ('2026-03-03Z');
		CREATE TABLE sample_20260228 (at timestamptz);        -- was detached, and not dropped
		CREATE TABLE sample_20260227_sorted (at timestamptz); -- was to take a partition's place
		CREATE TABLE sample_20260303_sorted (at timestamptz);
		CREATE TABLE sample_20260226_backup (at timestamptz); -- somebody's own
		CREATE TABLE samples_20260226 (at timestamptz);
		CREATE SCHEMA elsewhere;
		CREATE TABLE elsewhere.sample_20260226 (at timestamptz)`)
	require.NoError(t, err)
	drop := func(before string) (dropped []string) {
		t.Helper()
		moment, err := time.Parse(time.RFC3339, before)
		require.NoError(t, err)
		require.NoError(t, pool.Listen(t.Context(), "drop", func(ctx context.Context, conn *pgx.Conn) error {
			dropped, err = db.DropPartitions(ctx, conn, "sample", moment)
			return err
		}))
		return dropped
	}
	require.Empty(t, drop("2025-01-01T00:00:00Z"), "it begins then, not before")
	require.Equal(t, []string{"sample_2025", "sample_202602", "sample_20260227_sorted", "sample_20260228", "sample_20260301"}, drop("2026-03-01T00:00:01Z"))
	require.Empty(t, drop("2026-03-02T00:00:00Z"))
	var left []string
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT array_agg(oid::regclass::text ORDER BY oid) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'sample%'`).Scan(&left))
	require.Equal(t, []string{"sample_20260302", "sample_20260303_sorted", "sample_20260226_backup", "samples_20260226", "elsewhere.sample_20260226"}, left)
}
