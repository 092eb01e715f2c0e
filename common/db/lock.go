package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrLockLost is the cause of the context of a TryLock whose connection broke.
var ErrLockLost = errors.New("db: the lock was lost with its connection")

// lockKeys are the two keys of a lock. The first sets it apart from those that schemas take for themselves.
const lockKeys = "hashtext('nms.job'), hashtext($1)"

// lockWatch is how often the connection that holds a lock is asked whether it still lives.
const lockWatch = time.Second

// TryLock runs fn while no other instance runs one under the same name on this database, and reports
// whether it did: false means that another one is at it. It is for periodic jobs, of which one instance
// is enough. The lock is the server's own (a session-level advisory lock): it ends with fn, or with the connection, when
// this process dies. fn's context ends with the cause ErrLockLost when that connection breaks; fn may
// use the pool as it likes, transactions included.
//
// It takes one connection out of the pool meanwhile. A proxy in front of PostgreSQL must not hand
// connections round between statements.
func (p *Pool[K]) TryLock(ctx context.Context, name string, fn func(ctx context.Context) error) (ran bool, err error) {
	pooled, err := p.pool.Acquire(ctx)
	if err != nil {
		return false, MapError(err, nil)
	}
	// Closed and not returned to the pool: whatever becomes of the unlock, nobody inherits the lock.
	conn := pooled.Hijack()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock("+lockKeys+")", name).Scan(&ran); err != nil {
		return false, MapError(fmt.Errorf("take the lock %s: %w", name, err), nil)
	}
	if !ran {
		return false, nil
	}
	held, release := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchLock(held, conn, release)
	}()
	defer func() {
		release(nil)
		<-watched
		unlock(ctx, conn, name)
	}()
	if err = fn(held); err != nil && errors.Is(context.Cause(held), ErrLockLost) {
		err = ErrUnavailable.Because(errors.Join(ErrLockLost, err))
	}
	return true, err
}

// Locked reports whether some instance holds the lock of this name, without taking it.
func (p *Pool[K]) Locked(ctx context.Context, name string) (held bool, err error) {
	// The two keys of an advisory lock are the columns classid and objid, objsubid 2 says that there are two.
	err = p.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND (classid, objid) = (SELECT (k & 4294967295)::oid, (n & 4294967295)::oid FROM (SELECT hashtext('nms.job')::bigint AS k, hashtext($1)::bigint AS n) AS keys))`,
		name).Scan(&held)
	return held, MapError(err, nil)
}

// unlock frees the lock before TryLock returns; the server notices a closed connection only later.
func unlock(ctx context.Context, conn *pgx.Conn, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock("+lockKeys+")", name) // should it fail, the closing frees it
}

func watchLock(ctx context.Context, conn *pgx.Conn, release context.CancelCauseFunc) {
	ticker := time.NewTicker(lockWatch)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// Not the context of the lock: its end must not cut off a ping and so break the connection.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
		err := conn.Ping(bounded)
		cancel()
		if err != nil {
			release(ErrLockLost)
			return
		}
	}
}
