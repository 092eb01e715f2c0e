package authn

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/redis"
)

const (
	// reportUses is how often a process tells Redis which API keys were used: what a crash of it can lose.
	reportUses = 5 * time.Second
	// lastReport bounds the report of a process that stops.
	lastReport = time.Second
	// keepUses is how long Redis keeps a use that auth does not fetch.
	keepUses = 24 * time.Hour
	// useBatch bounds the uses that one call to Redis takes.
	useBatch = 500
)

// KeyUse is the last time that an API key was taken, and from where.
type KeyUse struct {
	Key     uuid.UUID
	At      time.Time  // to the millisecond, by the clock of the service that took it
	Address netip.Addr // of the client; the zero Addr when it is not known
}

// keyUses holds the last use of each API key that was used since the last report. A request costs one look into a map;
// the report costs one call to Redis, however many requests there were. While Redis is away the uses stay here, one
// per key.
type keyUses struct {
	redis *redis.Client

	mu   sync.Mutex
	last map[uuid.UUID]KeyUse
}

// note remembers a use unless a later one is known. A nil receiver remembers nothing.
func (u *keyUses) note(use KeyUse) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[uuid.UUID]KeyUse{}
	}
	if !use.At.Before(u.last[use.Key].At) {
		u.last[use.Key] = use
	}
}

// run reports until ctx ends, and once more then.
func (u *keyUses) run(ctx context.Context) {
	ticker := time.NewTicker(reportUses)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastReport)
			defer cancel()
			_ = u.report(last) // Redis is away: the uses since its loss are lost with this process
			return
		case <-ticker.C:
			_ = u.report(ctx) // they stay for the next round
		}
	}
}

// report writes the uses to Redis. Those that it could not write are kept, unless the key was used again meanwhile.
func (u *keyUses) report(ctx context.Context) error {
	u.mu.Lock()
	taken := u.last
	u.last = nil
	u.mu.Unlock()
	for len(taken) > 0 {
		args := []any{keepUses.Milliseconds()}
		var batch []uuid.UUID
		for id, use := range taken {
			if len(batch) == useBatch {
				break
			}
			batch, args = append(batch, id), append(args, id.String(), use.At.UnixMilli(), use.address())
		}
		err := u.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
			return putUses.Run(ctx, rdb, []string{u.redis.Key(slot, keyUsed)}, args...).Err()
		})
		if err != nil {
			for _, use := range taken {
				u.note(use)
			}
			return fmt.Errorf("authn: report the use of API keys: %w", err)
		}
		for _, id := range batch {
			delete(taken, id)
		}
	}
	return nil
}

// putUses keeps the later one of each key's uses. It takes how long the last of them is kept (ms), then id, time (ms)
// and address of each.
var putUses = goredis.NewScript(`
for i = 2, #ARGV, 3 do
  local present = redis.call('HGET', KEYS[1], ARGV[i])
  local at = present and tonumber(string.match(present, '^%d+')) or 0
  if at <= tonumber(ARGV[i + 1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`)

// dropUses forgets uses that are still the ones given: id and text of each.
var dropUses = goredis.NewScript(`
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1`)

// KeyUses returns the last use of each API key that was used since it was forgotten, at all services together. What is
// unreadable is left out.
func (p *Publisher) KeyUses(ctx context.Context) ([]KeyUse, error) {
	var all map[string]string
	err := p.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
		all, err = rdb.HGetAll(ctx, p.redis.Key(slot, keyUsed)).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("authn: read the use of API keys: %w", err)
	}
	uses := make([]KeyUse, 0, len(all))
	for id, text := range all {
		if use, err := parseUse(id, text); err == nil {
			uses = append(uses, use)
		}
	}
	return uses, nil
}

// ForgetKeyUses forgets uses that were stored. A key that was used again meanwhile keeps its later use.
func (p *Publisher) ForgetKeyUses(ctx context.Context, uses []KeyUse) error {
	for len(uses) > 0 {
		n := min(len(uses), useBatch)
		args := make([]any, 0, 2*n)
		for _, use := range uses[:n] {
			args = append(args, use.Key.String(), use.text())
		}
		err := p.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
			return dropUses.Run(ctx, rdb, []string{p.redis.Key(slot, keyUsed)}, args...).Err()
		})
		if err != nil {
			return fmt.Errorf("authn: forget the use of API keys: %w", err)
		}
		uses = uses[n:]
	}
	return nil
}

// text is a use as Redis keeps it under its key's id: Unix milliseconds and the address.
func (u KeyUse) text() string { return strconv.FormatInt(u.At.UnixMilli(), 10) + " " + u.address() }

// address is empty when it is not known.
func (u KeyUse) address() string {
	if !u.Address.IsValid() {
		return ""
	}
	return u.Address.Unmap().WithZone("").String()
}

var errUse = errors.New("authn: not the use of an API key")

// parseUse reads what text wrote. Whoever can write to Redis can write anything, so only that is taken.
func parseUse(id, text string) (KeyUse, error) {
	key, err := uuid.Parse(id)
	if err != nil {
		return KeyUse{}, errUse
	}
	at, address, _ := strings.Cut(text, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || ms < 0 || ms > time.Now().Add(keepUses).UnixMilli() {
		return KeyUse{}, errUse
	}
	use := KeyUse{Key: key, At: time.UnixMilli(ms)}
	if address == "" {
		return use, nil
	}
	if use.Address, err = netip.ParseAddr(address); err != nil || use.Address.Zone() != "" {
		return KeyUse{}, errUse
	}
	return use, nil
}
