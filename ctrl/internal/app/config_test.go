package app_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/command"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := path("/endpoints/", b.equipment)
	good := map[string]any{"driver": "simulator", "address": b.address, "options": map[string]any{"device": "rx1"}}
	with := func(field string, value any) map[string]any {
		body := maps.Clone(good)
		body[field] = value
		return body
	}
	for name, c := range map[string]struct {
		body   map[string]any
		reason string
	}{
		"an unknown driver":           {with("driver", "morse"), "body.driver not_one_of"},
		"an address without a port":   {with("address", "127.0.0.1"), "body.address bad_address"},
		"an address outside":          {with("address", "192.0.2.1:5025"), "body.address address_not_allowed"},
		"options that nobody knows":   {with("options", map[string]any{"device": "rx1", "colour": "red"}), "body.options bad_options"},
		"options that are no object":  {with("options", []int{1}), "body.options bad_options"},
		"a secret that is not there":  {with("secret", "nowhere"), "body.secret secret_unreadable"},
		"a secret outside the folder": {with("secret", "../passwd"), "body.secret secret_unreadable"},
		"an unknown state":            {with("admin_state", "asleep"), "body.admin_state not_one_of"},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			b.put(at, c.body).refused(http.StatusUnprocessableEntity, c.reason)
		})
	}
	b.put("/endpoints/999", good).refused(http.StatusNotFound, "path.equipment_id not_found")
	b.get(at).refused(http.StatusNotFound, "path.equipment_id not_found")
	b.put(at, good, `If-Match: "1"`).refused(http.StatusPreconditionFailed, "header.If-Match changed_meanwhile")
	tag := b.put(at, good).is(http.StatusCreated).header.Get("ETag")
	b.get(at, "If-None-Match: "+tag).is(http.StatusNotModified)
	b.secret("community", "public\n")
	b.patch(at, map[string]any{"secret": "community"}, "If-Match: "+tag).is(http.StatusOK)
	b.patch(at, map[string]any{"secret": nil}, "If-Match: "+tag).refused(http.StatusPreconditionFailed, "header.If-Match changed_meanwhile")
	var e struct {
		Secret *string
		Driver string
	}
	b.get(at).is(http.StatusOK).into(&e)
	require.Equal(t, "community", *e.Secret)
	b.patch(at, map[string]any{"secret": nil}).is(http.StatusOK)
	b.get(at).is(http.StatusOK).into(&e)
	require.Nil(t, e.Secret)

	var tested struct {
		AnsweredMS float64 `json:"answered_ms"`
	}
	b.post(at+"/test", nil).is(http.StatusOK).into(&tested)
	require.Positive(t, tested.AnsweredMS)
	b.patch(at, map[string]any{"address": "localhost:1"}).is(http.StatusOK)
	b.post(at+"/test", nil).refused(http.StatusServiceUnavailable, "path.equipment_id no_reply")
	var page struct{ Total int }
	b.get("/endpoints?driver=simulator").is(http.StatusOK).into(&page)
	require.Equal(t, 1, page.Total)
	b.delete(at).is(http.StatusNoContent)
	b.delete(at).refused(http.StatusNotFound, "path.equipment_id not_found")
}

// A name is looked at when it is resolved, not when it is written.
func TestANameThatLeadsOutsideIsNotReached(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"CTRL_ALLOWED_NETWORKS": "10.99.0.0/16"})
	b.start()
	at := path("/endpoints/", b.equipment)
	b.put(at, map[string]any{"driver": "http", "address": "http://localhost:1/"}).is(http.StatusCreated)
	b.post(at+"/test", nil).refused(http.StatusUnprocessableEntity, "body.address address_not_allowed")
}

