package app_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
)

// newKey is the body of a new API key.
func newKey(name string, permissions ...string) map[string]any {
	return map[string]any{"name": name, "permissions": append([]string{}, permissions...)}
}

// key makes an API key and returns it.
func key(admin *servicetest.Client, name string, permissions ...string) string {
	return admin.Post("/api-keys", newKey(name, permissions...)).Is(http.StatusCreated).Field("key").(string)
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	s := setup(t)
	second := s.start()
	admin := s.admin()
	body := newKey("k", "users:read")
	body["cidrs"] = []string{"127.0.0.1", "::ffff:10.1.2.3/104"}
	made := admin.Post("/api-keys", body).Is(http.StatusCreated)
	require.Equal(t, "no-store", made.Header.Get("Cache-Control"))
	require.Equal(t, []any{"127.0.0.1/32", "10.0.0.0/8"}, made.Field("cidrs"))
	secret, id := made.Field("key").(string), made.Field("id").(string)

	t.Run("a key may do what its permissions say, and nothing of a user", func(t *testing.T) { //nolint:paralleltest // see above
		s := s.in(t)
		s.as(secret).Get("/users").Is(http.StatusOK)
		s.as(secret).Get("/api-keys").Refused(forbidden, "request", "forbidden")
		s.as(secret).Get("/me").Refused(forbidden, "request", "users_only")
		s.eventually("the other instance knows it", func() bool { return s.as(secret).At(second).Get("/users").Status == http.StatusOK })
	})
	t.Run("the secret is shown once", func(t *testing.T) { //nolint:paralleltest // see above
		list := admin.For(t).Get("/api-keys").Is(http.StatusOK)
		require.NotContains(t, string(list.Body), secret)
		require.EqualValues(t, 1, list.Field("total"))
	})
	t.Run("a deleted key is worth nothing, on the other instance within a second", func(t *testing.T) { //nolint:paralleltest // see above
		s, admin := s.in(t), admin.For(t)
		admin.Delete("/api-keys/" + id).Is(http.StatusNoContent)
		s.as(secret).Get("/users").Refused(unauthorized, "header.X-API-Key", "api_key_invalid")
		s.within("the other instance", func() bool { return s.as(secret).At(second).Get("/users").Status == http.StatusUnauthorized })
		admin.Delete("/api-keys/"+id).Refused(notFound, "path.id", "not_found")
	})
	t.Run("a key is worth nothing from other addresses", func(t *testing.T) {
		t.Parallel()
		body := newKey("away", "users:read")
		body["cidrs"] = []string{"192.0.2.0/24"}
		away := admin.For(t).Post("/api-keys", body).Is(http.StatusCreated).Field("key").(string)
		s.in(t).as(away).Get("/users").Refused(unauthorized, "header.X-API-Key", "api_key_invalid")
	})
	t.Run("a key is good until its end", func(t *testing.T) {
		t.Parallel()
		s, admin := s.in(t), admin.For(t)
		var until time.Time
		var brief string
		for life, good := 700*time.Millisecond, false; !good; life *= 2 { // long enough to be used once on this machine
			until = time.Now().Add(life)
			body := newKey("brief "+life.String(), "users:read")
			body["expires_at"] = until
			brief = admin.Post("/api-keys", body).Is(http.StatusCreated).Field("key").(string)
			good = s.as(brief).Get("/users").Status == http.StatusOK
			require.True(t, good || time.Now().After(until), "it is not good before its end")
		}
		s.eventually("its end", func() bool { return s.as(brief).Get("/users").Status == http.StatusUnauthorized })
		require.False(t, time.Now().Before(until))
	})
	t.Run("a name that another key has is refused", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		key(admin, "named")
		admin.Post("/api-keys", newKey("NAMED")).Refused(conflict, "body.name", "name_taken")
	})
	for claim, c := range map[string]struct {
		change      map[string]any
		place, code string
	}{
		"a permission that is none is refused": {map[string]any{"permissions": []string{"no:such"}}, "body.permissions[0]", "unknown_permission"},
		"a network that is none is refused":    {map[string]any{"cidrs": []string{"10.0.0.0/33"}}, "body.cidrs[0]", "bad_format"},
		"an end in the past is refused":        {map[string]any{"expires_at": time.Now().Add(-time.Minute)}, "body.expires_at", "in_past"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			body := newKey("x")
			maps.Copy(body, c.change)
			admin.For(t).Post("/api-keys", body).Refused(unprocessable, c.place, c.code)
		})
	}
}

func TestAnAPIKeyShowsItsLastUse(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"})
	other := s.guardOf(redistest.DSN(t)) // of another service
	admin := s.admin()
	unused, here, there := key(admin, "unused", "users:read"), key(admin, "here", "users:read"), key(admin, "there", "users:read")
	require.NotEmpty(t, unused)
	began := time.Now()
	for range 3 {
		s.at("2001:db8::7").as(here).Get("/users").Is(http.StatusOK)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	require.NoError(t, err)
	r.Header.Set(authn.HeaderAPIKey, there)
	s.eventually("the key at the other service", func() bool {
		p, err := other.Authenticate(t.Context(), r)
		return err == nil && p != nil
	})
	type use struct {
		LastUsedAt      *time.Time `json:"last_used_at"`
		LastUsedAddress *string    `json:"last_used_address"`
	}
	uses := map[string]use{}
	s.eventually("both uses", func() bool {
		var page struct {
			Content []struct {
				Name string
				use
			}
		}
		admin.Get("/api-keys").Is(http.StatusOK).Into(&page)
		for _, k := range page.Content {
			uses[k.Name] = k.use
		}
		return uses["here"].LastUsedAt != nil && uses["there"].LastUsedAt != nil
	})
	require.Equal(t, "2001:db8::7", *uses["here"].LastUsedAddress)
	for _, name := range []string{"here", "there"} {
		at := *uses[name].LastUsedAt
		require.WithinRange(t, at, began.Truncate(time.Minute), time.Now())
	}
	require.Equal(t, use{}, uses["unused"])
}
