package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/retry"
)

// Tx is what Touch needs of a transaction; pgx.Tx and db.Tx offer it. It is an alias, so that package change, which writes
// through a Change, says the same without importing this package.
type Tx = interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Change is one write to what is cached. It goes around the transaction:
//
//	change := store.Change()
//	err := pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
//		…                                                          // the change itself, its event
//		return change.Touch(ctx, tx, "equipments", "equipment:17") // the last statement
//	})
//	if err != nil {
//		return err
//	}
//	return change.Done(ctx) // before the answer
//
// A Change is for one goroutine and one transaction, which may be tried several times.
type Change struct {
	store   *Store
	version int64
	tags    []string
}

// Change begins a write.
func (s *Store) Change() *Change { return &Change{store: s} }

// maxPayload is PostgreSQL's bound of a notification, less the number in front of the tags.
const maxPayload = 7900

const touchSQL = `
WITH v AS (UPDATE cache_version SET version = version + 1 RETURNING version)
SELECT version, pg_notify('` + notifyChannel + `', version || ' ' || $1) FROM v`

// Touch says inside the writer's transaction which tags it changes; none means everything. It must be the
// transaction's last statement: it takes the lock that orders the writers of this database, and holding it
// while waiting for another row's lock could make a deadlock. Tags hold no newline. Should the transaction be
// rolled back, nothing has happened.
func (c *Change) Touch(ctx context.Context, tx Tx, tags ...string) error {
	list := strings.Join(tags, "\n")
	if len(list) > maxPayload {
		tags, list = nil, ""
	}
	var none any
	if err := tx.QueryRow(ctx, touchSQL, list).Scan(&c.version, &none); err != nil {
		return fmt.Errorf("cache: touch: %w", err)
	}
	c.tags = tags
	return nil
}

// Done waits after the commit until no instance can answer with anything older. Only then the writer may be
// answered. Its error is the context's: the change is committed, but whoever reads may for up to LeaseTime get
// the old state, so the caller must not promise anything else.
func (c *Change) Done(ctx context.Context) error {
	if c.version == 0 {
		return nil // nothing was touched
	}
	s := c.store
	committed := time.Now()
	if len(c.tags) == 0 {
		c.tags = nil
	}
	s.apply(c.version, c.tags)
	err := s.acks.wait(ctx, s, c.version, committed)
	if err == nil || ctx.Err() != nil {
		return err
	}
	// The database cannot be asked. Every lease that does not know of this version was granted before the commit.
	s.log.WarnContext(ctx, "the cache waits for all leases to run out", "error", err)
	if !retry.Sleep(ctx, time.Until(committed.Add(s.options.LeaseTime*11/10))) {
		return fmt.Errorf("cache: %w", context.Cause(ctx))
	}
	return nil
}

// ackWatch asks the database on behalf of all waiting writers at once.
type ackWatch struct {
	asking sync.Mutex
	mu     sync.Mutex
	acked  int64 // no live lease is behind this version
}

const (
	askMinPause = 500 * time.Microsecond
	askMaxPause = 10 * time.Millisecond
)

const ackedSQL = `
SELECT min(seen) FROM cache_lease WHERE instance <> $1 AND expires_at > clock_timestamp()`

var errNotAcked = errors.New("instances have not acknowledged in time")

// wait returns nil when every live lease of another instance has seen version.
func (a *ackWatch) wait(ctx context.Context, s *Store, version int64, committed time.Time) error {
	// Past this moment the question is idle: whoever holds a lease then knows of version.
	deadline := committed.Add(s.options.LeaseTime * 11 / 10)
	ctx, cancel := context.WithDeadlineCause(ctx, deadline, errNotAcked)
	defer cancel()
	for pauses := retry.Growing(askMinPause, askMaxPause); ; {
		done, err := a.ask(ctx, s, version)
		switch {
		case done:
			return nil
		case errors.Is(context.Cause(ctx), errNotAcked):
			return nil // every lease granted before the commit has run out
		case err != nil:
			return err
		}
		if !pauses.Wait(ctx) && !errors.Is(context.Cause(ctx), errNotAcked) {
			return fmt.Errorf("cache: %w", context.Cause(ctx))
		}
	}
}

func (a *ackWatch) ask(ctx context.Context, s *Store, version int64) (bool, error) {
	if a.reached(version) {
		return true, nil
	}
	a.asking.Lock()
	defer a.asking.Unlock()
	if a.reached(version) { // somebody else's question answered ours
		return true, nil
	}
	s.mu.RLock()
	known := s.known // committed before the question, so when nobody else holds a lease nobody is behind it
	s.mu.RUnlock()
	var lowest *int64
	if err := s.pool.QueryRow(ctx, ackedSQL, s.instance).Scan(&lowest); err != nil {
		return false, fmt.Errorf("cache: ask for acknowledgements: %w", err)
	}
	if lowest != nil {
		known = min(known, *lowest) // who has just come says that it has seen everything, versions to come included
	}
	a.mu.Lock()
	a.acked = max(a.acked, known)
	a.mu.Unlock()
	return a.reached(version), nil
}

func (a *ackWatch) reached(version int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.acked >= version
}
