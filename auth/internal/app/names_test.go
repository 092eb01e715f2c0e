package app_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestNamesThatLookLikeOthersAreRefusedOnEveryWayIn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	bob := path("/users/%d", s.user(admin, "bob", role))
	refused := func(method, path, place string, body map[string]any) {
		t.Helper()
		r := s.do(http.StatusUnprocessableEntity, method, path, admin, body)
		require.Contains(t, string(r.body), `"location":"`+place+`"`)
	}
	for _, name := range []string{
		"ann ", " ann", "a\u00A0nn", "a\u200Bnn", "\uFEFFann", "a\u00ADnn", "a\u202Enn", "  ", "\u3000", "\u2800", "a\u180Fnn", "a\nnn", "a\uE000n",
	} {
		refused(http.MethodPost, "/users", "body.login", map[string]any{"login": name, "name": "Ann", "password": userPassword, "role_id": role})
		refused(http.MethodPost, "/users", "body.name", map[string]any{"login": "ann", "name": name, "password": userPassword, "role_id": role})
		refused(http.MethodPatch, bob, "body.login", map[string]any{"login": name})
		refused(http.MethodPatch, bob, "body.name", map[string]any{"name": name})
		refused(http.MethodPatch, "/me", "body.name", map[string]any{"name": name})
		refused(http.MethodPost, "/roles", "body.id", map[string]any{"id": name, "description": "x", "access": 0})
		refused(http.MethodPost, "/api-keys", "body.name", map[string]any{"name": name, "permissions": []string{}})
	}
}

func TestNamesAreEqualAfterFolding(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "οδοσ")
	s.user(admin, "straße", role)
	key := func(name string) map[string]any { return map[string]any{"name": name, "permissions": []string{}} }
	s.do(http.StatusCreated, http.MethodPost, "/api-keys", admin, key("ﬁrst"))
	clash := func(path, place string, body map[string]any) {
		t.Helper()
		require.Contains(t, string(s.do(http.StatusConflict, http.MethodPost, path, admin, body).body), `"location":"`+place+`"`)
	}
	clash("/roles", "body.id", map[string]any{"id": "ΟΔΟΣ", "description": "x", "access": 0})
	clash("/users", "body.login", map[string]any{"login": "STRASSE", "name": "x", "password": userPassword, "role_id": role})
	clash("/api-keys", "body.name", key("FIRST"))
	s.login("Strasse", userPassword)
	found := s.do(http.StatusOK, http.MethodGet, "/users?login="+url.QueryEscape("STRASSE"), admin, nil)
	require.Contains(t, string(found.body), "straße")
}

// What is older than the rule goes on, and of logins that the rule made equal each belongs to who writes it so.
func TestOlderLoginsGoOn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	first, second, dirty := s.user(admin, "straße", role), s.user(admin, "second", role), s.user(admin, "third", role)
	conn, err := pgx.Connect(t.Context(), s.dsn.Reveal())
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "ALTER TABLE users DISABLE TRIGGER users_login_update")
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "UPDATE users SET login = 'strasse', name_clash = 1 WHERE id = $1", second)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "UPDATE users SET login = ' third' WHERE id = $1", dirty)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "ALTER TABLE users ENABLE TRIGGER users_login_update")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))

	dirtyLogin := " third"
	for login, id := range map[string]int64{"straße": first, "strasse": second, "STRASSE": first, dirtyLogin: dirty} {
		me := s.do(http.StatusOK, http.MethodGet, "/me", s.login(login, userPassword).Access, nil)
		require.EqualValues(t, id, me.field(t, "id"), login)
	}
	for _, id := range []int64{second, dirty} {
		s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"name": "Changed"})
		s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/block", id), admin, nil)
	}
	s.do(http.StatusUnprocessableEntity, http.MethodPatch, path("/users/%d", dirty), admin, map[string]any{"login": "third "})
	s.do(http.StatusOK, http.MethodPatch, path("/users/%d", dirty), admin, map[string]any{"login": "third"})
	s.do(http.StatusConflict, http.MethodPatch, path("/users/%d", second), admin, map[string]any{"login": "STRASSE"})
	s.do(http.StatusOK, http.MethodPatch, path("/users/%d", second), admin, map[string]any{"login": "own"})
	s.do(http.StatusConflict, http.MethodPatch, path("/users/%d", second), admin, map[string]any{"login": "strasse"})
}
