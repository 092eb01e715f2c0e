package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/db"
	"nms.example/common/pgtest"
)

func TestLoginGivesWhatTheContractSays(t *testing.T) {
	t.Parallel()
	s := setup(t)
	r := s.do(http.StatusOK, http.MethodPost, "/token", "", url.Values{
		"username": {"ADMIN_nms"}, "password": {adminPassword}, "client_id": {""}, "client_secret": {""}, "scope": {"any thing"},
	})
	require.Equal(t, "no-store", r.header.Get("Cache-Control"))
	var tk tokens
	r.into(t, &tk)
	require.Equal(t, "bearer", tk.Type)
	require.Equal(t, 900, tk.ExpiresIn)
	require.Len(t, tk.Refresh, 43)

	verified, err := s.kit.Keyring.Verify(tk.Access)
	require.NoError(t, err)
	require.Equal(t, "administrator", verified.Role)
	require.Equal(t, authn.AllPermissions, verified.Access)

	var me map[string]any
	s.do(http.StatusOK, http.MethodGet, "/me", tk.Access, nil).into(t, &me)
	require.Equal(t, "admin_nms", me["login"])
	require.Len(t, me["permissions"], len(authn.Permissions()))
	require.NotContains(t, me, "password_hash")
}

func TestRefusalsOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.refused(url.Values{"grant_type": {"implicit"}}, "unsupported_grant_type")
	s.refused(url.Values{"grant_type": {"password"}, "username": {"x"}}, "invalid_request")
	s.refused(url.Values{"grant_type": {"refresh_token"}}, "invalid_request")
	s.refused(url.Values{"username": {"a", "b"}, "password": {"x"}}, "invalid_request")
	s.refused(refreshGrant("nonsense"), "invalid_grant")
	s.refused(url.Values{"username": {"a\x00b"}, "password": {"x"}}, "invalid_request")
	s.refused(passwordGrant(strings.Repeat("long", 1000), strings.Repeat("x", 5000)), "invalid_grant")
	for _, r := range []reply{
		s.do(http.StatusUnsupportedMediaType, http.MethodPost, "/token", "", `{"username":"admin_nms"}`),
		s.do(http.StatusRequestEntityTooLarge, http.MethodPost, "/token", "", passwordGrant("a", strings.Repeat("x", 20_000))),
		s.do(http.StatusUnprocessableEntity, http.MethodPost, "/token?x=1", "", passwordGrant("a", "b")),
		s.do(http.StatusBadRequest, http.MethodPost, "/token", "", nil),
	} {
		require.Equal(t, "invalid_request", r.field(t, "error"), "%s", r.body)
	}
	require.Nil(t, s.do(http.StatusUnprocessableEntity, http.MethodPost, "/users?x=1", s.admin(), map[string]any{}).field(t, "error"), "elsewhere there is none")

	admin := s.admin()
	s.user(admin, "blocked", s.role(admin, "none"))
	s.do(http.StatusNoContent, http.MethodPost, "/users/2/block", admin, nil)
	texts := map[string]struct{}{}
	for _, form := range []url.Values{
		passwordGrant("nobody", "wrong password"), passwordGrant("admin_nms", "wrong password"), passwordGrant("blocked", userPassword),
	} {
		r := s.refused(form, "invalid_grant")
		var p struct {
			Title, Detail string
			Errors        json.RawMessage
		}
		r.into(t, &p)
		texts[p.Title+p.Detail+string(p.Errors)] = struct{}{}
	}
	require.Len(t, texts, 1, "an unknown login, a wrong password and a blocked user read the same")
}

func TestSessionsEndByTheirTime(t *testing.T) {
	t.Parallel()
	s := setup(t)
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	for _, end := range []string{"idle_until", "expires_at"} { // not refreshed for long; its longest life
		first := s.login("admin_nms", adminPassword)
		_, err := pool.Exec(t.Context(), "UPDATE sessions SET "+end+" = clock_timestamp()")
		require.NoError(t, err)
		s.refused(refreshGrant(first.Refresh), "invalid_grant")
	}
}

func TestLogoutEndsOneSessionOrAll(t *testing.T) {
	t.Parallel()
	s := setup(t)
	one, two, three := s.login("admin_nms", adminPassword), s.login("admin_nms", adminPassword), s.login("admin_nms", adminPassword)
	s.do(http.StatusNoContent, http.MethodPost, "/logout", one.Access, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", one.Access, nil)
	s.refused(refreshGrant(one.Refresh), "invalid_grant")
	s.do(http.StatusOK, http.MethodGet, "/me", two.Access, nil)

	var page struct {
		Total   int
		Content []struct {
			ID        string
			Address   string
			UserAgent string `json:"user_agent"`
			Current   bool
		}
	}
	s.do(http.StatusOK, http.MethodGet, "/me/sessions", two.Access, nil).into(t, &page)
	require.Equal(t, 2, page.Total)
	for _, session := range page.Content {
		require.Equal(t, "127.0.0.1", session.Address)
		require.Equal(t, "test", session.UserAgent)
		if !session.Current {
			s.do(http.StatusNoContent, http.MethodDelete, "/me/sessions/"+session.ID, two.Access, nil)
			s.do(http.StatusNotFound, http.MethodDelete, "/me/sessions/"+session.ID, two.Access, nil)
		}
	}
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", three.Access, nil)

	four := s.login("admin_nms", adminPassword)
	s.do(http.StatusNoContent, http.MethodPost, "/logout-all", two.Access, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", two.Access, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", four.Access, nil)
	s.refused(refreshGrant(four.Refresh), "invalid_grant")
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	s := setup(t)
	tk := s.login("admin_nms", adminPassword)
	admin := s.admin()
	look := func(token string) map[string]any {
		var body map[string]any
		s.do(http.StatusOK, http.MethodPost, "/introspect", admin, url.Values{"token": {token}}).into(t, &body)
		return body
	}
	access := look(tk.Access)
	require.Equal(t, true, access["active"])
	require.Equal(t, "admin_nms", access["username"])
	require.Equal(t, "1", access["sub"])
	require.Contains(t, access["scope"], "cfg:read")
	refresh := look(tk.Refresh)
	require.Equal(t, true, refresh["active"])
	require.Equal(t, "refresh_token", refresh["token_type"])

	s.do(http.StatusNoContent, http.MethodPost, "/logout", tk.Access, nil)
	require.Equal(t, map[string]any{"active": false}, look(tk.Access))
	require.Equal(t, map[string]any{"active": false}, look(tk.Refresh))
	require.Equal(t, map[string]any{"active": false}, look("rubbish"))
	s.do(http.StatusBadRequest, http.MethodPost, "/introspect", admin, url.Values{})
}
