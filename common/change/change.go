// Package change writes what services change, in one way: a transaction holds the change, the events that tell of it and the
// invalidation of what was cached of it; what has to follow, such as pushing a revocation, is done after the commit.
//
//	err := writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], c *change.Changes) error {
//		… // the change itself
//		c.Touch("user:17")
//		return c.Record(EventUpdated.New("17", before, after))
//	})
//
// Whoever caused it is taken from the context (package request), for the history rows as for the events.
package change

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/event"
)

// Options are what a Writer does beside writing events.
type Options[K db.Kind] struct {
	// Cache begins the invalidation of what is cached of the database, as cache.Store.Change does; nil when nothing is.
	Cache func() Invalidation
	// Finish ends every transaction that is not a dry run, before its events are written. It may record more, and say
	// what is to be done after the commit. nil: nothing.
	Finish func(ctx context.Context, tx db.Tx[K], c *Changes) error
}

// Invalidation is one write to what is cached; *cache.Change is one. This package does not import package cache, since each
// package that knows a writer would then compile the methods of go-redis's client, to which that leads, once more: 1,500
// functions and nine tenths of its time.
type Invalidation interface {
	// Touch says in the transaction which tags it changes; none means everything. It is the transaction's last statement.
	Touch(ctx context.Context, tx interface {
		QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	}, tags ...string) error
	// Done waits after the commit until nobody can be answered with anything older.
	Done(ctx context.Context) error
}

// Writer runs the changes of a database of kind K.
type Writer[K db.Kind] struct {
	pool      *db.Pool[K]
	published *event.Catalogue
	options   Options[K]
}

// NewWriter makes a writer whose events are of the types in published.
func NewWriter[K db.Kind](pool *db.Pool[K], published *event.Catalogue, options Options[K]) *Writer[K] {
	return &Writer[K]{pool: pool, published: published, options: options}
}

// Pool returns the pool, for reads.
func (w *Writer[K]) Pool() *db.Pool[K] { return w.pool }

// TxOptions choose how a change runs. The zero value is that of Do.
type TxOptions struct {
	// DryRun tries everything and undoes it.
	DryRun bool
	// Attempts is db.TxOptions.Attempts.
	Attempts int
}

// errDryRun undoes a transaction that was only to be tried.
var errDryRun = errors.New("change: dry run")

// Do runs f in a transaction that also writes the events that f records and invalidates the tags that it touches. It returns
// when no instance can answer with anything older and what f wants done after the commit is done. f may run several times,
// each time with fresh Changes.
//
// When f records and touches nothing, all was as it was to be, perhaps by a commit of unknown outcome: the transaction then
// waits for the synchronous standbys as one that writes does.
func (w *Writer[K]) Do(ctx context.Context, f func(ctx context.Context, tx db.Tx[K], c *Changes) error) error {
	return w.DoWith(ctx, TxOptions{}, f)
}

// DoWith is Do with options.
func (w *Writer[K]) DoWith(ctx context.Context, options TxOptions, f func(ctx context.Context, tx db.Tx[K], c *Changes) error) error {
	var cached Invalidation
	if w.options.Cache != nil {
		cached = w.options.Cache()
	}
	var c *Changes
	err := w.pool.InTx(ctx, db.TxOptions{Attempts: options.Attempts}, func(ctx context.Context, tx db.Tx[K]) error {
		c = &Changes{}
		if err := f(ctx, tx, c); err != nil {
			return err
		}
		if options.DryRun {
			return errDryRun
		}
		if w.options.Finish != nil {
			if err := w.options.Finish(ctx, tx, c); err != nil {
				return fmt.Errorf("change: %w", err)
			}
		}
		return c.write(ctx, tx, w.published, cached)
	})
	if options.DryRun && errors.Is(err, errDryRun) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.committed(ctx, cached)
}

// Part runs a part of a transaction that may fail by itself: when f returns an error, its statements are undone, and what it
// recorded, touched and wanted done is forgotten. Errors that concern the whole transaction must be passed on
// (db.Tx.Savepoint).
func Part[K db.Kind](ctx context.Context, tx db.Tx[K], c *Changes, f func(ctx context.Context) error) error {
	before := *c
	err := tx.Savepoint(ctx, f)
	if err != nil {
		*c = before
	}
	return err
}
