package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/servicetest"

	"nms.example/auth/internal/app"
)

func TestInstancesThatStartAtOnceMakeOneAdministrator(t *testing.T) {
	t.Parallel()
	s, settings := settingsFor(t)
	var group sync.WaitGroup
	instances := make([]*servicetest.Instance, 4)
	for i := range instances {
		group.Go(func() {
			instances[i], _ = servicetest.TryStart(t, app.Identity, app.Build, settings)
		})
	}
	group.Wait()
	for _, i := range instances {
		require.NotNil(t, i)
	}
	s.Instance = instances[0]
	admin := s.admin()
	require.EqualValues(t, 1, s.do(http.StatusOK, http.MethodGet, "/users", admin, nil).field(t, "total"))
	require.Equal(t, "service:auth", s.history(admin, 1)[0].Actor)

	// Whatever became of it since stays as it is.
	s.do(http.StatusOK, http.MethodPatch, "/users/1", admin, map[string]any{"login": "root"})
	admin = s.login("root", adminPassword).Access // the former token carries the former login
	again := s.start()
	require.EqualValues(t, 1, s.call(again.URL, http.MethodGet, prefix+"/users", admin, nil).field(t, "total"))
}

func TestDevNeedsNoPassword(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"AUTH_ADMIN_PASSWORD": ""})
	tk := s.login("admin_nms", "user_super")
	require.False(t, tk.MustChange)
	s.do(http.StatusOK, http.MethodGet, "/users", tk.Access, nil)
}

func TestProdRefusesToStartWithoutGoodSecrets(t *testing.T) {
	t.Parallel()
	_, settings := settingsFor(t)
	settings["ENVIRONMENT"], settings["BCRYPT_COST"] = "prod", "10"
	for _, c := range []struct{ name, value, says string }{
		{"AUTH_ADMIN_PASSWORD", "", "AUTH_ADMIN_PASSWORD is missing"},
		{"AUTH_ADMIN_PASSWORD", "user_super", "AUTH_ADMIN_PASSWORD is wrong"},
		{"JWT_SECRET_KEY", "P4xCg7Dhk+Db", "JWT_SECRET_KEY is wrong"},
		{"JWT_SECRET_KEYS_OLD", "P4xCg7Dhk+Db", "JWT_SECRET_KEYS_OLD is wrong"},
		{"BCRYPT_COST", "9", "BCRYPT_COST is wrong"},
	} {
		kept := settings[c.name]
		settings[c.name] = c.value
		_, err := servicetest.TryStart(t, app.Identity, app.Build, settings)
		require.ErrorContains(t, err, c.says)
		if c.value != "" && c.name != "BCRYPT_COST" {
			require.NotContains(t, err.Error(), c.value)
		}
		settings[c.name] = kept
	}
}

func TestTheFirstPasswordMustBeChangedInProd(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"ENVIRONMENT": "prod", "BCRYPT_COST": "10"})
	tk := s.login("admin_nms", adminPassword)
	require.True(t, tk.MustChange)
	require.Equal(t, true, s.do(http.StatusOK, http.MethodGet, "/me", tk.Access, nil).field(t, "password_change_required"))
	for _, c := range []struct{ method, path string }{
		{http.MethodGet, "/users"}, {http.MethodGet, "/roles"}, {http.MethodGet, "/me/sessions"},
		{http.MethodPost, "/api-keys"}, {http.MethodPatch, "/me"},
	} {
		var body any
		if c.method != http.MethodGet {
			body = "{}"
		}
		r := s.call(s.URL, c.method, prefix+c.path, tk.Access, body)
		require.Contains(t, []int{http.StatusForbidden}, r.status, "%s %s: %s", c.method, c.path, r.body)
		require.Contains(t, string(r.body), "the password must be changed first")
	}
	var refreshed tokens
	s.do(http.StatusOK, http.MethodPost, "/token", "", refreshGrant(tk.Refresh)).into(t, &refreshed)
	require.True(t, refreshed.MustChange, "a refresh is no way around it")
	s.do(http.StatusNoContent, http.MethodPost, "/me/password", refreshed.Access,
		map[string]any{"current_password": adminPassword, "new_password": "my own good password"})
	var free tokens
	s.do(http.StatusOK, http.MethodPost, "/token", "", refreshGrant(refreshed.Refresh)).into(t, &free)
	require.False(t, free.MustChange)
	s.do(http.StatusOK, http.MethodGet, "/users", free.Access, nil)
}

