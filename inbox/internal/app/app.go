// Package app puts inbox together: settings, database, bus and cache, the intake and the routes.
package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	commonapi "nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/cache"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/outbox"
	"nms.example/common/ratelimit"
	"nms.example/common/service"
	inboxapi "nms.example/inbox/internal/api"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/retention"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

// Identity is what inbox tells about itself. The id is the one that clients of the original know.
var Identity = service.Identity{
	ID:          uuid.MustParse("ec2e28ca-9576-4c91-b90d-8ff7ac8a3c7a"),
	Name:        "inbox",
	About:       "NMS integration service",
	AboutRU:     "Сервис интеграции с внешними системами",
	Description: "Takes radio spectra and signals from outside systems, keeps them and shows them.",
	Copyright:   "MIT License",
	Port:        4043,
}

// Settings are the variables that inbox reads.
type Settings struct {
	config.Base
	authn.Settings
	db.Limits

	DWH         config.PostgresDSN `envconfig:"DB_DWH_DSN" required:"true" desc:"Database of traces and signals, postgres://user:password@host:port/name."`
	Bus         config.AMQPDSN     `envconfig:"MQ_DSN" required:"true" desc:"RabbitMQ, amqp://user:password@host:port/vhost."`
	Redis       config.RedisDSN    `envconfig:"REDIS_DSN" required:"true" desc:"Redis, redis://[user:password@]host:port[/db]. inbox works without it."`
	RedisPrefix string             `envconfig:"REDIS_PREFIX" default:"nms:" desc:"Start of every key and channel in Redis; the same for all services of one system."`

	Intake
}

// Intake are the variables that bound what is taken in.
type Intake struct {
	MaxPoints  int           `envconfig:"TRACE_MAX_POINTS" default:"1000000" min:"1" max:"10000000" desc:"Most values of one trace."`
	MaxAge     time.Duration `envconfig:"TRACE_MAX_AGE" default:"720h" min:"1m" max:"87600h" desc:"How old a trace may be when it arrives."`
	MaxAhead   time.Duration `envconfig:"TRACE_MAX_AHEAD" default:"10m" min:"0s" max:"24h" desc:"How far a trace's timestamp may lie in the future."`
	AcceptOld  bool          `envconfig:"TRACE_ACCEPT_OLD" default:"false" desc:"True takes traces of any age that RETENTION still keeps."`
	Retention  time.Duration `envconfig:"RETENTION" default:"2160h" min:"24h" max:"876000h" desc:"How long traces and signals are kept after their measurement, in whole UTC days; at least TRACE_MAX_AGE."`
	AheadDays  int           `envconfig:"PARTITIONS_AHEAD" default:"7" min:"1" max:"365" desc:"For how many days partitions are made in advance."`
	QueueBytes int64         `envconfig:"INGEST_QUEUE_BYTES" default:"33554432" min:"1048576" max:"17179869184" desc:"Bound on the traces that wait to be committed, in bytes; beyond it a post is answered 503."`
	BatchSize  int           `envconfig:"INGEST_BATCH_TRACES" default:"256" min:"1" max:"10000" desc:"Most traces that share one transaction."`
	Linger     time.Duration `envconfig:"INGEST_LINGER" default:"2ms" min:"0s" max:"1s" desc:"How long a transaction waits for more traces."`
	Committers int           `envconfig:"INGEST_COMMITTERS" default:"2" min:"1" max:"64" desc:"Transactions at a time; fewer than DB_MAX_CONNS."`
}

// Validate implements config.Validator.
func (i *Intake) Validate(r *config.Report) {
	if i.Retention < i.MaxAge {
		r.Fault("RETENTION", "at least TRACE_MAX_AGE")
	}
}

// window gives the timestamps that are taken.
func (i *Intake) window() ingest.Window {
	if i.AcceptOld {
		return ingest.Window{Past: i.Retention, Ahead: i.MaxAhead}
	}
	return ingest.Window{Past: i.MaxAge, Ahead: i.MaxAhead}
}

