package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
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
	kit      *authntest.Kit
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
	return &bundle{
		t: t, dsn: dsn, broker: broker, conn: broker.Dial(), kit: authntest.WithSecret(t, secret),
		pool: pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}}),
		settings: map[string]string{
			"DB_ADMIN_DSN": dsn.Reveal(), "MQ_DSN": broker.DSN.Reveal(),
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
	claims := authntest.Claims(access)
	claims.UserID, claims.Login, claims.Role = 7, "operator", "operator"
	return b.kit.Sign(b.t, claims)
}

// client calls admin as an administrator.
func (b *bundle) client() *servicetest.Client {
	return b.admin.Client(b.t).As(b.token(authn.AllPermissions))
}

// in is the same service for a subtest.
func (b *bundle) in(t *testing.T) *bundle {
	t.Helper()
	other := *b
	other.t = t
	return &other
}

// get reads a representation with status 200 into v.
func (b *bundle) get(path string, v any) {
	b.t.Helper()
	b.client().Get(path).Is(http.StatusOK).Into(v)
}

type item struct {
	ID, Type, Source, Subject, Actor string
	ActorLogin                       string `json:"actor_login"`
	RequestID                        string `json:"request_id"`
	Time                             time.Time
	Before, After, Data              json.RawMessage
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
