package app_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/db"
	"nms.example/common/pgtest"
)

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	s.role(admin, "lesser", "users:read")
	for claim, act := range map[string]struct {
		method, path string
		body         any
		place        string
	}{
		"unblocked":                   {http.MethodPost, "/users/1/block", nil, "request"},
		"in place":                    {http.MethodDelete, "/users/1", nil, "request"},
		"an administrator":            {http.MethodPatch, "/users/1", map[string]any{"role_id": "lesser"}, "request"},
		"with a role that may do all": {http.MethodPatch, "/roles/administrator", map[string]any{"access": 1}, "body.access"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			r := admin.For(t).Call(act.method, act.path, act.body).Refused(conflict, act.place, "last_administrator")
			require.Contains(t, string(r.Body), "last administrator")
		})
	}
}

// Two administrators; each is taken away at the same time, in ways of all kinds, through two instances.
func TestAnAdministratorStaysUnderRaces(t *testing.T) {
	t.Parallel()
	s := setup(t)
	second := s.start()
	admin := s.admin()
	s.role(admin, "lesser", "users:read")
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	exec := func(statement string, args ...any) {
		t.Helper()
		_, err := pool.Exec(t.Context(), statement, args...)
		require.NoError(t, err)
	}
	for round := range 12 {
		exec("UPDATE users SET status = 0, role_id = 'administrator' WHERE id = 1")
		admin := s.admin()
		id := s.user(admin, path("admin %d", round), "administrator")
		attacks := []struct {
			method, path string
			body         any
		}{
			{http.MethodPost, path("/users/%d/block", id), nil},
			{http.MethodPatch, "/users/1", map[string]any{"role_id": "lesser"}},
			{http.MethodDelete, path("/users/%d", id), nil},
			{http.MethodPost, "/users/1/block", nil},
			{http.MethodPatch, "/roles/administrator", map[string]any{"access": 1}},
		}
		start := make(chan struct{})
		var group sync.WaitGroup
		for i, a := range attacks {
			one := admin
			if i%2 == 1 {
				one = admin.At(second)
			}
			group.Go(func() {
				<-start
				one.Call(a.method, a.path, a.body)
			})
		}
		close(start)
		group.Wait()
		var left int
		require.NoError(t, pool.QueryRow(t.Context(),
			"SELECT count(*) FROM users u JOIN roles r ON r.id = u.role_id WHERE u.status = 0 AND is_administrator_access(r.access)").Scan(&left))
		require.Positive(t, left, "round %d", round)
		exec("UPDATE users SET status = 0, role_id = 'administrator' WHERE id = 1")
		exec("UPDATE users SET status = -1 WHERE id = $1", id)
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
	foreign := admin.Post("/api-keys", newKey("foreign", "cfg:read")).Is(http.StatusCreated).Field("id").(string)
	manager := s.as(s.login("manager", userPassword).Access)

	for claim, c := range map[string]struct {
		method, path string
		body         any
		place        string
	}{
		"a new administrator":              {http.MethodPost, "/users", draft("n", "administrator"), "body.role_id"},
		"a user made administrator":        {http.MethodPatch, path("/users/%d", clerk), map[string]any{"role_id": "administrator"}, "body.role_id"},
		"an administrator's password":      {http.MethodPost, "/users/1/password", map[string]any{"password": "taken over at last"}, "path.id"},
		"an administrator blocked":         {http.MethodPost, "/users/1/block", nil, "path.id"},
		"an administrator archived":        {http.MethodDelete, "/users/1", nil, "path.id"},
		"an administrator's login":         {http.MethodPatch, "/users/1", map[string]any{"login": "x"}, "path.id"},
		"an administrator's sessions":      {http.MethodGet, "/users/1/sessions", nil, "path.id"},
		"one session of his":               {http.MethodDelete, "/users/1/sessions/0f6d5b0e-6c1f-4a52-9a39-5f0c1de2b7a4", nil, "path.id"},
		"an administrator logged out":      {http.MethodPost, "/users/1/logout-all", nil, "path.id"},
		"a user of other permissions":      {http.MethodPost, path("/users/%d/block", reader), nil, "path.id"},
		"a role of all permissions":        {http.MethodPost, "/roles", map[string]any{"id": "r1", "description": "r", "access": 4227858455}, "body.access"},
		"a role of a bit that has no name": {http.MethodPost, "/roles", map[string]any{"id": "r2", "description": "r", "access": 1 << 40}, "body.access"},
		"more for a role":                  {http.MethodPatch, "/roles/clerk", map[string]any{"permissions": []string{"cfg:write"}}, "body.access"},
		"less for administrators":          {http.MethodPatch, "/roles/administrator", map[string]any{"access": 1}, "path.id"},
		"a key of other permissions":       {http.MethodPost, "/api-keys", map[string]any{"name": "k1", "permissions": []string{"cfg:read"}}, "body.permissions"},
		"the end of such a key":            {http.MethodDelete, "/api-keys/" + foreign, nil, "path.id"},
	} {
		t.Run("refused: "+claim, func(t *testing.T) {
			t.Parallel()
			manager.For(t).Call(c.method, c.path, c.body).Refused(forbidden, c.place, "beyond_own_permissions")
		})
	}
	t.Run("what they have they may give, and take", func(t *testing.T) {
		t.Parallel()
		manager := manager.For(t)
		manager.Post(path("/users/%d/block", s.in(t).user(admin.For(t), "blocked", "clerk")), nil).Is(http.StatusNoContent)
		mine := manager.Post("/api-keys", map[string]any{"name": "k", "permissions": []string{"users:read"}}).Is(http.StatusCreated)
		manager.Delete("/api-keys/" + mine.Field("id").(string)).Is(http.StatusNoContent)
		manager.Post("/roles", map[string]any{"id": "r", "description": "r", "access": 3}).Is(http.StatusCreated)
	})
	t.Run("who has all permissions may give bits that have no name", func(t *testing.T) {
		t.Parallel()
		admin.For(t).Post("/roles", map[string]any{"id": "all bits", "description": "r", "access": int64(1)<<62 + 1}).Is(http.StatusCreated)
	})
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
	s.admin().Post("/roles", grant).Refused(forbidden, "body.access", "beyond_own_permissions")
	_, err = pool.Exec(t.Context(), "SELECT add_permissions("+added+")")
	require.NoError(t, err)
	admin := s.admin()
	admin.Post("/roles", grant).Is(http.StatusCreated)
	require.EqualValues(t, authn.AllPermissions, admin.Get("/me").Is(http.StatusOK).Field("access"))
}
