package cache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nms.example/common/retry"
)

// leaseClock is the end of the lease by both of the process's clocks: the monotonic one stands still while
// a machine is suspended, the wall clock may be set back.
type leaseClock struct {
	until atomic.Pointer[time.Time]
}

func (l *leaseClock) valid() bool {
	until := l.until.Load()
	if until == nil {
		return false
	}
	now := time.Now()
	return now.Before(*until) && now.UnixNano() < until.UnixNano()
}

func (l *leaseClock) extend(until time.Time) { l.until.Store(&until) }
func (l *leaseClock) end()                   { l.until.Store(nil) }

const (
	notifyChannel = "cache"
	// catchUp is how long notifications of versions that a renewal told of may still be under way before
	// everything is dropped instead.
	catchUp       = 20 * time.Millisecond
	leaseMinPause = 50 * time.Millisecond
	leaseMaxPause = 2 * time.Second
	// forgetEvery counts renewals.
	forgetEvery = 50
)

// Run holds the lease and takes the notifications until ctx ends, over all losses of the database, then
// releases the lease and waits for the fills under way. It needs one connection of its own.
func (s *Store) Run(ctx context.Context) error {
	defer s.close()
	pauses := retry.Growing(leaseMinPause, leaseMaxPause)
	for ctx.Err() == nil {
		began := time.Now()
		err := s.pool.Listen(ctx, notifyChannel, s.holdLease)
		if ctx.Err() != nil {
			break
		}
		s.log.WarnContext(ctx, "the cache's connection to the database was lost", "error", err)
		if !pauses.WaitSince(ctx, began) {
			break
		}
	}
	return nil
}

func (s *Store) close() {
	s.lease.end()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.fills.Wait()
}

func (s *Store) holdLease(ctx context.Context, conn *pgx.Conn) error {
	if err := s.execBounded(ctx, conn, "SET synchronous_commit = on"); err != nil {
		// A lease that a crash of the server forgets would be trusted by nobody but its holder.
		return err
	}
	defer s.giveBack(ctx, conn)
	for n := 0; ; n++ {
		renewed := time.Now()
		if err := s.renew(ctx, conn); err != nil {
			return err
		}
		if n%forgetEvery == forgetEvery-1 {
			if err := s.execBounded(ctx, conn, forgetSQL); err != nil {
				return err
			}
		}
		if err := s.follow(ctx, conn, renewed.Add(s.options.LeaseTime/3)); err != nil {
			return err
		}
	}
}

// forgetSQL removes the rows of instances that ended without giving their lease back.
const forgetSQL = "DELETE FROM cache_lease WHERE expires_at < clock_timestamp() - interval '10 minutes'"

// giveBack ends the lease when the store stops; a lost connection just leaves it to run out. What was filled
// is shared before, since the next instance may be alone and then asks only for what is there by now.
func (s *Store) giveBack(ctx context.Context, conn *pgx.Conn) {
	if ctx.Err() == nil || conn.IsClosed() {
		return
	}
	s.lease.end()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	s.handOver(ctx)
	_, _ = conn.Exec(ctx, "DELETE FROM cache_lease WHERE instance = $1", s.instance) // else it runs out by itself
}

func (s *Store) execBounded(ctx context.Context, conn *pgx.Conn, sql string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.LeaseTime)
	defer cancel()
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("cache: lease: %w", err)
	}
	return nil
}

// identitySQL tells this state of this database from every other that an instance or Redis may have entries of: the
// cluster, its timeline, which every promotion and every restore to an earlier moment begins anew, and the table, which
// a restored dump makes anew. Every role may ask. epoch stays for those who restore otherwise.
const identitySQL = `concat_ws(' ', epoch, (SELECT system_identifier FROM pg_control_system()),
	substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), pg_relation_filenode('cache_version'))`

const renewSQL = `
WITH v AS MATERIALIZED (SELECT version, epoch, alone FROM cache_version FOR SHARE)
INSERT INTO cache_lease AS l (instance, seen, expires_at)
SELECT $1, $2, clock_timestamp() + $3::interval FROM v
ON CONFLICT (instance) DO UPDATE SET seen = excluded.seen, expires_at = excluded.expires_at
RETURNING (SELECT version FROM v), (SELECT ` + identitySQL + ` FROM v), (SELECT alone FROM v),
	EXISTS (SELECT FROM cache_lease o WHERE o.instance <> $1 AND o.expires_at > clock_timestamp())`

// standing is what came with a lease.
type standing struct {
	version int64
	epoch   string     // of identitySQL, hashed
	alone   *uuid.UUID // the instance that fills without asking; nil: none
	others  bool       // whether others held leases a moment ago
}

func (s *Store) writeLease(ctx context.Context, conn *pgx.Conn, seen int64) (st standing, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.LeaseTime)
	defer cancel()
	err = conn.QueryRow(ctx, renewSQL, s.instance, seen, s.options.LeaseTime*11/10).Scan(&st.version, &st.epoch, &st.alone, &st.others)
	if err != nil {
		return st, fmt.Errorf("cache: renew the lease: %w", err)
	}
	sum := sha256.Sum256([]byte(st.epoch))
	st.epoch = base64.RawURLEncoding.EncodeToString(sum[:16])
	return st, nil
}

