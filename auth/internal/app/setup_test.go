package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authntest"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/auth/internal/app"
)

const (
	patience      = waittest.Bound
	adminPassword = "correct horse battery"
	prefix        = "/api/v1/auth"
)

// stand is an auth with a database, a Redis prefix and a virtual host of its own.
type stand struct {
	t        *testing.T
	kit      *authntest.Kit
	settings map[string]string
	dsn      config.PostgresDSN
	redis    *redis.Client
	broker   *bustest.Broker
	*servicetest.Instance

	// from is the address that calls seem to come from, when the service trusts loopback as a proxy.
	from string
}

// settingsFor returns the settings of an auth in that environment; bcrypt is as cheap as it gets.
func settingsFor(t *testing.T) (*stand, map[string]string) {
	t.Helper()
	s := &stand{t: t, kit: authntest.New(t), dsn: pgtest.DSN[db.AUTH](t), broker: bustest.New(t)}
	prefix := redistest.Prefix(t)
	s.redis = redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: prefix})
	s.settings = map[string]string{
		"DB_AUTH_DSN": s.dsn.Reveal(), "MQ_DSN": s.broker.DSN.Reveal(), "REDIS_DSN": redistest.DSN(t).Reveal(),
		"REDIS_PREFIX": prefix, "JWT_SECRET_KEY": s.kit.Secret, "AUTH_ADMIN_PASSWORD": adminPassword,
		"BCRYPT_COST": "4", "BCRYPT_MAX_WAIT": "1m", "DB_MAX_CONNS": "8",
	}
	return s, s.settings
}

func setup(t *testing.T, changes ...map[string]string) *stand {
	t.Helper()
	s, settings := settingsFor(t)
	for _, c := range changes {
		maps.Copy(settings, c)
	}
	s.Instance = s.start()
	return s
}

// start starts one more instance beside the others.
func (s *stand) start() *servicetest.Instance {
	s.t.Helper()
	i := servicetest.Start(s.t, app.Identity, app.Build, s.settings)
	s.eventually("ready", func() bool { return s.status(i.URL, http.MethodGet, "/readyz", "", nil) == http.StatusOK })
	return i
}

func (s *stand) eventually(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		require.True(s.t, time.Now().Before(deadline), "in vain waited for: %s", what)
	}
}

// reply is an answer that has been read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(r.body, v), "%d %s", r.status, r.body)
}

// field returns a member of a JSON object.
func (r reply) field(t *testing.T, name string) any {
	t.Helper()
	var all map[string]any
	r.into(t, &all)
	return all[name]
}

// call sends a request; body is JSON, or a form when it is url.Values.
func (s *stand) call(base, method, path, token string, body any) reply {
	s.t.Helper()
	var content io.Reader
	contentType := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		content, contentType = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case string:
		content, contentType = strings.NewReader(b), "application/json"
	default:
		raw, err := json.Marshal(b)
		require.NoError(s.t, err)
		content, contentType = bytes.NewReader(raw), "application/json"
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, base+path, content)
	require.NoError(s.t, err)
	r.Header.Set("User-Agent", "test")
	if s.from != "" {
		r.Header.Set("X-Forwarded-For", s.from)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	switch {
	case strings.HasPrefix(token, "nms_"):
		r.Header.Set("X-Api-Key", token)
	case token != "":
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, answer.Body.Close()) }()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	return reply{status: answer.StatusCode, header: answer.Header, body: raw}
}

func (s *stand) status(base, method, path, token string, body any) int {
	s.t.Helper()
	return s.call(base, method, path, token, body).status
}

// do calls auth's own API on the first instance and expects a status.
func (s *stand) do(want int, method, path, token string, body any) reply {
	s.t.Helper()
	r := s.call(s.URL, method, prefix+path, token, body)
	require.Equal(s.t, want, r.status, "%s %s: %s", method, path, r.body)
	return r
}

type tokens struct {
	Access     string `json:"access_token"`
	Refresh    string `json:"refresh_token"`
	Type       string `json:"token_type"`
	ExpiresIn  int    `json:"expires_in"`
	MustChange bool   `json:"password_change_required"`
}

func passwordGrant(login, password string) url.Values {
	return url.Values{"grant_type": {"password"}, "username": {login}, "password": {password}}
}

func refreshGrant(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func (s *stand) login(login, password string) tokens {
	s.t.Helper()
	var tk tokens
	s.do(http.StatusOK, http.MethodPost, "/token", "", passwordGrant(login, password)).into(s.t, &tk)
	return tk
}

func (s *stand) admin() string {
	s.t.Helper()
	return s.login("admin_nms", adminPassword).Access
}

// refused checks that a grant is refused with a code of RFC 6749, and with a complete problem.
func (s *stand) refused(form url.Values, code string) reply {
	s.t.Helper()
	r := s.do(http.StatusBadRequest, http.MethodPost, "/token", "", form)
	require.Equal(s.t, code, r.field(s.t, "error"))
	require.Equal(s.t, "application/problem+json", r.header.Get("Content-Type"))
	var p struct{ Errors []struct{ Code string } }
	r.into(s.t, &p)
	require.NotEmpty(s.t, p.Errors)
	require.NotEmpty(s.t, p.Errors[0].Code)
	return r
}

// role makes a role and returns its id.
func (s *stand) role(admin, id string, permissions ...string) string {
	s.t.Helper()
	s.do(http.StatusCreated, http.MethodPost, "/roles", admin, map[string]any{
		"id": id, "description": id, "permissions": append([]string{}, permissions...),
	})
	return id
}

const userPassword = "a password of enough length"

// user makes a user with the role and returns its id.
func (s *stand) user(admin, login, role string) int64 {
	s.t.Helper()
	var made struct{ ID int64 }
	s.do(http.StatusCreated, http.MethodPost, "/users", admin, map[string]any{
		"login": login, "name": login, "password": userPassword, "role_id": role,
	}).into(s.t, &made)
	return made.ID
}
