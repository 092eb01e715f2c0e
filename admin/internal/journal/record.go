// Package journal keeps every event of the bus: who did what, when, before and after.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/bus"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
)

// Queue is the bus's queue of the journal. It takes every event there is.
const Queue = "admin.journal"

const (
	// maxBatch bounds the events of one transaction. So many may also be under way at once, one per entity.
	maxBatch = 256
	// maxBatchBytes bounds the data of one transaction, but for the event that passes it.
	maxBatchBytes = 4 << 20
	// prefetch bounds the messages in hand. A busy relay puts up to 256 KiB of events into each.
	prefetch = 128
	// commitTimeout bounds one statement. What it cut off waits and is tried again.
	commitTimeout = 10 * time.Second
)

// checkViolation without a constraint's name is the bound of a partition: the month's own was being made
// at that very moment. The next attempt finds it.
const checkViolation = "23514"

var (
	errSlow  = fault.New(fault.CodeTimeout, "the journal was not written in time")
	errMoved = fault.New(fault.CodeUnavailable, "the journal's partition is being made")
)

// Recorder writes events into the journal. Those that arrive while a transaction runs share the next one,
// so a busy bus makes large transactions and an idle one waits for nothing.
type Recorder struct {
	pool     db.Conn[db.ADMIN]
	log      *slog.Logger
	incoming chan *entry

	added, repeated, refused, transactions atomic.Int64
}

// entry is an event on its way; result is filled once.
type entry struct {
	event  *event.Event
	result chan error
}

// NewRecorder makes a recorder on the database; it works while Run runs.
func NewRecorder(pool db.Conn[db.ADMIN], log *slog.Logger) *Recorder {
	return &Recorder{pool: pool, log: log, incoming: make(chan *entry, maxBatch)}
}

// Run records all events of the bus until ctx ends and what had begun then is committed.
func (r *Recorder) Run(ctx context.Context, conn *bus.Conn) error {
	var writer sync.WaitGroup
	writer.Go(func() { r.write(context.WithoutCancel(ctx)) }) // ends after the last handler
	defer writer.Wait()
	defer close(r.incoming)
	// One active instance, or the order of one entity's events would depend on who is faster.
	err := bus.Consume(ctx, conn, bus.Subscription{
		Queue: Queue, Bindings: []string{"#"}, SingleActive: true, TakeUnrouted: true,
		Prefetch: prefetch, Workers: maxBatch, Handler: r.record,
	})
	if err != nil {
		return fmt.Errorf("record the journal: %w", err)
	}
	return nil
}

// record returns when the event is committed, or was already.
func (r *Recorder) record(ctx context.Context, e event.Event) error {
	entry := &entry{event: &e, result: make(chan error, 1)}
	select {
	case r.incoming <- entry:
	case <-ctx.Done():
		return errSlow
	}
	select {
	case err := <-entry.result:
		return err
	case <-ctx.Done():
		return errSlow // and written all the same, perhaps; a repetition does no harm
	}
}

// write commits batches until incoming is closed.
func (r *Recorder) write(ctx context.Context) {
	batch := make([]*entry, 0, maxBatch)
	for first := range r.incoming {
		r.commit(ctx, r.fill(append(batch[:0], first)))
	}
}

// fill adds what has arrived meanwhile, within the bounds.
func (r *Recorder) fill(batch []*entry) []*entry {
	for size := len(batch[0].event.Data); len(batch) < maxBatch && size < maxBatchBytes; {
		select {
		case e, ok := <-r.incoming:
			if !ok {
				return batch
			}
			batch = append(batch, e)
			size += len(e.event.Data)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch in one transaction. An event that the database refuses for its content fails by itself.
func (r *Recorder) commit(ctx context.Context, batch []*entry) {
	db.CommitHalving(batch, func(part []*entry) error { return r.insert(ctx, part) }, func(part []*entry, err error) {
		if err != nil && fault.KindOf(err) != fault.Unavailable {
			r.refused.Add(1)
		}
		for _, e := range part {
			e.result <- err
		}
	})
}

func (r *Recorder) insert(ctx context.Context, batch []*entry) error {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	added, err := insert(ctx, r.pool, batch)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == checkViolation && pg.ConstraintName == "" {
		return errMoved.Because(err)
	}
	if err != nil {
		return db.MapError(err, nil)
	}
	r.transactions.Add(1)
	r.added.Add(added)
	if repeated := int64(len(batch)) - added; repeated > 0 {
		r.repeated.Add(repeated)
		r.log.DebugContext(ctx, "events came again", "events", repeated)
	}
	return nil
}

// Collectors are the recorder's metrics for the registry of the service.
func (r *Recorder) Collectors() []prometheus.Collector {
	events := func(result string, n *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "nms_journal_events_total", Help: "Events taken from the bus: added to the journal, repeated (in it already), refused.",
			ConstLabels: prometheus.Labels{"result": result},
		}, func() float64 { return float64(n.Load()) })
	}
	return []prometheus.Collector{
		events("added", &r.added), events("repeated", &r.repeated), events("refused", &r.refused),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "nms_journal_transactions_total", Help: "Transactions that added events to the journal.",
		}, func() float64 { return float64(r.transactions.Load()) }),
	}
}
