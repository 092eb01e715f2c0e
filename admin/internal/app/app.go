// Package app puts admin together: settings, database, bus and Redis, the journal, the dead letters and
// their routes.
package app

import (
	"context"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/backbone"
	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/registry"
	"nms.example/common/service"

	adminapi "nms.example/admin/internal/api"
	"nms.example/admin/internal/deadletter"
	"nms.example/admin/internal/journal"
)

// Identity is what admin tells about itself.
var Identity = service.Identity{
	ID:          uuid.MustParse("d2d71542-8562-43e4-afc7-255da350b413"),
	Name:        "admin",
	About:       "NMS administration service",
	AboutRU:     "Сервис администрирования системы управления сетью",
	Description: "Journal of all changes, live instances of the services, dead letters of the bus.",
	Copyright:   "MIT License",
	Port:        4044,
	Events:      Events,
	Operations:  func(a *api.API) { adminapi.Register(a, adminapi.Deps{}) },
}

// Settings are the variables that admin reads.
type Settings struct {
	config.Base
	backbone.Settings

	Admin config.PostgresDSN `envconfig:"DB_ADMIN_DSN" required:"true" desc:"Database of the journal, postgres://user:password@host:port/name."`
}

// Build sets admin up.
func Build(ctx context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	pool, err := backbone.Database[db.ADMIN](ctx, s, settings.Admin, settings.Limits)
	if err != nil {
		return err
	}
	b, err := backbone.Open(ctx, s, settings.Settings)
	if err != nil {
		return err
	}
	backbone.Relay(s, pool, b)

	recorder := journal.NewRecorder(pool, s.Logger())
	s.Registry().MustRegister(recorder.Collectors()...)
	s.Go("journal", func(ctx context.Context) error { return recorder.Run(ctx, b.Bus) })
	s.Go("journal partitions", func(ctx context.Context) error { return journal.KeepPartitions(ctx, pool, s.Logger()) })
	letters := deadletter.NewKeeper(change.NewWriter(pool, Events, change.Options[db.ADMIN]{}), b.Bus.Publisher())
	s.Registry().MustRegister(letters.Collector())
	s.Go("dead letters", func(ctx context.Context) error { return letters.Run(ctx, b.Bus) })

	adminapi.Register(s.API(), adminapi.Deps{
		Journal: journal.NewReader(pool), Instances: registry.New(b.Redis), DeadLetters: letters,
	})
	return nil
}
