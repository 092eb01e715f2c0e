// Command otherkind must not compile: each marked line gives a database of one kind to what is written for
// another.
package main

import (
	"context"

	"nms.example/common/db"
)

type repository struct{ conn db.Conn[db.NMS] }

func takesPool(*db.Pool[db.NMS]) {}

func build(pool *db.Pool[db.DWH]) error {
	_ = repository{conn: pool} // refused: pool
	takesPool(pool)            // refused: parameter
	return pool.InTx(context.TODO(), db.TxOptions{}, func(_ context.Context, tx db.Tx[db.DWH]) error {
		_ = repository{conn: tx} // refused: transaction
		return nil
	})
}

type mine struct{}

var _ db.Pool[mine] // refused: kind

func main() { _ = build(nil) }