func TestBindings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := path("/command-bindings/", b.gain)
	for name, c := range map[string]struct {
		changed map[string]any
		reason  string
	}{
		"an unknown driver":            {map[string]any{"driver": "morse"}, "body.driver not_one_of"},
		"a template of another driver": {map[string]any{"template": map[string]any{"write": "GAIN 1"}}, "body.template bad_template"},
		"an unknown placeholder":       {map[string]any{"template": map[string]any{"set": "gain_db", "value": "{level}"}}, "body.template bad_template"},
		"a stray brace":                {map[string]any{"template": map[string]any{"set": "gain_db", "value": "{"}}, "body.template bad_template"},
		"no schema":                    {map[string]any{"args_schema": map[string]any{"type": "colour"}}, "body.args_schema.type bad_schema"},
		"a schema of no object":        {map[string]any{"args_schema": map[string]any{"type": "number"}}, "body.args_schema.type not_one_of"},
		"a hazard without a reason":    {map[string]any{"hazardous": true}, "body.hazard_reason contradiction"},
		"a reason without a hazard":    {map[string]any{"hazard_reason": "x"}, "body.hazard_reason contradiction"},
		"two approvals":                {map[string]any{"approvals": 2}, "body.approvals above_maximum"},
		"a verifier that is not read":  {map[string]any{"points": []any{}}, "body.verifiers[0].parameter parameter_unknown"},
		"an unknown parameter": {map[string]any{
			"points": []any{map[string]any{"parameter": "pressure", "read": map[string]any{"get": "x"}}}, "verifiers": []any{},
		}, "body.points[0].parameter parameter_unknown"},
		"a verifier without a value":   {map[string]any{"verifiers": []any{map[string]any{"parameter": "gain", "op": "eq"}}}, "body.verifiers[0].value contradiction"},
		"a verifier of an unknown arg": {map[string]any{"verifiers": []any{map[string]any{"parameter": "gain", "op": "eq", "arg": "x"}}}, "body.verifiers[0].arg bad_template"},
		"a verifier of no scalar":      {map[string]any{"verifiers": []any{map[string]any{"parameter": "gain", "op": "eq", "value": []int{1}}}}, "body.verifiers[0].value wrong_type"},
		"a window that ends at once": {map[string]any{
			"verifiers": []any{map[string]any{"parameter": "gain", "op": "eq", "arg": "gain", "after": 2, "within": 1}},
		}, "body.verifiers[0].within wrong_order"},
		"a precondition that waits": {map[string]any{
			"preconditions": []any{map[string]any{"parameter": "gain", "op": "eq", "value": 1, "within": 1}},
		}, "body.preconditions[0].within contradiction"},
		"an undo with unknown argument": {map[string]any{"undo_args": map[string]any{"x": "{y}"}}, "body.undo_args bad_template"},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			b.put(at, gainBinding(c.changed)).refused(http.StatusUnprocessableEntity, c.reason)
		})
	}
	b.put("/command-bindings/999", gainBinding(nil)).refused(http.StatusNotFound, "path.command_id not_found")
	b.get(at).refused(http.StatusNotFound, "path.command_id not_found")
	tag := b.put(at, gainBinding(nil)).is(http.StatusCreated).header.Get("ETag")
	b.put(at, gainBinding(nil)).is(http.StatusOK)
	b.patch(at, map[string]any{"ttl": 5}, "If-Match: "+tag).refused(http.StatusPreconditionFailed, "header.If-Match changed_meanwhile")
	b.patch(at, map[string]any{"undo_args": nil, "verifiers": []any{}}).is(http.StatusOK)
	var got struct {
		UndoArgs  any `json:"undo_args"`
		Verifiers []any
		TTL       float64
	}
	b.get(at).is(http.StatusOK).into(&got)
	require.Nil(t, got.UndoArgs)
	require.Empty(t, got.Verifiers)
	require.InDelta(t, 60, got.TTL, 0, "the default")
	var page struct{ Total int }
	b.get(path("/command-bindings?equipment-id=", b.equipment)).is(http.StatusOK).into(&page)
	require.Equal(t, 1, page.Total)
	b.delete(at).is(http.StatusNoContent)
	b.get(at).refused(http.StatusNotFound, "path.command_id not_found")
}

