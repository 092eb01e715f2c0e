package app_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/redistest"
)

// streamOf serves a stream of events to those with the permission users:read, as another service would.
func (s *stand) streamOf(g *authn.Guard) string {
	s.t.Helper()
	a := api.New(api.Options{Authenticator: g, Recheck: 50 * time.Millisecond})
	api.RegisterEvents(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/stream"}, api.Need(authn.UsersRead),
		func(context.Context, *struct{}) (*api.Events[api.Event], error) {
			return &api.Events[api.Event]{From: make(chan api.Event), Close: func() {}}, nil
		})
	server := httptest.NewServer(a.Handler())
	s.t.Cleanup(server.Close)
	return server.URL + "/api/v1/stream"
}

// TestAStreamEndsWithItsCaller opens a stream, ends its caller's session, account, role or key as people do, and waits for
// the stream's end.
func TestAStreamEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	s := setup(t)
	address := s.streamOf(s.guardOf(redistest.DSN(t)))
	admin := s.admin()
	s.role(admin, "watch", "users:read")
	id := s.user(admin, "u", "watch")
	key := s.do(http.StatusCreated, http.MethodPost, "/api-keys", admin, map[string]any{"name": "k", "permissions": []string{"users:read"}})
	for name, c := range map[string]struct {
		token string // none: a login of the user
		end   func(tk tokens)
	}{
		"logout": {end: func(tk tokens) { s.do(http.StatusNoContent, http.MethodPost, "/logout", tk.Access, nil) }},
		"block": {end: func(tokens) {
			s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/block", id), admin, nil)
			s.do(http.StatusNoContent, http.MethodPost, path("/users/%d/unblock", id), admin, nil)
		}},
		"role": {end: func(tokens) {
			s.do(http.StatusOK, http.MethodPatch, "/roles/watch", admin, map[string]any{"permissions": []string{"cfg:read"}})
			s.do(http.StatusOK, http.MethodPatch, "/roles/watch", admin, map[string]any{"permissions": []string{"users:read"}})
		}},
		"key": {token: key.field(t, "key").(string), end: func(tokens) {
			s.do(http.StatusNoContent, http.MethodDelete, "/api-keys/"+key.field(t, "id").(string), admin, nil)
		}},
	} {
		tk := tokens{Access: c.token}
		header := "X-Api-Key"
		if c.token == "" {
			tk, header = s.login("u", userPassword), "Authorization"
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		require.NoError(t, err)
		r.Header.Set(header, map[bool]string{true: "Bearer "}[c.token == ""]+tk.Access)
		s.eventually("the stream is open: "+name, func() bool {
			answer, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			if answer.StatusCode != http.StatusOK { // a new key is on its way
				require.NoError(t, answer.Body.Close())
				return false
			}
			defer answer.Body.Close()
			c.end(tk)
			rest, err := io.ReadAll(answer.Body)
			require.NoError(t, err, name)
			require.Contains(t, string(rest), "event: end\ndata: {", name)
			require.Contains(t, string(rest), `"status":401`, name)
			return true
		})
	}
}
