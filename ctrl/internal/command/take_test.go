package command

import (
	"context"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/request"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
)

// catalogue is commands of receivers that can be sent, in a database of its own.
type catalogue struct {
	*Commands

	t    *testing.T
	pool *db.Pool[db.NMS]
}

func setup(t *testing.T) *catalogue {
	t.Helper()
	pool := pgtest.New[db.NMS](t)
	writer := change.NewWriter(pool, event.NewCatalogue("ctrl", EventCreated, EventUpdated), change.Options[db.NMS]{})
	drivers := driver.NewSet(driver.Networks{netip.MustParsePrefix("127.0.0.0/8")})
	_, err := pool.Exec(t.Context(), "INSERT INTO command_toc (name) VALUES ('Reception')")
	require.NoError(t, err)
	return &catalogue{Commands: New(writer, drivers, endpoint.New(writer, drivers, driver.NewSecrets(t.TempDir()))), t: t, pool: pool}
}

// add makes equipment with a command that takes a number, and its queue, and returns the command.
func (c *catalogue) add(approvals int) (id int64) {
	c.t.Helper()
	err := c.pool.QueryRow(c.t.Context(), `WITH e AS (
		INSERT INTO equipment (name, name_full) SELECT 'rx' || (SELECT count(*) FROM equipment), 'x' RETURNING id
	) INSERT INTO command (equipment_id, toc_id, name, name_full, description)
		SELECT e.id, (SELECT min(id) FROM command_toc), 'SET' || e.id, 'x', 'x' FROM e RETURNING id`).Scan(&id)
	require.NoError(c.t, err)
	c.exec(`INSERT INTO endpoint (equipment_id, driver, address, options)
		SELECT equipment_id, 'simulator', '127.0.0.1:1', '{"device":"rx1"}' FROM command WHERE id = $1`, id)
	c.exec(`INSERT INTO command_binding (command_id, driver, template, args_schema, hazardous, approvals, ttl, timeout, idempotent, points, preconditions, verifiers)
		VALUES ($1, 'simulator', '{"set":"x","value":"{n}"}', '{"type":"object","properties":{"n":{"type":"number","maximum":9}},"required":["n"]}', false, $2, 60, 1, false,
		'[]', '[]', '[]')`, id, approvals)
	c.exec("INSERT INTO command_queue (equipment_id) SELECT equipment_id FROM command WHERE id = $1", id)
	return id
}

func (c *catalogue) exec(statement string, args ...any) {
	c.t.Helper()
	_, err := c.pool.Exec(c.t.Context(), statement, args...)
	require.NoError(c.t, err)
}

// order is one of a user's for a command, with a number.
func (c *catalogue) order(commandID int64, user, number string) *taking {
	c.t.Helper()
	o := Order{ID: uuid.New(), CommandID: commandID, Args: json.RawMessage(`{"n":` + number + `}`)}
	hash, err := o.hash(user)
	require.NoError(c.t, err)
	return &taking{ctx: request.WithID(request.WithActor(c.t.Context(), user), "request of "+user), order: o, hash: hash,
		who: &authn.Principal{Kind: authn.User, Subject: user, Login: "someone", Access: authn.AllPermissions}}
}

// text runs a statement that returns one.
func (c *catalogue) text(statement string, args ...any) (text string) {
	c.t.Helper()
	require.NoError(c.t, c.pool.QueryRow(c.t.Context(), statement, args...).Scan(&text))
	return text
}

func TestOrdersShareATransaction(t *testing.T) {
	t.Parallel()
	c := setup(t)
	one, other, approved := c.add(0), c.add(0), c.add(1)
	var told []int64
	c.Follow(func(equipmentID int64) { told = append(told, equipmentID) })
	batch := []*taking{c.order(one, "user:3", "1"), c.order(other, "user:2", "2"), c.order(one, "user:1", "3"), c.order(approved, "user:4", "4")}
	c.takeAll(batch[0].ctx, batch)
	for _, taken := range batch {
		require.True(t, taken.taken)
		require.NoError(t, taken.err)
		shown, err := c.Get(t.Context(), taken.order.ID)
		require.NoError(t, err)
		require.Equal(t, shown, taken.command)
		require.JSONEq(t, string(taken.order.Args), string(shown.Args))
		require.Equal(t, taken.who.Subject, shown.Sender)
		require.Equal(t, taken.who.Subject, c.text("SELECT actor FROM issued_command_step WHERE issued_command = $1 AND event = 'create'", shown.ID))
	}
	require.Equal(t, AwaitingApproval, batch[3].command.State)
	require.Equal(t, "1", c.text("SELECT count(DISTINCT xmin::text)::text FROM issued_command"))
	require.Equal(t, "user:3 user:2 user:1", c.text("SELECT string_agg(sender, ' ' ORDER BY place) FROM issued_command WHERE state = 'queued'"), "in their order")
	require.Len(t, told, 3, "but of the one that waits for an approval")

	// Each event is of its own call, whoever wrote it.
	rows, err := c.pool.Query(t.Context(), "SELECT event FROM outbox")
	require.NoError(t, err)
	raw, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	require.NoError(t, err)
	requests := map[string]string{}
	for _, message := range raw {
		events, err := event.Parse("", message)
		require.NoError(t, err)
		for _, e := range events {
			requests[e.Subject] = e.Actor + ": " + e.RequestID
		}
	}
	for _, taken := range batch {
		require.Equal(t, taken.who.Subject+": request of "+taken.who.Subject, requests[taken.order.ID.String()])
	}
}

