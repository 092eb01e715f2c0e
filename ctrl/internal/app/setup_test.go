package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
	"nms.example/ctrl/internal/station"
)

// bundle is a running ctrl with its own database, vhost and Redis prefix, a simulated station, and a client.
type bundle struct {
	t        *testing.T
	kit      *authntest.Kit
	settings map[string]string
	instance *servicetest.Instance
	url      string // of the API, without a slash at the end
	token    string // of user 1, who may do everything
	pool     *db.Pool[db.NMS]
	values   *db.Pool[db.DWH]
	station  *station.Station
	address  string // of the station

	equipment int64 // a receiver of the station, rx1
	gain      int64 // its command "gain", undone by itself
	mode      int64 // its command "mode"
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := prepare(t, nil)
	b.start()
	return b
}

// prepare makes everything but the instance.
func prepare(t *testing.T, settings map[string]string) *bundle {
	t.Helper()
	dsn, values := pgtest.DSN[db.NMS](t), pgtest.DSN[db.DWH](t)
	b := &bundle{t: t, kit: authntest.New(t), station: station.New()}
	b.settings = map[string]string{
		"ENVIRONMENT": "prod", "DB_NMS_DSN": dsn.Reveal(), "DB_DWH_DSN": values.Reveal(), "MQ_DSN": bustest.New(t).DSN.Reveal(), "REDIS_DSN": redistest.DSN(t).Reveal(),
		"REDIS_PREFIX": redistest.Prefix(t), "JWT_SECRET_KEY": b.kit.Secret, "DB_MAX_CONNS": "8",
		"CTRL_ALLOWED_NETWORKS": "127.0.0.0/8", "CTRL_SECRETS_DIR": t.TempDir(),
	}
	maps.Copy(b.settings, settings)
	b.pool, b.values = pgtest.Open[db.NMS](t, db.Settings{DSN: dsn}), pgtest.Open[db.DWH](t, db.Settings{DSN: values})
	b.token = b.tokenOf(1, authn.AllPermissions)
	b.address = b.serve(b.station)
	b.catalogue()
	return b
}

func (b *bundle) start() {
	b.t.Helper()
	b.instance = servicetest.Start(b.t, app.Identity, app.Build, b.settings)
	b.url = b.instance.URL + "/api/v1/ctrl"
}

// serve has a station listen and returns its address.
func (b *bundle) serve(s *station.Station) string {
	b.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(b.t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b.t, err)
	b.listen(s, listener)
	return listener.Addr().String()
}

func (b *bundle) listen(s *station.Station, listener net.Listener) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	b.t.Cleanup(func() { cancel(); require.NoError(b.t, <-ended) })
}

// catalogue fills the catalogues of cfg as far as these tests need them.
func (b *bundle) catalogue() {
	b.t.Helper()
	one := func(to *int64, statement string, args ...any) {
		b.t.Helper()
		require.NoError(b.t, b.pool.QueryRow(b.t.Context(), statement, args...).Scan(to))
	}
	var section, parameter int64
	one(&b.equipment, "INSERT INTO equipment (name, name_full) VALUES ('rx1', 'Receiver 1') RETURNING id")
	one(&section, "INSERT INTO command_toc (name) VALUES ('Reception') RETURNING id")
	command := "INSERT INTO command (equipment_id, toc_id, name, name_full, description) VALUES ($1, $2, $3, 'x', 'x') RETURNING id"
	one(&b.gain, command, b.equipment, section, "GAIN")
	one(&b.mode, command, b.equipment, section, "MODE")
	for _, name := range []string{"gain", "mode", "level"} {
		one(&parameter, `INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ($1, 'x', 'x', '{"type":"number"}') RETURNING id`, name)
	}
	_, err := b.pool.Exec(b.t.Context(), "UPDATE command SET undo_cmd_id = $1 WHERE id = $2", b.mode, b.gain)
	require.NoError(b.t, err)
}

// equipmentWith makes further equipment of the station with its endpoint and a bound gain command.
func (b *bundle) equipmentWith(device string) (equipment, gain int64) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "INSERT INTO equipment (name, name_full) VALUES ($1, 'x') RETURNING id", device).Scan(&equipment))
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), `INSERT INTO command (equipment_id, toc_id, name, name_full, description)
		VALUES ($1, (SELECT min(id) FROM command_toc), 'GAIN', 'x', 'x') RETURNING id`, equipment).Scan(&gain))
	b.put(path("/endpoints/", equipment), map[string]any{"driver": "simulator", "address": b.address, "options": map[string]any{"device": device}}).is(http.StatusCreated)
	b.put(path("/command-bindings/", gain), gainBinding(nil)).is(http.StatusCreated)
	return equipment, gain
}

// gainBinding is the body of a binding that sets the gain, with some fields changed.
func gainBinding(changed map[string]any) map[string]any {
	body := map[string]any{
		"driver": "simulator", "template": map[string]any{"set": "gain_db", "value": "{gain}"}, "timeout": 20,
		"args_schema": map[string]any{"type": "object", "required": []string{"gain"}, "additionalProperties": false,
			"properties": map[string]any{"gain": map[string]any{"type": "number", "minimum": 0, "maximum": 50, "x-unit": "dB"}}},
		"points":    []any{map[string]any{"parameter": "gain", "read": map[string]any{"get": "gain_db"}}},
		"verifiers": []any{map[string]any{"parameter": "gain", "op": "eq", "arg": "gain", "within": 2}},
		"undo_args": map[string]any{},
	}
	maps.Copy(body, changed)
	return body
}

