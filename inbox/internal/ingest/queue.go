package ingest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/inbox/internal/tracebody"
)

// Refusals of the queue.
var (
	// ErrFull says that more waits to be committed than the queue may hold.
	ErrFull = fault.New(fault.CodeBusy, "more traces are waiting than can be taken; try again").After(time.Second)
	// ErrStopped says that this instance is shutting down.
	ErrStopped = fault.New(fault.CodeStopping, "this instance is stopping; try again").After(time.Second)
)

// Settings tune a Queue. The zero value of each field means its default.
type Settings struct {
	// MaxBytes bounds what waits or is being committed; default 32 MiB. Streams may take three quarters
	// of it, so that they cannot crowd out single posts.
	MaxBytes int64
	// BatchTraces and BatchBytes bound one transaction; defaults 256 and 4 MiB.
	BatchTraces int
	BatchBytes  int
	// Linger is how long an unfilled batch waits for more at most; default 2 ms.
	Linger time.Duration
	// Committers is the number of transactions at a time; default 2.
	Committers int
	// CommitTimeout bounds one transaction; default 15 s.
	CommitTimeout time.Duration
}

func (s *Settings) setDefaults() {
	setDefault(&s.MaxBytes, 32<<20)
	setDefault(&s.BatchTraces, 256)
	setDefault(&s.BatchBytes, 4<<20)
	setDefault(&s.Linger, 2*time.Millisecond)
	setDefault(&s.Committers, 2)
	setDefault(&s.CommitTimeout, 15*time.Second)
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// Outcome tells what became of a trace that was taken.
type Outcome uint8

// The outcomes.
const (
	// Created: the trace is committed, and its event with it.
	Created Outcome = iota + 1
	// Known: the same trace was committed before.
	Known
)

type result struct {
	outcome Outcome
	err     error
}

// Item is a trace on its way into the database. Make it with NewItem; it serves one Submit at a time and
// may then be used again.
type Item struct {
	Trace tracebody.Trace
	// Event is written in the trace's transaction when the trace is new.
	Event event.Event

	done chan result
	cost int64
	gate *semaphore.Weighted
}

// NewItem makes an empty item.
func NewItem() *Item { return &Item{done: make(chan result, 1)} }

// itemOverhead is what an item occupies beside its power values, about: itself, its event, its share of
// a batch. It also bounds the number of waiting items.
const itemOverhead = 2 << 10

// Store commits batches; Committer is the one on PostgreSQL.
type Store interface {
	// Commit stores the items in one transaction and returns the outcome of each one, or an error for the
	// batch as a whole, of which then nothing is stored.
	Commit(ctx context.Context, items []*Item) ([]Outcome, []error, error)
}

// Queue takes traces in. Run must be running for anything to be committed. Traces of one guid are judged in the
// order in which they came.
type Queue struct {
	settings Settings
	store    Store
	metrics  *metrics

	items    chan *Item
	all      *semaphore.Weighted // bytes
	streams  *semaphore.Weighted // the bytes that streams may hold of them
	inFlight *inFlight
	waiting  atomic.Int64
	// answered counts the items committed or refused since the collector last looked.
	answered atomic.Int64

	mu      sync.RWMutex
	stopped bool
}

// NewQueue makes a queue in front of store.
func NewQueue(store Store, settings Settings) *Queue {
	settings.setDefaults()
	return &Queue{
		settings: settings,
		store:    store,
		metrics:  newMetrics(),
		// Never the bound: MaxBytes / itemOverhead items are all that the semaphore lets in.
		items:    make(chan *Item, settings.MaxBytes/itemOverhead+1),
		all:      semaphore.NewWeighted(settings.MaxBytes),
		streams:  semaphore.NewWeighted(settings.MaxBytes * 3 / 4),
		inFlight: newInFlight(),
	}
}

// Submit takes one trace in and waits until it is committed or refused. It fails at once with ErrFull
// when the queue is full. When ctx ends first, the trace may still be committed; the item then belongs to
// the queue and must not be used again.
func (q *Queue) Submit(ctx context.Context, item *Item) (Outcome, error) {
	item.cost = min(itemOverhead+int64(len(item.Trace.Power)), q.settings.MaxBytes)
	item.gate = nil
	if !q.all.TryAcquire(item.cost) {
		q.metrics.refused.Inc()
		return 0, ErrFull
	}
	if err := q.push(item); err != nil {
		return 0, err
	}
	return q.Wait(ctx, item)
}

// Enqueue takes one trace of a stream in: it waits for room instead of failing. Wait returns the outcome.
// An item that was enqueued must be waited for.
func (q *Queue) Enqueue(ctx context.Context, item *Item) error {
	item.cost = min(itemOverhead+int64(len(item.Trace.Power)), q.settings.MaxBytes*3/4)
	if err := q.streams.Acquire(ctx, item.cost); err != nil {
		return ErrFull.Because(err)
	}
	item.gate = q.streams
	if err := q.all.Acquire(ctx, item.cost); err != nil {
		q.streams.Release(item.cost)
		return ErrFull.Because(err)
	}
	return q.push(item)
}

// Wait returns the outcome of an enqueued item.
func (q *Queue) Wait(ctx context.Context, item *Item) (Outcome, error) {
	select {
	case r := <-item.done:
		return r.outcome, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (q *Queue) push(item *Item) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.stopped {
		q.release(item)
		return ErrStopped
	}
	q.waiting.Add(1)
	q.items <- item
	return nil
}

func (q *Queue) release(item *Item) {
	q.all.Release(item.cost)
	if item.gate != nil {
		item.gate.Release(item.cost)
	}
}

// finish answers an item and frees its room.
func (q *Queue) finish(item *Item, outcome Outcome, err error) {
	q.release(item)
	q.waiting.Add(-1)
	item.done <- result{outcome, err}
}

// Waiting returns the number of traces that wait or are being committed.
func (q *Queue) Waiting() int64 { return q.waiting.Load() }
