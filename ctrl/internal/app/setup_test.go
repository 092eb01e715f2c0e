package app_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
	"nms.example/ctrl/internal/station"
)

const (
	created       = http.StatusCreated
	ok            = http.StatusOK
	noContent     = http.StatusNoContent
	forbidden     = http.StatusForbidden
	notFound      = http.StatusNotFound
	conflict      = http.StatusConflict
	changed       = http.StatusPreconditionFailed
	unprocessable = http.StatusUnprocessableEntity
)

// object is a body.
type object = map[string]any

// bundle is a running ctrl with its own database, vhost and Redis prefix, and a client that may do everything.
type bundle struct {
	*servicetest.Client // of user 1

	t        testing.TB
	kit      *authntest.Kit
	settings map[string]string
	instance *servicetest.Instance
	url      string // of the process
	pool     *db.Pool[db.NMS]
	dwh      *db.Pool[db.DWH]
	broker   *bustest.Broker
	units    *atomic.Int64 // how many were made
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := prepare(tb, nil)
	b.start()
	return b
}

// prepare makes everything but the instance.
func prepare(tb testing.TB, settings map[string]string) *bundle {
	tb.Helper()
	dsn, values := pgtest.DSN[db.NMS](tb), pgtest.DSN[db.DWH](tb)
	b := &bundle{t: tb, kit: authntest.New(tb), broker: bustest.New(tb), units: new(atomic.Int64)}
	b.settings = map[string]string{
		"ENVIRONMENT": "prod", "DB_NMS_DSN": dsn.Reveal(), "DB_DWH_DSN": values.Reveal(), "MQ_DSN": b.broker.DSN.Reveal(), "REDIS_DSN": redistest.DSN(tb).Reveal(),
		"REDIS_PREFIX": redistest.Prefix(tb), "JWT_SECRET_KEY": b.kit.Secret,
		"CTRL_ALLOWED_NETWORKS": "127.0.0.0/8", "CTRL_SECRETS_DIR": tb.TempDir(), "NOTIFY_ALLOWED_NETWORKS": "127.0.0.1/32",
	}
	maps.Copy(b.settings, settings)
	b.pool, b.dwh = pgtest.Open[db.NMS](tb, db.Settings{DSN: dsn}), pgtest.Open[db.DWH](tb, db.Settings{DSN: values})
	b.insert("INSERT INTO command_toc (name) VALUES ('Reception') RETURNING id")
	for _, name := range []string{"gain", "mode", "level"} {
		b.insert(`INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ($1, 'x', 'x', '{"type":"number"}') RETURNING id`, name)
	}
	b.publish()
	return b
}

// publish tells the services of keys and revocations, as auth does.
func (b *bundle) publish() {
	b.t.Helper()
	b.kit.Publish(b.t, b.redis())
}

func (b *bundle) redis() *redis.Client {
	b.t.Helper()
	return redistest.Open(b.t, redis.Settings{DSN: redistest.DSN(b.t), Prefix: b.settings["REDIS_PREFIX"]})
}

func (b *bundle) start() {
	b.t.Helper()
	b.instance = servicetest.Start(b.t, app.Identity, app.Build, b.settings)
	b.Client = b.instance.Client(b.t).As(b.token(1, authn.AllPermissions))
}

// in is the same service for a subtest.
func (b *bundle) in(tb testing.TB) *bundle {
	tb.Helper()
	other := *b
	other.t = tb
	if b.Client != nil {
		other.Client = b.For(tb)
	}
	return &other
}

func (b *bundle) token(user int64, access authn.Mask) string {
	b.t.Helper()
	claims := authntest.Claims(access)
	claims.UserID, claims.Login = user, "someone"
	return b.kit.Sign(b.t, claims)
}

// as returns a client of another user.
func (b *bundle) as(user int64, access authn.Mask) *servicetest.Client {
	b.t.Helper()
	return b.As(b.token(user, access))
}

func (b *bundle) put(path string, body any, headers ...string) *servicetest.Answer {
	b.t.Helper()
	return b.Call(http.MethodPut, path, body, headers...)
}

// insert runs a statement that returns an id.
func (b *bundle) insert(statement string, args ...any) (id int64) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), statement, args...).Scan(&id))
	return id
}

func (b *bundle) exec(statement string, args ...any) {
	b.t.Helper()
	_, err := b.pool.Exec(b.t.Context(), statement, args...)
	require.NoError(b.t, err)
}

func (b *bundle) secret(name, text string) {
	b.t.Helper()
	require.NoError(b.t, os.WriteFile(filepath.Join(b.settings["CTRL_SECRETS_DIR"], name), []byte(text), 0o600))
}

// total is how many items a list has.
func (b *bundle) total(path string) (total int) {
	b.t.Helper()
	var page struct{ Total int }
	b.Get(path).Is(ok).Into(&page)
	return page.Total
}

// unit is the receiver rx1 of a station of its own, in the catalogue with its commands GAIN, which MODE undoes, and MODE.
type unit struct {
	*bundle

	station   *station.Station
	address   string // of the station
	equipment int64
	gain      int64
	mode      int64
}

// unit makes one that has neither endpoint nor bindings.
func (b *bundle) unit(tb testing.TB) *unit {
	tb.Helper()
	u := &unit{bundle: b.in(tb), station: station.New()}
	listener := listen(tb, "127.0.0.1:0")
	u.address = listener.Addr().String()
	serve(tb, u.station, listener)
	u.equipment = u.insert("INSERT INTO equipment (name, name_full) VALUES ($1, 'Receiver') RETURNING id", fmt.Sprint("rx", b.units.Add(1)))
	command := `INSERT INTO command (equipment_id, toc_id, name, name_full, description)
		VALUES ($1, (SELECT min(id) FROM command_toc), $2, 'x', 'x') RETURNING id`
	u.gain, u.mode = u.insert(command, u.equipment, "GAIN"), u.insert(command, u.equipment, "MODE")
	u.exec("UPDATE command SET undo_cmd_id = $1 WHERE id = $2", u.mode, u.gain)
	u.changed()
	return u
}

