package authn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"nms.example/common/redis"
)

const (
	// resync is how often everything is read anew although nothing seems lost: a safety net.
	resync = 30 * time.Second
	// stale is the age of what was read last at which it is no longer current: the process stood still, or is far behind.
	stale = 3 * resync
	// incompleteRetry is the pause before Redis is asked again while auth has not refilled it.
	incompleteRetry = 250 * time.Millisecond
)

var (
	errNotCurrent = errors.New("the revocations and API keys are not current: Redis is away or was not yet filled by auth")
	errIncomplete = errors.New("authn: Redis was not yet filled by auth")
)

// Feed keeps a process's Revocations and APIKeys current with what auth publishes over Redis: pushed at
// once, rebuilt at start and after each loss of the connection.
//
// While Redis is away what is known stays in force, and what is revoked meanwhile goes unseen here until
// it is back, for at most TokenTTL, after which the tokens have expired anyway. Check tells.
type Feed struct {
	redis       *redis.Client
	keyring     *Keyring
	revocations *Revocations
	keys        *APIKeys
	listening   atomic.Bool
	current     atomic.Bool
	seek        func(context.Context)     // reads the public keys again; nil: they are as they are
	loaded      atomic.Pointer[time.Time] // when everything was read last

	asking sync.Mutex // one catchUp at a time
	asked  time.Time  // when the last one began; under asking
	// unreadable is the version of a list that this process cannot open, and when that was found; under asking.
	unreadable struct {
		version int64
		found   time.Time
	}
}

// NewFeed makes a feed; nothing happens before Run.
func NewFeed(client *redis.Client, k *Keyring, r *Revocations, keys *APIKeys) *Feed {
	return &Feed{redis: client, keyring: k, revocations: r, keys: keys}
}

// Run serves the feed until ctx ends.
func (f *Feed) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return f.redis.Listen(ctx, redis.Listener{
			Channel:      channel,
			OnMessage:    f.take,
			OnSubscribed: f.subscribed,
			OnLost:       func(context.Context, error) { f.listening.Store(false); f.current.Store(false) },
		})
	})
	group.Go(func() error {
		f.refresh(ctx)
		return nil
	})
	return group.Wait()
}

// Check fails while the memory may be behind; for the health bit Cache.
func (f *Feed) Check(context.Context) error {
	if loaded := f.loaded.Load(); !f.current.Load() || loaded == nil || time.Since(*loaded) > stale {
		return errNotCurrent
	}
	return nil
}

// subscribed reads everything after the subscription, so that nothing falls in between. That auth has
// not filled Redis yet is no reason to leave: its messages come over this very subscription.
func (f *Feed) subscribed(ctx context.Context) error {
	err := f.load(ctx)
	if err != nil && !errors.Is(err, errIncomplete) {
		return err
	}
	f.listening.Store(true)
	f.current.Store(err == nil)
	return nil
}

func (f *Feed) refresh(ctx context.Context) {
	ticker := time.NewTicker(incompleteRetry)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if f.current.Load() && time.Since(last) < resync {
			continue
		}
		last = time.Now()
		f.revocations.Prune()
		f.current.Store(f.load(ctx) == nil && f.listening.Load()) // Check tells of a failure, and the next round tries again
	}
}

func (f *Feed) take(ctx context.Context, message []byte) {
	var m wireMessage
	if json.Unmarshal(message, &m) != nil {
		return
	}
	f.revocations.Apply(m.revocations()...)
	if m.KeysVersion <= f.keys.Version() {
		return
	}
	if err := f.loadKeys(ctx); err != nil {
		f.current.Store(false) // refresh tries again
	}
}

// catchUp reads the API keys when Redis has newer ones: auth stores them before it answers, while the message about it may
// still be on its way, in a cluster from node to node. Any number of callers cost one question at a time: who waited
// for one that began later than he came needs none of his own. A list that cannot be opened (sealed by a key that is not known here) is
// read again only after a pause. Without Redis nothing changes.
func (f *Feed) catchUp(ctx context.Context) {
	came := time.Now()
	f.asking.Lock()
	defer f.asking.Unlock()
	if f.asked.After(came) {
		return
	}
	f.asked = time.Now()
	ctx = context.WithoutCancel(ctx) // it is asked for all who wait; REDIS_TIMEOUT bounds it
	var head string
	err := f.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
		head, err = rdb.GetRange(ctx, f.redis.Key(slot, keyAPIKeys), 0, versionDigits).Result()
		return err
	})
	number, _, _ := strings.Cut(head, " ")
	version, parseErr := strconv.ParseInt(number, 10, 64)
	if err != nil || parseErr != nil || version <= f.keys.Version() {
		return
	}
	if version == f.unreadable.version && time.Since(f.unreadable.found) < incompleteRetry {
		return
	}
	if errors.Is(f.loadKeys(ctx), errSeal) { // what it leaves undone otherwise, refresh tries again
		f.unreadable.version, f.unreadable.found = version, time.Now()
	}
}

// load reads everything. It looks for the mark first: once that is there, everything else is.
func (f *Feed) load(ctx context.Context) error {
	begun := time.Now()
	var complete int64
	err := f.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
		complete, err = rdb.Exists(ctx, f.redis.Key(slot, keyComplete)).Result()
		return err
	})
	if err != nil {
		return fmt.Errorf("authn: %w", err)
	}
	if err := f.loadRevocations(ctx); err != nil {
		return err
	}
	if err := f.loadKeys(ctx); err != nil {
		return err
	}
	if complete == 0 {
		return errIncomplete
	}
	f.loaded.Store(&begun)
	return nil
}

// loadPage is how many revocations are read at once: what Redis hands over well within an operation's deadline.
const loadPage = 2000

// loadRevocations walks the set from its late end to its early one. Revocations that come in meanwhile
// shift the pages, so some are read twice; those are also on the channel.
func (f *Feed) loadRevocations(ctx context.Context) error {
	now := strconv.FormatInt(f.revocations.now().UnixMilli(), 10)
	for offset := int64(0); ; offset += loadPage {
		var rows []goredis.Z
		err := f.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
			rows, err = rdb.ZRevRangeByScoreWithScores(ctx, f.redis.Key(slot, keyRevocations), &goredis.ZRangeBy{
				Min: now, Max: "+inf", Offset: offset, Count: loadPage,
			}).Result()
			return err
		})
		if err != nil {
			return fmt.Errorf("authn: read revocations: %w", err)
		}
		for _, z := range rows {
			text, _ := z.Member.(string)
			if r, err := parseRevocation(text, time.UnixMilli(int64(z.Score))); err == nil {
				f.revocations.Apply(r)
			}
		}
		if len(rows) < loadPage {
			return nil
		}
	}
}

func (f *Feed) loadKeys(ctx context.Context) error {
	var sealed string
	err := f.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		var err error
		sealed, err = rdb.Get(ctx, f.redis.Key(slot, keyAPIKeys)).Result()
		return err
	})
	switch {
	case errors.Is(err, goredis.Nil):
		return errIncomplete
	case err != nil:
		return fmt.Errorf("authn: read API keys: %w", err)
	}
	list, err := openKeys(f.keyring, sealed)
	if f.seek != nil && errors.Is(err, errUnknownKey) {
		f.seek(ctx)
		list, err = openKeys(f.keyring, sealed)
	}
	if err != nil {
		return err
	}
	f.keys.Replace(list.Version, list.Keys)
	return nil
}
