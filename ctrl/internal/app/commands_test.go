package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"

	"nms.example/ctrl/internal/station"
)

func TestACommandIsSentVerifiedAndUndone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	c := b.sent(b.order(12.5))
	require.Equal(t, "set gain_db 12.5", c.Wire)
	c = b.becomes(c.ID, "succeeded")
	require.Equal(t, "create send accept verify confirm", c.events())
	require.Equal(t, "user:1", c.Steps[0].Actor)
	require.Equal(t, "service:ctrl", c.Steps[1].Actor)
	require.Equal(t, 1, c.Sends)
	require.Equal(t, "ok", *c.Reply)
	require.InDelta(t, 12.5, c.Readback[0].Value, 0)
	require.Equal(t, []station.Execution{{Device: "rx1", Name: "gain_db", Value: 12.5}}, b.station.Executed())

	t.Run("the catalogue's undo command undoes it", func(t *testing.T) {
		var undo issued
		body := map[string]any{"id": uuid.New()}
		b.post("/commands/"+c.ID.String()+"/undo", body).is(http.StatusCreated).into(&undo)
		require.Equal(t, c.ID, *undo.UndoOf)
		require.Equal(t, `set mode "on"`, undo.Wire)
		require.Equal(t, "create send accept complete", b.becomes(undo.ID, "succeeded").events(), "without verifiers nothing is looked for")
		b.post("/commands/"+c.ID.String()+"/undo", body).is(http.StatusOK)
		b.post("/commands/"+undo.ID.String()+"/undo", map[string]any{"id": uuid.New()}).refused(http.StatusConflict, "path.id no_undo")
	})
}

func TestTheSameCommandIsTakenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	order := b.order(3)
	c := b.sent(order)
	var again issued
	b.post("/commands", order).is(http.StatusOK).into(&again)
	require.Equal(t, c.ID, again.ID)
	b.becomes(c.ID, "succeeded")
	b.post("/commands", order).is(http.StatusOK)
	b.as(2, authn.AllPermissions).post("/commands", order).refused(http.StatusConflict, "body.id guid_taken")
	order["args"] = map[string]any{"gain": 4}
	b.post("/commands", order).refused(http.StatusConflict, "body.id guid_taken")
	require.Len(t, b.station.Executed(), 1)

	t.Run("also when it comes many times at once", func(t *testing.T) {
		order := b.order(5)
		statuses := make(chan int, 8)
		for range cap(statuses) {
			go func() { statuses <- b.post("/commands", order).status }()
		}
		created := 0
		for range cap(statuses) {
			if status := <-statuses; status == http.StatusCreated {
				created++
			} else {
				require.Equal(t, http.StatusOK, status)
			}
		}
		require.Equal(t, 1, created)
		b.becomes(order["id"].(uuid.UUID), "succeeded")
		require.Len(t, b.station.Executed(), 2)
	})
}

func TestADryRunShowsTheWireAndSendsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	order := b.order(3)
	var c issued
	b.post("/commands?dry-run=true", order).is(http.StatusOK).into(&c)
	require.Equal(t, "set gain_db 3", c.Wire)
	require.Equal(t, "queued", c.State)
	b.get("/commands/"+c.ID.String()).refused(http.StatusNotFound, "path.id not_found")
	order["args"] = map[string]any{"gain": 51}
	b.post("/commands?dry-run=true", order).refused(http.StatusUnprocessableEntity, "body.args.gain above_maximum")
	require.Empty(t, b.station.Executed())
}

