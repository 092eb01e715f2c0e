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
	fillWait = 250 * time.Millisecond
	fillLook = 5 * time.Millisecond
)

var errFillElsewhere = errors.New("another instance fills it")

func (s *Store) sharedKey(f *flight) string {
	return s.redis.Key("cache", s.options.Namespace, *f.epoch, f.key)
}

// fetchShared gives the shared entry, or nil and the release of the lock under which this instance fills
// it now; both are nil when Redis does not help.
func (s *Store) fetchShared(ctx context.Context, f *flight) (*Entry, func()) {
	if s.redis == nil || f.epoch == nil {
		return nil, nil
	}
	key := s.sharedKey(f)
	lock := key + ":" + strconv.FormatInt(f.required, 10) + ":fill"
	for deadline := time.Now().Add(fillWait); ; {
		e, err := s.getShared(ctx, f, key, lock)
		switch {
		case e != nil:
			return e, nil
		case err == nil:
			return nil, func() {
				_ = s.redis.Do(context.WithoutCancel(ctx), func(ctx context.Context, rdb redis.UniversalClient) error {
					return rdb.Del(ctx, lock).Err()
				})
			}
		case !errors.Is(err, errFillElsewhere) || time.Now().After(deadline) || !sleep(ctx, fillLook):
			return nil, nil
		}
	}
}

// getShared reads the entry; when it is not there or too old it takes the lock of the fill.
func (s *Store) getShared(ctx context.Context, f *flight, key, lock string) (entry *Entry, err error) {
	err = s.redis.Do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error {
		raw, err := rdb.Get(ctx, key).Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err //nolint:wrapcheck // Do wraps it
		}
		if e := decodeEntry(raw, f.tags); e != nil && e.asOf >= f.required {
			entry = e
			return nil
		}
		taken, err := rdb.SetNX(ctx, lock, "", fillLock).Result()
		if err == nil && !taken {
			return redis.Nil // an answer: the breaker must not count it
		}
		return err //nolint:wrapcheck // Do wraps it
	})
	if errors.Is(err, redis.Nil) {
		return nil, errFillElsewhere
	}
	return entry, err
}

// storeShared offers a filled entry to the other instances. An older one may overwrite a newer one; then
// somebody fills once more.
func (s *Store) storeShared(ctx context.Context, f *flight, e *Entry) {
	if s.redis == nil || f.epoch == nil || len(e.Body)+len(e.Gzip) > sharedMax {
		return
	}
	raw := e.encode()
	_ = s.redis.Do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error {
		return rdb.Set(ctx, s.sharedKey(f), raw, sharedTTL).Err()
	})
}
