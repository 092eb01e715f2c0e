package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for what, claims := range map[string]func(*testing.T, *stand){
		"one by one": newUsers, "an archived one": anArchivedUser, "their list": listOfUsers, "by their ids": usersByTheirIDs,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			claims(t, s.in(t))
		})
	}
}

func newUsers(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "none")
	for taken, again := range map[string]string{"Иванов": "ИВАНОВ", "Straße": "STRAßE", "ａｂｃ": "ABC"} {
		t.Run("a login is one whatever its case and width: "+taken, func(t *testing.T) {
			t.Parallel()
			admin := admin.For(t)
			admin.Post("/users", draft(taken, role)).Is(http.StatusCreated)
			admin.Post("/users", draft(again, role)).Refused(conflict, "body.login", "name_taken")
			s.in(t).login(again, userPassword)
		})
	}
	t.Run("of equal logins at once one is made", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		var made, refused atomic.Int32
		var group sync.WaitGroup
		for i := range 8 {
			login := "racer"
			if i%2 == 0 {
				login = "RACER"
			}
			group.Go(func() {
				switch admin.Post("/users", draft(login, role)).Status {
				case http.StatusCreated:
					made.Add(1)
				case http.StatusConflict:
					refused.Add(1)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, made.Load())
		require.EqualValues(t, 7, refused.Load())
	})
	for claim, c := range map[string]struct {
		change      map[string]any
		place, code string
	}{
		"a login of more than 50 characters is refused": {map[string]any{"login": strings.Repeat("ж", 51)}, "body.login", "too_long"},
		"an empty name is refused":                      {map[string]any{"name": ""}, "body.name", "too_short"},
		"a common password is refused":                  {map[string]any{"password": "password1234"}, "body.password", "password_common"},
		"a role that is not there is refused":           {map[string]any{"role_id": "no such role"}, "body.role_id", "unknown_role"},
		"an unknown field is refused":                   {map[string]any{"is_admin": true}, "body.is_admin", "unknown_field"},
		"a login that begins with a blank is refused":   {map[string]any{"login": " bob"}, "body.login", "forbidden_characters"},
		"a login that ends with a blank is refused":     {map[string]any{"login": "bob "}, "body.login", "forbidden_characters"},
		"an invisible character is refused":             {map[string]any{"login": "b\u200bob"}, "body.login", "forbidden_characters"},
		"a line feed is refused":                        {map[string]any{"login": "b\nob"}, "body.login", "forbidden_characters"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			body := draft("bob", role)
			maps.Copy(body, c.change)
			r := admin.For(t).Post("/users", body).Refused(unprocessable, c.place, c.code)
			require.NotContains(t, string(r.Body), "password1234", "the offending value never comes back")
		})
	}
	t.Run("logins of 50 and names of 80 characters are taken", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		one := path("/users/%d", s.in(t).user(admin, strings.Repeat("ж", 50), role))
		admin.Patch(one, map[string]any{"name": strings.Repeat("я", 80)}).Is(http.StatusOK)
		admin.Patch(one, map[string]any{"name": nil}).Refused(unprocessable, "body.name", "not_null")
	})
	t.Run("an unknown user is not found, and 0 is no id", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		admin.Get("/users/999").Refused(notFound, "path.id", "not_found")
		admin.Get("/users/0").Refused(unprocessable, "path.id", "below_minimum")
	})
}

func anArchivedUser(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "archived")
	id := s.user(admin, "phoenix", role)
	tk := s.login("phoenix", userPassword)
	one := path("/users/%d", id)
	admin.Delete(one).Is(http.StatusNoContent)

	t.Run("is logged out and does not log in", func(t *testing.T) {
		s := s.in(t)
		s.as(tk.Access).Get("/me").Refused(unauthorized, "header.Authorization", "token_revoked")
		s.refused(refreshGrant(tk.Refresh), "invalid_grant")
		s.refused(passwordGrant("phoenix", userPassword), "invalid_grant")
	})
	t.Run("leaves the login to another", func(t *testing.T) {
		require.NotEqual(t, id, s.in(t).user(admin.For(t), "Phoenix", role))
		s.in(t).login("phoenix", userPassword)
	})
	t.Run("is not changed any more", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		require.EqualValues(t, -1, admin.Get(one).Is(http.StatusOK).Field("status"))
		admin.Post(one+"/unblock", nil).Refused(conflict, "path.id", "archived")
		admin.Patch(one, map[string]any{"name": "y"}).Refused(conflict, "path.id", "archived")
	})
	t.Run("is listed when asked for", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		var page struct{ Content []struct{ ID int64 } }
		admin.Get("/users?role-id=archived").Is(http.StatusOK).Into(&page)
		require.Len(t, page.Content, 1)
		require.NotEqual(t, id, page.Content[0].ID)
		admin.Get("/users?role-id=archived&status=-1").Is(http.StatusOK).Into(&page)
		require.Len(t, page.Content, 1)
		require.Equal(t, id, page.Content[0].ID)
	})
}