func TestArgumentsAreRefusedWithFieldAndUnit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	for args, reason := range map[string]string{
		`{"gain": 50.5}`:                        "body.args.gain above_maximum",
		`{"gain": "12"}`:                        "body.args.gain wrong_type",
		`{"gain": {"value": 1, "unit": "dBm"}}`: "body.args.gain.unit wrong_unit",
		`{"gain": {"value": 99, "unit": "dB"}}`: "body.args.gain above_maximum",
		`{"gain": {"value": 1}}`:                "body.args.gain wrong_type",
		`{}`:                                    "body.args required",
		`{"gain": 1, "more": 2}`:                "body.args unknown_field",
		`[1]`:                                   "body.args wrong_type",
		`null`:                                  "body.args wrong_type",
	} {
		a := b.post("/commands", map[string]any{"id": uuid.New(), "command_id": b.gain, "args": rawJSON(args)})
		a.refused(http.StatusUnprocessableEntity, reason)
		if strings.Contains(reason, "maximum") {
			require.Contains(t, string(a.body), "must be at most 50 (dB)")
		}
	}
	c := b.sent(map[string]any{"id": uuid.New(), "command_id": b.gain, "args": rawJSON(`{"gain": {"unit": "dB", "value": 7}}`)})
	require.JSONEq(t, `{"gain": 7}`, string(c.Args))
	require.Equal(t, "set gain_db 7", c.Wire)
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	send := func() *answer { return b.post("/commands", b.order(1)) }
	b.post("/commands", map[string]any{"id": uuid.New(), "command_id": 99}).refused(http.StatusConflict, "body.command_id reference_missing")
	send().refused(http.StatusConflict, "body.command_id not_bound")
	b.put(path("/command-bindings/", b.gain), gainBinding(nil)).is(http.StatusCreated)
	send().refused(http.StatusConflict, "body.command_id no_endpoint")
	b.put(path("/endpoints/", b.equipment), map[string]any{"driver": "scpi", "address": b.address}).is(http.StatusCreated)
	send().refused(http.StatusConflict, "body.command_id no_endpoint")
	endpoint := map[string]any{"driver": "simulator", "address": b.address, "options": map[string]any{"device": "rx1"}, "admin_state": "locked"}
	b.put(path("/endpoints/", b.equipment), endpoint).is(http.StatusOK)
	send().refused(http.StatusConflict, "body.command_id endpoint_locked")
	b.patch(path("/endpoints/", b.equipment), map[string]any{"admin_state": "unlocked"}).is(http.StatusOK)

	late := b.order(1)
	for _, at := range []time.Time{time.Now().Add(-time.Second), time.Now().Add(time.Hour)} {
		late["expires_at"] = moment(at)
		b.post("/commands", late).refused(http.StatusUnprocessableEntity, "body.expires_at out_of_range")
	}
	_, err := b.pool.Exec(t.Context(), "UPDATE command SET undo_cmd_id = NULL, archived_at = now() WHERE id = $1", b.gain)
	require.NoError(t, err)
	send().refused(http.StatusConflict, "body.command_id reference_missing")
	require.Empty(t, b.station.Executed())
}

func TestAnotherPersonApproves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"approvals": 1})
	other := b.as(2, authn.Mask(authn.CommandsApprove|authn.CtrlRead))
	c := b.sent(b.order(1))
	at := "/commands/" + c.ID.String()
	require.Equal(t, "awaiting_approval", c.State)
	b.post(at+"/approve", nil).refused(http.StatusForbidden, "path.id own_command")
	b.post(at+"/reject", map[string]any{}).refused(http.StatusForbidden, "path.id own_command")
	other.post(at+"/approve", nil, `If-Match: "9"`).refused(http.StatusPreconditionFailed, "header.If-Match changed_meanwhile")
	require.Empty(t, b.station.Executed())
	other.post(at+"/approve", nil, `If-Match: "1"`).is(http.StatusOK)
	c = b.becomes(c.ID, "succeeded")
	require.Equal(t, "user:2", *c.Approver)
	require.Equal(t, "user:2", c.Steps[1].Actor)
	other.post(at+"/approve", nil).refused(http.StatusConflict, "path.id wrong_state")

	rejected := b.sent(b.order(2))
	other.post("/commands/"+rejected.ID.String()+"/reject", map[string]any{"reason": "not now"}).is(http.StatusOK)
	rejected = b.command(rejected.ID)
	require.Equal(t, "rejected", rejected.State)
	require.Equal(t, "not now", *rejected.Reason)
	require.Len(t, b.station.Executed(), 1)
}

