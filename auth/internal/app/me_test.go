package app_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	s := setup(t)
	t.Run("the profile", func(t *testing.T) {
		t.Parallel()
		ownProfile(t, s.in(t))
	})
	t.Run("the password", func(t *testing.T) {
		t.Parallel()
		ownPassword(t, s.in(t))
	})
}

func ownProfile(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "none")
	t.Run("is changed by its user", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		s.user(admin.For(t), "u", role)
		me := s.as(s.login("u", userPassword).Access)
		require.Equal(t, true, me.Patch("/me", map[string]any{"dark_theme": true}).Is(http.StatusOK).Field("dark_theme"))
		require.Equal(t, true, me.Get("/me").Is(http.StatusOK).Field("dark_theme"))
	})
	t.Run("has no role to change", func(t *testing.T) {
		t.Parallel()
		admin.For(t).Patch("/me", map[string]any{"role_id": "administrator"}).Refused(unprocessable, "body.role_id", "unknown_field")
	})
	t.Run("has a language, which history keeps", func(t *testing.T) {
		t.Parallel()
		s, admin := s.in(t), admin.For(t)
		body := draft("speaker", role)
		body["language"] = "ru"
		made := admin.Post("/users", body).Is(http.StatusCreated)
		require.Equal(t, "ru", made.Field("language"))
		one, me := path("/users/%d", made.ID()), s.as(s.login("speaker", userPassword).Access)
		language := func(value any) map[string]any { return map[string]any{"language": value} }
		require.Equal(t, "en", me.Patch("/me", language("en")).Is(http.StatusOK).Field("language"))
		require.Equal(t, "en", me.Get("/me").Is(http.StatusOK).Field("language"))
		require.Equal(t, "en", me.Patch("/me", map[string]any{"dark_theme": true}).Is(http.StatusOK).Field("language"), "absent: unchanged")
		require.Nil(t, me.Patch("/me", language(nil)).Is(http.StatusOK).Field("language"))
		require.Nil(t, me.Get("/me").Is(http.StatusOK).Field("language"))
		require.Equal(t, "ru", admin.Patch(one, language("ru")).Is(http.StatusOK).Field("language"))
		var history []string
		for _, v := range s.history(admin, made.ID()) {
			if v.Item.Language == nil {
				history = append(history, "null")
			} else {
				history = append(history, *v.Item.Language)
			}
		}
		require.Equal(t, []string{"ru", "null", "en", "en", "ru"}, history)
	})
	other := path("/users/%d", s.user(admin, "other", role))
	for value, code := range map[any]string{"de": "not_one_of", "": "not_one_of", "RU": "not_one_of", 1: "wrong_type"} {
		t.Run(fmt.Sprintf("a language that is none is refused: %v", value), func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/me", other} {
				r := admin.For(t).Patch(path, map[string]any{"language": value}).Refused(unprocessable, "body.language", code)
				require.NotContains(t, string(r.Body), "nil")
			}
		})
	}
}

func ownPassword(t *testing.T, s *stand) {
	t.Helper()
	const user = "changes the password"
	admin := s.admin()
	id := s.user(admin, user, s.role(admin, "changes"))
	mine, other := s.login(user, userPassword), s.login(user, userPassword)
	change := func(current, next string) map[string]any {
		return map[string]any{"current_password": current, "new_password": next}
	}
	const next = "quite another password"
	for claim, c := range map[string]struct{ current, next, place, code string }{
		"a wrong present one is refused": {"wrong", next, "body.current_password", "wrong_password"},
		"the present one is no new one":  {userPassword, userPassword, "body.new_password", "password_unchanged"},
		"a short one is refused":         {userPassword, "short", "body.new_password", "password_too_short"},
	} {
		t.Run(claim, func(t *testing.T) {
			s.in(t).as(mine.Access).Post("/me/password", change(c.current, c.next)).Refused(unprocessable, c.place, c.code)
		})
	}
	t.Run("a new one ends every other session, and this one's access token", func(t *testing.T) {
		s := s.in(t)
		s.as(mine.Access).Post("/me/password", change(userPassword, next)).Is(http.StatusNoContent)
		s.as(mine.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
		s.as(other.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
		s.refused(refreshGrant(other.Refresh), "invalid_grant")
		s.grant(refreshGrant(mine.Refresh))
	})
	t.Run("the former one is worth nothing", func(t *testing.T) {
		s := s.in(t)
		s.refused(passwordGrant(user, userPassword), "invalid_grant")
		s.login(user, next)
	})
	t.Run("one that an administrator sets ends every session", func(t *testing.T) {
		s := s.in(t)
		tk := s.login(user, next)
		admin.For(t).Post(path("/users/%d/password", id), map[string]any{"password": userPassword}).Is(http.StatusNoContent)
		s.as(tk.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
		s.refused(refreshGrant(tk.Refresh), "invalid_grant")
		s.login(user, userPassword)
	})
}
