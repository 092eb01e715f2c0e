package app_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/backbone"
	"nms.example/common/config"
	"nms.example/common/event"
	"nms.example/common/service"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// otherIdentity is a service that is not auth: it takes auth's tokens.
var otherIdentity = service.Identity{
	ID: uuid.New(), Name: "other", About: "A service for tests",
	Events: event.NewCatalogue("other", event.Declare[struct{}]("other.thing.created", "A thing was made")),
}

func buildOther(ctx context.Context, s *service.Service) error {
	var settings struct {
		config.Base
		backbone.Settings
	}
	if err := s.Load(&settings); err != nil {
		return err
	}
	if _, err := backbone.Open(ctx, s, settings.Settings); err != nil {
		return err
	}
	type nothing struct{}
	api.Register(s.API(), huma.Operation{Method: http.MethodGet, Path: "/api/v1/other", OperationID: "other", DefaultStatus: http.StatusNoContent},
		api.Need(authn.UsersRead), func(context.Context, *struct{}) (*nothing, error) { return new(nothing), nil })
	return nil
}

// changeover is auth and another service behind an address each, and clients that never stop.
type changeover struct {
	*stand

	auth, other     *front
	authNow         *servicetest.Instance
	otherNow        *servicetest.Instance
	otherSettings   map[string]string
	clients         []*restless
	refused, served atomic.Int64
}

// restless is a client that uses its token at both services and refreshes it every few rounds.
type restless struct {
	rounds atomic.Int64
	token  atomic.Pointer[string]
}

// run works until ctx ends. What is not served (an instance that stops) is asked again, 401 is counted.
func (c *changeover) run(ctx context.Context, r *restless, tk tokens) {
	for ctx.Err() == nil {
		access := tk.Access
		r.token.Store(&access)
		for range 5 {
			for _, target := range []string{c.auth.url + prefix + "/me", c.other.url + "/api/v1/other"} {
				switch status, _ := c.ask(ctx, http.MethodGet, target, tk.Access, ""); status {
				case http.StatusUnauthorized:
					c.refused.Add(1)
				case http.StatusOK, http.StatusNoContent:
					c.served.Add(1)
				}
			}
			r.rounds.Add(1)
			time.Sleep(10 * time.Millisecond) // as people do
		}
		status, body := c.ask(ctx, http.MethodPost, c.auth.url+prefix+"/token", "", refreshGrant(tk.Refresh).Encode())
		switch status {
		case http.StatusOK:
			if err := json.Unmarshal(body, &tk); err != nil {
				c.t.Errorf("the answer to a refresh: %v", err)
				return
			}
		case http.StatusBadRequest: // logged out
			c.refused.Add(1)
			return
		}
	}
}

// ask returns status 0 without an answer.
func (c *changeover) ask(ctx context.Context, method, target, token, form string) (status int, body []byte) {
	request, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(form))
	if err != nil {
		c.t.Errorf("%s: %v", target, err)
		return 0, nil
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = answer.Body.Close() }()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, body
}

// goOn waits until every client has done some rounds more with what runs now, and nobody was refused.
func (c *changeover) goOn(what string) {
	c.t.Helper()
	for _, r := range c.clients {
		before := r.rounds.Load()
		waittest.Until(c.t, what+": the clients go on", func() bool { return r.rounds.Load() > before+12 || c.refused.Load() > 0 })
	}
	require.Zero(c.t, c.refused.Load(), what)
}

// replaceAuth and replaceOther put an instance with other settings in the place of the one that runs.
func (c *changeover) replaceAuth(settings map[string]string) {
	c.t.Helper()
	maps.Copy(c.settings, settings)
	old := c.authNow
	c.authNow = c.start()
	c.auth.lead(c.authNow)
	old.Stop(c.t)
}

func (c *changeover) replaceOther(settings map[string]string) {
	c.t.Helper()
	maps.Copy(c.otherSettings, settings)
	old := c.otherNow
	c.otherNow = servicetest.Start(c.t, otherIdentity, buildOther, c.otherSettings)
	c.eventually("the other service is ready", func() bool {
		return c.otherNow.Client(c.t).Outside().Get("/readyz").Status == http.StatusOK
	})
	c.other.lead(c.otherNow)
	if old != nil {
		old.Stop(c.t)
	}
}

func algorithm(t *testing.T, token string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	require.NoError(t, err)
	return parsed.Method.Alg()
}

// The order is that of docs/operating.md: the other services first, then auth, and the secret taken out when no token of
// its is left.
func TestChangingOverToAPrivateKeyLogsNobodyOut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := &changeover{stand: s, auth: newFront(t), other: newFront(t), authNow: s.Instance}
	c.auth.lead(s.Instance)
	c.settings["LOG_LEVEL"] = "warn"
	c.otherSettings = map[string]string{"LOG_LEVEL": "warn"}
	for _, name := range []string{"MQ_DSN", "REDIS_DSN", "REDIS_PREFIX", "JWT_SECRET_KEY"} {
		c.otherSettings[name] = s.settings[name]
	}
	c.replaceOther(nil)
	apiKey := s.admin().Post("/api-keys", newKey("k", "users:read")).Is(http.StatusCreated).Field("key").(string)

	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for range 4 {
		r := new(restless)
		c.clients = append(c.clients, r)
		tk := s.login("admin_nms", adminPassword)
		running.Go(func() { c.run(ctx, r, tk) })
	}
	c.goOn("with the secret")
	early := *c.clients[0].token.Load()
	require.Equal(t, "HS256", algorithm(t, early))

	// auth signs with its private key from 16 minutes before this on: long enough after its restart here.
	until := time.Now().Add(authn.TokenTTL + time.Minute + 20*time.Second).Format(time.RFC3339)
	c.replaceOther(map[string]string{"JWT_JWKS_URL": c.auth.url + jwksPath, "JWT_HS256_UNTIL": until})
	c.goOn("the other service takes both")
	key := authntest.NewSigningKey(t, authntest.Ed25519)
	c.replaceAuth(map[string]string{"JWT_SIGNING_KEY_FILE": authntest.WriteKeys(t, key), "JWT_HS256_UNTIL": until})
	c.goOn("auth takes both")
	for _, r := range c.clients {
		waittest.Until(t, "auth signs with its private key", func() bool {
			return algorithm(t, *r.token.Load()) == "EdDSA" || c.refused.Load() > 0
		})
	}
	c.goOn("auth signs with its private key")
	useKey := func() int { return c.otherNow.Client(t).Outside().As(apiKey).Get("/api/v1/other").Status }
	require.Equal(t, http.StatusNoContent, useKey())

	without := map[string]string{"JWT_SECRET_KEY": "", "JWT_HS256_UNTIL": ""}
	c.replaceOther(without)
	c.goOn("the other service has no secret")
	c.replaceAuth(without)
	c.goOn("nobody has a secret")
	c.eventually("API keys go on", func() bool { return useKey() == http.StatusNoContent })
	require.Positive(t, c.served.Load())
	for _, target := range []string{c.auth.url + prefix + "/me", c.other.url + "/api/v1/other"} {
		status, _ := c.ask(t.Context(), http.MethodGet, target, early, "")
		require.Equal(t, http.StatusUnauthorized, status, "HS256 is refused, although the token has not expired")
	}
}
