// Package change runs what alters the database auth: one transaction with its audit events, the cached
// answers that it makes wrong, and after the commit the revocations that it caused.
package change

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"nms.example/common/bus"
	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/outbox"

	"nms.example/auth/internal/authdb"
)

// Pool is that of the database auth.
type Pool = db.Pool[db.AUTH]

// Tx is a transaction on it.
type Tx = db.Tx[db.AUTH]

// Pusher sends revocations and API keys that were committed on to all services.
type Pusher interface {
	// PushRevocations and PushKeys never fail: what could not be sent now is sent later.
	PushRevocations(ctx context.Context, rows []authdb.RevocationOfTransactionRow)
	PushKeys(ctx context.Context)
}

// Writer runs changes.
type Writer struct {
	pool      *Pool
	store     *cache.Store
	push      Pusher
	published *bus.Catalogue
}

// NewWriter makes a writer whose events are of the types in published.
func NewWriter(pool *Pool, store *cache.Store, push Pusher, published *bus.Catalogue) *Writer {
	return &Writer{pool: pool, store: store, push: push, published: published}
}

// Pool gives the pool, for reads.
func (w *Writer) Pool() *Pool { return w.pool }

// Read gives the queries outside of any transaction.
func (w *Writer) Read() *authdb.Queries { return authdb.New(w.pool) }

// Do runs f in a transaction that also writes its events and touches the cache. It returns when no
// instance can answer with anything older and the revocations have been pushed, as far as Redis is there. f may
// run several times, each time with a fresh Ledger.
func (w *Writer) Do(ctx context.Context, f func(ctx context.Context, q *authdb.Queries, l *Ledger) error) error {
	cached := w.store.Change()
	var l *Ledger
	var revoked []authdb.RevocationOfTransactionRow
	err := w.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx Tx) error {
		l = &Ledger{}
		q := authdb.New(tx)
		if err := f(ctx, q, l); err != nil {
			return err
		}
		var err error
		if revoked, err = q.RevocationOfTransaction(ctx); err != nil {
			return fmt.Errorf("change: %w", err)
		}
		if len(l.events) == 0 && len(l.tags) == 0 {
			return db.AwaitStandbys(ctx, tx) // all was as it was to be, perhaps by a commit of unknown outcome
		}
		if err := outbox.Write(ctx, tx, w.published, l.events...); err != nil {
			return fmt.Errorf("change: %w", err)
		}
		if len(l.tags) == 0 {
			return nil
		}
		return cached.Touch(ctx, tx, slices.Sorted(maps.Keys(l.tags))...)
	})
	if err != nil {
		return err
	}
	if len(revoked) > 0 {
		w.push.PushRevocations(ctx, revoked)
	}
	if l.keys {
		w.push.PushKeys(ctx)
	}
	if len(l.tags) == 0 {
		return nil
	}
	if err := cached.Done(ctx); err != nil {
		return fmt.Errorf("change: after the commit: %w", err)
	}
	return nil
}

// RolesTag is the cache tag of whatever depends on what roles allow.
const RolesTag = "roles"

// UserTag is the cache tag of what is answered about one user.
func UserTag(id int64) string { return "user:" + strconv.FormatInt(id, 10) }

// Ledger collects what one transaction changes.
type Ledger struct {
	events []bus.Event
	tags   map[string]struct{}
	keys   bool
}

// Record adds the event "auth.<entity>.<verb>" of a change; before and after must not hold secrets.
func (l *Ledger) Record(entity, verb, id string, before, after any) error {
	return l.Announce(entity, verb, id, bus.Change{Before: before, After: after})
}

// Announce adds an event with data of its own shape.
func (l *Ledger) Announce(entity, verb, subject string, data any) error {
	event, err := bus.NewEvent("auth."+entity+"."+verb, subject, data)
	if err != nil {
		return fmt.Errorf("change: %w", err)
	}
	l.events = append(l.events, event)
	return nil
}

// Touch adds cache tags.
func (l *Ledger) Touch(tags ...string) {
	if l.tags == nil {
		l.tags = map[string]struct{}{}
	}
	for _, tag := range tags {
		l.tags[tag] = struct{}{}
	}
}

// ChangesKeys says that the transaction changes the set of live API keys.
func (l *Ledger) ChangesKeys() { l.keys = true }
