package dispatch

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/template"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	readings := []command.Reading{
		{Parameter: "gain", Value: json.RawMessage(`1.250E+01`)}, {Parameter: "mode", Value: json.RawMessage(`"on"`)},
		{Parameter: "count", Value: json.RawMessage(`9007199254740993`)},
		{Parameter: "lock", Value: json.RawMessage(`true`)}, {Parameter: "lost", Value: json.RawMessage(`null`), Problem: "no answer"},
	}
	args := template.Args{"gain": json.Number("12.5"), "mode": "on"}
	for name, c := range map[string]struct {
		condition binding.Condition
		holds     bool
	}{
		"equal numbers of other forms":   {binding.Condition{Parameter: "gain", Op: "eq", Value: json.RawMessage(`12.5`)}, true},
		"an argument":                    {binding.Condition{Parameter: "gain", Op: "eq", Arg: "gain"}, true},
		"not equal":                      {binding.Condition{Parameter: "gain", Op: "ne", Value: json.RawMessage(`12.5`)}, false},
		"less":                           {binding.Condition{Parameter: "gain", Op: "lt", Value: json.RawMessage(`12.6`)}, true},
		"less than itself":               {binding.Condition{Parameter: "gain", Op: "lt", Value: json.RawMessage(`12.5`)}, false},
		"at most itself":                 {binding.Condition{Parameter: "gain", Op: "le", Value: json.RawMessage(`12.5`)}, true},
		"greater":                        {binding.Condition{Parameter: "gain", Op: "gt", Value: json.RawMessage(`-13`)}, true},
		"at least":                       {binding.Condition{Parameter: "gain", Op: "ge", Value: json.RawMessage(`12.5`)}, true},
		"a text":                         {binding.Condition{Parameter: "mode", Op: "eq", Arg: "mode"}, true},
		"another text":                   {binding.Condition{Parameter: "mode", Op: "ne", Value: json.RawMessage(`"off"`)}, true},
		"numbers that are one as floats": {binding.Condition{Parameter: "count", Op: "eq", Value: json.RawMessage(`9007199254740992`)}, false},
		"more by less than floats show":  {binding.Condition{Parameter: "count", Op: "gt", Value: json.RawMessage(`9007199254740992.5`)}, true},
		"the same number written so":     {binding.Condition{Parameter: "count", Op: "eq", Value: json.RawMessage(`9.007199254740993e15`)}, true},
		"a number that costs too much":   {binding.Condition{Parameter: "count", Op: "lt", Value: json.RawMessage(`1e999999999`)}, false},
		"a text is not less":             {binding.Condition{Parameter: "mode", Op: "lt", Value: json.RawMessage(`"z"`)}, false},
		"a text is no number":            {binding.Condition{Parameter: "mode", Op: "gt", Value: json.RawMessage(`0`)}, false},
		"a truth value":                  {binding.Condition{Parameter: "lock", Op: "eq", Value: json.RawMessage(`true`)}, true},
		"a value with a problem":         {binding.Condition{Parameter: "lost", Op: "ne", Value: json.RawMessage(`1`)}, false},
		"a value that was not read":      {binding.Condition{Parameter: "other", Op: "ne", Value: json.RawMessage(`1`)}, false},
		"an operation of no meaning":     {binding.Condition{Parameter: "gain", Op: "like", Value: json.RawMessage(`12.5`)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holds, why := met(c.condition, readings, args)
			require.Equal(t, c.holds, holds)
			require.Equal(t, c.holds, why == "")
		})
	}
}

// What equipment answers can be kept, whatever it is.
func TestValuesThatEquipmentMayAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value, want any
		fine        bool
	}{
		"a number":                {json.Number("1.50"), json.Number("1.50"), true},
		"a truth value":           {false, false, true},
		"a text":                  {"on", "on", true},
		"a text with a NUL":       {"a\x00b", "a\uFFFDb", true},
		"what nobody sees":        {"a\u202eb\x1bc\td", "a\uFFFDb\uFFFDc d", true},
		"a number beyond float64": {json.Number("1e999999"), nil, false},
		"a number that vanishes":  {json.Number("1e-999999"), nil, false},
		"a way to write nought":   {json.Number("-0.00E5"), json.Number("-0.00E5"), true},
		"a text without end":      {strings.Repeat("ж", 501), nil, false},
		"a number without end":    {json.Number(strings.Repeat("1", 200)), nil, false},
		"an object":               {map[string]any{"a": "b"}, nil, false},
		"nothing":                 {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := kept(driver.Value{Value: c.value})
			require.Equal(t, c.want, got.Value)
			require.Equal(t, c.fine, got.Problem == "")
		})
	}
	require.Equal(t, "a\uFFFDb\uFFFD", *command.Text("a\x00b\xff"), "replies as well")
}

func TestPausesGrowToABound(t *testing.T) {
	t.Parallel()
	last := pause(0)
	for attempts := int32(1); attempts < 10; attempts++ {
		next := pause(attempts)
		require.False(t, next.Before(*last))
		last = next
	}
	require.LessOrEqual(t, last.Sub(*pause(-1)), longestPause)
}
