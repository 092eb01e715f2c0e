package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"nms.example/common/request"
	"nms.example/common/retry"
)

// TxOptions choose how a transaction runs. The zero value is READ COMMITTED, read and write.
type TxOptions struct {
	Isolation pgx.TxIsoLevel // pgx.RepeatableRead, pgx.Serializable; empty: the server's default
	ReadOnly  bool
	// Attempts bounds how often the function is run when the database breaks the transaction off for the
	// sake of another (serialization failure, deadlock); default 4. 1 forbids to run it again.
	Attempts int
}

const (
	defaultAttempts = 4
	retryDelay      = 15 * time.Millisecond // about; doubled each time
)

var (
	// ErrNested is returned by InTx inside a transaction on the same kind of database. Repositories take
	// a Conn[K] and so work in either; Tx.Savepoint undoes a part.
	ErrNested = errors.New("db: a transaction on this database is already open in this call")
	// ErrOutcomeUnknown marks a commit without an answer that can be trusted: the connection was lost, the wait was given
	// up, or the synchronous standbys have not confirmed it. The change is either complete or absent. What a look
	// at the data shows may still be lost with the primary, until a later commit is confirmed.
	ErrOutcomeUnknown = errors.New("db: the outcome of the commit is unknown")
)

type txKey[K Kind] struct{}

// InTx runs fn in a transaction: committed when fn returns nil, rolled back when it returns an error or
// panics. The actor and the request id of ctx are set as nms.actor and nms.request_id for the transaction,
// where the history triggers find them.
//
// fn is run again, after a short wait, when the database breaks the transaction off for another's sake; it
// must therefore start its results afresh each time and do nothing but database work. It must use tx and not the
// pool, and give up tx when it returns. A second InTx of the same kind inside fn is refused (ErrNested).
//
// A commit that has begun is carried through even if ctx ends meanwhile. Connection trouble comes back as
// fault.Unavailable; all other errors as fn or the driver made them.
func (p *Pool[K]) InTx(ctx context.Context, opts TxOptions, fn func(ctx context.Context, tx Tx[K]) error) error {
	if ctx.Value(txKey[K]{}) != nil {
		return ErrNested
	}
	if opts.Attempts <= 0 {
		opts.Attempts = defaultAttempts
	}
	pauses := retry.Growing(retryDelay, time.Second)
	for attempt := 1; ; attempt++ {
		err := p.attempt(ctx, opts, fn)
		if err == nil {
			return nil
		}
		if attempt == opts.Attempts || !worthAnother(err) || !pauses.Wait(ctx) {
			return unavailable(err)
		}
	}
}

// beginError marks failures before anything was done.
type beginError struct{ error }

func (e beginError) Unwrap() error { return e.error }

// worthAnother reports whether a second attempt is both safe and promising.
func worthAnother(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == codeSerialization || pg.Code == codeDeadlock) {
		return true
	}
	// A connection that died in the pool is found out by its first use. Nothing has happened yet.
	var begin beginError
	return errors.As(err, &begin) && isConnectionTrouble(err)
}

func (p *Pool[K]) attempt(ctx context.Context, opts TxOptions, fn func(context.Context, Tx[K]) error) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("get a connection to database %s: %w", p.database, err)
	}
	defer conn.Release() // a connection that is still in a transaction is closed, not returned
	tx, err := begin(ctx, conn, opts, p.followed.Load())
	if err != nil {
		return beginError{fmt.Errorf("begin: %w", err)}
	}
	defer rollback(ctx, tx) // also when fn panics; nothing is left to do after a commit
	if err := fn(context.WithValue(ctx, txKey[K]{}, true), Tx[K]{tx}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before the commit: %w", err)
	}
	if err := p.commit(ctx, tx); err != nil {
		return err
	}
	if !opts.ReadOnly {
		p.committed()
	}
	return nil
}