func TestEveryChangeAndLoginHasItsEvent(t *testing.T) {
	t.Parallel()
	s := setup(t)
	tap := bus.NewTap(s.broker.Dial(), "auth.#")
	done := make(chan error, 1)
	go func() { done <- tap.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	select {
	case <-tap.Ready():
	case <-time.After(patience):
		t.Fatal("no tap")
	}
	reader := tap.Reader(1000)
	defer reader.Close()

	begun := time.Now()
	tk := s.login("admin_nms", adminPassword)
	admin := tk.Access
	s.refused(passwordGrant("admin_nms", "a wrong password"), "invalid_grant")
	s.refused(passwordGrant("my secret typed as login", "x"), "invalid_grant")
	s.role(admin, "r", "cfg:read")
	s.do(http.StatusOK, http.MethodPatch, "/roles/r", admin, map[string]any{"description": "d"})
	id := s.user(admin, "u", "r")
	user := s.login("u", userPassword)
	var next tokens
	s.do(http.StatusOK, http.MethodPost, "/token", "", refreshGrant(user.Refresh)).into(t, &next)
	s.do(http.StatusOK, http.MethodPost, "/token", "", refreshGrant(next.Refresh))
	s.refused(refreshGrant(user.Refresh), "invalid_grant")
	out := s.login("u", userPassword)
	s.do(http.StatusNoContent, http.MethodPost, "/logout", out.Access, nil)
	s.do(http.StatusNoContent, http.MethodDelete, path("/users/%d/sessions/%s", id, s.sessionOf(s.login("u", userPassword))), admin, nil)
	s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"name": "n"})
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/password", id), admin, map[string]any{"password": "another long password"})
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/block", id), admin, nil)
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/unblock", id), admin, nil)
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/logout-all", id), admin, nil)
	s.do(http.StatusNoContent, http.MethodDelete, path("/users/%d", id), admin, nil)
	s.do(http.StatusNoContent, http.MethodDelete, "/roles/r", admin, nil)
	key := s.do(http.StatusCreated, http.MethodPost, "/api-keys", admin, map[string]any{"name": "k", "permissions": []string{}})
	s.do(http.StatusNoContent, http.MethodDelete, "/api-keys/"+key.field(t, "id").(string), admin, nil)
	s.do(http.StatusNoContent, http.MethodPost, "/logout-all", admin, nil)
	for i := range 20 {
		s.status(s.URL, http.MethodPost, prefix+"/token", "", passwordGrant("flood", strings.Repeat("x", i+1)))
	}

	want := map[string]int{
		"auth.login.succeeded": 4, "auth.login.failed": 2, "auth.role.created": 1, "auth.role.updated": 1, "auth.role.deleted": 1,
		"auth.user.created": 1, "auth.user.updated": 1, "auth.user.password_changed": 1, "auth.user.blocked": 1,
		"auth.user.unblocked": 1, "auth.user.archived": 1, "auth.user.logged_out": 2, "auth.session.reused": 1,
		"auth.session.ended": 2, "auth.apikey.created": 1, "auth.apikey.deleted": 1, "auth.login.throttled": 1,
	}
	got := map[string]int{}
	secrets := []string{adminPassword, userPassword, "my secret typed as login", "$2a$", "hash", tk.Access, tk.Refresh, next.Refresh, key.field(t, "key").(string), "another long password"}
	deadline := time.After(patience)
	for missing := true; missing; {
		select {
		case shown := <-reader.Events:
			e := shown.Event
			require.NotNil(t, e)
			if e.Type == "auth.user.created" && e.Actor == "service:auth" {
				continue
			}
			got[e.Type]++
			text, err := json.Marshal(e)
			require.NoError(t, err)
			for _, secret := range secrets {
				require.NotContains(t, string(text), secret, e.Type)
			}
			if e.Type != "auth.login.throttled" {
				require.NotEmpty(t, e.RequestID, e.Type)
			}
			require.Equal(t, map[string]string{"user:1": "admin_nms", path("user:%d", id): "u"}[e.Actor], e.ActorLogin, "%s by %q", e.Type, e.Actor)
		case <-deadline:
			require.Fail(t, "events are missing", "want %v, got %v", want, got)
		}
		missing = false
		for name, n := range want {
			missing = missing || got[name] < n
		}
	}
	require.LessOrEqual(t, got["auth.login.failed"], want["auth.login.failed"]+int(time.Since(begun)/time.Minute),
		"what follows at the same place is told together, once a minute")
	for _, secret := range secrets {
		require.NotContains(t, s.Log(), secret, "the log")
	}
}
