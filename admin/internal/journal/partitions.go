package journal

import (
	"context"
	"log/slog"
	"time"

	"nms.example/common/db"

	"nms.example/admin/internal/admindb"
)

const (
	// monthsAhead is how many months beyond the present one have their partition.
	monthsAhead = 3
	// partitionCheck is how often that is looked after, partitionRetry how soon again after a failure.
	partitionCheck = 6 * time.Hour
	partitionRetry = time.Minute
)

// KeepPartitions makes partitions ahead of time until ctx ends. Every instance may do it: the database
// lets one at a time, and events without a partition are kept in the default one until theirs is made.
func KeepPartitions(ctx context.Context, pool db.Conn[db.ADMIN], log *slog.Logger) error {
	for {
		pause := partitionCheck
		made, err := admindb.New(pool).EventPartitionsAhead(ctx, monthsAhead)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // stopped
		case err != nil:
			log.WarnContext(ctx, "partitions of the journal were not made", "error", err)
			pause = partitionRetry
		case made > 0:
			log.InfoContext(ctx, "partitions of the journal were made", "partitions", made)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}
