package app_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	t.Parallel()
	s := setup(t)
	t.Run("those that look like others are refused on every way in", func(t *testing.T) {
		t.Parallel()
		lookalikes(t, s.in(t))
	})
	t.Run("what a role is for can be read", func(t *testing.T) {
		t.Parallel()
		descriptions(t, s.in(t))
	})
	t.Run("they are equal after folding", func(t *testing.T) {
		t.Parallel()
		foldedNames(t, s.in(t))
	})
}

func lookalikes(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "none")
	bob := path("/users/%d", s.user(admin, "bob", role))
	for claim, c := range map[string]struct {
		method, path, place string
		body                func(name string) map[string]any
	}{
		"a new login": {http.MethodPost, "/users", "body.login", func(name string) map[string]any { return draft(name, role) }},
		"a new name": {http.MethodPost, "/users", "body.name", func(name string) map[string]any {
			body := draft("ann", role)
			body["name"] = name
			return body
		}},
		"another login":  {http.MethodPatch, bob, "body.login", func(name string) map[string]any { return map[string]any{"login": name} }},
		"another name":   {http.MethodPatch, bob, "body.name", func(name string) map[string]any { return map[string]any{"name": name} }},
		"one's own name": {http.MethodPatch, "/me", "body.name", func(name string) map[string]any { return map[string]any{"name": name} }},
		"a role": {http.MethodPost, "/roles", "body.id", func(name string) map[string]any {
			return map[string]any{"id": name, "description": "x", "access": 0}
		}},
		"an API key": {http.MethodPost, "/api-keys", "body.name", func(name string) map[string]any { return newKey(name) }},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{
				"ann ", " ann", "a\u00A0nn", "a\u200Bnn", "\uFEFFann", "a\u00ADnn", "a\u202Enn", "  ", "\u3000", "\u2800", "a\u180Fnn", "a\nnn", "a\uE000n",
			} {
				admin.For(t).Call(c.method, c.path, c.body(name)).Refused(unprocessable, c.place, "forbidden_characters")
			}
		})
	}
}

func descriptions(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "described")
	for claim, text := range map[string]string{"a zero-width space": "a\u200Bb", "a line feed": "a\nb", "NUL's neighbour": "a\u0001b"} {
		t.Run(claim+" is refused", func(t *testing.T) {
			t.Parallel()
			admin := admin.For(t)
			admin.Post("/roles", map[string]any{"id": "other", "description": text, "access": 0}).Refused(unprocessable, "body.description", "forbidden_characters")
			admin.Patch("/roles/"+role, map[string]any{"description": text}).Refused(unprocessable, "body.description", "forbidden_characters")
		})
	}
	t.Run("blanks at the ends and any script are taken", func(t *testing.T) {
		t.Parallel()
		admin.For(t).Patch("/roles/"+role, map[string]any{"description": " для смены  "}).Is(http.StatusOK)
	})
}

func foldedNames(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "οδοσ")
	s.user(admin, "straße", role)
	key(admin, "ﬁrst")
	for claim, c := range map[string]struct {
		path, place string
		body        map[string]any
	}{
		"a role":     {"/roles", "body.id", map[string]any{"id": "ΟΔΟΣ", "description": "x", "access": 0}},
		"a login":    {"/users", "body.login", draft("STRASSE", role)},
		"an API key": {"/api-keys", "body.name", newKey("FIRST")},
	} {
		t.Run(claim+" that folds to another is refused", func(t *testing.T) {
			t.Parallel()
			admin.For(t).Post(c.path, c.body).Refused(conflict, c.place, "name_taken")
		})
	}
	s.login("Strasse", userPassword)
	found := admin.Get("/users?login=" + url.QueryEscape("STRASSE")).Is(http.StatusOK)
	require.Contains(t, string(found.Body), "straße")
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
		me := s.as(s.login(login, userPassword).Access).Get("/me").Is(http.StatusOK)
		require.EqualValues(t, id, me.Field("id"), login)
	}
	for _, id := range []int64{second, dirty} {
		admin.Patch(path("/users/%d", id), map[string]any{"name": "Changed"}).Is(http.StatusOK)
		admin.Post(path("/users/%d/block", id), nil).Is(http.StatusNoContent)
	}
	admin.Patch(path("/users/%d", dirty), map[string]any{"login": "third "}).Refused(unprocessable, "body.login", "forbidden_characters")
	admin.Patch(path("/users/%d", dirty), map[string]any{"login": "third"}).Is(http.StatusOK)
	admin.Patch(path("/users/%d", second), map[string]any{"login": "STRASSE"}).Refused(conflict, "body.login", "name_taken")
	admin.Patch(path("/users/%d", second), map[string]any{"login": "own"}).Is(http.StatusOK)
	admin.Patch(path("/users/%d", second), map[string]any{"login": "strasse"}).Refused(conflict, "body.login", "name_taken")
}
