// Package history answers what values were over time. It rolls frames up by 5 minutes and by the hour, and lets go what is past its
// time (docs/adr/0037).
package history

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"nms.example/common/db"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/dwhdb"
	"nms.example/ctrl/internal/frame"
)

// The widths of rollups.
const (
	minutes = frame.Bucket
	hour    = time.Hour
)

const (
	// settle is how long after its end a bucket is left alone. Most of what belongs to it has come by then.
	settle = 5 * time.Second
	// pause is between two looks when there is nothing to do.
	pause = 5 * time.Second
	// share is the part of the time that the work may take, 1/share: values that come in meanwhile shall not notice.
	share = 4
	// atOnce is how many frames, by equipment and definition, one statement rolls up.
	atOnce = 100
)

// Keeper brings rollups up to date. Several may run on a database: one of them works at a time.
type Keeper struct {
	pool *db.Pool[db.DWH]
	log  *slog.Logger
	now  func() time.Time
}

// NewKeeper makes a keeper.
func NewKeeper(pool *db.Pool[db.DWH], log *slog.Logger) *Keeper {
	return &Keeper{pool: pool, log: log, now: time.Now}
}

// Run works until ctx ends. What failed is logged and tried again.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		began := time.Now()
		done, err := k.Step(ctx)
		wait := pause
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // told to stop
		case err != nil:
			k.log.WarnContext(ctx, "rollups are behind", "error", err)
		case done:
			wait = (share - 1) * time.Since(began)
		}
		if !retry.Sleep(ctx, wait) {
			return nil
		}
	}
}

// Step brings the oldest bucket of each width that is over up to date, in one transaction: it happens whole or not at all. It returns
// false when nothing is left to do, or when another instance is at it.
func (k *Keeper) Step(ctx context.Context) (done bool, err error) {
	err = k.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		done = false
		q := dwhdb.New(tx)
		leading, err := q.RollupLock(ctx)
		if err != nil || !leading {
			return err
		}
		for _, width := range []time.Duration{minutes, hour} {
			next, err := q.DirtyNext(ctx, dwhdb.DirtyNextParams{WidthS: seconds(width), Latest: k.now().Add(-settle - width)})
			if err != nil {
				return fmt.Errorf("look for marks: %w", err)
			}
			for _, bucket := range next {
				done = true
				if err := rollUp(ctx, q, width, bucket); err != nil {
					return fmt.Errorf("roll up %s from %s on: %w", width, bucket.UTC().Format(time.RFC3339), err)
				}
			}
		}
		return nil
	})
	return done, db.MapError(err, nil)
}

func seconds(d time.Duration) int32 { return int32(d / time.Second) }

// rollUp makes the rollups of a bucket anew that are marked. First the marks, then the values: what is committed in between is seen, and
// its mark stays.
func rollUp(ctx context.Context, q *dwhdb.Queries, width time.Duration, bucket time.Time) error {
	marks, err := q.DirtyTake(ctx, dwhdb.DirtyTakeParams{WidthS: seconds(width), Bucket: bucket})
	if err != nil {
		return err
	}
	source, target := "frame", "rollup_5m"
	if width == hour {
		source, target = "rollup_5m", "rollup_1h"
	}
	kept, err := q.FramePartitionKept(ctx, dwhdb.FramePartitionKeptParams{Parent: source, Moment: bucket})
	if err != nil || !kept {
		return err // retention has taken away what they are made of: they are all that is known
	}
	if _, err := q.FramePartitionEnsure(ctx, dwhdb.FramePartitionEnsureParams{Parent: target, Moment: bucket}); err != nil {
		return err
	}
	what := distinct(marks)
	for part := range slices.Chunk(what, atOnce) {
		p := dwhdb.RollupFramesParams{Bucket: bucket, Until: bucket.Add(width)}
		for _, w := range part {
			p.Equipments, p.Frames = append(p.Equipments, w.equipment), append(p.Frames, w.frame)
		}
		if width == minutes {
			err = q.RollupFrames(ctx, p)
		} else {
			err = q.RollupHours(ctx, dwhdb.RollupHoursParams(p))
		}
		if err != nil {
			return err
		}
	}
	if width == hour {
		return nil
	}
	p := dwhdb.FrameMarkParams{WidthS: seconds(hour), Buckets: []time.Time{bucket.Truncate(hour)}, Lows: []int32{1}, Highs: []int32{int32(len(what))}}
	for _, w := range what {
		p.Equipments, p.Frames = append(p.Equipments, w.equipment), append(p.Frames, w.frame)
	}
	return q.FrameMark(ctx, p)
}

// marked is a piece of equipment and a definition whose bucket is not what is stored.
type marked struct {
	equipment int64
	frame     int32
}

func distinct(marks []dwhdb.DirtyTakeRow) []marked {
	seen := map[marked]struct{}{}
	for _, m := range marks {
		for i, equipment := range m.Equipments {
			seen[marked{equipment, m.Frames[i]}] = struct{}{}
		}
	}
	all := make([]marked, 0, len(seen))
	for m := range seen {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b marked) int {
		if a.equipment != b.equipment {
			return int(min(max(a.equipment-b.equipment, -1), 1))
		}
		return int(a.frame - b.frame)
	})
	return all
}
