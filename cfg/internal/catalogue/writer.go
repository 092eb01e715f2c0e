package catalogue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"nms.example/common/bus"
	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/outbox"
)

// Conn is a pool or a transaction on the database that the catalogues live in.
type Conn = db.Conn[db.NMS]

// Tx is a transaction on it.
type Tx = db.Tx[db.NMS]

// Writer runs the changes of all catalogues.
type Writer struct {
	pool      *db.Pool[db.NMS]
	cache     cacheChanges
	published *bus.Catalogue
}

// cacheChanges and cacheChange are what a writer needs of cache.Store and cache.Change. With those types themselves in it, each
// package that knows the writer would compile the methods of go-redis's client, which they lead to, once more: 1,500
// functions and nine tenths of its time.
type (
	cacheChanges interface{ begin() cacheChange }
	cacheChange  interface {
		Touch(ctx context.Context, tx cache.Tx, tags ...string) error
		Done(ctx context.Context) error
	}
)

type storeChanges struct{ store *cache.Store }

func (s storeChanges) begin() cacheChange { return s.store.Change() }

// NewWriter makes a writer whose changes drop what they touch from cache on all instances and leave events
// of the types in published.
func NewWriter(pool *db.Pool[db.NMS], store *cache.Store, published *bus.Catalogue) *Writer {
	return &Writer{pool: pool, cache: storeChanges{store}, published: published}
}

// Pool gives the pool, for reads.
func (w *Writer) Pool() *db.Pool[db.NMS] { return w.pool }

// errDryRun undoes a transaction that was only to be tried.
var errDryRun = errors.New("catalogue: dry run")

// Do runs change in a transaction that also writes its events and touches the cache. It returns when no
// instance can answer with anything older. change may run several times, each time with a fresh Ledger.
// With dryRun everything is tried and undone.
func (w *Writer) Do(ctx context.Context, dryRun bool, change func(ctx context.Context, tx Tx, l *Ledger) error) error {
	cached := w.cache.begin()
	err := w.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx Tx) error {
		l := &Ledger{}
		if err := change(ctx, tx, l); err != nil {
			return err
		}
		if dryRun {
			return errDryRun
		}
		return l.close(ctx, tx, w.published, cached)
	})
	if dryRun && errors.Is(err, errDryRun) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := cached.Done(ctx); err != nil {
		return fmt.Errorf("catalogue: after the commit: %w", err)
	}
	return nil
}

// Ledger collects what one transaction changes.
type Ledger struct {
	events []bus.Event
	tags   map[string]struct{}
	all    bool
}

// Verbs of the events, "cfg.<entity>.<verb>".
const (
	Created  = "created"
	Updated  = "updated"
	Archived = "archived"
	Restored = "restored"
)

// Record adds the event of a change of one item.
func (l *Ledger) Record(entity, verb string, id int64, before, after any) error {
	return l.Announce(entity, verb, strconv.FormatInt(id, 10), bus.Change{Before: before, After: after})
}

// Announce adds an event with data of its own shape.
func (l *Ledger) Announce(entity, verb, subject string, data any) error {
	event, err := bus.NewEvent("cfg."+entity+"."+verb, subject, data)
	if err != nil {
		return fmt.Errorf("catalogue: event: %w", err)
	}
	l.events = append(l.events, event)
	return nil
}

// Touch adds cache tags.
func (l *Ledger) Touch(tags ...string) {
	if l.tags == nil {
		l.tags = make(map[string]struct{})
	}
	for _, tag := range tags {
		l.tags[tag] = struct{}{}
	}
}

// TouchAll drops everything that is cached; for changes of very many items.
func (l *Ledger) TouchAll() { l.all = true }

// mark and rewind undo what a failed part of a transaction had noted.
func (l *Ledger) mark() Ledger {
	return Ledger{events: l.events, tags: maps.Clone(l.tags), all: l.all}
}

func (l *Ledger) rewind(to Ledger) { *l = to }

func (l *Ledger) close(ctx context.Context, tx Tx, published *bus.Catalogue, cached cacheChange) error {
	if len(l.events) > 0 {
		if err := outbox.Write(ctx, tx, published, l.events...); err != nil {
			return fmt.Errorf("catalogue: %w", err)
		}
	}
	var tags []string
	if !l.all {
		if len(l.tags) == 0 {
			return db.AwaitStandbys(ctx, tx) // all was as it was to be, perhaps by a commit of unknown outcome
		}
		tags = slices.Sorted(maps.Keys(l.tags))
	}
	if err := cached.Touch(ctx, tx, tags...); err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	return nil
}
