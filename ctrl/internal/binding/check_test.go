package binding_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"

	"nms.example/ctrl/internal/binding"
)

const schema = `{"type":"object","required":["gain"],"additionalProperties":false,"properties":{
	"gain":{"type":"number","minimum":0,"maximum":50,"x-unit":"dB"},"mode":{"enum":["a","b"]},"at":{"type":"object","properties":{"lat":{"type":"number"}}}}}`

func TestArguments(t *testing.T) {
	t.Parallel()
	s, err := binding.CompileSchema(json.RawMessage(schema))
	require.NoError(t, err)
	for args, want := range map[string]string{
		`{"gain":12.50}`: `{"gain":12.50}`,
		`{"gain":{"value":1e1,"unit":"dB"},"mode":"a"}`: `{"gain":1e1,"mode":"a"}`,
		`{"gain":1,"at":{"lat":9007199254740993}}`:      `{"at":{"lat":9007199254740993},"gain":1}`,
	} {
		got, err := s.Args(json.RawMessage(args))
		require.NoError(t, err, args)
		raw, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, want, string(raw))
	}
	for args, want := range map[string]string{
		`{"gain":51}`:                                "args.gain: must be at most 50 (dB)",
		`{"gain":-1}`:                                "args.gain: must be at least 0 (dB)",
		`{"gain":{"value":1,"unit":"dBm"}}`:          "args.gain.unit: must be dB",
		`{"gain":{"unit":"dB"}}`:                     "args.gain: must be a value in dB, or an object of value and unit",
		`{"gain":1,"mode":{"value":"a","unit":"x"}}`: "args.mode: must be one of the values that the schema lists",
		`{"gain":1,"at":{"lat":"x"}}`:                "args.at.lat:",
		`7`:                                          "args: must be an object",
		`null`:                                       "args: must be an object",
	} {
		_, err := s.Args(json.RawMessage(args))
		require.ErrorContains(t, err, want, args)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}

func TestSchemasThatAreNone(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{
		`{"type":"array"}`: "type", `{}`: "type", `7`: "", `{"type":"object","properties":{"a":{"type":"colour"}}}`: "properties.a.type",
	} {
		_, err := binding.CompileSchema(json.RawMessage(text))
		require.Equal(t, fault.Invalid, fault.KindOf(err), text)
		require.Equal(t, field, fault.As(err).Details[0].Place().Name(), text)
	}
}
