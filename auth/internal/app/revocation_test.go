package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// bound is the contract's: a revocation is in force everywhere within one second.
const bound = time.Second

// guardOf starts what every other service has of authn, on the same Redis.
func (s *stand) guardOf(dsn config.RedisDSN) *authn.Guard {
	s.t.Helper()
	client := redistest.Open(s.t, redis.Settings{DSN: dsn, Prefix: s.settings["REDIS_PREFIX"]})
	guard, err := authn.NewGuard(authntest.Settings(s.kit.Secret), client, api.ClientAddr)
	require.NoError(s.t, err)
	done := make(chan error, 1)
	go func() { done <- guard.Run(s.t.Context()) }()
	s.t.Cleanup(func() { require.NoError(s.t, <-done) })
	s.eventually("a current guard", func() bool { return guard.Check(s.t.Context()) == nil })
	return guard
}

// within checks that something happens within the contract's second, by the speed of Redis here and now.
func (s *stand) within(what string, holds func() bool) {
	s.t.Helper()
	waittest.Within(s.t, bound, what, func() { _ = s.redis.Check(s.t.Context()) }, holds)
}

// revokedInTime checks that a token soon does not pass a guard any more.
func (s *stand) revokedInTime(g *authn.Guard, token string) {
	s.t.Helper()
	s.within("the revocation", func() bool {
		_, err := g.Token(token)
		return err != nil
	})
	_, err := g.Token(token)
	require.ErrorIs(s.t, err, authn.ErrRevokedToken)
}

func TestRevocationsReachEveryServiceWithinASecond(t *testing.T) {
	t.Parallel()
	s := setup(t)
	second := s.start()
	guard := s.guardOf(redistest.DSN(t))
	admin := s.admin()
	s.role(admin, "none")
	s.role(admin, "some")
	id := s.user(admin, "u", "none")
	for name, revoke := range map[string]func(tk tokens){
		"logout":     func(tk tokens) { s.as(tk.Access).Post("/logout", nil).Is(http.StatusNoContent) },
		"logout all": func(tk tokens) { s.as(tk.Access).Post("/logout-all", nil).Is(http.StatusNoContent) },
		"by an admin": func(tokens) {
			admin.Post(path("/users/%d/logout-all", id), nil).Is(http.StatusNoContent)
		},
		"block": func(tokens) { admin.Post(path("/users/%d/block", id), nil).Is(http.StatusNoContent) },
		"change a role": func(tokens) {
			admin.Patch("/roles/none", map[string]any{"access": time.Now().UnixNano() & 0xff << 4 &^ 1}).Is(http.StatusOK)
		},
		"another role": func(tokens) {
			admin.Patch(path("/users/%d", id), map[string]any{"role_id": "some"}).Is(http.StatusOK)
			admin.Patch(path("/users/%d", id), map[string]any{"role_id": "none"}).Is(http.StatusOK)
		},
		"another login": func(tokens) {
			admin.Patch(path("/users/%d", id), map[string]any{"login": "renamed"}).Is(http.StatusOK)
			admin.Patch(path("/users/%d", id), map[string]any{"login": "u"}).Is(http.StatusOK)
		},
		"one session by an admin": func(tk tokens) {
			admin.Delete(path("/users/%d/sessions/%s", id, s.sessionOf(tk))).Is(http.StatusNoContent)
		},
		"password": func(tokens) {
			admin.Post(path("/users/%d/password", id), map[string]any{"password": userPassword}).Is(http.StatusNoContent)
		},
	} {
		admin.Post(path("/users/%d/unblock", id), nil).Is(http.StatusNoContent)
		tk := s.login("u", userPassword)
		caller, err := guard.Token(tk.Access)
		require.NoError(t, err, name)
		revoke(tk)
		s.revokedInTime(guard, tk.Access)
		withdrawn := name == "block" || name == "change a role" || name == "another role"
		require.Equal(t, !withdrawn, guard.Stands(caller.Holder(), 0), "what was sent before waits on after %s", name)
		s.within("the other instance after "+name, func() bool {
			return s.as(tk.Access).At(second).Get("/me").Status == http.StatusUnauthorized
		})
	}

	// A change by hand in the database is pushed too.
	admin.Post(path("/users/%d/unblock", id), nil).Is(http.StatusNoContent)
	tk := s.login("u", userPassword)
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	_, err := pool.Exec(t.Context(), "UPDATE users SET status = 1 WHERE id = $1", id)
	require.NoError(t, err)
	s.revokedInTime(guard, tk.Access)

	// A service that starts later learns of what was revoked before.
	out := s.login("admin_nms", adminPassword)
	s.as(out.Access).Post("/logout", nil).Is(http.StatusNoContent)
	late := s.guardOf(redistest.DSN(t))
	for _, earlier := range []tokens{tk, out} {
		_, err = late.Token(earlier.Access)
		require.ErrorIs(t, err, authn.ErrRevokedToken)
	}
}

func TestRevocationsOutliveALossOfRedis(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, map[string]string{"REDIS_DSN": server.DSN.Reveal()})
	guard := s.guardOf(server.DSN)
	admin := s.admin()
	id := s.user(admin, "u", s.role(admin, "none"))
	key := admin.Post("/api-keys", newKey("k", "users:read")).Is(http.StatusCreated).
		Field("key").(string)
	before, during := s.login("u", userPassword), s.login("u", userPassword)
	s.as(before.Access).Post("/logout", nil).Is(http.StatusNoContent)
	s.revokedInTime(guard, before.Access)

	server.Kill()
	s.eventually("health_code shows it", func() bool {
		code, _ := s.as("").Outside().Get("/ctrl").Field("health_code").(float64)
		return int(code)&(1<<5) != 0
	})
	require.Equal(t, http.StatusOK, s.as("").Outside().Get("/readyz").Status, "auth goes on without Redis")
	s.login("u", userPassword)
	s.as(key).Get("/users").Is(http.StatusOK)
	admin.Post(path("/users/%d/block", id), nil).Is(http.StatusNoContent)
	s.as(during.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
	_, err := guard.Token(during.Access)
	require.NoError(t, err, "nobody could tell the other service yet")
	require.Error(t, guard.Check(t.Context()))

	server.Restart() // empty
	s.eventually("the revocation is sent again", func() bool {
		_, err := guard.Token(during.Access)
		return err != nil
	})
	s.eventually("everybody is current", func() bool { return guard.Check(t.Context()) == nil })
	late := s.guardOf(server.DSN)
	for _, token := range []string{before.Access, during.Access} {
		_, err := late.Token(token)
		require.ErrorIs(t, err, authn.ErrRevokedToken, "Redis has been filled again from the database")
	}
	require.NotZero(t, late.Keys.Version())
}
