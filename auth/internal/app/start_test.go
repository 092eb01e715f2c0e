package app_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

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
	require.EqualValues(t, 1, admin.Get("/users").Is(http.StatusOK).Field("total"))
	require.Equal(t, "service:auth", s.history(admin, 1)[0].Actor)

	// Whatever became of it since stays as it is.
	admin.Patch("/users/1", map[string]any{"login": "root"}).Is(http.StatusOK)
	admin = s.as(s.login("root", adminPassword).Access) // the former token carries the former login
	again := s.start()
	require.EqualValues(t, 1, admin.At(again).Get("/users").Field("total"))
}

func TestDevNeedsNoPassword(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"AUTH_ADMIN_PASSWORD": ""})
	tk := s.login("admin_nms", "user_super")
	require.False(t, tk.MustChange)
	s.as(tk.Access).Get("/users").Is(http.StatusOK)
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
	require.Equal(t, true, s.as(tk.Access).Get("/me").Is(http.StatusOK).Field("password_change_required"))
	for _, c := range []struct{ method, path string }{
		{http.MethodGet, "/users"}, {http.MethodGet, "/roles"}, {http.MethodGet, "/me/sessions"},
		{http.MethodPost, "/api-keys"}, {http.MethodPatch, "/me"},
	} {
		var body any
		if c.method != http.MethodGet {
			body = "{}"
		}
		r := s.as(tk.Access).Call(c.method, c.path, body).Refused(forbidden, "request", "password_change_required")
		require.Contains(t, string(r.Body), "the password must be changed first")
	}
	refreshed := s.grant(refreshGrant(tk.Refresh))
	require.True(t, refreshed.MustChange, "a refresh is no way around it")
	s.as(refreshed.Access).Post("/me/password", map[string]any{"current_password": adminPassword, "new_password": "my own good password"}).Is(http.StatusNoContent)
	free := s.grant(refreshGrant(refreshed.Refresh))
	require.False(t, free.MustChange)
	s.as(free.Access).Get("/users").Is(http.StatusOK)
}