// receiver makes a unit whose commands can be sent, with some fields of the binding of GAIN changed.
func (b *bundle) receiver(tb testing.TB, fields object) *unit {
	tb.Helper()
	u := b.unit(tb)
	u.bind(fields)
	return u
}

func (u *unit) bind(fields object) {
	u.t.Helper()
	u.put(of("/endpoints", u.equipment), u.endpoint(nil)).Is(created)
	u.put(of("/command-bindings", u.gain), gainBinding(fields)).Is(created)
	u.put(of("/command-bindings", u.mode), modeBinding(nil)).Is(created)
}

func (u *unit) endpoint(fields object) object {
	return with(object{"driver": "simulator", "address": u.address, "options": object{"device": "rx1"}}, fields)
}

func gainBinding(fields object) object {
	return with(object{
		"driver": "simulator", "template": object{"set": "gain_db", "value": "{gain}"}, "timeout": 60,
		"args_schema": object{"type": "object", "required": []string{"gain"}, "additionalProperties": false,
			"properties": object{"gain": object{"type": "number", "minimum": 0, "maximum": 50, "x-unit": "dB"}}},
		"points":    []any{object{"parameter": "gain", "read": object{"get": "gain_db"}}},
		"verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 2}},
		"undo_args": object{},
	}, fields)
}

func modeBinding(fields object) object {
	return with(object{"driver": "simulator", "template": object{"set": "mode", "value": "on"}, "timeout": 60}, fields)
}

func with(body, fields object) object {
	maps.Copy(body, fields)
	return body
}

type reading struct {
	Parameter string
	Value     any
	Problem   string
}

// issued is a command as the API shows it.
type issued struct {
	ID            uuid.UUID
	CommandID     int64 `json:"command_id"`
	State         string
	Reason        *string
	Wire          string
	Reply         *string
	Sends         int
	Version       int
	ExpiresAt     time.Time `json:"expires_at"`
	MayBeExecuted bool      `json:"may_be_executed"`
	ReadBefore    []reading `json:"read_before"`
	Readback      []reading
	Args          object
	UndoOf        *uuid.UUID `json:"undo_of"`
	Approver      *string
	Steps         []struct {
		State, Event, Actor string
		Detail              *string
	}
}

// events names the steps in their order, but for attempts that could not reach the equipment: a busy machine has those, too.
func (c issued) events() string {
	events := make([]string, len(c.Steps))
	for i, s := range c.Steps {
		events[i] = s.Event
	}
	return strings.ReplaceAll(strings.Join(events, " "), " not_sent send", "")
}

// order is the body of a command that sets the gain.
func (u *unit) order(gain float64) object {
	return object{"id": uuid.New(), "command_id": u.gain, "args": object{"gain": gain}}
}

// sent sends an order and returns the command as it was taken.
func (u *unit) sent(order object) (c issued) {
	u.t.Helper()
	u.Post("/commands", order).Is(created).Into(&c)
	return c
}

func (b *bundle) command(id uuid.UUID) (c issued) {
	b.t.Helper()
	b.Get(at(id)).Is(ok).Into(&c)
	return c
}

// becomes waits until a command is in one of the states.
func (b *bundle) becomes(id uuid.UUID, states ...string) (c issued) {
	b.t.Helper()
	waittest.Until(b.t, "the command becomes "+strings.Join(states, " or "), func() bool {
		c = b.command(id)
		return slices.Contains(states, c.State)
	})
	return c
}

// hold holds the queue, or lets it go on.
func (u *unit) hold(held bool) {
	u.t.Helper()
	u.Patch(of("/queues", u.equipment), object{"held": held}).Is(ok)
}

// sentHeld holds the queue, then sends an order.
func (u *unit) sentHeld(order object) issued {
	u.t.Helper()
	u.hold(true)
	return u.sent(order)
}

func (u *unit) fault(f station.Fault, on bool) {
	u.t.Helper()
	require.NoError(u.t, u.station.SetFault("rx1", f, on))
}

// values are those that were set, in order.
func (u *unit) values() []any {
	values := []any{}
	for _, e := range u.station.Executed() {
		values = append(values, e.Value)
	}
	return values
}

// gains are those that were set of the gain.
func (u *unit) gains() []any {
	gains := []any{}
	for _, e := range u.station.Executed() {
		if e.Name == "gain_db" {
			gains = append(gains, e.Value)
		}
	}
	return gains
}

func listen(tb testing.TB, address string) net.Listener {
	tb.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(tb.Context(), "tcp", address)
	require.NoError(tb, err)
	return listener
}

// serve has a station answer on a listener until the test ends.
func serve(tb testing.TB, s *station.Station, listener net.Listener) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	tb.Cleanup(func() { cancel(); require.NoError(tb, <-ended) })
}

// of is the path of an item of a list.
func of(list string, id int64) string { return fmt.Sprintf("%s/%d", list, id) }

// at is the path of a command, with what is done to it behind.
func at(id uuid.UUID, act ...string) string {
	return strings.Join(append([]string{"/commands", id.String()}, act...), "/")
}

// moment is how a time stands in a body.
func moment(t time.Time) string { return t.Format(time.RFC3339Nano) }

// matching is the header that asks for a version.
func matching(tag string) string { return "If-Match: " + tag }
