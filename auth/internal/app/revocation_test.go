package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
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
	guard, err := authn.NewGuard(authn.Settings{SecretKey: config.NewSecret(s.kit.Secret)}, client, api.ClientAddr)
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

// sessionOf returns the session that an access token belongs to.
func (s *stand) sessionOf(tk tokens) string {
	s.t.Helper()
	verified, err := s.kit.Keyring.Verify(tk.Access)
	require.NoError(s.t, err)
	return verified.SessionID.String()
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
		"logout":     func(tk tokens) { s.do(http.StatusNoContent, http.MethodPost, "/logout", tk.Access, nil) },
		"logout all": func(tk tokens) { s.do(http.StatusNoContent, http.MethodPost, "/logout-all", tk.Access, nil) },
		"by an admin": func(tokens) {
			s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/logout-all", id), admin, nil)
		},
		"block": func(tokens) { s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/block", id), admin, nil) },
		"change a role": func(tokens) {
			s.do(http.StatusOK, http.MethodPatch, "/roles/none", admin, map[string]any{"access": time.Now().UnixNano() & 0xff << 4 &^ 1})
		},
		"another role": func(tokens) {
			s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"role_id": "some"})
			s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"role_id": "none"})
		},
		"another login": func(tokens) {
			s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"login": "renamed"})
			s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"login": "u"})
		},
		"one session by an admin": func(tk tokens) {
			s.do(http.StatusNoContent, http.MethodDelete, path("/users/%d/sessions/%s", id, s.sessionOf(tk)), admin, nil)
		},
		"password": func(tokens) {
			s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/password", id), admin, map[string]any{"password": userPassword})
		},
	} {
		s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/unblock", id), admin, nil)
		tk := s.login("u", userPassword)
		_, err := guard.Token(tk.Access)
		require.NoError(t, err, name)
		revoke(tk)
		s.revokedInTime(guard, tk.Access)
		s.within("the other instance after "+name, func() bool {
			return s.status(second.URL, http.MethodGet, prefix+"/me", tk.Access, nil) == http.StatusUnauthorized
		})
	}

	// A change by hand in the database is pushed too.
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/unblock", id), admin, nil)
	tk := s.login("u", userPassword)
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	_, err := pool.Exec(t.Context(), "UPDATE users SET status = 1 WHERE id = $1", id)
	require.NoError(t, err)
	s.revokedInTime(guard, tk.Access)
}

func TestLateServicesLearnOfEarlierRevocations(t *testing.T) {
	t.Parallel()
	s := setup(t)
	tk := s.login("admin_nms", adminPassword)
	s.do(http.StatusNoContent, http.MethodPost, "/logout", tk.Access, nil)
	guard := s.guardOf(redistest.DSN(t))
	_, err := guard.Token(tk.Access)
	require.ErrorIs(t, err, authn.ErrRevokedToken)
}

func TestRevocationsOutliveALossOfRedis(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, map[string]string{"REDIS_DSN": server.DSN.Reveal()})
	guard := s.guardOf(server.DSN)
	admin := s.admin()
	id := s.user(admin, "u", s.role(admin, "none"))
	key := s.do(http.StatusCreated, http.MethodPost, "/api-keys", admin, map[string]any{"name": "k", "permissions": []string{"users:read"}}).
		field(t, "key").(string)
	before, during := s.login("u", userPassword), s.login("u", userPassword)
	s.do(http.StatusNoContent, http.MethodPost, "/logout", before.Access, nil)
	s.revokedInTime(guard, before.Access)

	server.Kill()
	s.eventually("health_code shows it", func() bool {
		code, _ := s.call(s.URL, http.MethodGet, "/ctrl", "", nil).field(t, "health_code").(float64)
		return int(code)&(1<<5) != 0
	})
	require.Equal(t, http.StatusOK, s.status(s.URL, http.MethodGet, "/readyz", "", nil), "auth goes on without Redis")
	s.login("u", userPassword)
	s.do(http.StatusOK, http.MethodGet, "/users", key, nil)
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/block", id), admin, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", during.Access, nil)
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

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	s := setup(t)
	second := s.start()
	admin := s.admin()
	create := func(want int, body map[string]any) reply {
		return s.do(want, http.MethodPost, "/api-keys", admin, body)
	}
	r := create(http.StatusCreated, map[string]any{"name": "k", "permissions": []string{"users:read"}, "cidrs": []string{"127.0.0.1", "::ffff:10.1.2.3/104"}})
	require.Equal(t, "no-store", r.header.Get("Cache-Control"))
	require.Equal(t, []any{"127.0.0.1/32", "10.0.0.0/8"}, r.field(t, "cidrs"))
	key, id := r.field(t, "key").(string), r.field(t, "id").(string)
	s.do(http.StatusOK, http.MethodGet, "/users", key, nil)
	s.do(http.StatusForbidden, http.MethodGet, "/api-keys", key, nil)
	s.do(http.StatusForbidden, http.MethodGet, "/me", key, nil)
	s.eventually("the other instance knows it", func() bool {
		return s.status(second.URL, http.MethodGet, prefix+"/users", key, nil) == http.StatusOK
	})

	list := s.do(http.StatusOK, http.MethodGet, "/api-keys", admin, nil)
	require.NotContains(t, string(list.body), key, "the secret is shown once")
	require.EqualValues(t, 1, list.field(t, "total"))
	away := create(http.StatusCreated, map[string]any{"name": "away", "permissions": []string{"users:read"}, "cidrs": []string{"192.0.2.0/24"}})
	s.do(http.StatusUnauthorized, http.MethodGet, "/users", away.field(t, "key").(string), nil)
	var until time.Time
	var brief string
	for life, good := 700*time.Millisecond, false; !good; life *= 2 { // long enough to be used once on this machine
		until = time.Now().Add(life)
		brief = create(http.StatusCreated, map[string]any{"name": "brief " + life.String(), "permissions": []string{"users:read"}, "expires_at": until}).field(t, "key").(string)
		good = s.status(s.URL, http.MethodGet, prefix+"/users", brief, nil) == http.StatusOK
		require.True(t, good || time.Now().After(until), "it is not good before its end")
	}
	s.eventually("its end", func() bool {
		return s.status(s.URL, http.MethodGet, prefix+"/users", brief, nil) == http.StatusUnauthorized
	})
	require.False(t, time.Now().Before(until))

	create(http.StatusConflict, map[string]any{"name": "K", "permissions": []string{}})
	create(http.StatusUnprocessableEntity, map[string]any{"name": "x", "permissions": []string{"no:such"}})
	create(http.StatusUnprocessableEntity, map[string]any{"name": "x", "permissions": []string{}, "cidrs": []string{"10.0.0.0/33"}})
	create(http.StatusUnprocessableEntity, map[string]any{"name": "x", "permissions": []string{}, "expires_at": time.Now().Add(-time.Minute)})

	s.do(http.StatusNoContent, http.MethodDelete, "/api-keys/"+id, admin, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/users", key, nil)
	s.within("the other instance", func() bool {
		return s.status(second.URL, http.MethodGet, prefix+"/users", key, nil) == http.StatusUnauthorized
	})
	s.do(http.StatusNotFound, http.MethodDelete, "/api-keys/"+id, admin, nil)
}