// renew asks for the lease and counts it only when everything up to the version that came with it has been applied.
func (s *Store) renew(ctx context.Context, conn *pgx.Conn) error {
	greeting := int64(0)
	if !s.lease.valid() {
		var err error
		if greeting, err = s.enter(ctx, conn); err != nil {
			return err
		}
	}
	began := time.Now()
	first := s.epoch.Load() == nil
	seen := s.seenVersion()
	st, err := s.writeLease(ctx, conn, seen)
	if err != nil {
		return err
	}
	if !first && (*s.epoch.Load() != st.epoch || st.version < seen) {
		s.rebase(st.epoch)
		return errRebased
	}
	if first {
		s.epoch.Store(&st.epoch)
	}
	if !first && st.version > seen {
		if err := s.takeNotifications(ctx, conn, st.version, time.Now().Add(catchUp)); err != nil {
			return err
		}
	}
	if s.seenVersion() < st.version {
		s.leaveAlone(ctx) // who came may have been among what was missed
	}
	s.mu.Lock()
	advanced := s.seen < st.version
	if advanced {
		s.known = max(s.known, st.version)
		if st.version == greeting {
			s.flush(st.version - 1) // the greeting itself has changed nothing
		} else {
			s.flush(st.version)
		}
		s.seen = st.version
	}
	advanced = advanced || s.seen > seen
	s.mu.Unlock()
	if st.alone != nil && *st.alone != s.instance {
		s.lease.end() // it took the place while this lease had run out, and has to be greeted
		return nil
	}
	s.lease.extend(began.Add(s.options.LeaseTime))
	if advanced {
		if err := s.acknowledge(ctx, conn); err != nil {
			return err
		}
	}
	if !st.others {
		return s.claimAlone(ctx, conn)
	}
	return nil
}

var errRebased = errors.New("cache: this is another database, or an older state of it")

// rebase forgets everything. The lease just written says that this instance has seen versions which do not
// exist, so it must not count: the next one starts from 0.
func (s *Store) rebase(epoch string) {
	s.lease.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.era++
	s.epoch.Store(&epoch)
	s.stats.Flushes.Add(1)
	s.entries, s.byTag, s.bytes = map[string]*Entry{}, map[string]map[string]struct{}{}, 0
	s.flights, s.changed = map[string]*flight{}, map[string]int64{}
	s.known, s.seen, s.base = 0, 0, 0
	s.alone, s.elsewhere = false, -1
}

// follow applies notifications until it is time to renew.
func (s *Store) follow(ctx context.Context, conn *pgx.Conn, until time.Time) error {
	for {
		before := s.seenVersion()
		if err := s.takeNotifications(ctx, conn, before+1, until); err != nil {
			return err
		}
		if s.seenVersion() == before {
			return nil // it is time
		}
		if err := s.acknowledge(ctx, conn); err != nil {
			return err
		}
	}
}

// takeNotifications applies notifications until version has been seen or the time is over.
func (s *Store) takeNotifications(ctx context.Context, conn *pgx.Conn, version int64, until time.Time) error {
	bounded, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for s.seenVersion() < version {
		n, err := conn.WaitForNotification(bounded)
		switch {
		case err == nil:
			s.takeNotification(ctx, n)
		case ctx.Err() != nil:
			return fmt.Errorf("cache: %w", ctx.Err())
		case errors.Is(err, context.DeadlineExceeded) && !conn.IsClosed():
			return nil
		default:
			return fmt.Errorf("cache: wait for a notification: %w", err)
		}
	}
	return nil
}

func (s *Store) seenVersion() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seen
}

// takeNotification applies "<version> <tag>\n<tag>…"; without tags everything is dropped.
func (s *Store) takeNotification(ctx context.Context, n *pgconn.Notification) {
	number, list, _ := strings.Cut(n.Payload, " ")
	version, err := strconv.ParseInt(number, 10, 64)
	seen := s.seenVersion()
	if err != nil || version <= seen {
		return // not ours, or applied already
	}
	var tags []string
	if list != "" && version == seen+1 {
		tags = strings.Split(list, "\n")
	}
	if version != seen+1 || slices.Contains(tags, helloTag) {
		s.leaveAlone(ctx) // before anything is acknowledged
	}
	s.apply(version, tags)
	s.mu.Lock()
	s.seen = max(s.seen, version)
	s.mu.Unlock()
}

const acknowledgeSQL = `
WITH fast AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE cache_lease SET seen = $2 FROM fast WHERE instance = $1 AND seen < $2`

// acknowledge tells writers that everything up to seen has been applied. Losing it in a crash only makes
// them wait.
func (s *Store) acknowledge(ctx context.Context, conn *pgx.Conn) error {
	return s.execBounded(ctx, conn, acknowledgeSQL, s.instance, s.seenVersion())
}