func listOfUsers(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "listed")
	for _, login := range []string{"b", "C", "a", "Д", "г"} {
		s.user(admin, login, role)
	}
	type page struct {
		Page, Limit, Total int
		Params             map[string]any
		Content            []struct{ Login string }
		Next               string
	}
	read := func(t *testing.T, query string) (p page, logins []string) {
		t.Helper()
		admin.For(t).Get("/users?" + query).Is(http.StatusOK).Into(&p)
		for _, u := range p.Content {
			logins = append(logins, u.Login)
		}
		return p, logins
	}
	first, logins := read(t, "limit=4&role-id=listed")
	t.Run("is sorted and filtered, and tells the filters", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []string{"a", "b", "C", "г"}, logins)
		require.Equal(t, map[string]any{"role_id": "listed"}, first.Params)
		require.Equal(t, 5, first.Total)
	})
	t.Run("goes on by cursor", func(t *testing.T) {
		t.Parallel()
		rest, logins := read(t, "limit=4&role-id=listed&cursor="+first.Next)
		require.Equal(t, []string{"Д"}, logins)
		require.Empty(t, rest.Next)
	})
	t.Run("goes on by page", func(t *testing.T) {
		t.Parallel()
		_, logins := read(t, "limit=4&page=2&role-id=listed")
		require.Equal(t, []string{"Д"}, logins)
	})
	t.Run("is searched", func(t *testing.T) {
		t.Parallel()
		_, logins := read(t, "q="+url.QueryEscape("Д"))
		require.Equal(t, []string{"Д"}, logins)
	})
	for query, code := range map[string]string{"page=0": "below_minimum", "limit=5001": "above_maximum", "cursor=zzz": "bad_cursor"} {
		t.Run("refuses "+query, func(t *testing.T) {
			t.Parallel()
			name, _, _ := strings.Cut(query, "=")
			admin.For(t).Get("/users?"+query).Refused(unprocessable, "query."+name, code)
		})
	}
	for _, list := range []string{"/roles", "/api-keys", "/me/sessions", "/users/1/sessions", "/users/1/history"} {
		t.Run("a list whose pages end with no cursor takes none: "+list, func(t *testing.T) {
			t.Parallel()
			admin.For(t).Get(list+"?cursor="+first.Next).Refused(unprocessable, "query.cursor", "unknown_parameter")
		})
	}
}

func usersByTheirIDs(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	role := s.role(admin, "by id")
	b, a, c := s.user(admin, "id b", role), s.user(admin, "id a", role), s.user(admin, "id c", role)
	admin.Delete(path("/users/%d", c)).Is(http.StatusNoContent)
	type page struct {
		Total   int
		Params  struct{ IDs []int64 }
		Content []struct{ ID int64 }
		Next    string
	}
	ids := func(t *testing.T, query string) (p page, list []int64) {
		t.Helper()
		admin.For(t).Get("/users?" + query).Is(http.StatusOK).Into(&p)
		for _, u := range p.Content {
			list = append(list, u.ID)
		}
		return p, list
	}
	t.Run("come by login, archived ones too, unknown ones left out, each once", func(t *testing.T) {
		t.Parallel()
		p, list := ids(t, path("ids=%d,%d,4711,%d,%d", b, a, c, b))
		require.Equal(t, []int64{a, b, c}, list)
		require.Equal(t, 3, p.Total)
		require.Equal(t, []int64{b, a, 4711, c, b}, p.Params.IDs)
	})
	t.Run("go with other filters", func(t *testing.T) {
		t.Parallel()
		_, list := ids(t, path("ids=%d,%d&status=0", a, c))
		require.Equal(t, []int64{a}, list)
	})
	t.Run("may all be unknown", func(t *testing.T) {
		t.Parallel()
		_, list := ids(t, "ids=4711")
		require.Empty(t, list)
	})
	t.Run("come page by page", func(t *testing.T) {
		t.Parallel()
		p, list := ids(t, path("ids=%d,%d,%d&limit=2", a, b, c))
		require.Equal(t, []int64{a, b}, list)
		p, list = ids(t, path("ids=%d,%d,%d&limit=2&cursor=%s", a, b, c, url.QueryEscape(p.Next)))
		require.Equal(t, []int64{c}, list)
		require.Equal(t, 3, p.Total)
	})
	for _, query := range []string{"ids=", "ids=0", "ids=1,", "ids=x", "ids=1&ids=2", "ids=1" + strings.Repeat(",1", 500), "id=1"} {
		t.Run("are refused as "+query[:min(len(query), 12)], func(t *testing.T) {
			t.Parallel()
			p := admin.For(t).Get("/users?" + query).Problem(unprocessable)
			require.Contains(t, p.Errors[0].Location, "query.id")
		})
	}
	t.Run("may be five hundred", func(t *testing.T) {
		t.Parallel()
		admin.For(t).Get("/users?ids=1" + strings.Repeat(",1", 499)).Is(http.StatusOK)
	})
}
