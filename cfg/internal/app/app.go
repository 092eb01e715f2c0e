// Package app puts cfg together: settings, database, bus and cache, the catalogues and their routes.
package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/cache"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/outbox"
	"nms.example/common/ratelimit"
	"nms.example/common/service"

	cfgapi "nms.example/cfg/internal/api"
	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/startdata"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/toc"
	"nms.example/cfg/internal/transfer"

	commonapi "nms.example/common/api"
)

// Identity is what cfg tells about itself. The id is the one that clients of the original know.
var Identity = service.Identity{
	ID:          uuid.MustParse("741b029a-d3bd-4a07-b45c-2f7dbcdf531d"),
	Name:        "cfg",
	About:       "NMS configuration service",
	AboutRU:     "Сервис конфигурации системы управления сетью",
	Description: "Equipment tree, command catalogue with its sections, and telemetry parameters.",
	Copyright:   "MIT License",
	Port:        4041,
}

// Settings are the variables that cfg reads.
type Settings struct {
	config.Base
	authn.Settings
	db.Limits

	NMS         config.PostgresDSN `envconfig:"DB_NMS_DSN" required:"true" desc:"Database of the managed system, postgres://user:password@host:port/name."`
	Bus         config.AMQPDSN     `envconfig:"MQ_DSN" required:"true" desc:"RabbitMQ, amqp://user:password@host:port/vhost."`
	Redis       config.RedisDSN    `envconfig:"REDIS_DSN" required:"true" desc:"Redis, redis://[user:password@]host:port[/db]. cfg works without it, slower."`
	RedisPrefix string             `envconfig:"REDIS_PREFIX" default:"nms:" desc:"Start of every key and channel in Redis; the same for all services of one system."`
	CacheBytes  int64              `envconfig:"CACHE_BYTES" default:"268435456" min:"1048576" max:"68719476736" desc:"Most memory that ready-made answers take, in bytes."`
}

// cacheNamespace changes with the form of the cached answers, so that two builds never share them.
const cacheNamespace = "cfg.1"

// Build sets cfg up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := db.Open[db.NMS](ctx, db.Settings{
		DSN: settings.NMS, ApplicationName: Identity.Name, Limits: settings.Limits, Tracing: settings.OTLPEndpoint != "",
	})
	if err != nil {
		return err
	}
	s.OnClose(pool.Close)
	s.Registry().MustRegister(pool.Collector())
	s.AddCheck(service.Check{Name: "nms db", Bit: service.NMSDB, Required: true, Probe: pool.Check()})

	redis, err := cache.Open(cache.Settings{DSN: settings.Redis, Prefix: settings.RedisPrefix, Name: Identity.Name})
	if err != nil {
		return err
	}
	s.OnClose(func(context.Context) error { return redis.Close() })
	s.AddCheck(service.Check{Name: "cache", Bit: service.Cache, Probe: redis.Check})
	if err := guard(s, settings, redis); err != nil {
		return err
	}
	if err := relay(ctx, s, settings, pool); err != nil {
		return err
	}
	store := cache.NewStore(pool, redis, cache.StoreOptions{
		Namespace: cacheNamespace, MaxBytes: settings.CacheBytes, Logger: s.Logger(),
	})
	s.Go("cache", store.Run)

	services := assemble(pool, store)
	if settings.Environment == config.Dev {
		if err := startdata.Load(ctx, catalogue.NewWriter(pool, store), services.Equipment, services.Sections,
			services.Commands, services.Telemetry); err != nil {
			return fmt.Errorf("load the start data: %w", err)
		}
	}
	cfgapi.Register(s.API(), services)
	return nil
}

// assemble makes the catalogues on their database and cache.
func assemble(pool *db.Pool[db.NMS], store *cache.Store) cfgapi.Services {
	writer := catalogue.NewWriter(pool, store)
	commands := command.New(writer)
	return cfgapi.Services{
		Equipment: equipment.New(writer, commands),
		Sections:  toc.New(writer),
		Commands:  commands,
		Telemetry: telemetry.New(writer),
		Transfer:  transfer.New(writer),
		Cache:     store,
	}
}

// guard lets callers in: access tokens, API keys, revocations, the request rate.
func guard(s *service.Service, settings Settings, redis *cache.Client) error {
	g, err := authn.NewGuard(settings.Settings, redis, commonapi.ClientAddr)
	if err != nil {
		return err
	}
	s.Go("authn feed", g.Run)
	s.AddCheck(service.Check{Name: "authn feed", Bit: service.Cache, Probe: g.Check})
	s.API().SetAuthenticator(g)
	if settings.RateLimit > 0 {
		s.API().SetLimiter(ratelimit.NewLimiter(redis, "api", ratelimit.Rate{PerSecond: settings.RateLimit, Burst: settings.RateBurst}))
	}
	return nil
}

// relay publishes what the catalogues leave in the outbox.
func relay(ctx context.Context, s *service.Service, settings Settings, pool *db.Pool[db.NMS]) error {
	conn, err := bus.Dial(ctx, bus.Settings{DSN: settings.Bus, Name: Identity.Name, Logger: s.Logger()})
	if err != nil {
		return err
	}
	s.OnClose(conn.Close)
	s.AddCheck(service.Check{Name: "bus", Bit: service.Bus, Probe: conn.Check})
	s.Go("outbox", outbox.NewRelay(pool, conn.Publisher(), outbox.Options{Logger: s.Logger()}).Run)
	return nil
}
