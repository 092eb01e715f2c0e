// Package app puts auth together: settings, database, bus and Redis, the domain and the routes.
package app

import (
	"context"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/cache"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/outbox"
	"nms.example/common/ratelimit"
	"nms.example/common/service"

	authapi "nms.example/auth/internal/api"
	"nms.example/auth/internal/apikey"
	"nms.example/auth/internal/change"
	"nms.example/auth/internal/password"
	"nms.example/auth/internal/revocation"
	"nms.example/auth/internal/role"
	"nms.example/auth/internal/seed"
	"nms.example/auth/internal/session"
	"nms.example/auth/internal/user"
)

// Identity is what auth tells about itself. The id was chosen once and never changes.
var Identity = service.Identity{
	ID:          uuid.MustParse("dc11ddeb-7438-4324-9fdb-5ec4c22ade93"),
	Name:        "auth",
	About:       "NMS authorization service",
	AboutRU:     "Сервис авторизации пользователей и управления пользователями",
	Description: "Users, roles, sessions and API keys; gives the tokens that every other service takes.",
	Copyright:   "MIT License",
	Port:        4000,
}

// Settings are the variables that auth reads.
type Settings struct {
	config.Base
	authn.Settings
	db.Limits

	AuthDB      config.PostgresDSN `envconfig:"DB_AUTH_DSN" required:"true" desc:"Database of users and sessions, postgres://user:password@host:port/name."`
	Bus         config.AMQPDSN     `envconfig:"MQ_DSN" required:"true" desc:"RabbitMQ, amqp://user:password@host:port/vhost."`
	Redis       config.RedisDSN    `envconfig:"REDIS_DSN" required:"true" desc:"Redis, redis://[user:password@]host:port[/db]. auth works without it, with counters of its own and revocations pushed late."`
	RedisPrefix string             `envconfig:"REDIS_PREFIX" default:"nms:" desc:"Start of every key and channel in Redis; the same for all services of one system."`

	Seed     seed.Settings
	Password password.Settings
	Session  session.Settings
}

// minProdCost is the least bcrypt cost in prod.
const minProdCost = 10

// Validate implements config.Validator.
func (s *Settings) Validate(r *config.Report) {
	if r.Environment == config.Prod && s.Password.Cost < minProdCost {
		r.Fault("BCRYPT_COST", "10 to 20 in prod")
	}
}

// Build sets auth up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := db.Open[db.AUTH](ctx, db.Settings{
		DSN: settings.AuthDB, ApplicationName: Identity.Name, Limits: settings.Limits, Tracing: settings.OTLPEndpoint != "",
	})
	if err != nil {
		return err
	}
	s.OnClose(pool.Close)
	s.Registry().MustRegister(pool.Collector())
	s.AddCheck(service.Check{Name: "auth db", Bit: service.AuthDB, Required: true, Probe: pool.Check()})

	redis, guard, err := openGuard(s, &settings)
	if err != nil {
		return err
	}
	if err := relayEvents(ctx, s, &settings, pool); err != nil {
		return err
	}

	push := revocation.NewRelay(pool, authn.NewPublisher(redis, guard.Keyring), guard.Revocations, guard.Keys, s.Logger())
	s.Go("revocations", push.Run)
	s.AddCheck(service.Check{Name: "revocations", Bit: service.Cache, Probe: push.Check})
	store := cache.NewStore(pool, redis, cache.StoreOptions{Namespace: "auth.1", Logger: s.Logger()})
	s.Go("cache", store.Run)
	writer := change.NewWriter(pool, store, push)

	hasher, err := password.NewHasher(settings.Password)
	if err != nil {
		return err
	}
	s.Go("passwords", hasher.Run)

	if err := seed.Run(ctx, writer, settings.Seed, settings.Password.Cost, settings.Environment); err != nil {
		return err
	}
	sessions := session.NewService(writer, guard.Keyring, hasher, redis, settings.Session)
	s.Go("sessions", func(ctx context.Context) error { return sessions.Run(ctx, s.Logger()) })
	authapi.Register(s.API(), authapi.Dependencies{
		Users: user.NewService(writer, store, hasher, redis), Roles: role.NewService(writer), Sessions: sessions,
		Keys: apikey.NewService(writer), VerifyToken: guard.Token,
		Issuer: settings.Issuer, Audience: settings.Audience,
	})
	return nil
}

// openGuard lets callers in: access tokens, API keys, revocations, the request rate.
func openGuard(s *service.Service, settings *Settings) (*cache.Client, *authn.Guard, error) {
	redis, err := cache.Open(cache.Settings{DSN: settings.Redis, Prefix: settings.RedisPrefix, Name: Identity.Name})
	if err != nil {
		return nil, nil, err
	}
	s.OnClose(func(context.Context) error { return redis.Close() })
	s.AddCheck(service.Check{Name: "cache", Bit: service.Cache, Probe: redis.Check})
	guard, err := authn.NewGuard(settings.Settings, redis, api.ClientAddr)
	if err != nil {
		return nil, nil, err
	}
	s.Go("authn feed", guard.Run)
	s.AddCheck(service.Check{Name: "authn", Bit: service.Cache, Probe: guard.Check})
	s.API().SetAuthenticator(guard)
	if settings.RateLimit > 0 {
		s.API().SetLimiter(ratelimit.NewLimiter(redis, "api", ratelimit.Rate{PerSecond: settings.RateLimit, Burst: settings.RateBurst}))
	}
	return redis, guard, nil
}

// relayEvents carries the committed events from the database to the bus.
func relayEvents(ctx context.Context, s *service.Service, settings *Settings, pool *db.Pool[db.AUTH]) error {
	conn, err := bus.Dial(ctx, bus.Settings{DSN: settings.Bus, Name: Identity.Name, Logger: s.Logger()})
	if err != nil {
		return err
	}
	s.OnClose(conn.Close)
	s.AddCheck(service.Check{Name: "bus", Bit: service.Bus, Probe: conn.Check})
	relay := outbox.NewRelay(pool, conn.Publisher(), outbox.Options{Logger: s.Logger()})
	s.Registry().MustRegister(relay.Collectors()...)
	s.Go("outbox", relay.Run)
	return nil
}