// begin opens the transaction and sets who acts, and that nobody is to be notified when the commit itself is followed, in one round
// trip. Actor and id travel as parameters.
func begin(ctx context.Context, conn *pgxpool.Conn, opts TxOptions, followed bool) (pgx.Tx, error) {
	mode := pgx.TxOptions{IsoLevel: opts.Isolation}
	if opts.ReadOnly {
		mode.AccessMode = pgx.ReadOnly
	}
	actor, id := request.Actor(ctx), request.ID(ctx)
	if opts.ReadOnly || actor == "" && id == "" && !followed {
		return conn.Conn().BeginTx(ctx, mode)
	}
	var batch pgx.Batch
	batch.BeginTx(mode)
	notify := "on"
	if followed {
		notify = "off"
	}
	batch.Queue("select set_config('nms.actor', $1, true), set_config('nms.request_id', $2, true), set_config('nms.notify', $3, true)",
		actor, id, notify)
	results := conn.Conn().SendBatch(ctx, &batch)
	if err := results.Close(); err != nil {
		rollback(ctx, results.Tx())
		return nil, err
	}
	return results.Tx(), nil
}

func (p *Pool[K]) commit(ctx context.Context, tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(committing(context.WithoutCancel(ctx)), p.commitTimeout)
	defer cancel()
	err := tx.Commit(ctx)
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return fmt.Errorf("commit although a statement had failed: %w", err)
	case errors.As(err, &pg) && !isConnectionTrouble(err):
		return fmt.Errorf("commit: %w", err)
	default:
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
}

// rollback ends tx unless it has ended. Its failure closes the connection, which undoes the work too.
func rollback(ctx context.Context, tx pgx.Tx) {
	if tx == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = tx.Rollback(ctx) // see above
}

// Tx is a Session inside a transaction on a database of kind K. It is for one goroutine, and fails with
// pgx.ErrTxClosed once its InTx is over.
type Tx[K Kind] struct{ tx pgx.Tx }

// Exec runs a statement that returns no rows.
func (t Tx[K]) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return t.tx.Exec(ctx, sql, args...)
}

// Query runs a statement and returns its rows, which the caller closes before the next statement.
func (t Tx[K]) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.tx.Query(ctx, sql, args...)
}

// QueryRow runs a statement for at most one row; errors come from the row's Scan.
func (t Tx[K]) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return t.tx.QueryRow(ctx, sql, args...)
}

// CopyFrom inserts many rows with COPY and returns their number.
func (t Tx[K]) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error) {
	return t.tx.CopyFrom(ctx, table, columns, source)
}

// SendBatch sends the batch's statements in one round trip; the caller closes the results.
func (t Tx[K]) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	return t.tx.SendBatch(ctx, batch)
}

// Savepoint runs fn, which goes on using t, so that its statements alone are undone when it returns an
// error, and the transaction can continue: one item of many may fail. Serialization failures and deadlocks concern
// the whole transaction; pass those on, InTx knows what to do with them.
func (t Tx[K]) Savepoint(ctx context.Context, fn func(ctx context.Context) error) error {
	savepoint, err := t.tx.Begin(ctx)
	if err != nil {
		return err
	}
	if err := fn(ctx); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		return errors.Join(err, savepoint.Rollback(ctx))
	}
	return savepoint.Commit(ctx)
}

func (t Tx[K]) of(K) {}

// AwaitStandbys returns when all that was committed before, and seen by s, is as safe as a commit of its own: with
// synchronous replication, when the standbys have it. A transaction that only finds what it was to write needs it before
// it may be acknowledged, since it writes nothing whose commit would wait, and what it found may be a commit of
// unknown outcome. Inside a transaction it is that transaction's commit which waits.
func AwaitStandbys(ctx context.Context, s Session) error {
	_, err := s.Exec(ctx, "SELECT pg_logical_emit_message(true, 'nms', '')") // something in the log, for its commit to wait for
	return err
}