func TestAPieceOfEquipmentInOperation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var e struct {
		Name             string
		OperationalState string `json:"operational_state"`
		Endpoint         *struct{ Driver string }
		Queue            *struct{ Queued int }
	}
	b.get("/equipments/999").refused(http.StatusNotFound, "path.equipment_id not_found")
	b.get(path("/equipments/", b.equipment)).is(http.StatusOK).into(&e)
	require.Equal(t, "disabled", e.OperationalState)
	require.Nil(t, e.Endpoint)
	b.bound(nil)
	b.becomes(b.sent(b.order(1)).ID, "succeeded")
	b.get(path("/equipments/", b.equipment)).is(http.StatusOK).into(&e)
	require.Equal(t, "rx1", e.Name)
	require.Equal(t, "enabled", e.OperationalState)
	require.Equal(t, "simulator", e.Endpoint.Driver)
	require.Zero(t, e.Queue.Queued)
}

// The database goes the same ways as the service, and none else.
func TestTheDatabaseKnowsTheSameWays(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	for _, before := range command.States() {
		next := map[command.State]bool{}
		for _, e := range command.Events() {
			if after, err := before.Next(e); err == nil && after != before {
				next[after] = true
			}
		}
		for _, after := range command.States() {
			var goes bool
			require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT issued_command_goes($1, $2)", string(before), string(after)).Scan(&goes))
			require.Equal(t, next[after], goes, "%s to %s", before, after)
		}
	}
}

// What must not happen does not, by whatever hand.
func TestTheDatabaseRefusesWhatMustNotHappen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bound(nil)
	done := b.sent(b.order(1))
	b.becomes(done.ID, "succeeded")
	b.patch(path("/queues/", b.equipment), map[string]any{"held": true}).is(http.StatusOK)
	first, second := b.sent(b.order(2)), b.sent(b.order(3))
	begin := "UPDATE issued_command SET state = 'sending', sends = sends + 1, sent_at = now(), owner = gen_random_uuid(), deadline = now() + interval '1 hour' WHERE id = $1"
	for name, c := range map[string]struct {
		statement string
		id        uuid.UUID
	}{
		"what is done is not sent again":    {begin, done.ID},
		"what is done is not queued again":  {"UPDATE issued_command SET state = 'queued' WHERE id = $1", done.ID},
		"what was sent does not change":     {"UPDATE issued_command SET args = '{}' WHERE id = $1", done.ID},
		"nothing is sent without an owner":  {"UPDATE issued_command SET state = 'sending', sends = sends + 1, sent_at = now() WHERE id = $1", first.ID},
		"a sending is counted":              {"UPDATE issued_command SET state = 'sending', sent_at = now(), owner = gen_random_uuid(), deadline = now() WHERE id = $1", first.ID},
		"the counts of attempts only go up": {"UPDATE issued_command SET sends = sends - 1 WHERE id = $1", done.ID},
		"nobody approves for the sender":    {"UPDATE issued_command SET approver = sender WHERE id = $1", first.ID},
		"there is no state of another name": {"UPDATE issued_command SET state = 'lost' WHERE id = $1", first.ID},
	} {
		_, err := b.pool.Exec(t.Context(), c.statement+" -- provoked by a test", c.id)
		require.Error(t, err, name)
	}
	_, err := b.pool.Exec(t.Context(), begin, first.ID)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), begin+" -- provoked by a test", second.ID)
	require.ErrorContains(t, err, "issued_command_in_flight_key", "one at a time")
	_, err = b.pool.Exec(t.Context(), "UPDATE issued_command SET state = 'queued', owner = NULL, deadline = NULL WHERE id = $1 -- provoked by a test", first.ID)
	require.ErrorContains(t, err, "issued_command_once_check", "it may have been sent")
}
