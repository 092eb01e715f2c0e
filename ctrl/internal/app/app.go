// Package app puts ctrl together: settings, database, bus and Redis, drivers, commands and their routes.
package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	commonapi "nms.example/common/api"
	"nms.example/common/backbone"
	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/service"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/api"
	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/dispatch"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/equipment"
	"nms.example/ctrl/internal/evaluate"
	"nms.example/ctrl/internal/figures"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/history"
	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/notify"
	"nms.example/ctrl/internal/poll"
	"nms.example/ctrl/internal/remotewrite"
	"nms.example/ctrl/internal/source"
	"nms.example/ctrl/internal/submission"
)

// Identity is what ctrl tells about itself. The id is the one that clients of the original know.
var Identity = service.Identity{
	ID:          uuid.MustParse("91a6b4eb-4b05-424e-bfc7-1d06ffb60c7a"),
	Name:        "ctrl",
	About:       "NMS control service",
	AboutRU:     "Сервис управления оборудованием системы управления сетью",
	Description: "Sends the commands of the catalogue to equipment, keeps the values of its telemetry, and raises alarms.",
	Copyright:   "MIT License",
	Port:        4042,
	Events:      Events,
	Operations:  func(a *commonapi.API) { api.Register(a, api.Deps{}) },
}

// Settings are the variables that ctrl reads.
type Settings struct {
	config.Base
	backbone.Settings

	NMS      config.PostgresDSN `envconfig:"DB_NMS_DSN" required:"true" desc:"Database of the managed system, postgres://user:password@host:port/name."`
	DWH      config.PostgresDSN `envconfig:"DB_DWH_DSN" required:"true" desc:"Database of values, postgres://user:password@host:port/name."`
	Networks driver.Networks    `envconfig:"CTRL_ALLOWED_NETWORKS" desc:"Networks that equipment may be reached in, such as 10.0.0.0/8, separated by commas; empty: none. Looked at behind the resolution of names."`
	Secrets  string             `envconfig:"CTRL_SECRETS_DIR" desc:"Directory whose files are the secrets that endpoints name: communities, passphrases, tokens."`
	Keep     time.Duration      `envconfig:"CTRL_COMMANDS_RETENTION" default:"9600h" min:"24h" max:"876000h" desc:"How long commands that have ended are kept, with their steps."`
	Workers  int                `envconfig:"CTRL_WORKERS" default:"64" min:"1" max:"10000" desc:"Pieces of equipment that one instance commands at the same time."`

	Polls       int           `envconfig:"CTRL_POLLS" default:"256" min:"1" max:"10000" desc:"Pieces of equipment that one instance polls at the same time, beside those that are slow to answer."`
	PollTimeout time.Duration `envconfig:"CTRL_POLL_TIMEOUT" default:"10s" min:"100ms" max:"1h" desc:"How long a poll waits for its answer. Equipment that does not answer is polled more seldom until it does."`

	TelemetryBounds
	AlarmBounds

	Notified driver.Networks `envconfig:"NOTIFY_ALLOWED_NETWORKS" desc:"Networks that notifications of alarms may go to, such as 10.0.0.0/8, separated by commas; empty: none. Looked at behind the resolution of names, and again on redirects."`
}

// AlarmBounds are the variables that say when an alarm flaps.
type AlarmBounds struct {
	Changes int           `envconfig:"ALARM_FLAPPING_CHANGES" default:"6" min:"1" max:"1000" desc:"How often an alarm may be raised or cleared within ALARM_FLAPPING_WINDOW; beyond that it flaps, and stays raised until it is quiet."`
	Window  time.Duration `envconfig:"ALARM_FLAPPING_WINDOW" default:"10m" min:"1s" max:"24h" desc:"See ALARM_FLAPPING_CHANGES; also how long a flapping alarm has to be quiet."`
}

// TelemetryBounds are the variables that bound what values are taken in and kept.
type TelemetryBounds struct {
	Frames     time.Duration `envconfig:"TELEMETRY_RETENTION" default:"336h" min:"24h" max:"876000h" desc:"How long values are kept as they came, in whole UTC days; older ones are not taken."`
	Minutes    time.Duration `envconfig:"TELEMETRY_RETENTION_5M" default:"8784h" min:"24h" max:"876000h" desc:"How long minimum, maximum and mean of 5 minutes are kept, in whole months; at least TELEMETRY_RETENTION."`
	Hours      time.Duration `envconfig:"TELEMETRY_RETENTION_1H" default:"43848h" min:"24h" max:"876000h" desc:"How long those of an hour, and texts, are kept, in whole years; at least TELEMETRY_RETENTION_5M."`
	Ahead      time.Duration `envconfig:"TELEMETRY_MAX_AHEAD" default:"10m" min:"0s" max:"24h" desc:"How far a value's time may lie in the future."`
	Queue      int64         `envconfig:"TELEMETRY_QUEUE_VALUES" default:"1000000" min:"10000" max:"1000000000" desc:"Values that may wait to be committed; beyond it 503."`
	Committers int           `envconfig:"TELEMETRY_COMMITTERS" default:"2" min:"1" max:"64" desc:"Transactions that store values at a time; fewer than DB_MAX_CONNS."`
	PostRate   float64       `envconfig:"TELEMETRY_RATE_LIMIT" default:"20000" min:"0" max:"1000000" desc:"Posts of values per second that one user or key may make for long, in place of RATE_LIMIT; 0 switches the limit off."`
	PostBurst  int           `envconfig:"TELEMETRY_RATE_BURST" default:"40000" min:"1" max:"1000000" desc:"Posts of values that one user or key may make at once."`
}