// Whatever keeps one order from being taken with the others, these are taken; what is to be said of it is said by itself.
func TestAnOrderThatIsNotTakenTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	c := setup(t)
	fine, locked, busy, gone, unbound, unqueued, refused := c.add(0), c.add(0), c.add(0), c.add(0), c.add(0), c.add(0), c.add(0)
	c.exec("UPDATE endpoint SET admin_state = 'locked' WHERE equipment_id = (SELECT equipment_id FROM command WHERE id = $1)", locked)
	c.exec("UPDATE command SET archived_at = now() WHERE id = $1", gone)
	c.exec("DELETE FROM command_binding WHERE command_id = $1", unbound)
	c.exec("DELETE FROM command_queue WHERE equipment_id = (SELECT equipment_id FROM command WHERE id = $1)", unqueued)
	c.exec(`CREATE FUNCTION provoke() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE check_violation USING MESSAGE = 'provoked by a test'; END $$`)
	c.exec("CREATE TRIGGER provoke BEFORE INSERT ON issued_command FOR EACH ROW WHEN (NEW.args = '{\"n\": 8}') EXECUTE FUNCTION provoke()")

	first, last := c.order(fine, "user:1", "1"), c.order(fine, "user:1", "2")
	twice, known := c.order(fine, "user:1", "3"), c.order(fine, "user:1", "4")
	twice.order.ID = first.order.ID
	who := known.who
	_, created, err := c.Send(t.Context(), who, known.order, false)
	require.NoError(t, err)
	require.True(t, created)
	batch := map[string]*taking{
		"the endpoint is locked":            c.order(locked, "user:1", "1"),
		"somebody is at its queue":          c.order(busy, "user:1", "1"),
		"the command is archived":           c.order(gone, "user:1", "1"),
		"the command has no binding":        c.order(unbound, "user:1", "1"),
		"the queue is not there yet":        c.order(unqueued, "user:1", "1"),
		"the database refuses it":           c.order(refused, "user:1", "8"),
		"an argument is refused":            c.order(fine, "user:1", "10"),
		"another one with its id is before": twice,
		"its id is known":                   known,
	}
	all := []*taking{first}
	for _, one := range batch {
		all = append(all, one)
	}
	all = append(all, last)
	err = c.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
		_, err := tx.Exec(ctx, "SELECT FROM command_queue WHERE equipment_id = (SELECT equipment_id FROM command WHERE id = $1) FOR NO KEY UPDATE", busy)
		c.takeAll(t.Context(), all)
		return err
	})
	require.NoError(t, err)
	require.True(t, first.taken)
	require.True(t, last.taken)
	for name, one := range batch {
		require.False(t, one.taken, name)
	}
	require.Equal(t, "3", c.text("SELECT count(*)::text FROM issued_command"))

	for name, want := range map[string]error{
		"the endpoint is locked": ErrLocked, "the command is archived": ErrCatalogue, "the command has no binding": ErrUnbound, "somebody is at its queue": nil,
		"the queue is not there yet": nil, "another one with its id is before": ErrTaken, "its id is known": nil,
	} {
		one := batch[name]
		_, created, err := c.Send(one.ctx, one.who, one.order, false)
		require.ErrorIs(t, err, want, name)
		require.Equal(t, want == nil && name != "its id is known", created, name)
	}
	_, _, err = c.Send(t.Context(), who, batch["the database refuses it"].order, false)
	require.ErrorIs(t, err, db.ErrBounds)
	_, _, err = c.Send(t.Context(), who, batch["an argument is refused"].order, false)
	require.Error(t, err)
}
