package ingest

import (
	"context"
	"sync"
	"time"

	"nms.example/common/db"
)

// Run commits what is submitted until ctx ends; what was taken in by then is still committed. It returns
// nil.
func (q *Queue) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, q.stop)
	defer stop()
	// Transactions outlive ctx, each under its own deadline: whoever was let in gets an answer.
	work := context.WithoutCancel(ctx)
	free := make(chan struct{}, q.settings.Committers) // a token for each committer at rest
	for range cap(free) {
		free <- struct{}{}
	}
	var committers sync.WaitGroup
	q.collect(free, func(batch []*Item) {
		guids := q.inFlight.add(batch)
		committers.Go(func() {
			q.commit(work, batch)
			q.inFlight.done(guids)
			free <- struct{}{}
		})
	})
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

// collect forms batches until the entrance is closed and everything is handed over. A token from free allows
// one hand-over.
func (q *Queue) collect(free <-chan struct{}, handOver func(batch []*Item)) {
	linger := time.NewTimer(time.Hour)
	defer linger.Stop()
	g := gathering{queue: q}
	for open := true; open; {
		first, more := <-q.items
		if !more {
			return
		}
		g.begin(first)
		linger.Reset(q.settings.Linger)
		for ripe := false; g.batch != nil; {
			open = open && g.addAll()
			// A full batch only waits for a committer, an unfilled one for more items or for both a reason
			// to stop waiting and a committer to be free.
			items, ready := q.items, (<-chan struct{})(nil)
			if g.full() || !open {
				items = nil
			}
			if (ripe || g.full() || g.complete() || !open) && !g.blocked {
				ready = free
			}
			select {
			case item, more := <-items:
				if open = more; more {
					g.add(item)
				}
			case <-ready:
				handOver(g.batch)
				g.batch = nil
			case <-q.inFlight.freed:
				g.blocked = g.blocked && q.inFlight.contains(g.batch...)
			case <-linger.C:
				ripe = true
				g.away /= 2 // some of them will not come, or not soon
			}
		}
	}
}

// gathering is a batch in the making.
//
// Clients that wait for an answer before they send again come back soon after it. So an unfilled batch waits
// until as many have come as were answered, if the linger lets it: a lone client never waits, and sixteen
// share a commit and lose no time once all are there.
type gathering struct {
	queue *Queue
	batch []*Item
	bytes int
	// away is how many were answered and have not come back.
	away int
	// blocked: a guid of the batch is just being committed, so that it has to wait.
	blocked bool
}

func (g *gathering) begin(first *Item) {
	g.batch, g.bytes, g.blocked = make([]*Item, 0, g.queue.settings.BatchTraces), 0, false
	g.add(first)
}

func (g *gathering) add(item *Item) {
	g.batch = append(g.batch, item)
	g.bytes += len(item.Trace.Power)
	g.blocked = g.blocked || g.queue.inFlight.contains(item)
	g.away = max(0, g.away+int(g.queue.answered.Swap(0))-1)
}

// addAll takes what is at hand; false when the entrance is closed.
func (g *gathering) addAll() bool {
	for !g.full() {
		select {
		case item, open := <-g.queue.items:
			if !open {
				return false
			}
			g.add(item)
		default:
			return true
		}
	}
	return true
}

func (g *gathering) full() bool {
	return len(g.batch) >= g.queue.settings.BatchTraces || g.bytes >= g.queue.settings.BatchBytes
}

// complete reports whether everybody is back.
func (g *gathering) complete() bool { return g.away == 0 }

// commit stores a batch and answers every item of it.
func (q *Queue) commit(ctx context.Context, batch []*Item) {
	var outcomes []Outcome
	var errs []error
	db.CommitHalving(batch, func(part []*Item) (err error) {
		bounded, cancel := context.WithTimeout(ctx, q.settings.CommitTimeout)
		defer cancel()
		started := time.Now()
		outcomes, errs, err = q.store.Commit(bounded, part)
		q.metrics.observe(len(part), time.Since(started), err)
		q.answered.Add(int64(len(part))) // all at once, before the first of them comes back
		return err
	}, func(part []*Item, err error) {
		for i, item := range part {
			if err != nil {
				q.finish(item, 0, err)
			} else {
				q.finish(item, outcomes[i], errs[i])
			}
		}
	})
}
