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
		func(context.Context, *api.EventsInput) (*api.Events[api.Event], error) {
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
	key := admin.Post("/api-keys", newKey("k", "users:read")).Is(http.StatusCreated)
	for name, c := range map[string]struct {
		token string // none: a login of the user
		end   func(tk tokens)
	}{
		"logout": {end: func(tk tokens) { s.as(tk.Access).Post("/logout", nil).Is(http.StatusNoContent) }},
		"block": {end: func(tokens) {
			admin.Post(path("/users/%d/block", id), nil).Is(http.StatusNoContent)
			admin.Post(path("/users/%d/unblock", id), nil).Is(http.StatusNoContent)
		}},
		"role": {end: func(tokens) {
			admin.Patch("/roles/watch", map[string]any{"permissions": []string{"cfg:read"}}).Is(http.StatusOK)
			admin.Patch("/roles/watch", map[string]any{"permissions": []string{"users:read"}}).Is(http.StatusOK)
		}},
		"key": {token: key.Field("key").(string), end: func(tokens) {
			admin.Delete("/api-keys/" + key.Field("id").(string)).Is(http.StatusNoContent)
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
