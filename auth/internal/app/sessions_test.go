package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
)

type sessionPage struct {
	Total   int
	Content []struct {
		ID        string
		Address   string
		UserAgent string `json:"user_agent"`
		Current   bool
	}
}

// sessionOf returns the session that an access token belongs to.
func (s *stand) sessionOf(tk tokens) string {
	s.t.Helper()
	verified, err := s.kit.Keyring.Verify(tk.Access)
	require.NoError(s.t, err)
	return verified.SessionID.String()
}

// ended checks that neither token of a session is worth anything any more.
func (s *stand) ended(tk tokens) {
	s.t.Helper()
	s.as(tk.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
	s.refused(refreshGrant(tk.Refresh), "invalid_grant")
}

//nolint:paralleltest,tparallel // all sessions there are end last
func TestSessions(t *testing.T) {
	t.Parallel()
	s := setup(t)
	t.Run("of another user", func(t *testing.T) { sessionsOfAnotherUser(t, s.in(t)) })
	t.Run("one's own", func(t *testing.T) { ownSessions(t, s.in(t)) })
	t.Run("end by their time", func(t *testing.T) { endOfSessions(t, s.in(t)) })
}

func endOfSessions(t *testing.T, s *stand) {
	t.Helper()
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	for claim, end := range map[string]string{"when they are not refreshed for long": "idle_until", "at the end of their longest life": "expires_at"} {
		t.Run(claim, func(t *testing.T) {
			s := s.in(t)
			first := s.login("admin_nms", adminPassword)
			_, err := pool.Exec(t.Context(), "UPDATE sessions SET "+end+" = clock_timestamp()")
			require.NoError(t, err)
			s.refused(refreshGrant(first.Refresh), "invalid_grant")
		})
	}
}

func ownSessions(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	s.user(admin, "own", s.role(admin, "own"))
	open := func(s *stand) tokens { return s.login("own", userPassword) }
	one, two, three := open(s), open(s), open(s)
	t.Run("a logout ends this one and no other", func(t *testing.T) {
		s := s.in(t)
		s.as(one.Access).Post("/logout", nil).Is(http.StatusNoContent)
		s.ended(one)
		s.as(two.Access).Get("/me").Is(http.StatusOK)
	})
	t.Run("they are listed, and ended one by one, once", func(t *testing.T) {
		s := s.in(t)
		me := s.as(two.Access)
		var page sessionPage
		me.Get("/me/sessions").Is(http.StatusOK).Into(&page)
		require.Equal(t, 2, page.Total)
		for _, session := range page.Content {
			require.Equal(t, "127.0.0.1", session.Address)
			require.Equal(t, "test", session.UserAgent)
			if !session.Current {
				me.Delete("/me/sessions/" + session.ID).Is(http.StatusNoContent)
				me.Delete("/me/sessions/"+session.ID).Refused(notFound, "path.id", "not_found")
			}
		}
		s.as(three.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
	})
	t.Run("a logout everywhere ends all of them", func(t *testing.T) {
		s := s.in(t)
		four := open(s)
		s.as(two.Access).Post("/logout-all", nil).Is(http.StatusNoContent)
		s.as(two.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
		s.ended(four)
	})
}

func sessionsOfAnotherUser(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	id := s.user(admin, "u", s.role(admin, "none"))
	one, two := s.login("u", userPassword), s.login("u", userPassword)
	list := path("/users/%d/sessions", id)
	read := func(t *testing.T, path string) (page sessionPage) {
		t.Helper()
		admin.For(t).Get(path).Is(http.StatusOK).Into(&page)
		return page
	}
	t.Run("are listed, none of them as the caller's", func(t *testing.T) {
		page := read(t, list)
		require.Equal(t, 2, page.Total)
		for _, session := range page.Content {
			require.Equal(t, "127.0.0.1", session.Address)
			require.False(t, session.Current)
		}
		require.True(t, read(t, "/users/1/sessions").Content[0].Current, "the caller's own")
	})
	t.Run("come page by page", func(t *testing.T) {
		page := read(t, list+"?limit=1&page=2")
		require.Equal(t, 2, page.Total)
		require.Len(t, page.Content, 1)
	})
	t.Run("are found below their user alone", func(t *testing.T) {
		admin := admin.For(t)
		admin.Delete(list+"/"+read(t, "/users/1/sessions").Content[0].ID).Refused(notFound, "path.sid", "not_found")
		admin.Delete(path("/users/%d/sessions/%s", id+1, s.sessionOf(one))).Refused(notFound, "path.id", "not_found")
		admin.Get(path("/users/%d/sessions", id+1)).Refused(notFound, "path.id", "not_found")
		admin.Delete(list+"/1").Refused(unprocessable, "path.sid", "wrong_type")
	})
	t.Run("are ended one by one, once", func(t *testing.T) {
		s, admin := s.in(t), admin.For(t)
		admin.Delete(list + "/" + s.sessionOf(one)).Is(http.StatusNoContent)
		admin.Delete(list+"/"+s.sessionOf(one)).Refused(notFound, "path.sid", "not_found")
		s.ended(one)
		s.as(two.Access).Get("/me").Is(http.StatusOK)
	})
}
