// Package app puts cfg together: settings, database, bus and cache, the catalogues and their routes.
package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	commonapi "nms.example/common/api"
	"nms.example/common/backbone"
	"nms.example/common/cache"
	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/service"

	"nms.example/cfg/internal/api"
	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/startdata"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/toc"
	"nms.example/cfg/internal/transfer"
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
	Events:      Events,
	Operations:  func(a *commonapi.API) { api.Register(a, assemble(nil, nil)) },
}

// Settings are the variables that cfg reads.
type Settings struct {
	config.Base
	backbone.Settings

	NMS        config.PostgresDSN `envconfig:"DB_NMS_DSN" required:"true" desc:"Database of the managed system, postgres://user:password@host:port/name."`
	CacheBytes int64              `envconfig:"CACHE_BYTES" default:"268435456" min:"1048576" max:"68719476736" desc:"Most memory that ready-made answers take, in bytes."`
}

// Build sets cfg up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := backbone.Database[db.NMS](ctx, s, settings.NMS, settings.Limits)
	if err != nil {
		return err
	}
	back, err := backbone.Open(ctx, s, settings.Settings)
	if err != nil {
		return err
	}
	backbone.Relay(s, pool, back)
	store := cache.NewStore(pool, back.Redis, cache.StoreOptions{
		Namespace: api.CacheNamespace(), MaxBytes: settings.CacheBytes, Logger: s.Logger(),
	})
	s.Registry().MustRegister(store.Collectors()...)
	s.Go("cache", store.Run)

	writer := change.NewWriter(pool, Events, change.Options[db.NMS]{Cache: func() change.Invalidation { return store.Change() }})
	services := assemble(writer, store)
	if settings.Environment == config.Dev {
		if err := startdata.Load(ctx, writer, services.Equipment, services.Sections, services.Commands, services.Telemetry); err != nil {
			return fmt.Errorf("load the start data: %w", err)
		}
	}
	api.Register(s.API(), services)
	return nil
}

// assemble makes the catalogues.
func assemble(writer *catalogue.Writer, store *cache.Store) api.Deps {
	return api.Deps{
		Equipment: equipment.New(writer),
		Sections:  toc.New(writer),
		Commands:  command.New(writer),
		Telemetry: telemetry.New(writer),
		Transfer:  transfer.New(writer),
		Cache:     store,
	}
}
