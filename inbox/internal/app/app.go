// Package app puts inbox together: settings, database, bus and cache, the intake and the routes.
package app

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/api"
	"nms.example/common/backbone"
	"nms.example/common/bus"
	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/service"
	inboxapi "nms.example/inbox/internal/api"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/intake"
	"nms.example/inbox/internal/retention"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/statistics"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/waterfall"
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
	Events:      Events,
	Operations:  func(a *api.API) { inboxapi.Register(a, inboxapi.Deps{}) },
}

// Settings are the variables that inbox reads.
type Settings struct {
	config.Base
	backbone.Settings

	DWH config.PostgresDSN `envconfig:"DB_DWH_DSN" required:"true" desc:"Database of traces and signals, postgres://user:password@host:port/name."`

	IntakeBounds
}

// IntakeBounds are the variables that bound what is taken in.
type IntakeBounds struct {
	MaxPoints  int           `envconfig:"TRACE_MAX_POINTS" default:"1000000" min:"1" max:"10000000" desc:"Most values of one trace."`
	MaxAge     time.Duration `envconfig:"TRACE_MAX_AGE" default:"720h" min:"1m" max:"87600h" desc:"How old a trace may be when it arrives."`
	MaxAhead   time.Duration `envconfig:"TRACE_MAX_AHEAD" default:"10m" min:"0s" max:"24h" desc:"How far a trace's timestamp may lie in the future."`
	AcceptOld  bool          `envconfig:"TRACE_ACCEPT_OLD" default:"false" desc:"True takes traces of any age that RETENTION still keeps."`
	Retention  time.Duration `envconfig:"RETENTION" default:"2160h" min:"24h" max:"876000h" desc:"How long traces and signals are kept, in whole UTC days; at least TRACE_MAX_AGE."`
	Rollups    time.Duration `envconfig:"ROLLUP_RETENTION" default:"17520h" min:"24h" max:"876000h" desc:"How long the statistics of each hour are kept, never shorter than RETENTION; those of each minute go with their traces."`
	AheadDays  int           `envconfig:"PARTITIONS_AHEAD" default:"7" min:"1" max:"365" desc:"For how many days partitions are made in advance."`
	QueueBytes int64         `envconfig:"INGEST_QUEUE_BYTES" default:"33554432" min:"1048576" max:"17179869184" desc:"Bytes of traces that may wait to be committed; beyond it 503."`
	BatchSize  int           `envconfig:"INGEST_BATCH_TRACES" default:"256" min:"1" max:"10000" desc:"Most traces that share one transaction."`
	Linger     time.Duration `envconfig:"INGEST_LINGER" default:"2ms" min:"0s" max:"1s" desc:"How long a transaction waits for more traces."`
	PostRate   float64       `envconfig:"INTAKE_RATE_LIMIT" default:"20000" min:"0" max:"1000000" desc:"Posts of traces and signals per second that one user or key may make for long, in place of RATE_LIMIT; 0 switches the limit off."`
	PostBurst  int           `envconfig:"INTAKE_RATE_BURST" default:"40000" min:"1" max:"1000000" desc:"Posts that one user or key may make at once."`
	Committers int           `envconfig:"INGEST_COMMITTERS" default:"2" min:"1" max:"64" desc:"Transactions at a time; fewer than DB_MAX_CONNS."`
}

// Validate implements config.Validator.
func (i *IntakeBounds) Validate(r *config.Report) {
	if i.Retention < i.MaxAge {
		r.Fault("RETENTION", "at least TRACE_MAX_AGE")
	}
}

// window returns the timestamps that are taken.
func (i *IntakeBounds) window() ingest.Window {
	if i.AcceptOld {
		return i.kept()
	}
	return ingest.Window{Past: i.MaxAge, Ahead: i.MaxAhead}
}

// kept returns the timestamps whose traces are kept.
func (i *IntakeBounds) kept() ingest.Window {
	return ingest.Window{Past: i.Retention, Ahead: i.MaxAhead, Kept: true}
}

// Build sets inbox up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := backbone.Database[db.DWH](ctx, s, settings.DWH, settings.Limits)
	if err != nil {
		return err
	}
	back, err := backbone.Open(ctx, s, settings.Settings)
	if err != nil {
		return err
	}
	backbone.Relay(s, pool, back)
	tap := bus.NewTap(back.Bus, inboxapi.Live, inboxapi.StreamBindings()...)
	s.Go("stream", tap.Run)
	s.Registry().MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "inbox_stream_readers", Help: "Clients that follow GET /stream and keep up.",
	}, func() float64 { return float64(tap.Readers()) }))
	keeper := retention.New(pool, retention.Policy{Keep: settings.Retention, AheadDays: settings.AheadDays}, s.Logger())
	s.Go("retention", keeper.Run)
	rollups := rollup.NewKeeper(pool, rollup.Policy{Keep: max(settings.Rollups, settings.Retention)}, s.Logger())
	s.Go("rollups", rollups.Run)
	reader := rollup.NewReader(pool)
	writer := change.NewWriter(pool, Events, change.Options[db.DWH]{})
	taking, backfill := startIntake(s, &settings, writer)
	signals := signal.New(writer)
	s.Go("signals", func(ctx context.Context) error { return signals.Run(ctx, s.Logger()) })
	overAMQP := intake.New(taking, settings.MaxBodyBytes)
	s.Registry().MustRegister(overAMQP.Collector())
	s.Go("traces over RabbitMQ", func(ctx context.Context) error { return overAMQP.Run(ctx, back.Bus) })
	build := service.ReadBuild()
	inboxapi.Register(s.API(), inboxapi.Deps{
		Intake: taking, Backfill: backfill, Withdrawals: ingest.NewWithdrawals(writer), Traces: trace.NewRepository(pool), Signals: signals,
		Waterfall: waterfall.NewBuilder(reader), Statistics: statistics.NewBuilder(reader),
		Tap: tap, MaxBodyBytes: settings.MaxBodyBytes, Zone: settings.TZ.Location(),
		Build:   build.Version + build.Commit + settings.TZ.Location().String(),
		Limiter: back.Limiter("intake", settings.PostRate, settings.PostBurst),
	})
	return nil
}

// startIntake makes the queue in front of the database, what reads traces for it, and what reads past ones.
func startIntake(s *service.Service, settings *Settings, writer *change.Writer[db.DWH]) (taking, backfill *ingest.Receiver) {
	queue := ingest.NewQueue(ingest.NewCommitter(writer), ingest.Settings{
		MaxBytes: settings.QueueBytes, BatchTraces: settings.BatchSize, Linger: settings.Linger, Committers: settings.Committers,
	})
	s.Registry().MustRegister(queue.Collectors()...)
	s.Go("ingest", queue.Run)
	return ingest.NewReceiver(queue, settings.window(), settings.MaxPoints), ingest.NewReceiver(queue, settings.kept(), settings.MaxPoints)
}
