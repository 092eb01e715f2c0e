// Command samekind is what a service does, and compiles.
package main

import (
	"context"

	"nms.example/common/db"
)

type repository struct{ conn db.Conn[db.NMS] }

func build(pool *db.Pool[db.NMS]) error {
	_ = repository{conn: pool}
	return pool.InTx(context.TODO(), db.TxOptions{}, func(_ context.Context, tx db.Tx[db.NMS]) error {
		_ = repository{conn: tx}
		return nil
	})
}

func main() { _ = build(nil) }
