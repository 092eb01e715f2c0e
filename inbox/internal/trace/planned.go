package trace

import (
	"context"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/inbox/internal/dwhdb"
)

// planned is a connection whose statements are planned for the arguments of each call, not once for all: for
// statements whose best index depends on which filters are given.
type planned struct{ dwhdb.DBTX }

// Planned returns the queries on conn, planned for the arguments of each call.
func Planned(conn db.Conn[db.DWH]) *dwhdb.Queries { return dwhdb.New(planned{conn}) }

func (p planned) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.DBTX.Query(ctx, sql, oneTime(args)...)
}

func (p planned) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.DBTX.QueryRow(ctx, sql, oneTime(args)...)
}

// oneTime asks the driver for an unnamed statement, which PostgreSQL plans for its arguments.
func oneTime(args []any) []any { return append([]any{pgx.QueryExecModeCacheDescribe}, args...) }
