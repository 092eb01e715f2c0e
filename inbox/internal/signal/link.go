package signal

import (
	"context"
	"log/slog"
	"time"

	"nms.example/common/retry"
	"nms.example/inbox/internal/dwhdb"
)

const (
	// linkPause is how long a signal may stay unlisted that came at the very moment of its trace.
	linkPause = 2 * time.Second
	// linkWindow is more than a transaction lasts that stores traces or signals.
	linkWindow = 5 * time.Minute
)

// Run links signals to traces that were committed at the same moment, unseen by each other, until ctx ends. It returns nil.
// What is older, after a crash, package retention finds.
func (s *Signals) Run(ctx context.Context, log *slog.Logger) error {
	queries := dwhdb.New(s.writer.Pool())
	for behind := false; retry.Sleep(ctx, linkPause); {
		_, err := queries.SignalLinkWaiting(ctx, time.Now().Add(-linkWindow))
		if err != nil && !behind && ctx.Err() == nil {
			log.WarnContext(ctx, "signals are not linked to their traces", "error", err)
		}
		behind = err != nil
	}
	return nil
}
