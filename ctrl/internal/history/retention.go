package history

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/dwhdb"
)

// Policy says what is kept, and for how long.
type Policy struct {
	Frames  time.Duration // values as they came; whole UTC days, and one more
	Minutes time.Duration // rollups of 5 minutes; whole months
	Hours   time.Duration // rollups of an hour, and texts; whole years
	// AheadDays is how many days' partitions exist in advance.
	AheadDays int
	// Every is the pause between two rounds; default 10 min.
	Every time.Duration
}

const (
	day = 24 * time.Hour
	// grace is how long a day is kept beyond its time, so that what came in at the last moment has been rolled up. It is also how long after its end
	// a day is sorted.
	grace = day
	// lockName is the lock that makes one instance do the work.
	lockName = "ctrl.retention"
	// purgeRows bounds the rows of one deleting transaction.
	purgeRows = 5000
)

// Retention makes partitions ahead, sorts days that are over, and drops what is past its time. Nobody waits for it: a partition is detached
// CONCURRENTLY, a day is copied before it is exchanged.
type Retention struct {
	pool   *db.Pool[db.DWH]
	policy Policy
	log    *slog.Logger
	now    func() time.Time
}

// NewRetention makes it.
func NewRetention(pool *db.Pool[db.DWH], policy Policy, log *slog.Logger) *Retention {
	if policy.Every <= 0 {
		policy.Every = 10 * time.Minute
	}
	return &Retention{pool: pool, policy: policy, log: log, now: time.Now}
}

// Run carries the policy out again and again until ctx ends. A failed round is logged and repeated.
func (r *Retention) Run(ctx context.Context) error {
	for {
		report, err := r.Round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // told to stop
		case err != nil:
			r.log.WarnContext(ctx, "the retention of values is behind", "error", err)
		case report.any():
			r.log.InfoContext(ctx, "retention of values", "dropped", report.Dropped, "sorted", report.Sorted, "texts", report.Texts)
		}
		if !retry.Sleep(ctx, r.policy.Every) {
			return nil
		}
	}
}

// Report is what a round did.
type Report struct {
	Leading         bool // false: another instance was at it, and nothing was done
	Dropped, Sorted []string
	Texts           int64
}

func (r *Report) any() bool { return len(r.Dropped)+len(r.Sorted) > 0 || r.Texts > 0 }

// Round carries the policy out once, unless another instance is doing so.
func (r *Retention) Round(ctx context.Context) (report Report, err error) {
	report.Leading, err = r.pool.TryLock(ctx, lockName, func(ctx context.Context) error {
		if err := r.Prepare(ctx); err != nil {
			return err
		}
		// A connection with time-outs of its own, outside any transaction, as DETACH CONCURRENTLY needs.
		return r.pool.Listen(ctx, "ctrl_retention", func(ctx context.Context, conn *pgx.Conn) error {
			if _, err := conn.Exec(ctx, `SET statement_timeout = '30min'; SET lock_timeout = '5min'`); err != nil {
				return fmt.Errorf("set the time-outs: %w", err)
			}
			return r.carryOut(ctx, conn, &report)
		})
	})
	return report, err
}

// Prepare makes the partitions of the coming days.
func (r *Retention) Prepare(ctx context.Context) error {
	q, today := dwhdb.New(r.pool), r.now().UTC().Truncate(day)
	for i := -1; i <= r.policy.AheadDays; i++ {
		for _, parent := range []string{"frame", "rollup_5m", "rollup_1h"} {
			if _, err := q.FramePartitionEnsure(ctx, dwhdb.FramePartitionEnsureParams{Parent: parent, Moment: today.AddDate(0, 0, i)}); err != nil {
				return db.MapError(fmt.Errorf("make a partition of %s: %w", parent, err), nil)
			}
		}
	}
	return nil
}

func (r *Retention) carryOut(ctx context.Context, conn *pgx.Conn, report *Report) error {
	q, now := dwhdb.New(conn), r.now().UTC()
	frames := now.Add(-r.policy.Frames - grace).Truncate(day)
	// Frames whose rollups are not made yet stay until they are.
	behind, err := q.DirtyAny(ctx, frames)
	if err != nil {
		return err
	}
	for parent, cutoff := range map[string]time.Time{
		"frame": frames, "rollup_5m": now.Add(-r.policy.Minutes).AddDate(0, -1, 0), "rollup_1h": now.Add(-r.policy.Hours).AddDate(-1, 0, 0),
	} {
		if parent == "frame" && behind {
			continue
		}
		dropped, err := db.DropPartitions(ctx, conn, parent, cutoff)
		report.Dropped = append(report.Dropped, dropped...)
		if err != nil {
			return err
		}
	}
	if err := r.sort(ctx, conn, q, report); err != nil {
		return err
	}
	for {
		n, err := q.TextPurge(ctx, dwhdb.TextPurgeParams{Before: now.Add(-r.policy.Hours), Take: purgeRows})
		if err != nil {
			return fmt.Errorf("remove texts: %w", err)
		}
		report.Texts += n
		if n < purgeRows {
			return nil
		}
	}
}

// sort brings the oldest day that is over, and not sorted yet, into the order in which it is read. One a round is enough.
func (r *Retention) sort(ctx context.Context, conn *pgx.Conn, q *dwhdb.Queries, report *Report) error {
	partitions, err := q.FramePartitions(ctx, "frame")
	if err != nil {
		return fmt.Errorf("list the partitions of frame: %w", err)
	}
	for _, p := range partitions {
		if p.Sorted || p.DetachPending || r.now().Sub(p.StartsAt) < day+grace {
			continue
		}
		var copiedAt time.Time
		if err := conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&copiedAt); err != nil {
			return err
		}
		seen, err := q.FrameDayCopy(ctx, p.StartsAt)
		if err != nil {
			return fmt.Errorf("sort %s: %w", p.Name, err)
		}
		// Whoever has the table must let go soon, or it is tried again at the next round: others wait meanwhile.
		if _, err := conn.Exec(ctx, "SET lock_timeout = '2s'"); err != nil {
			return err
		}
		if err := q.FrameDaySwap(ctx, dwhdb.FrameDaySwapParams{Moment: p.StartsAt, Seen: seen, CopiedAt: copiedAt}); err != nil {
			return fmt.Errorf("exchange %s: %w", p.Name, err)
		}
		report.Sorted = append(report.Sorted, p.Name)
		return nil
	}
	return nil
}
