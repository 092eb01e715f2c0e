package app_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	s.role(admin, "taken", "cfg:read")
	t.Run("an id that another role has is refused", func(t *testing.T) {
		t.Parallel()
		admin.For(t).Post("/roles", map[string]any{"id": "taken", "description": "r", "access": 1}).Refused(conflict, "body.id", "name_taken")
	})
	for claim, c := range map[string]struct {
		more        map[string]any
		place, code string
	}{
		"an access below zero is refused":            {map[string]any{"access": -1}, "body.access", "below_minimum"},
		"a role needs permissions":                   {nil, "body.access", "required"},
		"a permission that is none is refused":       {map[string]any{"permissions": []string{"no:such"}}, "body.permissions[0]", "unknown_permission"},
		"an access and other permissions contradict": {map[string]any{"access": 2, "permissions": []string{"cfg:read"}}, "body.permissions", "contradiction"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			body := map[string]any{"id": "q", "description": "r"}
			maps.Copy(body, c.more)
			admin.For(t).Post("/roles", body).Refused(unprocessable, c.place, c.code)
		})
	}
	t.Run("a role that users have is not deleted; without them it is, and its id is free", func(t *testing.T) {
		t.Parallel()
		s, admin := s.in(t), admin.For(t)
		id := s.user(admin, "holder", s.role(admin, "held", "cfg:read"))
		require.Contains(t, string(admin.Delete("/roles/held").Refused(conflict, "path.id", "in_use").Body), "users have this role")
		admin.Patch(path("/users/%d", id), map[string]any{"role_id": "administrator"}).Is(http.StatusOK)
		admin.Delete("/roles/held").Is(http.StatusNoContent)
		admin.Get("/roles/held").Refused(notFound, "path.id", "not_found")
		s.role(admin, "held", "cfg:read")
	})
	t.Run("a changed role counts from the next refresh on, and the old mask is worth nothing", func(t *testing.T) {
		t.Parallel()
		s, admin := s.in(t), admin.For(t)
		s.user(admin, "u", s.role(admin, "changed", "cfg:read"))
		tk := s.login("u", userPassword)
		s.as(tk.Access).Get("/roles").Refused(forbidden, "request", "forbidden")
		require.Equal(t, []any{"users:read"},
			admin.Patch("/roles/changed", map[string]any{"permissions": []string{"users:read"}}).Is(http.StatusOK).Field("permissions"))
		s.as(tk.Access).Get("/roles").Refused(unauthorized, "header.Authorization", "token_revoked")
		me := s.as(s.grant(refreshGrant(tk.Refresh)).Access)
		me.Get("/roles").Is(http.StatusOK)
		require.EqualValues(t, 1, me.Get("/me").Is(http.StatusOK).Field("access"))
	})
}