// Validate implements config.Validator.
func (b *TelemetryBounds) Validate(r *config.Report) {
	if b.Minutes < b.Frames {
		r.Fault("TELEMETRY_RETENTION_5M", "at least TELEMETRY_RETENTION")
	}
	if b.Hours < b.Minutes {
		r.Fault("TELEMETRY_RETENTION_1H", "at least TELEMETRY_RETENTION_5M")
	}
}

// partitionsAhead is for how many days partitions are made in advance.
const partitionsAhead = 7

func (b *TelemetryBounds) policy() history.Policy {
	return history.Policy{Frames: b.Frames, Minutes: b.Minutes, Hours: b.Hours, AheadDays: partitionsAhead}
}

// Build sets ctrl up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := backbone.Database[db.NMS](ctx, s, settings.NMS, settings.Limits)
	if err != nil {
		return err
	}
	values, err := backbone.Database[db.DWH](ctx, s, settings.DWH, settings.Limits)
	if err != nil {
		return err
	}
	b, err := backbone.Open(ctx, s, settings.Settings)
	if err != nil {
		return err
	}
	backbone.Relay(s, pool, b)

	writer := change.NewWriter(pool, Events, change.Options[db.NMS]{})
	drivers := driver.NewSet(settings.Networks)
	endpoints := endpoint.New(writer, drivers, driver.NewSecrets(settings.Secrets))
	commands := command.New(writer, drivers, endpoints)
	known := catalogue.New(pool, s.Logger())
	alarms := alarm.New(writer, alarm.Options{Changes: settings.Changes, Window: settings.Window})
	commands.RaiseIn(alarms)
	s.Go("alarms", func(ctx context.Context) error { return alarms.Run(ctx, s.Logger()) })
	book := limit.NewBook(pool, s.Logger())
	s.Go("limits", book.Run)
	evaluator := evaluate.New(writer, values, book, known, alarms, evaluate.Options{Logger: s.Logger()})
	s.Registry().MustRegister(evaluator.Collectors()...)
	s.Go("evaluator", evaluator.Run)
	notifications := notify.New(writer, settings.Notified, driver.NewSecrets(settings.Secrets))
	notifier := notify.NewNotifier(notifications, s.Logger())
	s.Registry().MustRegister(notifier.Collectors()...)
	s.Go("notifier", notifier.Run)
	measured := figures.New(pool, values, s.Logger())
	s.Registry().MustRegister(measured.Collectors()...)
	s.Go("figures", measured.Run)
	equipments := equipment.NewReader(pool, endpoints, commands, known, frame.NewReader(values), book, alarms)
	dispatcher := dispatch.New(writer, commands, endpoints, dispatch.Options{
		Workers: settings.Workers, Stands: b.Guard.Stands, Known: b.Guard.Check, Arrived: equipments.Arrived, Logger: s.Logger(),
	})
	s.Registry().MustRegister(drivers.Collector(), commands.Collector())
	s.Registry().MustRegister(dispatcher.Collectors()...)
	s.Go("dispatcher", dispatcher.Run)
	s.Go("commands", command.NewRetention(pool, settings.Keep, s.Logger()).Run)
	submissions := startIntake(s, &settings, values, known, book)
	poller := poll.New(pool, endpoints, known, submissions.Intake(), poll.Options{Workers: settings.Polls, Timeout: settings.PollTimeout, Logger: s.Logger()})
	s.Registry().MustRegister(poller.Collectors()...)
	s.Go("poller", poller.Run)
	remote := remotewrite.New(pool, known, submissions, s.Logger())
	s.Registry().MustRegister(remote.Collectors()...)
	api.Register(s.API(), api.Deps{
		Endpoints: endpoints, Bindings: binding.New(writer, drivers), Commands: commands,
		Equipment:   equipments,
		Sources:     source.New(writer, drivers),
		Submissions: submissions, RemoteWrite: remote, MaxBodyBytes: settings.MaxBodyBytes,
		SubmitLimiter: b.Limiter("telemetry", settings.PostRate, settings.PostBurst),
		History:       history.NewReader(values, settings.policy()),
		Zone:          settings.TZ.Location(),
		Limits:        limit.New(writer, book), Simulator: evaluate.NewSimulator(values), Alarms: alarms, Notifications: notifications,
	})
	return nil
}

// startIntake makes what takes values in and keeps them, and what reads those that are sent.
func startIntake(
	s *service.Service, settings *Settings, values *db.Pool[db.DWH], known *catalogue.Catalogue, book *limit.Book,
) *submission.Receiver {
	intake := frame.NewIntake(values, frame.Settings{MaxValues: settings.Queue, Committers: settings.Committers, Watched: book.Watches})
	s.Registry().MustRegister(intake.Collectors()...)
	s.Go("values", intake.Run)
	s.Go("rollups", history.NewKeeper(values, s.Logger()).Run)
	s.Go("retention", history.NewRetention(values, settings.policy(), s.Logger()).Run)
	return submission.New(known, intake, submission.Window{Past: settings.Frames, Ahead: settings.Ahead})
}
