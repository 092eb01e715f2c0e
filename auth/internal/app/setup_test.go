package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authntest"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/auth/internal/app"
)

const (
	patience      = waittest.Bound
	adminPassword = "correct horse battery"
	prefix        = "/api/v1/auth"

	conflict      = http.StatusConflict
	forbidden     = http.StatusForbidden
	notFound      = http.StatusNotFound
	unauthorized  = http.StatusUnauthorized
	unprocessable = http.StatusUnprocessableEntity
)

// stand is an auth with a database, a Redis prefix and a virtual host of its own.
type stand struct {
	t        *testing.T
	kit      *authntest.Kit
	settings map[string]string
	dsn      config.PostgresDSN
	redis    *redis.Client
	broker   *bustest.Broker
	*servicetest.Instance

	// from is the address that calls seem to come from, when the service trusts loopback as a proxy.
	from string
}

// settingsFor returns the settings of an auth in that environment; bcrypt is as cheap as it gets.
func settingsFor(t *testing.T) (*stand, map[string]string) {
	t.Helper()
	s := &stand{t: t, kit: authntest.New(t), dsn: pgtest.DSN[db.AUTH](t), broker: bustest.New(t)}
	prefix := redistest.Prefix(t)
	s.redis = redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: prefix})
	s.settings = map[string]string{
		"DB_AUTH_DSN": s.dsn.Reveal(), "MQ_DSN": s.broker.DSN.Reveal(), "REDIS_DSN": redistest.DSN(t).Reveal(),
		"REDIS_PREFIX": prefix, "JWT_SECRET_KEY": s.kit.Secret, "AUTH_ADMIN_PASSWORD": adminPassword,
		"BCRYPT_COST": "4", "BCRYPT_MAX_WAIT": "1m",
	}
	return s, s.settings
}

func setup(t *testing.T, changes ...map[string]string) *stand {
	t.Helper()
	s, settings := settingsFor(t)
	for _, c := range changes {
		maps.Copy(settings, c)
	}
	s.Instance = s.start()
	return s
}

// start starts one more instance beside the others.
func (s *stand) start() *servicetest.Instance {
	s.t.Helper()
	i := servicetest.Start(s.t, app.Identity, app.Build, s.settings)
	s.eventually("ready", func() bool { return i.Client(s.t).Outside().Get("/readyz").Status == http.StatusOK })
	return i
}

func (s *stand) eventually(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		require.True(s.t, time.Now().Before(deadline), "in vain waited for: %s", what)
	}
}

// as calls auth's API on the first instance with an access token or an API key, or with neither.
func (s *stand) as(token string) *servicetest.Client {
	c := s.Client(s.t).As(token).With("User-Agent: test")
	if s.from != "" {
		c = c.With("X-Forwarded-For: " + s.from)
	}
	return c
}

// in is the same service for a subtest.
func (s *stand) in(t *testing.T) *stand {
	t.Helper()
	other := *s
	other.t = t
	return &other
}

type tokens struct {
	Access     string `json:"access_token"`
	Refresh    string `json:"refresh_token"`
	Type       string `json:"token_type"`
	ExpiresIn  int    `json:"expires_in"`
	MustChange bool   `json:"password_change_required"`
}

func passwordGrant(login, password string) url.Values {
	return url.Values{"grant_type": {"password"}, "username": {login}, "password": {password}}
}

func refreshGrant(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func (s *stand) login(login, password string) tokens {
	s.t.Helper()
	return s.grant(passwordGrant(login, password))
}

// grant exchanges a password or a refresh token.
func (s *stand) grant(form url.Values) (tk tokens) {
	s.t.Helper()
	s.as("").Post("/token", form).Is(http.StatusOK).Into(&tk)
	return tk
}

// admin is a client that may do everything.
func (s *stand) admin() *servicetest.Client {
	s.t.Helper()
	return s.as(s.login("admin_nms", adminPassword).Access)
}

// refused checks that a grant is refused with a code of RFC 6749, and with a complete problem.
func (s *stand) refused(form url.Values, code string) *servicetest.Answer {
	s.t.Helper()
	a := s.as("").Post("/token", form)
	p := a.Problem(http.StatusBadRequest)
	require.Equal(s.t, code, p.OAuth)
	require.NotEmpty(s.t, p.Errors[0].Code)
	return a
}

// role makes a role and returns its id.
func (s *stand) role(admin *servicetest.Client, id string, permissions ...string) string {
	s.t.Helper()
	admin.Post("/roles", map[string]any{
		"id": id, "description": id, "permissions": append([]string{}, permissions...),
	}).Is(http.StatusCreated)
	return id
}

const userPassword = "a password of enough length"

// draft is the body of a new user.
func draft(login, role string) map[string]any {
	return map[string]any{"login": login, "name": login, "password": userPassword, "role_id": role}
}

// user makes a user with the role and returns its id.
func (s *stand) user(admin *servicetest.Client, login, role string) int64 {
	s.t.Helper()
	return admin.Post("/users", draft(login, role)).Is(http.StatusCreated).ID()
}

func path(format string, args ...any) string { return fmt.Sprintf(format, args...) }
