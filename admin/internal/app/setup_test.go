package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/admin/internal/app"
)

const (
	secret   = "a key for tests that is long enough for HS256"
	base     = "/api/v1/admin"
	patience = waittest.Bound
)

type bundle struct {
	t        *testing.T
	admin    *servicetest.Instance
	settings map[string]string
	dsn      config.PostgresDSN
	pool     *db.Pool[db.ADMIN] // the owner's, beside the service's own
	broker   *bustest.Broker
	conn     *bus.Conn
	keyring  *authn.Keyring
}

// setup runs admin on a database, a virtual host and a Redis prefix of its own.
func setup(t *testing.T) *bundle {
	t.Helper()
	b := prepare(t)
	b.admin = b.start()
	return b
}

func prepare(t *testing.T) *bundle {
	t.Helper()
	dsn, broker := pgtest.DSN[db.ADMIN](t), bustest.New(t)
	var key config.Secret
	require.NoError(t, key.Decode(secret))
	keyring, err := authn.NewKeyring(authn.Settings{SecretKey: key, Issuer: "nms-auth", Audience: "nms"})
	require.NoError(t, err)
	return &bundle{
		t: t, dsn: dsn, broker: broker, conn: broker.Dial(), keyring: keyring,
		pool: pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}}),
		settings: map[string]string{
			"DB_ADMIN_DSN": dsn.Reveal(), "DB_MAX_CONNS": "4", "MQ_DSN": broker.DSN.Reveal(),
			"REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": redistest.Prefix(t), "JWT_SECRET_KEY": secret,
		},
	}
}

// start runs a further instance.
func (b *bundle) start() *servicetest.Instance {
	b.t.Helper()
	return servicetest.Start(b.t, app.Identity, app.Build, b.settings)
}

// token makes an access token of user 7.
func (b *bundle) token(access authn.Mask) string {
	b.t.Helper()
	token, _, err := b.keyring.Sign(authn.Claims{
		UserID: 7, Login: "operator", Role: "operator", Access: access, SessionID: uuid.New(),
	})
	require.NoError(b.t, err)
	return token
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// call makes a request as an administrator.
func (b *bundle) call(method, path string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.admin.URL+base+path, http.NoBody)
	require.NoError(b.t, err)
	req.Header.Set("Authorization", "Bearer "+b.token(authn.AllPermissions))
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return answer{resp.StatusCode, resp.Header, body}
}

// get reads a representation with status 200 into v.
func (b *bundle) get(path string, v any) {
	b.t.Helper()
	a := b.call(http.MethodGet, path)
	require.Equal(b.t, http.StatusOK, a.status, "%s", a.body)
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	require.NoError(b.t, decoder.Decode(v), "%s", a.body)
}

// problem expects a refusal at a place of the request.
func (b *bundle) problem(method, path string, status int, location string) {
	b.t.Helper()
	a := b.call(method, path)
	require.Equal(b.t, status, a.status, "%s %s: %s", method, path, a.body)
	p := apitest.Problem(b.t, a.header, a.body, status)
	require.Equal(b.t, location, p.Errors[0].Location, "%s %s", method, path)
}

type item struct {
	ID, Type, Source, Subject, Actor, ActorLogin, RequestID string
	Time                                                    time.Time
	Before, After, Data                                     json.RawMessage
}

// UnmarshalJSON knows the names with an underscore.
func (i *item) UnmarshalJSON(data []byte) error {
	type plain item
	data = bytes.ReplaceAll(data, []byte(`"actor_login"`), []byte(`"actorlogin"`))
	return json.Unmarshal(bytes.ReplaceAll(data, []byte(`"request_id"`), []byte(`"requestid"`)), (*plain)(i))
}

type page struct {
	Page, Limit int
	Total       int64
	Params      map[string]any
	Content     []item
	Next        string
}

func (p page) subjects() string {
	var s []string
	for _, e := range p.Content {
		s = append(s, e.Subject)
	}
	return strings.Join(s, " ")
}

func (b *bundle) events(query string) (p page) {
	b.t.Helper()
	b.get("/events?"+query, &p)
	return p
}

// journalled waits until the journal holds n events.
func (b *bundle) journalled(n int64) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return b.count("event") == n }, patience, 20*time.Millisecond,
		"events in the journal: want %d", n)
}

func (b *bundle) count(table string) (n int64) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// publish sends events when the journal's queue is there.
func (b *bundle) publish(events ...event.Event) {
	b.t.Helper()
	b.broker.AwaitBinding("admin.journal", 1)
	require.NoError(b.t, b.conn.Publisher().Publish(b.t.Context(), events...))
}

// change makes an event of user 1 about an entity.
func change(kind, subject string, at time.Time, before, after any) event.Event {
	e, err := event.DeclareUpdate[any](kind, "").New(subject, before, after)
	if err != nil {
		panic(err)
	}
	e.Time, e.Actor, e.RequestID = at, "user:1", "request-"+subject
	return e
}
