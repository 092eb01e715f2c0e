// Package revocation brings what the database says about revoked tokens and live API keys to every
// service, and keeps Redis complete for those that start later.
package revocation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/redis"

	"nms.example/auth/internal/authdb"
)

const (
	// tick is how often the database is looked at for revocations that nobody pushed: those of an instance
	// that died after its commit, those made by hand, those made while Redis was away.
	tick = 400 * time.Millisecond
	// refill is how often everything is written to Redis anew: a replica that took over may lack the last
	// moments before.
	refill = 30 * time.Second
	// pushTimeout bounds the push that a request waits for.
	pushTimeout = 600 * time.Millisecond
	// tickTimeout bounds one round of the relay.
	tickTimeout = 10 * time.Second
)

// Pool is the database auth.
type Pool = db.Pool[db.AUTH]

// Publisher is where everything goes; authn.Publisher is one.
type Publisher interface {
	Revoke(ctx context.Context, list []authn.Revocation) error
	PutKeys(ctx context.Context, version int64, keys []authn.KeyRecord) error
	Complete(ctx context.Context) (bool, error)
	MarkComplete(ctx context.Context) error
}

// Relay pushes from the database to Redis. Any number of instances may run one.
type Relay struct {
	pool      *Pool
	publisher Publisher
	local     *authn.Revocations
	keys      *authn.APIKeys
	log       *slog.Logger

	pushing  sync.Mutex             // one push at a time in this instance
	version  int64                  // of the API keys that were pushed last; under pushing
	lastFull time.Time              // under pushing
	waitsFor atomic.Pointer[string] // what is away while nothing can be pushed; nil: nothing
}

// NewRelay makes a relay. local and keys are this instance's own sets: they are kept current from the
// database itself while Redis is away.
func NewRelay(pool *Pool, publisher Publisher, local *authn.Revocations, keys *authn.APIKeys, log *slog.Logger) *Relay {
	return &Relay{pool: pool, publisher: publisher, local: local, keys: keys, log: log}
}

