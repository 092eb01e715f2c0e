package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/db"
	"nms.example/common/pgtest"
)

func path(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func TestLoginsAreUniqueWhateverTheirCase(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	draft := func(login string) map[string]any {
		return map[string]any{"login": login, "name": "x", "password": userPassword, "role_id": role}
	}
	for taken, again := range map[string]string{"Иванов": "ИВАНОВ", "Straße": "STRAßE", "ａｂｃ": "ABC"} {
		s.do(http.StatusCreated, http.MethodPost, "/users", admin, draft(taken))
		r := s.do(http.StatusConflict, http.MethodPost, "/users", admin, draft(again))
		require.Contains(t, string(r.body), "body.login")
		s.login(again, userPassword)
	}
	var made, refused atomic.Int32
	var group sync.WaitGroup
	for i := range 8 {
		login := "racer"
		if i%2 == 0 {
			login = "RACER"
		}
		group.Go(func() {
			switch s.status(s.URL, http.MethodPost, prefix+"/users", admin, draft(login)) {
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
}

func TestAnArchivedLoginIsFreeAgain(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	id := s.user(admin, "phoenix", role)
	tk := s.login("phoenix", userPassword)
	s.do(http.StatusNoContent, http.MethodDelete, path("/users/%d", id), admin, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", tk.Access, nil)
	s.refused(refreshGrant(tk.Refresh), "invalid_grant")
	s.refused(passwordGrant("phoenix", userPassword), "invalid_grant")
	next := s.user(admin, "Phoenix", role)
	require.NotEqual(t, id, next)
	s.login("phoenix", userPassword)

	require.EqualValues(t, -1, s.do(http.StatusOK, http.MethodGet, path("/users/%d", id), admin, nil).field(t, "status"))
	s.do(http.StatusConflict, http.MethodPost, path("/users/%d/unblock", id), admin, nil)
	s.do(http.StatusConflict, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"name": "y"})
	require.EqualValues(t, 2, s.do(http.StatusOK, http.MethodGet, "/users", admin, nil).field(t, "total"))
	require.EqualValues(t, 1, s.do(http.StatusOK, http.MethodGet, "/users?status=-1", admin, nil).field(t, "total"))
}

func TestUserFieldsAreChecked(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	for at, change := range map[string]map[string]any{
		"body.login":    {"login": strings.Repeat("ж", 51)},
		"body.name":     {"name": ""},
		"body.password": {"password": "password1234"},
		"body.role_id":  {"role_id": "no such role"},
		"body":          {"is_admin": true},
	} {
		body := map[string]any{"login": "bob", "name": "Bob", "password": userPassword, "role_id": role}
		maps.Copy(body, change)
		r := s.do(http.StatusUnprocessableEntity, http.MethodPost, "/users", admin, body)
		require.Contains(t, string(r.body), `"location":"`+at, at)
		require.NotContains(t, string(r.body), "password1234", "the offending value never comes back")
	}
	for _, login := range []string{" bob", "bob ", "b\u200bob", "b\nob"} {
		s.do(http.StatusUnprocessableEntity, http.MethodPost, "/users", admin,
			map[string]any{"login": login, "name": "Bob", "password": userPassword, "role_id": role})
	}
	long := s.user(admin, strings.Repeat("ж", 50), role)
	s.do(http.StatusOK, http.MethodPatch, path("/users/%d", long), admin, map[string]any{"name": strings.Repeat("я", 80)})
	s.do(http.StatusUnprocessableEntity, http.MethodPatch, path("/users/%d", long), admin, map[string]any{"name": nil})
	s.do(http.StatusNotFound, http.MethodGet, "/users/999", admin, nil)
	s.do(http.StatusUnprocessableEntity, http.MethodGet, "/users/0", admin, nil)
}

type version struct {
	Version    int        `json:"version"`
	ValidFrom  time.Time  `json:"valid_from"`
	ValidUntil *time.Time `json:"valid_until"`
	Op         string     `json:"op"`
	Actor      string     `json:"actor"`
	RequestID  string     `json:"request_id"`
	Item       struct {
		Name   string  `json:"name"`
		RoleID *string `json:"role_id"`
		Access int64   `json:"access"`
		Status int     `json:"status"`
	} `json:"item"`
}

func (s *stand) history(admin string, id int64) []version {
	s.t.Helper()
	var page struct {
		Total   int
		Content []version
	}
	r := s.do(http.StatusOK, http.MethodGet, path("/users/%d/history?limit=1000", id), admin, nil)
	require.NotContains(s.t, string(r.body), "$2a$")
	require.NotContains(s.t, string(r.body), "hash")
	r.into(s.t, &page)
	require.Len(s.t, page.Content, page.Total)
	return page.Content
}

func TestHistoryHasNeitherGapNorOverlapUnderRaces(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	id := s.user(admin, "busy", s.role(admin, "none"))
	second := s.start()
	var group sync.WaitGroup
	for i := range 30 {
		base := s.URL
		if i%2 == 1 {
			base = second.URL
		}
		group.Go(func() {
			s.status(base, http.MethodPatch, prefix+path("/users/%d", id), admin, map[string]any{"name": "name " + strconv.Itoa(i)})
		})
	}
	group.Wait()
	versions := s.history(admin, id)
	require.Len(t, versions, 31)
	for i, v := range versions {
		require.Equal(t, len(versions)-i, v.Version)
		require.Equal(t, "user:1", v.Actor)
		require.NotEmpty(t, v.RequestID)
		if i == 0 {
			require.Nil(t, v.ValidUntil)
			continue
		}
		require.Equal(t, versions[i-1].ValidFrom, *v.ValidUntil, "one ends where the next begins")
		require.True(t, v.ValidFrom.Before(*v.ValidUntil))
	}
	for _, v := range versions {
		var then struct{ Name string }
		s.do(http.StatusOK, http.MethodGet, path("/users/%d?at=%s", id, url.QueryEscape(v.ValidFrom.Format(time.RFC3339Nano))), admin, nil).
			into(t, &then)
		require.Equal(t, v.Item.Name, then.Name)
	}
	before := versions[len(versions)-1].ValidFrom.Add(-time.Microsecond).Format(time.RFC3339Nano)
	s.do(http.StatusNotFound, http.MethodGet, path("/users/%d?at=%s", id, url.QueryEscape(before)), admin, nil)
	s.do(http.StatusNotFound, http.MethodGet, "/users/4711/history", admin, nil)
}

func TestHistoryNamesEachChange(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	id := s.user(admin, "x", s.role(admin, "reader", "cfg:read"))
	for _, step := range []struct {
		method, suffix string
		body           any
	}{
		{http.MethodPatch, "", map[string]any{"dark_theme": true}}, {http.MethodPost, "/block", nil}, {http.MethodPost, "/block", nil},
		{http.MethodPost, "/unblock", nil}, {http.MethodPost, "/password", map[string]any{"password": "another long password"}},
		{http.MethodDelete, "", nil},
	} {
		s.call(s.URL, step.method, prefix+path("/users/%d", id)+step.suffix, admin, step.body)
	}
	var ops []string
	for _, v := range s.history(admin, id) {
		ops = append(ops, v.Op)
	}
	require.Equal(t, []string{"archived", "updated", "unblocked", "blocked", "updated", "created"}, ops,
		"blocking the blocked changes nothing")

	// The role is gone; who had it when, and what it allowed then, is still known.
	s.do(http.StatusNoContent, http.MethodDelete, "/roles/reader", admin, nil)
	versions := s.history(admin, id)
	require.Nil(t, versions[0].Item.RoleID)
	require.Zero(t, versions[0].Item.Access)
	require.Equal(t, "reader", *versions[1].Item.RoleID)
	require.EqualValues(t, 1<<26, versions[1].Item.Access)
}

func TestTheLastAdministratorStaysUnderRaces(t *testing.T) {
	t.Parallel()
	s := setup(t)
	second := s.start()
	admin := s.admin()
	other := s.role(admin, "lesser", "users:read")
	for _, body := range []struct{ method, path, body string }{
		{http.MethodPost, "/users/1/block", ""}, {http.MethodDelete, "/users/1", ""},
		{http.MethodPatch, "/users/1", `{"role_id":"lesser"}`}, {http.MethodPatch, "/roles/administrator", `{"access":1}`},
	} {
		r := s.call(s.URL, body.method, prefix+body.path, admin, body.body)
		require.Equal(t, http.StatusConflict, r.status, "%s %s: %s", body.method, body.path, r.body)
		require.Contains(t, string(r.body), "last administrator")
	}

	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	for round := range 12 {
		// Two administrators; each is taken away at the same time, in ways of all kinds.
		_, err := pool.Exec(t.Context(), "UPDATE users SET status = 0, role_id = 'administrator' WHERE id = 1")
		require.NoError(t, err)
		admin := s.admin()
		id := s.user(admin, path("admin %d", round), "administrator")
		attacks := []struct {
			method, path string
			body         any
		}{
			{http.MethodPost, path("/users/%d/block", id), nil},
			{http.MethodPatch, "/users/1", map[string]any{"role_id": other}},
			{http.MethodDelete, path("/users/%d", id), nil},
			{http.MethodPost, "/users/1/block", nil},
			{http.MethodPatch, "/roles/administrator", map[string]any{"access": 1}},
		}
		start := make(chan struct{})
		var group sync.WaitGroup
		for i, a := range attacks {
			base := []string{s.URL, second.URL}[i%2]
			group.Go(func() {
				<-start
				s.status(base, a.method, prefix+a.path, admin, a.body)
			})
		}
		close(start)
		group.Wait()
		var left int
		require.NoError(t, pool.QueryRow(t.Context(),
			"SELECT count(*) FROM users u JOIN roles r ON r.id = u.role_id WHERE u.status = 0 AND is_administrator_access(r.access)").Scan(&left))
		require.Positive(t, left, "round %d", round)
		_, err = pool.Exec(t.Context(), "UPDATE users SET status = 0, role_id = 'administrator' WHERE id = 1")
		require.NoError(t, err)
		_, err = pool.Exec(t.Context(), "UPDATE users SET status = -1 WHERE id = $1", id)
		require.NoError(t, err)
	}
}

func TestNobodyReachesBeyondTheirOwnPermissions(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	s.role(admin, "manager", "users:read", "users:write", "roles:write", "apikeys:write")
	s.role(admin, "reader", "cfg:read")
	s.role(admin, "clerk", "users:read")
	s.user(admin, "manager", "manager")
	reader := s.user(admin, "reader", "reader")
	clerk := s.user(admin, "clerk", "clerk")
	manager := s.login("manager", userPassword).Access

	for _, c := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPost, "/users", map[string]any{"login": "n", "name": "n", "password": userPassword, "role_id": "administrator"}},
		{http.MethodPatch, path("/users/%d", clerk), map[string]any{"role_id": "administrator"}},
		{http.MethodPost, "/users/1/password", map[string]any{"password": "taken over at last"}},
		{http.MethodPost, "/users/1/block", nil}, {http.MethodDelete, "/users/1", nil}, {http.MethodPatch, "/users/1", map[string]any{"login": "x"}},
		{http.MethodGet, "/users/1/sessions", nil}, {http.MethodDelete, "/users/1/sessions/0f6d5b0e-6c1f-4a52-9a39-5f0c1de2b7a4", nil},
		{http.MethodPost, "/users/1/logout-all", nil}, {http.MethodPost, path("/users/%d/block", reader), nil},
		{http.MethodPost, "/roles", map[string]any{"id": "r", "description": "r", "access": 4227858455}},
		{http.MethodPost, "/roles", map[string]any{"id": "r", "description": "r", "access": 1 << 40}},
		{http.MethodPatch, "/roles/clerk", map[string]any{"permissions": []string{"cfg:write"}}},
		{http.MethodPatch, "/roles/administrator", map[string]any{"access": 1}},
		{http.MethodPost, "/api-keys", map[string]any{"name": "k", "permissions": []string{"cfg:read"}}},
	} {
		s.do(http.StatusForbidden, c.method, c.path, manager, c.body)
	}
	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/block", clerk), manager, nil)
	s.do(http.StatusCreated, http.MethodPost, "/api-keys", manager, map[string]any{"name": "k", "permissions": []string{"users:read"}})
	s.do(http.StatusCreated, http.MethodPost, "/roles", manager, map[string]any{"id": "r", "description": "r", "access": 3})
	s.do(http.StatusCreated, http.MethodPost, "/roles", admin, map[string]any{"id": "all bits", "description": "r", "access": int64(1)<<62 + 1})
}

// What services check and what the migrations leave in the database must be the same permissions: an administrator
// without one of them could not grant it to anybody, nor to himself.
func TestTheDatabaseNamesTheSamePermissions(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: pgtest.DSN[db.AUTH](t)})
	var named authn.Mask
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT access FROM named_permissions").Scan(&named))
	require.Equal(t, authn.AllPermissions, named,
		"authn lists %v, the database names %v: a migration calls add_permissions for each new bit",
		authn.AllPermissions.Names(), named.Names())
}

func TestAnAdministratorGrantsWhatAnUpgradeBrings(t *testing.T) {
	t.Parallel()
	s := setup(t)
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	const added = "3, 5, 6, 7, 8, 9, 10, 11"
	_, err := pool.Exec(t.Context(), "SELECT remove_permissions("+added+")") // as before the upgrade
	require.NoError(t, err)
	grant := map[string]any{"id": "operator", "description": "Sends commands", "permissions": []string{"commands:send"}}
	s.do(http.StatusForbidden, http.MethodPost, "/roles", s.admin(), grant)
	_, err = pool.Exec(t.Context(), "SELECT add_permissions("+added+")")
	require.NoError(t, err)
	admin := s.admin()
	s.do(http.StatusCreated, http.MethodPost, "/roles", admin, grant)
	require.EqualValues(t, authn.AllPermissions, s.do(http.StatusOK, http.MethodGet, "/me", admin, nil).field(t, "access"))
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	s.role(admin, "r", "cfg:read")
	s.do(http.StatusConflict, http.MethodPost, "/roles", admin, map[string]any{"id": "r", "description": "r", "access": 1})
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/roles", admin, map[string]any{"id": "q", "description": "r", "access": -1})
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/roles", admin, map[string]any{"id": "q", "description": "r"})
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/roles", admin, map[string]any{"id": "q", "description": "r", "permissions": []string{"no:such"}})
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/roles", admin, map[string]any{"id": "q", "description": "r", "access": 2, "permissions": []string{"cfg:read"}})
	id := s.user(admin, "u", "r")
	r := s.do(http.StatusConflict, http.MethodDelete, "/roles/r", admin, nil)
	require.Contains(t, string(r.body), "users have this role")
	tk := s.login("u", userPassword)
	s.do(http.StatusForbidden, http.MethodGet, "/roles", tk.Access, nil)
	require.Equal(t, []any{"users:read"},
		s.do(http.StatusOK, http.MethodPatch, "/roles/r", admin, map[string]any{"permissions": []string{"users:read"}}).field(t, "permissions"))
	s.do(http.StatusUnauthorized, http.MethodGet, "/roles", tk.Access, nil) // the old mask is worth nothing
	var next tokens
	s.do(http.StatusOK, http.MethodPost, "/token", "", refreshGrant(tk.Refresh)).into(t, &next)
	s.do(http.StatusOK, http.MethodGet, "/roles", next.Access, nil)
	require.EqualValues(t, 1, s.do(http.StatusOK, http.MethodGet, "/me", next.Access, nil).field(t, "access"))
	s.do(http.StatusOK, http.MethodPatch, path("/users/%d", id), admin, map[string]any{"role_id": "administrator"})
	s.do(http.StatusNoContent, http.MethodDelete, "/roles/r", admin, nil)
	s.do(http.StatusNotFound, http.MethodGet, "/roles/r", admin, nil)
	s.role(admin, "r", "cfg:read")
}

func TestOwnPasswordAndProfile(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	id := s.user(admin, "u", s.role(admin, "none"))
	mine, other := s.login("u", userPassword), s.login("u", userPassword)
	require.Equal(t, true, s.do(http.StatusOK, http.MethodPatch, "/me", mine.Access, map[string]any{"dark_theme": true}).field(t, "dark_theme"))
	require.Equal(t, true, s.do(http.StatusOK, http.MethodGet, "/me", mine.Access, nil).field(t, "dark_theme"))
	s.do(http.StatusUnprocessableEntity, http.MethodPatch, "/me", mine.Access, map[string]any{"role_id": "administrator"})

	change := func(current, next string) map[string]any {
		return map[string]any{"current_password": current, "new_password": next}
	}
	const next = "quite another password"
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/me/password", mine.Access, change("wrong", next))
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/me/password", mine.Access, change(userPassword, userPassword))
	s.do(http.StatusUnprocessableEntity, http.MethodPost, "/me/password", mine.Access, change(userPassword, "short"))
	s.do(http.StatusNoContent, http.MethodPost, "/me/password", mine.Access, change(userPassword, next))
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", mine.Access, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", other.Access, nil)
	s.refused(refreshGrant(other.Refresh), "invalid_grant")
	s.do(http.StatusOK, http.MethodPost, "/token", "", refreshGrant(mine.Refresh))
	s.refused(passwordGrant("u", userPassword), "invalid_grant")
	tk := s.login("u", next)

	s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/password", id), admin, map[string]any{"password": userPassword})
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", tk.Access, nil)
	s.refused(refreshGrant(tk.Refresh), "invalid_grant")
	s.login("u", userPassword)
}

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	for _, login := range []string{"b", "C", "a", "Д", "г"} {
		s.user(admin, login, role)
	}
	type page struct {
		Page, Limit, Total int
		Params             map[string]any
		Content            []struct{ Login string }
		Next               string
	}
	logins := func(p page) (list []string) {
		for _, u := range p.Content {
			list = append(list, u.Login)
		}
		return list
	}
	var p page
	s.do(http.StatusOK, http.MethodGet, "/users?limit=4&role-id=none", admin, nil).into(t, &p)
	require.Equal(t, []string{"a", "b", "C", "г"}, logins(p))
	require.Equal(t, map[string]any{"role_id": "none"}, p.Params)
	require.Equal(t, 5, p.Total)
	var rest page
	s.do(http.StatusOK, http.MethodGet, "/users?limit=4&role-id=none&cursor="+p.Next, admin, nil).into(t, &rest)
	require.Equal(t, []string{"Д"}, logins(rest))
	require.Empty(t, rest.Next)
	var second page
	s.do(http.StatusOK, http.MethodGet, "/users?limit=4&page=2&role-id=none", admin, nil).into(t, &second)
	require.Equal(t, []string{"Д"}, logins(second))
	var found page
	s.do(http.StatusOK, http.MethodGet, "/users?q="+url.QueryEscape("Д"), admin, nil).into(t, &found)
	require.Equal(t, []string{"Д"}, logins(found))
	s.do(http.StatusUnprocessableEntity, http.MethodGet, "/users?page=0", admin, nil)
	s.do(http.StatusUnprocessableEntity, http.MethodGet, "/users?limit=5001", admin, nil)
	s.do(http.StatusUnprocessableEntity, http.MethodGet, "/users?cursor=zzz", admin, nil)
	for _, list := range []string{"/roles", "/api-keys", "/me/sessions", "/users/1/sessions", "/users/1/history"} { // their pages end with none
		s.do(http.StatusUnprocessableEntity, http.MethodGet, list+"?cursor="+p.Next, admin, nil)
	}
}
