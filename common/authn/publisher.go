package authn

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/redis"
)

// completeTTL lets the mark lapse when no auth instance is left to keep Redis complete.
const completeTTL = 5 * time.Minute

// Publisher is auth's side of the feed: it tells every process what was revoked and which API keys live.
// All of its calls may be repeated and may overtake each other.
type Publisher struct {
	redis   *redis.Client
	keyring *Keyring
}

// NewPublisher makes a publisher.
func NewPublisher(client *redis.Client, k *Keyring) *Publisher {
	return &Publisher{redis: client, keyring: k}
}

// Revoke stores the revocations for those who come later and pushes them to those who listen.
func (p *Publisher) Revoke(ctx context.Context, list []Revocation) error {
	if len(list) == 0 {
		return nil
	}
	message, err := encodeMessage(list)
	if err != nil {
		return fmt.Errorf("authn: encode revocations: %w", err)
	}
	members := make([]goredis.Z, len(list))
	for i, r := range list {
		members[i] = goredis.Z{Score: float64(r.Until.UnixMilli()), Member: r.text()}
	}
	key := p.redis.Key(slot, keyRevocations)
	err = p.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		_, err := rdb.Pipelined(ctx, func(pipe goredis.Pipeliner) error {
			pipe.ZAdd(ctx, key, members...)
			pipe.ZRemRangeByScore(ctx, key, "-inf", strconv.FormatInt(time.Now().UnixMilli(), 10))
			pipe.PExpire(ctx, key, RevocationTTL+time.Minute)
			pipe.Publish(ctx, p.redis.Key(channel), message)
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("authn: publish revocations: %w", err)
	}
	return nil
}

// PutKeys stores the live API keys of that version and tells everybody.
func (p *Publisher) PutKeys(ctx context.Context, version int64, keys []KeyRecord) error {
	sealed, err := sealKeys(p.keyring, keyList{Version: version, Keys: keys})
	if err != nil {
		return err
	}
	message, err := json.Marshal(wireMessage{KeysVersion: version})
	if err != nil {
		return fmt.Errorf("authn: encode: %w", err)
	}
	err = p.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		if err := putKeys.Run(ctx, rdb, []string{p.redis.Key(slot, keyAPIKeys)}, version, sealed).Err(); err != nil {
			return err
		}
		return rdb.Publish(ctx, p.redis.Key(channel), message).Err()
	})
	if err != nil {
		return fmt.Errorf("authn: publish API keys: %w", err)
	}
	return nil
}

// Complete reports whether Redis still holds everything; false after it was emptied or newly started.
func (p *Publisher) Complete(ctx context.Context) (bool, error) {
	var n int64
	err := p.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		var err error
		n, err = rdb.Exists(ctx, p.redis.Key(slot, keyComplete), p.redis.Key(slot, keyAPIKeys)).Result()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("authn: %w", err)
	}
	return n == 2, nil
}

// MarkComplete says that everything has just been stored.
func (p *Publisher) MarkComplete(ctx context.Context) error {
	err := p.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		return rdb.Set(ctx, p.redis.Key(slot, keyComplete), 1, completeTTL).Err()
	})
	if err != nil {
		return fmt.Errorf("authn: %w", err)
	}
	return nil
}
