package cache

import (
	"context"
	"errors"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/retry"
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

var (
	errFillElsewhere = errors.New("another instance fills it")
	errNotShared     = errors.New("what is shared cannot be read")
)

// sharedKey and lockKey hold the entry's key in braces, so that a cluster keeps the two together.
func (s *Store) sharedKey(f *flight) string {
	return s.redis.Key("cache", s.options.Namespace, *f.epoch, "{"+f.key+"}")
}

func (s *Store) lockKey(f *flight) string { return s.sharedKey(f) + ":fill" }

// lockValue tells what the fill under way will contain, and whose it is.
func (s *Store) lockValue(f *flight) string {
	return strconv.FormatInt(f.asOf, 10) + " " + s.instance.String()
}

// latestKey holds the highest version that an entry has been shared with, roughly: a lower one only makes
// somebody fill once more.
func (s *Store) latestKey(epoch *string) string {
	return s.redis.Key("cache", s.options.Namespace, *epoch, "latest")
}

// fetchShared returns the shared entry. Otherwise locked tells that this instance fills it now, and the
// others wait until the entry is offered.
func (s *Store) fetchShared(ctx context.Context, f *flight) (entry *Entry, locked bool) {
	s.stats.Asked.Add(1)
	for deadline := time.Now().Add(fillWait); ; {
		e, err := s.askShared(ctx, f)
		switch {
		case e != nil:
			return e, false
		case err == nil:
			return nil, true
		case !errors.Is(err, errFillElsewhere) || time.Now().After(deadline) || !retry.Sleep(ctx, fillLook):
			return nil, false
		}
	}
}

// askScript returns the entry KEYS[1] when it contains version ARGV[1] (behind the format's byte, see encode).
// Otherwise 0 when a fill that will contain it is under way by the lock KEYS[2], or 1 when the lock is now
// ARGV[2], for ARGV[3] milliseconds.
var askScript = goredis.NewScript(`
local entry = redis.call('GET', KEYS[1])
if entry and #entry > 9 and struct.unpack('<i8', entry, 2) >= tonumber(ARGV[1]) then
	return entry
end
local lock = redis.call('GET', KEYS[2])
if lock and tonumber(string.match(lock, '^%d+')) >= tonumber(ARGV[1]) then
	return 0
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1`)

// unlockSource releases the lock KEYS[1] unless it is another one than ARGV[1].
const unlockSource = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	redis.call('DEL', KEYS[1])
end
return 0`

// askShared reads the entry or takes the lock of its fill, in one question.
func (s *Store) askShared(ctx context.Context, f *flight) (entry *Entry, err error) {
	var reply any
	err = s.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		reply, err = askScript.Run(ctx, rdb, []string{s.sharedKey(f), s.lockKey(f)}, f.required, s.lockValue(f), fillLock.Milliseconds()).Result()
		return err //nolint:wrapcheck // Do wraps it
	})
	if err != nil {
		return nil, err
	}
	switch v := reply.(type) {
	case string:
		if e := decodeEntry([]byte(v), f.tags); e != nil && e.asOf >= f.required {
			return e, nil
		}
		return nil, errNotShared // of another format; the fill replaces it
	case int64:
		if v == 0 {
			return nil, errFillElsewhere
		}
	}
	return nil, nil //nolint:nilnil // the lock is ours
}
