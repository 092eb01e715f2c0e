package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// partitions are those of the table $1, and the tables that were one: detached and, after an interruption, not dropped; or a sorted copy that was to take a
// partition's place. The date in the name says when each begins.
const partitions = `
SELECT t.name, t.state, (to_timestamp(t.digits || left('0101', 8 - length(t.digits)), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC')::timestamptz AS starts_at
FROM (
    SELECT c.relname::text AS name, substring(c.relname FROM '_([0-9]{4,8})(?:_sorted)?$') AS digits,
        CASE WHEN i.inhrelid IS NULL THEN 'apart' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END AS state
    FROM pg_catalog.pg_class parent
    JOIN pg_catalog.pg_class c ON c.relnamespace = parent.relnamespace AND c.relkind = 'r' AND c.relname ~ ('^' || parent.relname || '_[0-9]{4,8}(_sorted)?$')
    LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = parent.oid
    WHERE parent.oid = to_regclass($1) AND (i.inhrelid IS NOT NULL OR NOT c.relispartition)
) AS t
ORDER BY starts_at, t.name`

// DropPartitions drops the partitions of a table that begin before a moment, the oldest first, and brings to its end what was broken off before. Each is
// named after the table and its first day, month or year in UTC: trace_20261130, rollup_202611, rollup_2026. It returns the names of the tables that
// are gone, also when it fails.
//
// A partition is detached CONCURRENTLY, which waits for the transactions that still see it and holds up nobody: conn is in no transaction, and its time-outs
// say how long that may take.
func DropPartitions(ctx context.Context, conn *pgx.Conn, table string, before time.Time) (dropped []string, err error) {
	rows, err := conn.Query(ctx, partitions, table)
	if err != nil {
		return nil, fmt.Errorf("list the partitions of %s: %w", table, err)
	}
	type partition struct {
		Name, State string
		StartsAt    time.Time
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[partition])
	if err != nil {
		return nil, fmt.Errorf("list the partitions of %s: %w", table, err)
	}
	for _, p := range list {
		past := p.StartsAt.Before(before)
		how := ""
		switch {
		case p.State == "pending":
			how = "FINALIZE"
		case past && p.State == "attached":
			how = "CONCURRENTLY"
		}
		name := pgx.Identifier{p.Name}.Sanitize()
		if how != "" {
			if _, err := conn.Exec(ctx, "ALTER TABLE "+pgx.Identifier{table}.Sanitize()+" DETACH PARTITION "+name+" "+how); err != nil {
				return dropped, fmt.Errorf("detach %s: %w", p.Name, err)
			}
		}
		if !past {
			continue
		}
		if _, err := conn.Exec(ctx, "DROP TABLE "+name); err != nil {
			return dropped, fmt.Errorf("drop %s: %w", p.Name, err)
		}
		dropped = append(dropped, p.Name)
	}
	return dropped, nil
}
