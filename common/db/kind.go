// Package db opens each service's connection pools. The kind of a database is a type: what is written
// for NMS does not compile with the pool of DWH.
//
//	pool, err := db.Open[db.NMS](ctx, db.Settings{DSN: settings.NMS, ApplicationName: "cfg"})
//
//	type Equipment struct{ conn db.Conn[db.NMS] }          // a repository: a pool or a transaction of that kind
//	nmsdb.New(pool).EquipmentList(ctx)                     // sqlc's code takes either as its DBTX
//
//	err = pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error { … })
package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	schema "nms.example/sql"
)

type (
	// AUTH is the kind of the database `auth`: users, roles, sessions, API keys.
	AUTH struct{}
	// NMS is the kind of the database `nms`: the managed equipment and its catalogues.
	NMS struct{}
	// DWH is the kind of the database `dwh`: traces and signals.
	DWH struct{}
	// ADMIN is the kind of the database `admin`: the journal.
	ADMIN struct{}
)

// Kind is any of them. Values of these types carry nothing.
type Kind interface{ AUTH | NMS | DWH | ADMIN }

// DatabaseOf returns the database that kind K stands for.
func DatabaseOf[K Kind]() schema.Database {
	var kind K
	switch any(kind).(type) {
	case AUTH:
		return schema.Auth
	case NMS:
		return schema.NMS
	case DWH:
		return schema.DWH
	default:
		return schema.Admin
	}
}

// Session runs statements on some database: sqlc's DBTX with COPY and batches.
type Session interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error)
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

// Conn is a Session on a database of kind K: a *Pool[K], or a Tx[K] inside a transaction. Repositories are
// built on it. Nothing outside this package can implement it.
type Conn[K Kind] interface {
	Session
	of(kind K)
}
