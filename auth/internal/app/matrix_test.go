package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
)

func TestEveryOperationAsksForItsCredentials(t *testing.T) {
	t.Parallel()
	s := setup(t)
	operations := s.Service.API().Operations()
	s.kit.CheckMatrix(t, s.URL, operations, s.redis)

	// The matrix follows what the operations declare; this list is what they must declare.
	declared := map[string]string{}
	for _, op := range operations {
		if len(op.Path) > len(prefix) && op.Path[:len(prefix)] == prefix {
			declared[op.Method+" "+op.Path[len(prefix):]] = op.Access.String()
		}
	}
	require.Equal(t, map[string]string{
		"POST /token": api.Public.String(), "POST /introspect": "users:read",
		"POST /logout": "authenticated", "POST /logout-all": "authenticated",
		"GET /me": "authenticated", "PATCH /me": "authenticated", "POST /me/password": "authenticated",
		"GET /me/sessions": "authenticated", "DELETE /me/sessions/{id}": "authenticated",
		"GET /users": "users:read", "POST /users": "users:write", "GET /users/{id}": "users:read",
		"PATCH /users/{id}": "users:write", "DELETE /users/{id}": "users:write", "GET /users/{id}/history": "users:read",
		"POST /users/{id}/block": "users:write", "POST /users/{id}/unblock": "users:write",
		"POST /users/{id}/password": "users:write", "POST /users/{id}/logout-all": "users:write",
		"GET /users/{id}/sessions": "users:write", "DELETE /users/{id}/sessions/{sid}": "users:write",
		"GET /roles": "users:read", "POST /roles": "roles:write", "GET /roles/{id}": "users:read",
		"PATCH /roles/{id}": "roles:write", "DELETE /roles/{id}": "roles:write",
		"GET /api-keys": "apikeys:write", "POST /api-keys": "apikeys:write", "DELETE /api-keys/{id}": "apikeys:write",
	}, declared)
}
