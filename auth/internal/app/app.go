// Package app puts auth together: settings, database, bus and Redis, the domain and the routes.
package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/backbone"
	"nms.example/common/cache"
	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/redis"
	"nms.example/common/service"

	authapi "nms.example/auth/internal/api"
	"nms.example/auth/internal/apikey"
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
	Description: "Users, roles, sessions and API keys; issues the tokens that every other service takes.",
	Copyright:   "MIT License",
	Port:        4000,
	Events:      Events,
	Operations:  func(a *api.API) { authapi.Register(a, authapi.Deps{}) },
}

// Settings are the variables that auth reads.
type Settings struct {
	config.Base
	backbone.IssuerSettings

	AuthDB config.PostgresDSN `envconfig:"DB_AUTH_DSN" required:"true" desc:"Database of users and sessions, postgres://user:password@host:port/name."`

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
	pool, err := backbone.Database[db.AUTH](ctx, s, settings.AuthDB, settings.Limits)
	if err != nil {
		return err
	}
	back, err := backbone.OpenIssuer(ctx, s, settings.IssuerSettings)
	if err != nil {
		return err
	}
	backbone.Relay(s, pool, back)

	push, err := pushRevocations(s, &settings, pool, back)
	if err != nil {
		return err
	}
	store := cache.NewStore(pool, back.Redis, cache.StoreOptions{Namespace: user.CacheNamespace(), Logger: s.Logger()})
	s.Go("cache", store.Run)
	writer := change.NewWriter(pool, Events, change.Options[db.AUTH]{
		Cache: func() change.Invalidation { return store.Change() }, Finish: push.Finish,
	})

	hasher, err := password.NewHasher(settings.Password)
	if err != nil {
		return err
	}
	s.Go("passwords", hasher.Run)

	if err := seed.Run(ctx, writer, settings.Seed, settings.Password.Cost, settings.Environment); err != nil {
		return err
	}
	sessions := session.NewService(writer, back.Guard.Keyring, hasher, back.Redis, settings.Session)
	s.Go("sessions", func(ctx context.Context) error { return sessions.Run(ctx, s.Logger()) })
	authapi.Register(s.API(), authapi.Deps{
		Users: user.NewService(writer, store, hasher, back.Redis), Roles: role.NewService(writer), Sessions: sessions,
		Keys: apikey.NewService(writer, push.PushKeys), VerifyToken: back.Guard.Token,
		Issuer: settings.Issuer, Audience: settings.Audience, PublicKeys: back.Guard.Keyring.JWKS(),
	})
	return nil
}

// pushPatience is how long Redis may take to store a revocation. Everybody else gives Redis up after a few
// milliseconds, because they can go on without it; a revocation is worth waiting for.
const pushPatience = 500 * time.Millisecond

// pushRevocations tells every service what is revoked and which API keys live.
func pushRevocations(s *service.Service, settings *Settings, pool *db.Pool[db.AUTH], back *backbone.Backbone) (*revocation.Relay, error) {
	redis, err := redis.Open(redis.Settings{
		DSN: settings.Redis, Prefix: settings.RedisPrefix, Name: Identity.Name + "-push", Timeout: pushPatience,
	})
	if err != nil {
		return nil, err
	}
	s.OnClose(func(context.Context) error { return redis.Close() })
	publisher := authn.NewPublisher(redis, back.Guard.Keyring)
	s.Go("uses of API keys", apikey.NewUses(pool, publisher, s.Logger()).Run)
	relay := revocation.NewRelay(pool, publisher, back.Guard.Revocations, back.Guard.Keys, s.Logger())
	s.Go("revocations", relay.Run)
	s.AddCheck(service.Check{Name: "revocations", Bit: service.Cache, Probe: relay.Check})
	return relay, nil
}
