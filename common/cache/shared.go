package cache

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Entries are shared through Redis so that one instance's fill serves all. Each carries the version that
// it certainly contains; an instance takes it only when that covers the last change that it knows of for
// every tag. So it does not matter what Redis forgets, evicts or brings back after a restart.

const (
	sharedTTL = time.Hour
	// sharedMax bounds one shared entry in bytes: moving more through Redis costs more than another fill.
	sharedMax = 8 << 20
	// fillLock is how long one instance may keep the others from filling the same entry, fillWait how long
	// those are patient, looking again every fillLook.
	fillLock = 2 * time.Second
	fillWait = time.Second
	fillLook = 5 * time.Millisecond
)

var errFillElsewhere = errors.New("another instance fills it")

func (s *Store) sharedKey(f *flight) string {
	return s.redis.Key("cache", s.options.Namespace, *f.epoch, f.key)
}

// fetchShared gives the shared entry. Otherwise locked tells that this instance fills it now, and the
// others wait until storeShared.
func (s *Store) fetchShared(ctx context.Context, f *flight) (entry *Entry, locked bool) {
	if s.redis == nil || f.epoch == nil {
		return nil, false
	}
	for deadline := time.Now().Add(fillWait); ; {
		e, err := s.getShared(ctx, f, s.sharedKey(f), s.lockKey(f))
		switch {
		case e != nil:
			return e, false
		case err == nil:
			return nil, true
		case !errors.Is(err, errFillElsewhere) || time.Now().After(deadline) || !sleep(ctx, fillLook):
			return nil, false
		}
	}
}

func (s *Store) lockKey(f *flight) string {
	return s.sharedKey(f) + ":" + strconv.FormatInt(f.required, 10) + ":fill"
}

// getShared reads the entry; when it is not there or too old it takes the lock of the fill, and looks once
// more: the fill that it did not see may have ended between the two.
func (s *Store) getShared(ctx context.Context, f *flight, key, lock string) (entry *Entry, err error) {
	err = s.redis.Do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error {
		if entry, err = s.fresh(ctx, rdb, f, key); entry != nil || err != nil {
			return err
		}
		taken, err := rdb.SetNX(ctx, lock, "", fillLock).Result()
		if err != nil {
			return err //nolint:wrapcheck // Do wraps it
		}
		if !taken {
			return redis.Nil // an answer: the breaker must not count it
		}
		if entry, err = s.fresh(ctx, rdb, f, key); entry != nil {
			return rdb.Del(ctx, lock).Err() //nolint:wrapcheck // Do wraps it
		}
		return err
	})
	switch {
	case entry != nil:
		return entry, nil
	case errors.Is(err, redis.Nil):
		return nil, errFillElsewhere
	default:
		return nil, err
	}
}

// fresh gives the shared entry when it is there and recent enough.
func (s *Store) fresh(ctx context.Context, rdb redis.UniversalClient, f *flight, key string) (*Entry, error) {
	raw, err := rdb.Get(ctx, key).Bytes()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, err //nolint:wrapcheck // Do wraps it
	}
	if e := decodeEntry(raw, f.tags); e != nil && e.asOf >= f.required {
		return e, nil
	}
	return nil, nil //nolint:nilnil // not there
}

// storeShared offers a filled entry, nil when the fill failed, to the other instances and gives the lock
// back. An older entry may overwrite a newer one; then somebody fills once more.
func (s *Store) storeShared(ctx context.Context, f *flight, e *Entry, locked bool) {
	fits := e != nil && len(e.Body)+len(e.Gzip) <= sharedMax
	if s.redis == nil || f.epoch == nil || !fits && !locked {
		return
	}
	// Beyond the fill's own deadline: a lock left behind would keep the others waiting.
	_ = s.redis.Do(context.WithoutCancel(ctx), func(ctx context.Context, rdb redis.UniversalClient) error {
		_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			if fits {
				p.Set(ctx, s.sharedKey(f), e.encode(), sharedTTL)
			}
			if locked {
				p.Del(ctx, s.lockKey(f))
			}
			return nil
		})
		return err //nolint:wrapcheck // Do wraps it
	})
}
