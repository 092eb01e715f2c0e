// Package registry tells which instances of which services live. Each instance beats in Redis every two
// seconds; one that falls silent for ten counts as gone, one that stops takes itself off at once.
//
// The registry is for people and their tools. Nothing in the system depends on it: while Redis is away
// the services go on, and each instance is back on the list with its next beat.
package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"

	"nms.example/common/redis"
)

const (
	// Interval is the pause between two beats.
	Interval = 2 * time.Second
	// Lifetime is how long an instance is listed after its last beat.
	Lifetime = 10 * time.Second
)

// Instance is one running process of a service.
type Instance struct {
	ID      uuid.UUID
	Service string
	Version string
	// Address is where it can be reached from other machines, host:port.
	Address string
	// HealthCode has a bit per failing dependency, as in /ctrl.
	HealthCode uint64
	StartedAt  time.Time
	// Uptime is how long it has run, by its own clock and, since its last beat, by Redis's.
	Uptime time.Duration
	// SeenAt is its last beat by Redis's clock.
	SeenAt time.Time
	// Lag is for how long the oldest work waits, as in service.Service; nil when nothing can wait, or it is not known.
	Lag *time.Duration
}

// Registry reads and writes the list of instances.
type Registry struct {
	redis    *redis.Client
	lifetime time.Duration
}

// New makes a registry on the client's Redis, under its prefix.
func New(redis *redis.Client) *Registry { return &Registry{redis: redis, lifetime: Lifetime} }

// beat is what Redis keeps of an instance.
type beat struct {
	Service    string    `json:"service"`
	Version    string    `json:"version"`
	Address    string    `json:"address"`
	HealthCode uint64    `json:"health_code"`
	StartedAt  time.Time `json:"started_at"`
	UptimeMS   int64     `json:"uptime_ms"`
	LagMS      *int64    `json:"lag_ms,omitempty"`
}

// keys are a sorted set of ids by the time of their last beat (ms, Redis's clock) and a hash of their
// beats. The braces keep both on one node of a cluster.
func (r *Registry) keys() []string {
	return []string{r.redis.Key("{instances}", "seen"), r.redis.Key("{instances}", "beats")}
}

// beatScript notes a beat and clears away who has been silent for too long. Both keys end with the last
// instance. It takes id, beat, lifetime in ms.
var beatScript = goredis.NewScript(`
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local silent = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. now - ARGV[3], 'LIMIT', 0, 1000)
if #silent > 0 then
  redis.call('ZREM', KEYS[1], unpack(silent))
  redis.call('HDEL', KEYS[2], unpack(silent))
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1`)

// listScript returns the time and then, per instance that is not silent, its id, last beat and data. It
// takes the lifetime in ms.
var listScript = goredis.NewScript(`
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local seen = redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf', 'WITHSCORES')
local list = {tostring(now)}
for i = 1, #seen, 2 do
  local beat = redis.call('HGET', KEYS[2], seen[i])
  if beat then
    list[#list + 1] = seen[i]
    list[#list + 1] = seen[i + 1]
    list[#list + 1] = beat
  end
end
return list`)

// Beat says that the instance lives. Its error wraps redis.ErrDown while Redis is away.
func (r *Registry) Beat(ctx context.Context, i Instance) error {
	told := beat{
		Service: i.Service, Version: i.Version, Address: i.Address, HealthCode: i.HealthCode,
		StartedAt: i.StartedAt.UTC(), UptimeMS: i.Uptime.Milliseconds(),
	}
	if i.Lag != nil {
		told.LagMS = new(i.Lag.Milliseconds())
	}
	data, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("registry: encode a beat: %w", err)
	}
	return r.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		return beatScript.Run(ctx, rdb, r.keys(), i.ID.String(), data, r.lifetime.Milliseconds()).Err()
	})
}

// Remove takes an instance off the list.
func (r *Registry) Remove(ctx context.Context, id uuid.UUID) error {
	return r.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) error {
		keys := r.keys()
		_, err := rdb.Pipelined(ctx, func(p goredis.Pipeliner) error {
			p.ZRem(ctx, keys[0], id.String())
			p.HDel(ctx, keys[1], id.String())
			return nil
		})
		return err //nolint:wrapcheck // Do wraps it
	})
}

// List returns the instances that live, in no order. Its error wraps redis.ErrDown while Redis is away.
func (r *Registry) List(ctx context.Context) ([]Instance, error) {
	var fields []string
	err := r.redis.Do(ctx, func(ctx context.Context, rdb goredis.UniversalClient) (err error) {
		fields, err = listScript.Run(ctx, rdb, r.keys(), r.lifetime.Milliseconds()).StringSlice()
		return err //nolint:wrapcheck // Do wraps it
	})
	if err != nil {
		return nil, err
	}
	return parse(fields)
}
