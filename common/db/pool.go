package db

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	schema "nms.example/sql"
)

// Pool is a pool of connections to the database of kind K. It is safe for concurrent use.
type Pool[K Kind] struct {
	pool          *pgxpool.Pool
	database      schema.Database
	commitTimeout time.Duration
	commits       chan struct{}
	followed      atomic.Bool // somebody receives from commits
}

// Commits returns the channel, for one receiver, that has a value when transactions of InTx were committed since the last one was
// received. From the first call on they notify nobody else of what they leave in the outbox (outbox_notify): a commit that notifies
// holds a lock of the whole server until it is flushed to disk, so that no two of them share a flush.
func (p *Pool[K]) Commits() <-chan struct{} {
	p.followed.Store(true)
	return p.commits
}

// committed tells whoever receives from Commits.
func (p *Pool[K]) committed() {
	select {
	case p.commits <- struct{}{}:
	default: // it is told already, or nobody receives
	}
}

// Open connects to the database and checks that it takes changes and that its schema is at least as new as this build needs. Its
// errors are single sentences for an operator, without secrets. Close the pool when done.
func Open[K Kind](ctx context.Context, s Settings) (*Pool[K], error) {
	s = s.withDefaults()
	d := DatabaseOf[K]()
	cfg, err := s.poolConfig(d)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("set up the pool of database %s: %w", d, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.ConnectTimeout)
	defer cancel()
	if err := firstContact(ctx, d, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return &Pool[K]{pool: pool, database: d, commitTimeout: s.CommitTimeout, commits: make(chan struct{}, 1)}, nil
}

func firstContact(ctx context.Context, d schema.Database, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return schema.ConnectError(d, &pool.Config().ConnConfig.Config, err)
	}
	defer conn.Release()
	return checkState(ctx, d, conn)
}

// checkState tells whether the server takes changes and its schema is new enough.
func checkState(ctx context.Context, d schema.Database, q schema.Querier) error {
	if err := schema.CheckWritable(ctx, d, q); err != nil {
		return err
	}
	err := schema.Check(ctx, d, q)
	var behind *schema.BehindError
	if err == nil || errors.As(err, &behind) {
		return err
	}
	return fmt.Errorf("database %s does not tell its schema version: %w", d, err)
}

// Close waits until all connections are returned and closes them. When ctx ends first it returns an
// error, and the rest is closed as it comes back.
func (p *Pool[K]) Close(ctx context.Context) error {
	closed := make(chan struct{})
	go func() { // ends with the last connection's return; statement_timeout bounds that
		defer close(closed)
		p.pool.Close()
	}()
	select {
	case <-closed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("database %s: %d connections are still in use", p.database, p.pool.Stat().AcquiredConns())
	}
}

// Database tells which database this is.
func (p *Pool[K]) Database() schema.Database { return p.database }

// Exec runs a statement that returns no rows.
func (p *Pool[K]) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return p.pool.Exec(ctx, sql, args...)
}

// Query runs a statement and returns its rows, which the caller closes.
func (p *Pool[K]) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.pool.Query(ctx, sql, args...)
}

// QueryRow runs a statement for at most one row; errors come from the row's Scan.
func (p *Pool[K]) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.pool.QueryRow(ctx, sql, args...)
}

// CopyFrom inserts many rows with COPY and returns their number.
func (p *Pool[K]) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error) {
	return p.pool.CopyFrom(ctx, table, columns, source)
}

// SendBatch sends the batch's statements in one round trip, as one implicit transaction; the caller closes
// the results.
func (p *Pool[K]) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	return p.pool.SendBatch(ctx, batch)
}

// Listen takes one connection out of the pool for LISTEN and hands it to receive until that returns. The
// connection is closed afterwards, because its subscriptions must not reach another user of the pool.
func (p *Pool[K]) Listen(ctx context.Context, channel string, receive func(ctx context.Context, conn *pgx.Conn) error) error {
	pooled, err := p.pool.Acquire(ctx)
	if err != nil {
		return MapError(err, nil)
	}
	conn := pooled.Hijack()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_ = conn.Close(ctx) // nothing was in flight that could be lost
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return MapError(err, nil)
	}
	return receive(ctx, conn)
}

func (p *Pool[K]) of(K) {}

const (
	closeTimeout = 2 * time.Second
	// probeTimeout bounds Check's query, poolPatience its wait for a pooled connection.
	probeTimeout = 2 * time.Second
	poolPatience = 500 * time.Millisecond
)

// Check returns the probe for a service's health: the database answers within 2 s, takes changes, and its schema is new
// enough. When every pooled connection is busy it asks over one of its own, since busy is not broken.
func (p *Pool[K]) Check() func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		patience, stop := context.WithTimeout(ctx, poolPatience)
		defer stop()
		conn, err := p.pool.Acquire(patience)
		if err == nil {
			defer conn.Release()
			return checkState(ctx, p.database, conn)
		}
		if stat := p.pool.Stat(); errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && stat.AcquiredConns() == stat.MaxConns() {
			return p.checkAside(ctx)
		}
		return schema.ConnectError(p.database, &p.pool.Config().ConnConfig.Config, err)
	}
}

func (p *Pool[K]) checkAside(ctx context.Context) error {
	cfg := p.pool.Config().ConnConfig
	cfg.Tracer = nil
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return schema.ConnectError(p.database, &cfg.Config, err)
	}
	err = checkState(ctx, p.database, conn)
	return errors.Join(err, conn.Close(ctx))
}
