package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTelemetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.parameter("tmi1", `{"type":"array","items":{"type":"integer","minimum":9007199254740993}}`).Is(http.StatusCreated).ID()
	older := b.parameter("old", `{"length":4,"parser":"int"}`).Is(http.StatusCreated).ID()

	t.Run("numbers of a validator stay exact", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, string(b.in(t).Get(of("/telemetry", id)).Body), "9007199254740993")
	})
	t.Run("a name that another parameter has is refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).parameter("TMI1", `{}`).Refused(conflict, "body.name", "name_taken")
	})
	for claim, c := range map[string]struct{ validator, place, code string }{
		"a schema of an unknown type is refused":     {`{"type":"strange"}`, "body.value_validator.type", "bad_schema"},
		"a schema that refers to another is refused": {`{"$ref":"http://example.com/schema"}`, "body.value_validator", "reference_outside"},
		"a list is no validator":                     {`[]`, "body.value_validator", "wrong_type"},
		"null is no validator":                       {`null`, "body.value_validator", "wrong_type"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).parameter("x", c.validator).Refused(unprocessable, c.place, c.code)
		})
	}
	t.Run("a change to a validator that is none is refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).Patch(of("/telemetry", older), `{"value_validator":{"type":1}}`).Refused(unprocessable, "body.value_validator.type", "bad_schema")
	})
	t.Run("it is listed by name", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		list := b.page("/telemetry")
		require.Equal(t, 100, list.Limit)
		require.Equal(t, []string{"old", "tmi1"}, list.names())
		require.Equal(t, []string{"tmi1"}, b.page("/telemetry?name=TMI1").names())
		require.Equal(t, []string{"tmi1", "old"}, b.page("/telemetry?sort=-name").names())
		b.refuses(map[string]string{"/telemetry?limit=5001": "query.limit above_maximum"})
	})
}

func TestAnArchivedParameterFreesItsName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.parameter("tmi1", `{}`).Is(http.StatusCreated).ID()
	b.Delete(of("/telemetry", id)).Is(http.StatusNoContent)
	b.parameter("tmi1", `{}`).Is(http.StatusCreated)
	b.Post(of("/telemetry", id)+"/restore", nil).Refused(conflict, "body.name", "name_taken")
}

func TestValuesAreValidated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.parameter("list", `{"type":"array","items":{"type":"integer","minimum":9007199254740993}}`).Is(http.StatusCreated).ID()
	older := b.parameter("old", `{"length":4,"parser":"int"}`).Is(http.StatusCreated).ID()
	type result struct {
		Valid  bool
		Errors []struct{ Location, Message, Code string }
	}
	validate := func(b *bundle, id int64, body string) (r result) {
		b.Post(of("/telemetry", id)+"/validate", body).Is(http.StatusOK).Into(&r)
		return r
	}
	t.Run("the place and the reason of what does not fit are told", func(t *testing.T) {
		t.Parallel()
		r := validate(b.in(t), list, `{"value":[9007199254740993,9007199254740992]}`)
		require.False(t, r.Valid)
		require.Equal(t, "value[1]", r.Errors[0].Location)
		require.Equal(t, "below_minimum", r.Errors[0].Code)
	})
	t.Run("what fits has no errors", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, `{"valid":true,"errors":[]}`, string(b.in(t).Post(of("/telemetry", list)+"/validate", `{"value":[]}`).Is(http.StatusOK).Body))
	})
	t.Run("validators of the older form go on", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		require.False(t, validate(b, older, `{"value":"12345"}`).Valid)
		require.False(t, validate(b, older, `{"value":null}`).Valid)
	})
	t.Run("a value is needed, and a parameter", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Post(of("/telemetry", older)+"/validate", `{}`).Refused(unprocessable, "body.value", "required")
		b.Post("/telemetry/99999/validate", `{"value":1}`).Refused(http.StatusNotFound, "path.id", "not_found")
	})
}