// bound sets up rx1 with its endpoint and bindings.
func (b *bundle) bound(changed map[string]any) {
	b.t.Helper()
	b.put(path("/endpoints/", b.equipment), map[string]any{
		"driver": "simulator", "address": b.address, "options": map[string]any{"device": "rx1"},
	}).is(http.StatusCreated)
	b.put(path("/command-bindings/", b.gain), gainBinding(changed)).is(http.StatusCreated)
	b.put(path("/command-bindings/", b.mode), map[string]any{
		"driver": "simulator", "template": map[string]any{"set": "mode", "value": "on"}, "timeout": 20,
	}).is(http.StatusCreated)
}

// issued is a command as the API shows it.
type issued struct {
	ID            uuid.UUID
	State         string
	Reason        *string
	Wire          string
	Reply         *string
	Sends         int
	Version       int
	MayBeExecuted bool `json:"may_be_executed"`
	Readback      []struct {
		Parameter string
		Value     any
	}
	Args     json.RawMessage
	UndoOf   *uuid.UUID `json:"undo_of"`
	Approver *string
	Steps    []struct {
		State, Event, Actor string
		Detail              *string
	}
}

// order is the body of a command that sets the gain.
func (b *bundle) order(gain float64) map[string]any {
	return map[string]any{"id": uuid.New(), "command_id": b.gain, "args": map[string]any{"gain": gain}}
}

// sent sends an order and returns the command as it was taken.
func (b *bundle) sent(order map[string]any) (c issued) {
	b.t.Helper()
	b.post("/commands", order).is(http.StatusCreated).into(&c)
	return c
}

func (b *bundle) command(id uuid.UUID) (c issued) {
	b.t.Helper()
	b.get("/commands/" + id.String()).is(http.StatusOK).into(&c)
	return c
}

// becomes waits until a command is in one of the states.
func (b *bundle) becomes(id uuid.UUID, states ...string) (c issued) {
	b.t.Helper()
	waittest.Until(b.t, "the command becomes "+strings.Join(states, " or "), func() bool {
		c = b.command(id)
		for _, state := range states {
			if c.State == state {
				return true
			}
		}
		return false
	})
	return c
}

func (c issued) events() string {
	events := make([]string, len(c.Steps))
	for i, s := range c.Steps {
		events[i] = s.Event
	}
	return strings.Join(events, " ")
}

func (b *bundle) tokenOf(user int64, access authn.Mask) string {
	b.t.Helper()
	claims := authntest.Claims(access)
	claims.UserID, claims.Login = user, "someone"
	return b.kit.Sign(b.t, claims)
}

// as returns a client of another user.
func (b *bundle) as(user int64, access authn.Mask) *bundle {
	other := *b
	other.token = b.tokenOf(user, access)
	return &other
}

func (b *bundle) secret(name, text string) {
	b.t.Helper()
	require.NoError(b.t, os.WriteFile(filepath.Join(b.settings["CTRL_SECRETS_DIR"], name), []byte(text), 0o600))
}

var client = &http.Client{Timeout: waittest.Bound}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// call sends a request with a body of JSON unless it is nil. headers are "Name: value".
func (b *bundle) call(method, path string, body any, headers ...string) *answer {
	b.t.Helper()
	if body == nil {
		return b.raw(method, path, nil, headers...)
	}
	raw, err := json.Marshal(body)
	require.NoError(b.t, err)
	return b.raw(method, path, raw, append(headers, "Content-Type: application/json")...)
}

// raw is call with a body as it is.
func (b *bundle) raw(method, path string, body []byte, headers ...string) *answer {
	b.t.Helper()
	var reader io.Reader = http.NoBody
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, reader)
	require.NoError(b.t, err)
	req.Header.Set("Authorization", "Bearer "+b.token)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	require.NoError(b.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return &answer{t: b.t, status: resp.StatusCode, header: resp.Header, body: raw}
}

func (b *bundle) get(path string, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodGet, path, nil, headers...)
}

func (b *bundle) post(path string, body any, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodPost, path, body, headers...)
}

func (b *bundle) put(path string, body any, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodPut, path, body, headers...)
}

func (b *bundle) patch(path string, body any, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodPatch, path, body, headers...)
}

func (b *bundle) delete(path string, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodDelete, path, nil, headers...)
}

// is checks the status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

func (a *answer) into(v any) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.body, v), "%s", a.body)
}

// refused checks the status, and that one reason has the place and the code, "place code".
func (a *answer) refused(status int, reason string) *answer {
	a.t.Helper()
	a.is(status)
	var p api.Problem
	a.into(&p)
	reasons := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		reasons[i] = strings.TrimSpace(e.Location + " " + string(e.Code))
	}
	require.Contains(a.t, reasons, reason, "%s", a.body)
	return a
}

func path(prefix string, id int64) string { return prefix + jsonOf(id) }

func jsonOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// moment is how a time stands in a body.
func moment(t time.Time) string { return t.Format(time.RFC3339Nano) }
