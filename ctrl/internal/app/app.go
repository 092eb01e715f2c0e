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

	"nms.example/ctrl/internal/api"
	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/dispatch"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/equipment"
)

// Identity is what ctrl tells about itself. The id is the one that clients of the original know.
var Identity = service.Identity{
	ID:          uuid.MustParse("91a6b4eb-4b05-424e-bfc7-1d06ffb60c7a"),
	Name:        "ctrl",
	About:       "NMS control service",
	AboutRU:     "Сервис управления оборудованием системы управления сетью",
	Description: "Sends the commands of the catalogue to equipment.",
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
	Networks driver.Networks    `envconfig:"CTRL_ALLOWED_NETWORKS" desc:"Networks that equipment may be reached in, such as 10.0.0.0/8, separated by commas; empty: none. Looked at behind the resolution of names."`
	Secrets  string             `envconfig:"CTRL_SECRETS_DIR" desc:"Directory whose files are the secrets that endpoints name: communities, passphrases, tokens."`
	Keep     time.Duration      `envconfig:"CTRL_COMMANDS_RETENTION" default:"9600h" min:"24h" max:"876000h" desc:"How long commands that have ended are kept, with their steps."`
	Workers  int                `envconfig:"CTRL_WORKERS" default:"64" min:"1" max:"10000" desc:"Pieces of equipment that one instance commands at the same time."`
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
	b, err := backbone.Open(ctx, s, settings.Settings)
	if err != nil {
		return err
	}
	backbone.Relay(s, pool, b)

	writer := change.NewWriter(pool, Events, change.Options[db.NMS]{})
	drivers := driver.NewSet(settings.Networks)
	endpoints := endpoint.New(writer, drivers, driver.NewSecrets(settings.Secrets))
	commands := command.New(writer, drivers, endpoints)
	dispatcher := dispatch.New(writer, commands, endpoints, dispatch.Options{
		Workers: settings.Workers, Stands: b.Guard.Stands, Known: b.Guard.Check, Logger: s.Logger(),
	})
	s.Registry().MustRegister(drivers.Collector(), commands.Collector())
	s.Registry().MustRegister(dispatcher.Collectors()...)
	s.Go("dispatcher", dispatcher.Run)
	s.Go("commands", command.NewRetention(pool, settings.Keep, s.Logger()).Run)
	api.Register(s.API(), api.Deps{
		Endpoints: endpoints, Bindings: binding.New(writer, drivers), Commands: commands, Equipment: equipment.NewReader(pool, endpoints, commands),
	})
	return nil
}