// Run works until ctx ends.
func (r *Relay) Run(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		r.round(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (r *Relay) round(stopped context.Context) {
	ctx, cancel := context.WithTimeout(stopped, tickTimeout)
	defer cancel()
	r.pushing.Lock()
	defer r.pushing.Unlock()
	err := r.keepUp(ctx)
	if stopped.Err() != nil {
		return
	}
	away := whatIsAway(err)
	was := r.waitsFor.Swap(away)
	switch {
	case away == nil && was != nil:
		r.log.InfoContext(ctx, "revocations are pushed again")
	case away != nil && (was == nil || *was != *away):
		r.log.WarnContext(ctx, "revocations cannot be pushed; they will be as soon as "+*away+" is back", "error", err)
	}
	if away != nil && *away == redisAway {
		if err := r.loadLocal(ctx); err != nil && was == nil {
			r.log.WarnContext(ctx, "revocations cannot be read", "error", err)
		}
	}
}

const (
	redisAway    = "Redis"
	databaseAway = "the database"
)

// whatIsAway names the cause of a failed round; nil for one that did not fail.
func whatIsAway(err error) *string {
	if err == nil {
		return nil
	}
	away := databaseAway
	if errors.Is(err, redis.ErrDown) || errors.Is(err, errRedis) { // it does not answer, or refuses: its memory may be full
		away = redisAway
	}
	return &away
}

func (r *Relay) keepUp(ctx context.Context) error {
	complete, err := r.publisher.Complete(ctx)
	if err != nil {
		return ofRedis(err)
	}
	if !complete || time.Since(r.lastFull) > refill {
		return r.refill(ctx)
	}
	if err := r.pushWaiting(ctx); err != nil {
		return err
	}
	version, err := authdb.New(r.pool).APIKeyVersion(ctx)
	if err != nil {
		return fmt.Errorf("revocation: %w", err)
	}
	if version != r.version {
		return r.pushKeys(ctx)
	}
	return nil
}

// refill writes everything that still matters, and only then marks Redis complete.
func (r *Relay) refill(ctx context.Context) error {
	err := r.eachActive(ctx, func(ctx context.Context, list []authn.Revocation) error {
		return ofRedis(r.publisher.Revoke(ctx, list))
	})
	if err != nil {
		return err
	}
	if err := r.pushWaiting(ctx); err != nil {
		return err
	}
	if err := r.pushKeys(ctx); err != nil {
		return err
	}
	if err := r.publisher.MarkComplete(ctx); err != nil {
		return ofRedis(err)
	}
	r.lastFull = time.Now()
	return nil
}

// loadLocal keeps this instance current without Redis.
func (r *Relay) loadLocal(ctx context.Context) error {
	err := r.eachActive(ctx, func(_ context.Context, list []authn.Revocation) error {
		r.local.Apply(list...)
		return nil
	})
	if err != nil {
		return err
	}
	version, keys, err := r.readKeys(ctx)
	if err == nil {
		r.keys.Replace(version, keys)
	}
	return err
}

func (r *Relay) eachActive(ctx context.Context, take func(context.Context, []authn.Revocation) error) error {
	for after := int64(0); ; {
		rows, err := authdb.New(r.pool).RevocationActive(ctx, after)
		if err != nil {
			return fmt.Errorf("revocation: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		var list []authn.Revocation
		for _, row := range rows {
			list = appendRevocation(list, authdb.RevocationOfTransactionRow(row))
		}
		if err := take(ctx, list); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

// errRedis marks what Redis did not take. Of pushWaiting it rolls the claim back, so that the rows wait for the next round.
var errRedis = errors.New("revocation: push")

func ofRedis(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errRedis, err)
}

// pushWaiting pushes what nobody has pushed yet and marks it. A row is marked after its push, in the
// transaction that holds it, so it is pushed at least once.
func (r *Relay) pushWaiting(ctx context.Context) error {
	for {
		n := 0
		err := r.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.AUTH]) error {
			q := authdb.New(tx)
			rows, err := q.RevocationClaim(ctx)
			if err != nil || len(rows) == 0 {
				n = 0
				return err
			}
			n = len(rows)
			var list []authn.Revocation
			ids := make([]int64, n)
			for i, row := range rows {
				list = appendRevocation(list, authdb.RevocationOfTransactionRow(row))
				ids[i] = row.ID
			}
			r.local.Apply(list...)
			if err := r.publisher.Revoke(ctx, list); err != nil {
				return ofRedis(err)
			}
			return q.RevocationPushed(ctx, ids)
		})
		if err != nil {
			return fmt.Errorf("revocation: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

func (r *Relay) pushKeys(ctx context.Context) error {
	version, keys, err := r.readKeys(ctx)
	if err != nil {
		return err
	}
	r.keys.Replace(version, keys)
	if err := r.publisher.PutKeys(ctx, version, keys); err != nil {
		return ofRedis(err)
	}
	r.version = version
	return nil
}

func (r *Relay) readKeys(ctx context.Context) (int64, []authn.KeyRecord, error) {
	rows, err := authdb.New(r.pool).APIKeyLive(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("revocation: API keys: %w", err)
	}
	var version int64
	keys := make([]authn.KeyRecord, 0, len(rows))
	for _, row := range rows {
		version = row.Version
		if row.ID == nil {
			continue // the version alone: there is no key
		}
		key := authn.KeyRecord{
			ID: *row.ID, Name: deref(row.Name), Access: authn.Mask(deref(row.Access)),
			CreatedAt: deref(row.CreatedAt), ExpiresAt: row.ExpiresAt, CIDRs: row.Cidrs,
		}
		copy(key.Hash[:], row.Hash)
		keys = append(keys, key)
	}
	return version, keys, nil
}

// Finish ends every change of the database (change.Options): what it has revoked is pushed after its commit.
func (r *Relay) Finish(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
	revoked, err := authdb.New(tx).RevocationOfTransaction(ctx)
	if err == nil && len(revoked) > 0 {
		changes.AfterCommit(func(ctx context.Context) { r.pushRevocations(ctx, revoked) })
	}
	return err
}

// pushRevocations brings what a transaction has just revoked into force: here at once, and everywhere
// else before it returns, as far as Redis is there. What fails now is the next round's.
func (r *Relay) pushRevocations(ctx context.Context, rows []authdb.RevocationOfTransactionRow) {
	var list []authn.Revocation
	ids := make([]int64, len(rows))
	for i, row := range rows {
		list = appendRevocation(list, row)
		ids[i] = row.ID
	}
	r.local.Apply(list...)
	// The change is committed: its push goes on although the client may have gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pushTimeout)
	defer cancel()
	if err := r.publisher.Revoke(ctx, list); err != nil {
		r.log.WarnContext(ctx, "a committed revocation waits for Redis", "error", err)
		return
	}
	if err := authdb.New(r.pool).RevocationPushed(ctx, ids); err != nil {
		r.log.DebugContext(ctx, "a revocation will be pushed twice", "error", err)
	}
}

// PushKeys pushes the live API keys after a change.
func (r *Relay) PushKeys(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pushTimeout)
	defer cancel()
	r.pushing.Lock()
	defer r.pushing.Unlock()
	if err := r.pushKeys(ctx); err != nil {
		r.log.WarnContext(ctx, "a committed change of the API keys waits", "error", err)
	}
}

// Check fails while nothing can be pushed for want of Redis; for the health bit Cache. The database has its own.
func (r *Relay) Check(context.Context) error {
	if away := r.waitsFor.Load(); away != nil && *away == redisAway {
		return errors.New("revocations wait for Redis")
	}
	return nil
}

// appendRevocation appends what a row revokes: tokens, and beside them the permissions themselves when they were withdrawn.
func appendRevocation(list []authn.Revocation, row authdb.RevocationOfTransactionRow) []authn.Revocation {
	revoked := authn.Revocation{
		Session: deref(row.SessionID), UserID: deref(row.UserID), Role: deref(row.RoleID), Epoch: row.Epoch, Until: row.Until,
	}
	list = append(list, revoked)
	if row.Withdrawn {
		revoked.Withdrawn = true
		list = append(list, revoked)
	}
	return list
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
