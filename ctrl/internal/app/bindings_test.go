package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestCommandBindings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	verifier := func(fields object) object {
		return object{"verifiers": []any{with(object{"parameter": "gain", "op": "eq"}, fields)}}
	}
	schema := func(fields object) object {
		return object{"args_schema": object{"type": "object", "required": []string{"gain"}, "properties": object{"gain": with(object{"type": "number"}, fields)}}}
	}
	for name, c := range map[string]struct {
		fields      object
		place, code string
	}{
		"an unknown driver is refused":            {object{"driver": "morse"}, "body.driver", "not_one_of"},
		"a template of another driver is refused": {object{"template": object{"write": "GAIN 1"}}, "body.template", "bad_template"},
		"a placeholder of no argument is refused": {object{"template": object{"set": "gain_db", "value": "{level}"}}, "body.template", "bad_template"},
		"a stray brace is refused":                {object{"template": object{"set": "gain_db", "value": "{"}}, "body.template", "bad_template"},
		"what is no schema is refused":            {object{"args_schema": object{"type": "colour"}}, "body.args_schema.type", "bad_schema"},
		"a schema of no object is refused":        {object{"args_schema": object{"type": "number"}}, "body.args_schema.type", "not_one_of"},
		"a hazard needs a reason":                 {object{"hazardous": true}, "body.hazard_reason", "contradiction"},
		"a reason needs a hazard":                 {object{"hazard_reason": "x"}, "body.hazard_reason", "contradiction"},
		"two approvals are too many":              {object{"approvals": 2}, "body.approvals", "above_maximum"},
		"a verifier's parameter has to be there": {object{"verifiers": []any{object{"parameter": "nothing", "op": "eq", "value": 1}}},
			"body.verifiers[0].parameter", "parameter_unknown"},
		"a precondition's parameter has to be read": {object{"points": []any{}, "preconditions": []any{object{"parameter": "gain", "op": "eq", "value": 1}}},
			"body.preconditions[0].parameter", "parameter_unknown"},
		"a verifier needs a value":                    {verifier(nil), "body.verifiers[0].value", "contradiction"},
		"a verifier's argument has to exist":          {verifier(object{"arg": "x"}), "body.verifiers[0].arg", "bad_template"},
		"a verifier compares with no list":            {verifier(object{"value": []int{1}}), "body.verifiers[0].value", "wrong_type"},
		"no text is more or less than another":        {verifier(object{"op": "ge", "value": "on"}), "body.verifiers[0].value", "wrong_type"},
		"a verifier's window does not end before":     {verifier(object{"arg": "gain", "after": 2, "within": 1}), "body.verifiers[0].within", "wrong_order"},
		"a template without end is refused":           {object{"template": object{"set": "gain_db", "value": strings.Repeat("x", 9000)}}, "body.template", "too_long"},
		"a number beyond every bound is refused":      {object{"template": object{"set": "gain_db", "value": json.RawMessage("1e999999")}}, "body.template", "too_complex"},
		"a template of null is refused":               {object{"template": nil}, "body.template", "bad_template"},
		"a placeholder in a member's name is refused": {object{"driver": "http", "template": object{"method": "PUT", "path": "/", "body": object{"{gain}": 1}}}, "body.template", "bad_template"},
		"a value without end is refused":              {verifier(object{"value": strings.Repeat("x", 5000)}), "body.verifiers[0].value", "too_long"},
		"a value that nobody sees is refused":         {verifier(object{"value": "on\u200b"}), "body.verifiers[0].value", "forbidden_characters"},
		"undo_args without end are refused":           {object{"undo_args": object{"x": strings.Repeat("x", 8<<20-9000)}}, "body.undo_args", "too_long"},
		"a reason that nobody sees is refused":        {object{"hazardous": true, "hazard_reason": "\u202egnp"}, "body.hazard_reason", "forbidden_characters"},
		"a parameter of the station that nobody sees": {object{"template": object{"set": "gain\u200b", "value": 1}}, "body.template", "bad_template"},
		"a unit that is no text is refused":           {schema(object{"x-unit": 1}), "body.args_schema.properties.gain.x-unit", "wrong_type"},
		"a unit that nobody sees is refused":          {schema(object{"x-unit": "d\u200bB"}), "body.args_schema.properties.gain.x-unit", "forbidden_characters"},
		"what is read has no placeholder": {object{
			"points": []any{object{"parameter": "gain", "read": object{"get": "{gain}"}}},
		}, "body.points[0].read", "bad_template"},
		"what is read has an end": {object{
			"points": []any{object{"parameter": "gain", "read": object{"get": strings.Repeat("x", 9000)}}},
		}, "body.points[0].read", "too_long"},
		"an undo takes no argument that is not there": {object{"undo_args": object{"x": "{y}"}}, "body.undo_args", "bad_template"},
		"a parameter that is not in the catalogue is refused": {object{
			"points": []any{object{"parameter": "pressure", "read": object{"get": "x"}}}, "verifiers": []any{},
		}, "body.points[0].parameter", "parameter_unknown"},
		"a precondition does not wait": {object{
			"preconditions": []any{object{"parameter": "gain", "op": "eq", "value": 1, "within": 1}},
		}, "body.preconditions[0].within", "contradiction"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := b.unit(t)
			u.put(of("/command-bindings", u.gain), gainBinding(c.fields)).Refused(unprocessable, c.place, c.code)
			u.Get(of("/command-bindings", u.gain)).Refused(notFound, "path.command_id", "not_found")
		})
	}
	t.Run("a command that is not in the catalogue, or archived, has none", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put("/command-bindings/999999", gainBinding(nil)).Refused(notFound, "path.command_id", "not_found")
		at := of("/command-bindings", u.gain)
		u.put(at, gainBinding(nil)).Is(created)
		u.exec("UPDATE command SET undo_cmd_id = NULL, archived_at = now() WHERE id = $1", u.gain)
		u.put(at, gainBinding(nil)).Refused(notFound, "path.command_id", "not_found")
		u.Patch(at, object{"ttl": 5}).Refused(notFound, "path.command_id", "not_found")
		u.Delete(at).Is(noContent)
	})
	t.Run("a change of a version that is no longer there is refused", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/command-bindings", u.gain)
		u.put(at, gainBinding(nil), matching(`"1"`)).Refused(changed, "header.If-Match", "changed_meanwhile")
		tag := u.put(at, gainBinding(nil)).Is(created).Header.Get("ETag")
		tag2 := u.put(at, gainBinding(nil), matching(tag)).Is(ok).Header.Get("ETag")
		require.NotEqual(t, tag, tag2)
		u.Patch(at, object{"ttl": 5}, matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
		u.Delete(at, matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
		u.Patch(at, object{"ttl": 5}, matching(tag2)).Is(ok)
	})
	t.Run("what is left out of a change stays, null clears", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/command-bindings", u.gain)
		u.put(at, gainBinding(nil)).Is(created)
		answer := u.Patch(at, object{"undo_args": nil, "verifiers": []any{}}).Is(ok)
		require.Nil(t, answer.Field("undo_args"))
		require.Empty(t, answer.Field("verifiers"))
		require.InDelta(t, 60, answer.Field("ttl"), 0, "the default")
		require.NotEmpty(t, answer.Field("points"))
	})
	t.Run("a placeholder of the simulator's parameter is filled", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{
			"template": object{"set": "{parameter}", "value": "{gain}"}, "verifiers": []any{},
			"args_schema": object{"type": "object", "required": []string{"gain", "parameter"}, "properties": object{
				"gain": object{"type": "number"}, "parameter": object{"type": "string"},
			}},
		})
		c := u.sent(object{"id": uuid.New(), "command_id": u.gain, "args": object{"gain": 3, "parameter": "gain_db"}})
		require.Equal(t, "set gain_db 3", c.Wire)
		u.becomes(c.ID, "succeeded")
		require.Equal(t, []any{3.0}, u.gains())
	})
	t.Run("nothing becomes less guarded by writing it anew, unless that is said", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/command-bindings", u.gain)
		guarded := with(object{"hazardous": true, "hazard_reason": "it burns", "approvals": 1}, standby)
		u.put(at, gainBinding(guarded)).Is(created)
		answer := u.put(at, gainBinding(object{"points": standby["points"]})).Is(ok)
		require.Equal(t, true, answer.Field("hazardous"))
		require.Equal(t, "it burns", answer.Field("hazard_reason"))
		require.InDelta(t, 1, answer.Field("approvals"), 0)
		require.NotEmpty(t, answer.Field("preconditions"))
		answer = u.put(at, gainBinding(object{"hazardous": false, "approvals": 0, "preconditions": []any{}})).Is(ok)
		require.Equal(t, false, answer.Field("hazardous"))
		require.Nil(t, answer.Field("hazard_reason"))
		require.InDelta(t, 0, answer.Field("approvals"), 0)
		require.Empty(t, answer.Field("preconditions"))
	})
	t.Run("one of several that come at once makes it, the others change it", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		statuses := u.atOnce(8, func() int { return u.put(of("/command-bindings", u.gain), gainBinding(nil)).Status })
		require.Equal(t, map[int]int{created: 1, ok: 7}, statuses)
	})
	t.Run("those of one piece of equipment are listed", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put(of("/command-bindings", u.gain), gainBinding(nil)).Is(created)
		require.Equal(t, 1, u.total("/command-bindings?equipment-id="+of("", u.equipment)[1:]))
	})
	t.Run("it is forgotten", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/command-bindings", u.gain)
		u.put(at, gainBinding(nil)).Is(created)
		u.Delete(at).Is(noContent)
		u.Get(at).Refused(notFound, "path.command_id", "not_found")
	})
}
