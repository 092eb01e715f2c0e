package command

import (
	"context"
	"log/slog"
	"time"

	"nms.example/common/db"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/nmsdb"
)

const (
	// purgeEvery is the time between two looks for what has ended long ago.
	purgeEvery = time.Hour
	// purgeRows bounds how many commands one transaction removes.
	purgeRows = 500
	// purgeLock is held by the instance that removes.
	purgeLock = "ctrl.commands.retention"
)

// Retention removes commands that ended long ago, with their steps. Any number of instances may run one.
type Retention struct {
	pool *db.Pool[db.NMS]
	keep time.Duration
	log  *slog.Logger
}

// NewRetention makes one that keeps commands for so long after their last step.
func NewRetention(pool *db.Pool[db.NMS], keep time.Duration, log *slog.Logger) *Retention {
	return &Retention{pool: pool, keep: keep, log: log}
}

// Run removes what is to be removed, now and every hour, until ctx ends. What fails is logged and done the next time.
func (r *Retention) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		var removed int64
		_, err := r.pool.TryLock(ctx, purgeLock, func(ctx context.Context) (err error) {
			removed, err = r.purge(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "old commands cannot be removed now", "error", err)
		}
		if removed > 0 {
			r.log.InfoContext(ctx, "old commands are removed", "commands", removed)
		}
		retry.Sleep(ctx, purgeEvery)
	}
	return nil
}

// purge removes one batch after the other, and returns how many commands are gone. A command that was undone goes behind its undo.
func (r *Retention) purge(ctx context.Context) (removed int64, err error) {
	for {
		n, err := nmsdb.New(r.pool).CommandsPurge(ctx, nmsdb.CommandsPurgeParams{Keep: r.keep.Seconds(), Take: purgeRows})
		removed += n
		if err != nil || n == 0 {
			return removed, err
		}
	}
}