func TestAHazardousCommandIsConfirmed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"hazardous": true, "hazard_reason": "the amplifier may burn"})
	b.post("/commands", b.order(1)).refused(http.StatusUnprocessableEntity, "body.confirm_hazard hazard_unconfirmed")
	order := b.order(1)
	order["confirm_hazard"] = true
	b.as(2, authn.Mask(authn.CommandsSend)).post("/commands", order).refused(http.StatusForbidden, "request forbidden")
	b.becomes(b.sent(order).ID, "succeeded")
}

// One at a time, in the order in which they were sent; another piece of equipment does not wait.
func TestQueuesAreInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(map[string]any{"verifiers": []any{}})
	_, other := b.equipmentWith("rx2")
	b.becomes(b.sent(b.order(0)).ID, "succeeded")
	b.patch(path("/queues/", b.equipment), map[string]any{"held": true, "reason": "maintenance"}).is(http.StatusOK)
	var all []issued
	for i := range 10 {
		all = append(all, b.sent(b.order(float64(i+1))))
	}
	free := b.sent(map[string]any{"id": uuid.New(), "command_id": other, "args": map[string]any{"gain": 9}})
	b.becomes(free.ID, "succeeded")
	require.Equal(t, "queued", b.command(all[0].ID).State)
	var queues struct {
		Content []struct {
			Held   bool
			Queued int
		}
	}
	b.get(path("/queues?equipment-id=", b.equipment)).is(http.StatusOK).into(&queues)
	require.True(t, queues.Content[0].Held)
	require.Equal(t, 10, queues.Content[0].Queued)

	b.post("/commands/"+all[4].ID.String()+"/cancel", map[string]any{"reason": "a mistake"}).is(http.StatusOK)
	b.patch(path("/queues/", b.equipment), map[string]any{"held": false}).is(http.StatusOK)
	b.becomes(all[9].ID, "succeeded")
	var order []any
	for _, e := range b.station.Executed() {
		if e.Device == "rx1" {
			order = append(order, e.Value)
		}
	}
	require.Equal(t, []any{0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0, 10.0}, order, "the fifth was taken back")
	require.Equal(t, "cancelled", b.command(all[4].ID).State)
	b.post("/commands/"+all[0].ID.String()+"/cancel", map[string]any{}).refused(http.StatusConflict, "path.id wrong_state")
}

func TestListsOfCommands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	var ids []uuid.UUID
	for i := range 5 {
		c := b.sent(b.order(float64(i)))
		ids = append(ids, b.becomes(c.ID, "succeeded").ID)
	}
	var page struct {
		Total   int
		Content []issued
		Next    string
	}
	var seen []uuid.UUID
	for query := "limit=2"; ; query = "limit=2&cursor=" + page.Next {
		page.Next = ""
		b.get("/commands?" + query).is(http.StatusOK).into(&page)
		require.Equal(t, 5, page.Total)
		for _, c := range page.Content {
			seen = append(seen, c.ID)
		}
		if page.Next == "" {
			break
		}
	}
	require.Equal(t, []uuid.UUID{ids[4], ids[3], ids[2], ids[1], ids[0]}, seen, "the newest first")
	for query, want := range map[string]int{
		"state=succeeded": 5, "state=failed": 0, "sender=user:1": 5, "sender=user:2": 0, "equipment-id=" + jsonOf(b.equipment): 5,
		"command-id=" + jsonOf(b.mode): 0, "from=2020-01-01T00:00:00Z": 5, "to=2020-01-01T00:00:00Z": 0,
	} {
		b.get("/commands?" + query).is(http.StatusOK).into(&page)
		require.Equal(t, want, page.Total, query)
	}
}