// Build sets inbox up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := db.Open[db.DWH](ctx, db.Settings{
		DSN: settings.DWH, ApplicationName: Identity.Name, Limits: settings.Limits, Tracing: settings.OTLPEndpoint != "",
	})
	if err != nil {
		return err
	}
	s.OnClose(pool.Close)
	s.Registry().MustRegister(pool.Collector())
	s.AddCheck(service.Check{Name: "dwh db", Bit: service.DWHDB, Required: true, Probe: pool.Check()})

	if err := guard(s, &settings); err != nil {
		return err
	}
	if _, err := relay(ctx, s, &settings, pool); err != nil {
		return err
	}
	keeper := retention.New(pool, retention.Policy{Keep: settings.Retention, AheadDays: settings.AheadDays}, s.Logger())
	s.Go("retention", keeper.Run)
	intake := startIntake(s, &settings, pool)
	inboxapi.Register(s.API(), inboxapi.Dependencies{
		Intake: intake, Traces: trace.NewRepository(pool), Signals: signal.New(pool), MaxBodyBytes: settings.MaxBodyBytes, Draining: s.Draining(),
	})
	return nil
}

// startIntake makes the queue in front of the database.
func startIntake(s *service.Service, settings *Settings, pool *db.Pool[db.DWH]) *ingest.Intake {
	queue := ingest.NewQueue(ingest.NewCommitter(pool), ingest.Settings{
		MaxBytes: settings.QueueBytes, BatchTraces: settings.BatchSize, Linger: settings.Linger, Committers: settings.Committers,
	})
	s.Registry().MustRegister(queue.Collectors()...)
	s.Go("ingest", queue.Run)
	return ingest.NewIntake(queue, settings.window(), settings.MaxPoints)
}

// guard lets callers in: access tokens, API keys, revocations, the request rate.
func guard(s *service.Service, settings *Settings) error {
	redis, err := cache.Open(cache.Settings{DSN: settings.Redis, Prefix: settings.RedisPrefix, Name: Identity.Name})
	if err != nil {
		return err
	}
	s.OnClose(func(context.Context) error { return redis.Close() })
	s.AddCheck(service.Check{Name: "cache", Bit: service.Cache, Probe: redis.Check})
	keyring, err := authn.NewKeyring(settings.Settings)
	if err != nil {
		return err
	}
	revocations, keys := authn.NewRevocations(), authn.NewAPIKeys()
	feed := authn.NewFeed(redis, keyring, revocations, keys)
	s.Go("revocations", feed.Run)
	s.AddCheck(service.Check{Name: "revocations", Bit: service.Cache, Probe: feed.Check})
	s.API().SetAuthenticator(authn.NewAuthenticator(keyring, revocations, keys, authn.WithClientAddr(commonapi.ClientAddr)))
	if settings.RateLimit > 0 {
		s.API().SetLimiter(ratelimit.NewLimiter(redis, "api", ratelimit.Rate{PerSecond: settings.RateLimit, Burst: settings.RateBurst}))
	}
	return nil
}

// relay publishes what the intake leaves in the outbox.
func relay(ctx context.Context, s *service.Service, settings *Settings, pool *db.Pool[db.DWH]) (*bus.Conn, error) {
	conn, err := bus.Dial(ctx, bus.Settings{DSN: settings.Bus, Name: Identity.Name, Logger: s.Logger()})
	if err != nil {
		return nil, err
	}
	s.OnClose(conn.Close)
	s.AddCheck(service.Check{Name: "bus", Bit: service.Bus, Probe: conn.Check})
	forward := outbox.NewRelay(pool, conn.Publisher(), outbox.Options{Logger: s.Logger()})
	s.Registry().MustRegister(forward.Collectors()...)
	s.Go("outbox", forward.Run)
	return conn, nil
}
