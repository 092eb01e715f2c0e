// Package retention keeps the partitions of the table trace: it makes them ahead of time and drops those
// that are past their time, without ever locking writers out.
//
// A partition is detached CONCURRENTLY, which waits for the transactions that still see it but holds up
// nobody, and dropped when it is a table of its own. The guids of dropped traces and the signals without
// a trace go afterwards, some thousand rows per transaction.
package retention

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/inbox/internal/dwhdb"
)

// lockName is the lock that makes one instance do the work.
const lockName = "inbox.retention"

// Policy says what is kept.
type Policy struct {
	// Keep is how long a trace is kept after its measurement.
	Keep time.Duration
	// AheadDays is how many days' partitions exist in advance.
	AheadDays int
	// Every is the pause between two rounds; default 1 h.
	Every time.Duration
	// PurgeRows bounds the rows of one deleting transaction; default 5,000.
	PurgeRows int32
}

// Cutoff returns the moment before which everything goes: the start of the UTC day that the oldest trace
// to be kept lies in, since partitions are days.
func (p Policy) Cutoff(now time.Time) time.Time {
	return now.Add(-p.Keep).UTC().Truncate(day)
}

const day = 24 * time.Hour

// Keeper carries the policy out.
type Keeper struct {
	pool   *db.Pool[db.DWH]
	policy Policy
	log    *slog.Logger
	now    func() time.Time
}

// New makes a keeper.
func New(pool *db.Pool[db.DWH], policy Policy, log *slog.Logger) *Keeper {
	if policy.Every <= 0 {
		policy.Every = time.Hour
	}
	if policy.PurgeRows <= 0 {
		policy.PurgeRows = 5000
	}
	return &Keeper{pool: pool, policy: policy, log: log, now: time.Now}
}

// Report is what a round did.
type Report struct {
	// Leading is false when another instance was at it; nothing was done then.
	Leading       bool
	Made, Dropped []string
	Keys, Signals int64
	// Linked are the signals that a crash had kept apart from their traces.
	Linked int64
}

// Prepare makes the partitions of the coming days.
func (k *Keeper) Prepare(ctx context.Context) ([]string, error) {
	var made []string
	queries := dwhdb.New(k.pool)
	today := k.now().UTC().Truncate(day)
	for i := -1; i <= k.policy.AheadDays; i++ {
		moment := today.AddDate(0, 0, i)
		fresh, err := queries.PartitionEnsure(ctx, moment)
		if err != nil {
			return made, fmt.Errorf("make the partition of %s: %w", moment.Format(time.DateOnly), err)
		}
		if fresh {
			made = append(made, partitionName(moment))
		}
	}
	return made, nil
}

func partitionName(moment time.Time) string { return "trace_" + moment.UTC().Format("20060102") }

// Run carries the policy out again and again until ctx ends. It returns nil: a failed round is logged
// and repeated.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		report, err := k.Round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // told to stop
		case err != nil:
			k.log.WarnContext(ctx, "retention is behind", "error", err)
		case len(report.Made)+len(report.Dropped) > 0 || report.Keys+report.Signals > 0:
			k.log.InfoContext(ctx, "retention", "made", report.Made, "dropped", report.Dropped, "guids", report.Keys, "signals", report.Signals)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(k.policy.Every):
		}
	}
}

// Round carries the policy out once, unless another instance is doing so.
func (k *Keeper) Round(ctx context.Context) (report Report, err error) {
	report.Leading, err = k.pool.TryLock(ctx, lockName, func(ctx context.Context) error {
		var err error
		if report.Made, err = k.Prepare(ctx); err != nil {
			return err
		}
		// A connection with time-outs of its own, outside any transaction, as DETACH CONCURRENTLY needs. It
		// is closed afterwards and the settings with it.
		return k.pool.Listen(ctx, "inbox_retention", func(ctx context.Context, conn *pgx.Conn) error {
			return k.expire(ctx, conn, &report)
		})
	})
	return report, err
}

// expire removes what lies before the cutoff.
func (k *Keeper) expire(ctx context.Context, conn *pgx.Conn, report *Report) error {
	// Waiting for a long reader is no reason to give up, waiting for ever is not wanted either.
	if _, err := conn.Exec(ctx, `SET statement_timeout = '10min'; SET lock_timeout = '5min'`); err != nil {
		return fmt.Errorf("set the time-outs: %w", err)
	}
	cutoff := k.policy.Cutoff(k.now())
	queries := dwhdb.New(conn)
	var err error
	if report.Dropped, err = db.DropPartitions(ctx, conn, "trace", cutoff); err != nil {
		return err
	}
	// A crash may have kept signals and traces apart that came at the same moment.
	if report.Linked, err = queries.SignalLinkWaiting(ctx, time.Time{}); err != nil {
		return fmt.Errorf("link signals to their traces: %w", err)
	}
	return k.purge(ctx, queries, cutoff, report)
}

// purge removes the guids of dropped traces and the signals that have no trace.
func (k *Keeper) purge(ctx context.Context, queries *dwhdb.Queries, cutoff time.Time, report *Report) error {
	for {
		keys, err := queries.TraceKeyPurge(ctx, dwhdb.TraceKeyPurgeParams{Before: cutoff, Take: k.policy.PurgeRows})
		if err != nil {
			return fmt.Errorf("remove guids: %w", err)
		}
		report.Keys += keys
		if keys == 0 {
			break
		}
	}
	for {
		signals, err := queries.SignalPurge(ctx, dwhdb.SignalPurgeParams{Before: cutoff, Take: k.policy.PurgeRows})
		if err != nil {
			return fmt.Errorf("remove signals: %w", err)
		}
		report.Signals += signals
		if signals == 0 {
			return nil
		}
	}
}
