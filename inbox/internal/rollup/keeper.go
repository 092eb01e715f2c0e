package rollup

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"nms.example/common/db"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
)

// Policy says how the rollups are kept.
type Policy struct {
	// Keep is how long the rollups of hours are kept; those of minutes go with their traces.
	Keep time.Duration
	// Every is the pause when nothing is left to do; default 5 s.
	Every time.Duration
}

const (
	// atOnce is how many minutes, or hours, one transaction brings up to date.
	atOnce = 16
	// share is the part of the time that the work may take, 1/share: traces that come in meanwhile shall not notice.
	share = 5
	// settle is how long after its end a minute or an hour is left alone. Most of what belongs to it has come by then.
	settle = 2 * time.Second
	// purgeEvery is how often rollups past their time are looked for, purgeRows how many go in a transaction.
	purgeEvery = time.Hour
	purgeRows  = 1000
)

// Keeper brings rollups up to date. Several may run on a database: one of them works at a time.
type Keeper struct {
	pool   *db.Pool[db.DWH]
	policy Policy
	log    *slog.Logger
	now    func() time.Time
}

// NewKeeper makes a keeper.
func NewKeeper(pool *db.Pool[db.DWH], policy Policy, log *slog.Logger) *Keeper {
	if policy.Every <= 0 {
		policy.Every = 5 * time.Second
	}
	return &Keeper{pool: pool, policy: policy, log: log, now: time.Now}
}

// Run works until ctx ends. It returns nil: what failed is logged and tried again.
func (k *Keeper) Run(ctx context.Context) error {
	var purged time.Time
	for {
		began := time.Now()
		done, err := k.Step(ctx)
		if err == nil && done == 0 && time.Since(purged) > purgeEvery {
			purged = began
			err = k.Purge(ctx)
		}
		pause := k.policy.Every
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // told to stop
		case err != nil:
			k.log.WarnContext(ctx, "rollups are behind", "error", err)
		case done > 0:
			pause = (share - 1) * time.Since(began)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Step brings the oldest minutes and hours that are over up to date, a few of them, in one transaction: it happens whole or
// not at all, whenever the process ends. It returns how many they were: 0 when nothing is left to do, or when another instance is at it.
func (k *Keeper) Step(ctx context.Context) (done int, err error) {
	err = k.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		done = 0
		queries := trace.Planned(tx)
		leading, err := queries.RollupLock(ctx)
		if err != nil || !leading {
			return err
		}
		over := k.now().Add(-settle)
		minutes, err := queries.RollupListDirty(ctx, dwhdb.RollupListDirtyParams{Latest: over.Add(-Minute), Take: atOnce})
		if err != nil {
			return fmt.Errorf("list minutes: %w", err)
		}
		if err := k.minutes(ctx, tx, queries, minutes); err != nil {
			return err
		}
		hours, err := queries.RollupListDirtyHours(ctx, dwhdb.RollupListDirtyHoursParams{Latest: over.Add(-Hour), Take: 1})
		if err != nil {
			return fmt.Errorf("list hours: %w", err)
		}
		for _, hour := range hours {
			if err := k.hour(ctx, tx, queries, hour); err != nil {
				return err
			}
		}
		done = len(minutes) + len(hours)
		return nil
	})
	return done, db.MapError(err, nil)
}

// buckets are those of one minute or hour.
type buckets map[Grid]*bucket

func (b buckets) of(g Grid) *bucket {
	if b[g] == nil {
		b[g] = newBucket(g)
	}
	return b[g]
}

