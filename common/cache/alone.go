package cache

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/retry"
)

// An instance that is alone needs to ask nobody whether an entry has been filled: it knows. So the first read of
// an item costs one question to the database and none to Redis, where entries are put afterwards, many at a time,
// for those who come later. The column cache_version.alone names the instance that may do so:
//
//   - Claim. An instance writes its own name there, under the row's exclusive lock, when no other lease lives.
//   - Greeting. An instance whose lease does not count, because it is new or has run out, first writes its lease
//     (which keeps others from claiming), then takes the name away as an ordinary version with the tag helloTag, and
//     waits until every other lease acknowledges it or has run out. Only then its own lease may count.
//   - Handing over. Whoever was alone acknowledges the greeting only after what it was filling is in Redis.
//
// None of this bears on staleness: an entry is used only when its version covers what it was made from.

// helloTag is the tag of a greeting. Nothing is made from it.
const helloTag = "cache.hello"

// beforeAll is a version before any other.
const beforeAll = -1

const helloSQL = `
WITH v AS (UPDATE cache_version SET version = version + 1, alone = NULL WHERE alone <> $1 RETURNING version)
SELECT version, pg_notify('` + notifyChannel + `', version || ' ' || $2) FROM v`

const lagSQL = `
SELECT EXISTS (SELECT FROM cache_lease WHERE instance <> $1 AND seen < $2 AND expires_at > clock_timestamp())`

// enter makes this instance known to the others before its lease counts. Until then it answers nothing from
// memory, so no writer has to wait for it: its lease says that it has seen everything. greeting is the
// version of the greeting, 0 when nobody was alone.
func (s *Store) enter(ctx context.Context, conn *pgx.Conn) (greeting int64, err error) {
	s.lease.end()
	s.leaveAlone(ctx)
	ctx, cancel := context.WithTimeout(ctx, 2*s.options.LeaseTime)
	defer cancel()
	st, err := s.writeLease(ctx, conn, math.MaxInt64)
	if err != nil {
		return 0, err
	}
	if st.alone != nil && *st.alone != s.instance {
		if greeting, err = s.greet(ctx, conn); err != nil {
			return 0, err
		}
	}
	return greeting, s.awaitOthers(ctx, conn, max(st.version, greeting))
}

// greet takes away the place of whoever is alone; 0 when somebody else has just done it.
func (s *Store) greet(ctx context.Context, conn *pgx.Conn) (version int64, err error) {
	rows, err := conn.Query(ctx, helloSQL, s.instance, helloTag)
	if err != nil {
		return 0, fmt.Errorf("cache: greet: %w", err)
	}
	var none any
	if _, err := pgx.ForEachRow(rows, []any{&version, &none}, func() error { return nil }); err != nil {
		return 0, fmt.Errorf("cache: greet: %w", err)
	}
	return version, nil
}

// awaitOthers returns when no other lease is behind a version.
func (s *Store) awaitOthers(ctx context.Context, conn *pgx.Conn, version int64) error {
	for pauses := retry.Growing(askMinPause, askMaxPause); ; {
		var lag bool
		if err := conn.QueryRow(ctx, lagSQL, s.instance, version).Scan(&lag); err != nil {
			return fmt.Errorf("cache: greet: %w", err)
		}
		if !lag {
			return nil
		}
		if !pauses.Wait(ctx) {
			return fmt.Errorf("cache: greet: %w", context.Cause(ctx))
		}
	}
}

// claimSQL comes behind the row's lock in a statement of its own: its snapshot shows every lease that was
// granted under the lock before.
const (
	lockVersionSQL = "SELECT FROM cache_version FOR UPDATE"
	claimSQL       = `
UPDATE cache_version SET alone = $1
WHERE NOT EXISTS (SELECT FROM cache_lease WHERE instance <> $1 AND expires_at > clock_timestamp())
RETURNING version`
)

// claimAlone tries to become the one instance that fills without asking.
func (s *Store) claimAlone(ctx context.Context, conn *pgx.Conn) error {
	s.mu.RLock()
	alone := s.alone
	s.mu.RUnlock()
	if alone {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, s.options.LeaseTime)
	defer cancel()
	version, claimed := int64(0), false
	batch := &pgx.Batch{}
	batch.Queue(lockVersionSQL)
	batch.Queue(claimSQL, s.instance).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&version}, func() error { claimed = true; return nil })
		return err //nolint:wrapcheck // Close wraps it
	})
	if err := conn.SendBatch(bounded, batch).Close(); err != nil {
		return fmt.Errorf("cache: claim: %w", err)
	}
	if !claimed {
		return nil
	}
	shared := min(version, s.sharedUpTo(ctx))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alone, s.elsewhere = true, max(s.elsewhere, shared)
	return nil
}

// sharedUpTo returns the version that no entry in Redis goes beyond; any that Redis does not answer for.
func (s *Store) sharedUpTo(ctx context.Context) (version int64) {
	if s.redis == nil {
		return beforeAll
	}
	err := s.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
		version, err = rdb.Get(ctx, s.latestKey(s.epoch.Load())).Int64()
		return err //nolint:wrapcheck // Do wraps it
	})
	switch {
	case err == nil:
		return version
	case errors.Is(err, goredis.Nil):
		return beforeAll
	default:
		return math.MaxInt64
	}
}

// leaveAlone ends the time alone, and returns when what was filled in it can be found in Redis or a part of the
// lease time is over.
func (s *Store) leaveAlone(ctx context.Context) {
	s.mu.Lock()
	alone := s.alone
	s.alone = false
	s.mu.Unlock()
	if alone {
		ctx, cancel := context.WithTimeout(ctx, s.options.LeaseTime/10)
		defer cancel()
		s.handOver(ctx)
	}
}

// handOver waits for the fills that are under way without a lock, and for Redis to have taken all that waits.
func (s *Store) handOver(ctx context.Context) {
	var open []*flight
	s.mu.RLock()
	for _, f := range s.flights {
		if f.alone {
			open = append(open, f)
		}
	}
	s.mu.RUnlock()
	for _, f := range open {
		select {
		case <-f.done:
		case <-ctx.Done():
			return
		}
	}
	s.offers.flush(ctx)
}
