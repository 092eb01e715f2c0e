package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/request"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/station"
)

// fixture is a dispatcher's term that does nothing by itself, in a database of its own, and a station.
type fixture struct {
	*term

	t        *testing.T
	pool     *db.Pool[db.NMS]
	station  *station.Station
	address  string         // of the station
	withdraw map[int64]bool // users whose permissions were withdrawn
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, pool: pgtest.New[db.NMS](t), station: station.New(), withdraw: map[int64]bool{}}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- f.station.Serve(ctx, listener) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	f.exec("INSERT INTO command_toc (name) VALUES ('Reception')")
	ctx = request.WithActor(context.WithoutCancel(t.Context()), "service:ctrl")
	f.term = newTerm(ctx, ctx, f.dispatcher(), uuid.New())
	return f
}

// dispatcher makes another one on the same database.
func (f *fixture) dispatcher() *Dispatcher {
	writer := change.NewWriter(f.pool, event.NewCatalogue("ctrl", command.EventCreated, command.EventUpdated), change.Options[db.NMS]{})
	drivers := driver.NewSet(driver.Networks{netip.MustParsePrefix("127.0.0.0/8")})
	endpoints := endpoint.New(writer, drivers, driver.NewSecrets(f.t.TempDir()))
	return New(writer, command.New(writer, drivers, endpoints), endpoints, Options{
		Workers: 8, Logger: slog.New(slog.DiscardHandler), Known: func(context.Context) error { return nil },
		Stands: func(h authn.Holder, _ authn.Mask) bool { return !f.withdraw[h.UserID] },
	})
}

func (f *fixture) exec(statement string, args ...any) {
	f.t.Helper()
	_, err := f.pool.Exec(f.t.Context(), statement, args...)
	require.NoError(f.t, err)
}

// unit is a receiver with a command that sets its gain.
type unit struct {
	equipment, command int64
}

func (f *fixture) unit() (u unit) {
	f.t.Helper()
	err := f.pool.QueryRow(f.t.Context(), `WITH e AS (
		INSERT INTO equipment (name, name_full) SELECT 'rx' || (SELECT count(*) FROM equipment), 'x' RETURNING id
	) INSERT INTO command (equipment_id, toc_id, name, name_full, description)
		SELECT e.id, (SELECT min(id) FROM command_toc), 'GAIN' || e.id, 'x', 'x' FROM e RETURNING equipment_id, id`).Scan(&u.equipment, &u.command)
	require.NoError(f.t, err)
	f.exec("INSERT INTO endpoint (equipment_id, driver, address, options) VALUES ($1, 'simulator', $2, $3)", u.equipment, f.address, json.RawMessage(`{"device":"rx1"}`))
	f.exec(`INSERT INTO command_binding (command_id, driver, template, args_schema, hazardous, approvals, ttl, timeout, idempotent, points, preconditions, verifiers)
		VALUES ($1, 'simulator', '{"set":"gain_db","value":"{gain}"}', '{"type":"object","properties":{"gain":{"type":"number"}},"required":["gain"]}', false, 0, 3600, 30, false,
		'[{"parameter":"gain","read":{"get":"gain_db"}}]', '[]', '[{"parameter":"gain","op":"eq","arg":"gain","within":1}]')`, u.command)
	return u
}

// sent sends a command of a user.
func (f *fixture) sent(u unit, gain int, user int64) uuid.UUID {
	f.t.Helper()
	subject := fmt.Sprint("user:", user)
	who := &authn.Principal{Kind: authn.User, Subject: subject, UserID: user, Login: "someone", Access: authn.AllPermissions}
	c, created, err := f.commands.Send(request.WithActor(f.t.Context(), subject), who, command.Order{
		ID: uuid.New(), CommandID: u.command, Args: json.RawMessage(fmt.Sprintf(`{"gain":%d}`, gain)),
	}, false)
	require.NoError(f.t, err)
	require.True(f.t, created)
	return c.ID
}

// released prepares the claim of the first command of each queue.
func (f *fixture) released(units ...unit) []*writing {
	f.t.Helper()
	questions := make([]*question, len(units))
	for i, u := range units {
		questions[i] = &question{equipment: u.equipment}
	}
	f.answerAll(f.t.Context(), questions)
	claims := make([]*writing, len(units))
	for i, one := range questions {
		require.NoError(f.t, one.err)
		require.NotNil(f.t, one.head)
		holder, err := holderOf(one.head.IssuedCommand.SenderHolder)
		require.NoError(f.t, err)
		j, why, err := f.prepare(one.head, holder)
		require.NoError(f.t, err)
		require.Empty(f.t, why)
		send, err := f.sending(j)
		require.NoError(f.t, err)
		claims[i] = &writing{job: j, claim: true, steps: []command.Move{send}}
	}
	return claims
}

func (f *fixture) command(id uuid.UUID) nmsdb.IssuedCommand {
	f.t.Helper()
	row, err := nmsdb.New(f.pool).CommandGet(f.t.Context(), id)
	require.NoError(f.t, err)
	return row
}

// transactions counts those in which the steps of an event were made.
func (f *fixture) transactions(e command.Event) (n int) {
	f.t.Helper()
	require.NoError(f.t, f.pool.QueryRow(f.t.Context(), "SELECT count(DISTINCT xmin::text) FROM issued_command_step WHERE event = $1", string(e)).Scan(&n))
	return n
}

// locked holds what a statement locks until the test ends, or the returned function is called.
func (f *fixture) locked(statement string, args ...any) (free func()) {
	f.t.Helper()
	taken, freed, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- f.pool.InTx(context.WithoutCancel(f.t.Context()), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
			if _, err := tx.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, statement, args...); err != nil {
				return err
			}
			close(taken)
			<-freed
			return nil
		})
	}()
	select {
	case <-taken:
	case err := <-ended:
		require.NoError(f.t, err)
	}
	free = sync.OnceFunc(func() { close(freed); require.NoError(f.t, <-ended) })
	f.t.Cleanup(free)
	return free
}