// minutes makes the rollups of minutes anew from their traces.
func (k *Keeper) minutes(ctx context.Context, tx db.Tx[db.DWH], queries *dwhdb.Queries, minutes []time.Time) error {
	if len(minutes) == 0 {
		return nil
	}
	// First the marks, then the traces: a trace that is committed in between is seen, and its mark stays.
	if err := clearMarks(ctx, queries, Minute, minutes...); err != nil {
		return err
	}
	all, made := everything(), make([]time.Time, 0, len(minutes))
	for _, minute := range minutes {
		found := buckets{}
		err := scanTraces(ctx, queries, &all, minute, minute.Add(Minute), true, func(row *dwhdb.RollupReadTracesRow) error {
			return found.of(gridOf(row.Source, row.EquipmentID, row.StartFreqHz, row.StopFreqHz, row.Points, row.Unit)).addTrace(row)
		})
		if err != nil {
			return err
		}
		stored, err := store(ctx, tx, queries, Minute, minute, found)
		if err != nil {
			return err
		}
		if stored {
			made = append(made, minute)
		}
	}
	if err := queries.RollupMarkHours(ctx, made); err != nil {
		return fmt.Errorf("mark hours: %w", err)
	}
	return nil
}

// hour makes the rollups of an hour anew from those of its minutes.
func (k *Keeper) hour(ctx context.Context, tx db.Tx[db.DWH], queries *dwhdb.Queries, hour time.Time) error {
	if err := clearMarks(ctx, queries, Hour, hour); err != nil {
		return err
	}
	all, found := everything(), buckets{}
	err := scanRollups(ctx, queries, &all, Minute, hour, hour.Add(Hour), WantAll, func(row *dwhdb.RollupReadRow) error {
		return found.of(gridOf(row.Source, row.EquipmentID, row.StartFreqHz, row.StopFreqHz, row.Points, row.Unit)).addRow(row)
	})
	if err != nil {
		return err
	}
	_, err = store(ctx, tx, queries, Hour, hour, found)
	return err
}

func clearMarks(ctx context.Context, queries *dwhdb.Queries, width time.Duration, begins ...time.Time) error {
	err := queries.RollupClearDirty(ctx, dwhdb.RollupClearDirtyParams{WidthS: seconds(width), BeginsAt: begins})
	if err != nil {
		return fmt.Errorf("clear marks: %w", err)
	}
	return nil
}

// store exchanges the rollups that begin at a moment. It leaves them as they are, and says so, when retention has taken the traces
// away: then they are all that is known.
func store(ctx context.Context, tx db.Tx[db.DWH], queries *dwhdb.Queries, width time.Duration, begins time.Time, found buckets) (stored bool, err error) {
	kept, err := queries.RollupTracesKept(ctx, begins)
	if err != nil || !kept {
		return false, err
	}
	if err := queries.RollupDelete(ctx, dwhdb.RollupDeleteParams{WidthS: seconds(width), BeginsAt: begins}); err != nil {
		return false, fmt.Errorf("remove rollups: %w", err)
	}
	rows := make([]dwhdb.RollupInsertParams, 0, len(found))
	for _, b := range found {
		rows = append(rows, b.row(width, begins))
	}
	if _, err := dwhdb.New(tx).RollupInsert(ctx, rows); err != nil {
		return false, fmt.Errorf("store rollups: %w", err)
	}
	return true, nil
}

// Purge removes the minutes whose traces retention has dropped and the hours that are past their time.
func (k *Keeper) Purge(ctx context.Context) error {
	queries := dwhdb.New(k.pool)
	partitions, err := queries.PartitionList(ctx)
	if err != nil {
		return db.MapError(fmt.Errorf("list partitions: %w", err), nil)
	}
	before := map[time.Duration]time.Time{Hour: k.now().Add(-k.policy.Keep).Truncate(Hour)}
	if len(partitions) > 0 {
		before[Minute] = partitions[0].StartsAt
	}
	for width, moment := range before {
		for {
			n, err := queries.RollupPurge(ctx, dwhdb.RollupPurgeParams{WidthS: seconds(width), Before: moment, Take: purgeRows})
			if err != nil {
				return db.MapError(fmt.Errorf("remove rollups: %w", err), nil)
			}
			if n < purgeRows {
				break
			}
		}
	}
	return nil
}
