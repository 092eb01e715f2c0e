package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for what, claims := range map[string]func(*testing.T, *stand){
		"a login returns what the contract says": login, "refused grants": refusedGrants, "refused logins read the same": refusedLogins,
		"introspection": introspection,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			claims(t, s.in(t))
		})
	}
}

func login(t *testing.T, s *stand) {
	t.Helper()
	r := s.as("").Post("/token", url.Values{
		"username": {"ADMIN_nms"}, "password": {adminPassword}, "client_id": {""}, "client_secret": {""}, "scope": {"any thing"},
	}).Is(http.StatusOK)
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	var tk tokens
	r.Into(&tk)
	require.Equal(t, "bearer", tk.Type)
	require.Equal(t, 900, tk.ExpiresIn)
	require.Len(t, tk.Refresh, 43)

	verified, err := s.kit.Keyring.Verify(tk.Access)
	require.NoError(t, err)
	require.Equal(t, "administrator", verified.Role)
	require.Equal(t, authn.AllPermissions, verified.Access)

	var me map[string]any
	s.as(tk.Access).Get("/me").Is(http.StatusOK).Into(&me)
	require.Equal(t, "admin_nms", me["login"])
	require.Len(t, me["permissions"], len(authn.Permissions()))
	require.NotContains(t, me, "password_hash")
}

func refusedGrants(t *testing.T, s *stand) {
	t.Helper()
	for claim, c := range map[string]struct {
		form url.Values
		code string
	}{
		"another grant type":        {url.Values{"grant_type": {"implicit"}}, "unsupported_grant_type"},
		"no password":               {url.Values{"grant_type": {"password"}, "username": {"x"}}, "invalid_request"},
		"no refresh token":          {url.Values{"grant_type": {"refresh_token"}}, "invalid_request"},
		"two logins":                {url.Values{"username": {"a", "b"}, "password": {"x"}}, "invalid_request"},
		"a refresh token of no one": {refreshGrant("nonsense"), "invalid_grant"},
		"a login with NUL":          {url.Values{"username": {"a\x00b"}, "password": {"x"}}, "invalid_request"},
		"a long login and password": {passwordGrant(strings.Repeat("long", 1000), strings.Repeat("x", 5000)), "invalid_grant"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			s.in(t).refused(c.form, c.code)
		})
	}
	for claim, c := range map[string]struct {
		path        string
		body        any
		status      int
		place, code string
	}{
		"a body of JSON":    {"/token", `{"username":"admin_nms"}`, http.StatusUnsupportedMediaType, "header.Content-Type", "unsupported_media_type"},
		"a body of 20 kB":   {"/token", passwordGrant("a", strings.Repeat("x", 20_000)), http.StatusRequestEntityTooLarge, "body", "too_large"},
		"a parameter":       {"/token?x=1", passwordGrant("a", "b"), unprocessable, "query.x", "unknown_parameter"},
		"a body of nothing": {"/token", nil, http.StatusBadRequest, "body", "required"},
	} {
		t.Run(claim+" is refused in the form of RFC 6749 too", func(t *testing.T) {
			t.Parallel()
			require.Equal(t, "invalid_request", s.in(t).as("").Post(c.path, c.body).Refused(c.status, c.place, c.code).Field("error"))
		})
	}
	t.Run("elsewhere refusals have no such form", func(t *testing.T) {
		t.Parallel()
		require.Nil(t, s.in(t).admin().Post("/users?x=1", map[string]any{}).Refused(unprocessable, "query.x", "unknown_parameter").Field("error"))
	})
}

func refusedLogins(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	admin.Post(path("/users/%d/block", s.user(admin, "blocked", s.role(admin, "none"))), nil).Is(http.StatusNoContent)
	texts := map[string]struct{}{}
	for _, form := range []url.Values{
		passwordGrant("nobody", "wrong password"), passwordGrant("admin_nms", "wrong password"), passwordGrant("blocked", userPassword),
	} {
		p := s.refused(form, "invalid_grant").Problem(http.StatusBadRequest)
		texts[fmt.Sprint(p.Title, p.Detail, p.Errors)] = struct{}{}
	}
	require.Len(t, texts, 1, "an unknown login, a wrong password and a blocked user read the same")
}

func introspection(t *testing.T, s *stand) {
	t.Helper()
	tk := s.login("admin_nms", adminPassword)
	admin := s.admin()
	look := func(t *testing.T, token string) (told map[string]any) {
		t.Helper()
		admin.For(t).Post("/introspect", url.Values{"token": {token}}).Is(http.StatusOK).Into(&told)
		return told
	}
	t.Run("an access token is shown with its user", func(t *testing.T) {
		told := look(t, tk.Access)
		require.Equal(t, true, told["active"])
		require.Equal(t, "admin_nms", told["username"])
		require.Equal(t, "1", told["sub"])
		require.Contains(t, told["scope"], "cfg:read")
	})
	t.Run("a refresh token is told from it", func(t *testing.T) {
		told := look(t, tk.Refresh)
		require.Equal(t, true, told["active"])
		require.Equal(t, "refresh_token", told["token_type"])
	})
	s.as(tk.Access).Post("/logout", nil).Is(http.StatusNoContent)
	for claim, token := range map[string]string{"an ended access token": tk.Access, "an ended refresh token": tk.Refresh, "what is none": "rubbish"} {
		t.Run(claim+" is inactive, and nothing else is said", func(t *testing.T) {
			require.Equal(t, map[string]any{"active": false}, look(t, token))
		})
	}
	t.Run("a token is needed", func(t *testing.T) {
		admin.For(t).Post("/introspect", url.Values{}).Refused(http.StatusBadRequest, "body", "required")
	})
}
