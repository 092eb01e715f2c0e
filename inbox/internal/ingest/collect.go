package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"nms.example/common/fault"
)

// Run commits what is submitted until ctx ends; what was taken in by then is still committed. It returns
// nil.
func (q *Queue) Run(ctx context.Context) error {
	// Transactions outlive ctx, each under its own deadline: whoever was let in gets an answer.
	work := context.WithoutCancel(ctx)
	batches := make(chan []*Item)
	var committers sync.WaitGroup
	for range q.settings.Committers {
		committers.Go(func() {
			for batch := range batches {
				q.commit(work, batch)
			}
		})
	}
	stop := context.AfterFunc(ctx, q.stop)
	defer stop()
	q.collect(batches)
	close(batches)
	committers.Wait()
	return nil
}

// stop closes the entrance. The collector sees the end of the channel once it has taken the rest.
func (q *Queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.stopped {
		q.stopped = true
		close(q.items)
	}
}

// collect forms batches until the entrance is closed and everything is handed over.
func (q *Queue) collect(batches chan<- []*Item) {
	linger := time.NewTimer(time.Hour)
	defer linger.Stop()
	for {
		first, open := <-q.items
		if !open {
			return
		}
		batch := append(make([]*Item, 0, q.settings.BatchTraces), first)
		bytes := len(first.Trace.Power)
		linger.Reset(q.settings.Linger)
		for ripe := false; batch != nil; {
			// A full batch only waits for a committer, an unfilled one for more items or for both the
			// moment to pass and a committer to be free.
			items, ready := q.items, (chan<- []*Item)(nil)
			full := len(batch) >= q.settings.BatchTraces || bytes >= q.settings.BatchBytes
			if full || !open {
				items = nil
			}
			if full || ripe || !open {
				ready = batches
			}
			select {
			case item, more := <-items:
				if open = more; more {
					batch = append(batch, item)
					bytes += len(item.Trace.Power)
				}
			case ready <- batch:
				batch = nil
			case <-linger.C:
				ripe = true
			}
		}
		if !open {
			return
		}
	}
}

// commit stores a batch and answers every item of it.
func (q *Queue) commit(ctx context.Context, batch []*Item) {
	bounded, cancel := context.WithTimeout(ctx, q.settings.CommitTimeout)
	defer cancel()
	started := time.Now()
	outcomes, errs, err := q.store.Commit(bounded, batch)
	q.metrics.observe(len(batch), time.Since(started), err)
	switch {
	case err == nil:
		for i, item := range batch {
			q.finish(item, outcomes[i], errs[i])
		}
	case len(batch) == 1 || !concernsOne(err):
		for _, item := range batch {
			q.finish(item, 0, err)
		}
	default:
		// One of them is bad. Halving finds it and stores all others.
		middle := len(batch) / 2
		q.commit(ctx, batch[:middle])
		q.commit(ctx, batch[middle:])
	}
}

// concernsOne reports whether a batch failed for what one of its traces holds rather than for the state
// of the database.
func concernsOne(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return fault.KindOf(err) != fault.Unavailable
}
