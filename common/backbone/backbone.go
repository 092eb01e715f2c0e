// Package backbone opens what every service of the system leans on, in one way: its database, the bus,
// Redis, and the credentials that it takes from callers. Each part comes with its health check, its
// metrics and its place in the order of closing.
package backbone

import (
	"context"
	"time"

	schema "nms.example/sql"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/ratelimit"
	"nms.example/common/redis"
	"nms.example/common/registry"
	"nms.example/common/relay"
	"nms.example/common/service"
)

// Settings are the variables of the parts. A service embeds them beside config.Base, and adds the DSNs
// of its databases.
type Settings struct {
	authn.Settings
	Servers
}

// IssuerSettings are Settings of auth, which signs the tokens that all others verify.
type IssuerSettings struct {
	authn.IssuerSettings
	Servers
}

// Servers are the variables of the servers that every service uses.
type Servers struct {
	db.Limits

	Bus config.AMQPDSN `envconfig:"MQ_DSN" required:"true" desc:"RabbitMQ, amqp://user:password@host:port/vhost; several hosts, separated by commas, are nodes of one cluster."`

	RedisSettings
}

// RedisSettings are the variables that say where Redis is.
type RedisSettings struct {
	Redis        config.RedisDSN `envconfig:"REDIS_DSN" required:"true" desc:"Redis, redis://[user:password@]host:port[/db]; also sentinels and clusters, see docs/operating.md. The services go on without it, slower."`
	RedisPrefix  string          `envconfig:"REDIS_PREFIX" default:"nms:" desc:"Start of every key and channel in Redis, the same for all services of one system."`
	RedisTimeout time.Duration   `envconfig:"REDIS_TIMEOUT" default:"50ms" min:"1ms" desc:"How long one operation on Redis may take; what takes longer counts as Redis being away, and the services go on without it."`
}

// Backbone is what Open has opened.
type Backbone struct {
	Redis *redis.Client
	Bus   *bus.Conn
	// Guard knows the callers; its memory of revocations and API keys is kept current in the background.
	Guard *authn.Guard
}

// Open connects to Redis and the bus and sets who is let in and how often. Open databases before it, so
// that they are closed after it.
func Open(ctx context.Context, s *service.Service, settings Settings) (*Backbone, error) {
	return open(ctx, s, settings.Servers, settings.Settings)
}

// OpenIssuer is Open for auth.
func OpenIssuer(ctx context.Context, s *service.Service, settings IssuerSettings) (*Backbone, error) {
	return open(ctx, s, settings.Servers, settings.IssuerSettings)
}

func open(ctx context.Context, s *service.Service, settings Servers, keys authn.KeySettings) (*Backbone, error) {
	b := new(Backbone)
	var err error
	if b.Redis, err = OpenRedis(s, settings.RedisSettings); err != nil {
		return nil, err
	}

	b.Bus, err = awaitFor(ctx, s, func(ctx context.Context) (*bus.Conn, error) {
		return bus.Dial(ctx, bus.Settings{DSN: settings.Bus, Name: s.Identity().Name, Logger: s.Logger()})
	})
	if err != nil {
		return nil, err
	}
	s.OnClose(b.Bus.Close)
	s.Registry().MustRegister(b.Bus.Collectors()...)
	// The outbox keeps what the bus cannot take, so that a service is ready without it.
	s.AddCheck(service.Check{Name: "bus", Bit: service.Bus, Probe: b.Bus.Check})
	return b, b.guard(s, keys)
}

// OpenRedis connects to Redis alone, for a service that has neither database nor bus, and puts the service on the list of
// instances that live.
func OpenRedis(s *service.Service, settings RedisSettings) (*redis.Client, error) {
	client, err := redis.Open(redis.Settings{
		DSN: settings.Redis, Prefix: settings.RedisPrefix, Name: s.Identity().Name, Timeout: settings.RedisTimeout,
	})
	if err != nil {
		return nil, err
	}
	s.OnClose(func(context.Context) error { return client.Close() })
	s.AddCheck(service.Check{Name: "cache", Bit: service.Cache, Probe: client.Check})
	registry.Join(s, client)
	return client, nil
}

// guard lets callers in by access token and API key, follows revocations and bounds the request rate.
func (b *Backbone) guard(s *service.Service, keys authn.KeySettings) error {
	var err error
	if b.Guard, err = authn.NewGuard(keys, b.Redis, api.ClientAddr, authn.WithLog(s.Logger())); err != nil {
		return err
	}
	s.Registry().MustRegister(b.Guard.Collectors()...)
	if b.Guard.Follows() {
		s.AddCheck(service.Check{Name: "token keys", Bit: service.Cache, Required: true, Probe: b.Guard.Keyring.Check})
	}
	s.Go("authn feed", b.Guard.Run)
	s.AddCheck(service.Check{Name: "authn feed", Bit: service.Cache, Probe: b.Guard.Check})
	s.API().SetAuthenticator(b.Guard)
	base := s.Base()
	s.API().SetLimiter(b.Limiter("api", base.RateLimit, base.RateBurst))
	return nil
}

// Limiter makes a token bucket per caller, shared by all instances: perSecond requests for long, burst at once.
// The name keeps it apart from others. It is nil, no limit, when perSecond is 0.
func (b *Backbone) Limiter(name string, perSecond float64, burst int) api.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return ratelimit.NewLimiter(b.Redis, name, ratelimit.Rate{PerSecond: perSecond, Burst: burst})
}

// Database opens the pool of one of the service's databases, without which it is not ready.
func Database[K db.Kind](ctx context.Context, s *service.Service, dsn config.PostgresDSN, limits db.Limits) (*db.Pool[K], error) {
	pool, err := awaitFor(ctx, s, func(ctx context.Context) (*db.Pool[K], error) {
		return db.Open[K](ctx, db.Settings{
			DSN: dsn, ApplicationName: s.Identity().Name, Limits: limits, Tracing: s.Tracing().Enabled(),
		})
	})
	if err != nil {
		return nil, err
	}
	s.OnClose(pool.Close)
	s.Registry().MustRegister(pool.Collector())
	s.AddCheck(service.Check{
		Name: string(pool.Database()) + " db", Bit: bitOf(pool.Database()), Required: true, Probe: pool.Check(),
	})
	return pool, nil
}

func bitOf(d schema.Database) service.HealthBit {
	switch d {
	case schema.Auth:
		return service.AuthDB
	case schema.NMS:
		return service.NMSDB
	case schema.DWH:
		return service.DWHDB
	default:
		return service.AdminDB
	}
}

// Relay publishes in the background what transactions leave in the pool's outbox.
func Relay[K db.Kind](s *service.Service, pool *db.Pool[K], b *Backbone) {
	r := relay.New(pool, b.Bus.Publisher(), relay.Options{Logger: s.Logger()})
	s.Registry().MustRegister(r.Collectors()...)
	s.AddLag(r.Lag)
	s.Go("outbox", r.Run)
}
