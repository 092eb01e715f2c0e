package template_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/template"
)

var args = template.Args{"gain": json.Number("12.50"), "name": "a b", "on": true, "list": []any{json.Number("1")}, "nothing": nil}

func TestValuesAreFilled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, want string }{
		"nothing to fill":            {`{"a":[1,null,true,"x"]}`, `{"a":[1,null,true,"x"]}`},
		"a whole text keeps a type":  {`{"a":"{gain}","b":"{on}","c":["{list}"],"d":"{nothing}"}`, `{"a":12.50,"b":true,"c":[[1]],"d":null}`},
		"within a text it is a text": {`"GAIN {gain} DB, {on}, {name}"`, `"GAIN 12.50 DB, true, a b"`},
		"twice":                      {`"{gain}{gain}"`, `"12.5012.50"`},
		"doubled braces":             {`"{{{gain}}}"`, `"{12.50}"`},
		"names of members stay":      {`{"{gain}":1}`, `{"{gain}":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filled, err := template.Value(decode(t, c.from), args)
			require.NoError(t, err)
			got, err := json.Marshal(filled)
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
		})
	}
}

func TestWhatCannotBeFilled(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"{missing}": template.ErrMissing, "a {missing}": template.ErrMissing, "a {list}": template.ErrScalar, "a {nothing}": template.ErrScalar,
		"a { b": template.ErrBraces, "a } b": template.ErrBraces, "{Gain}": template.ErrBraces, "{}": template.ErrBraces,
	} {
		_, err := template.Value(text, args)
		require.ErrorIs(t, err, want, text)
	}
	refused := errors.New("refused")
	_, err := template.Text("a {name}", args, func(text string) (string, error) {
		if strings.Contains(text, " ") {
			return "", refused
		}
		return text, nil
	})
	require.ErrorIs(t, err, refused)
}

func TestNamesOfPlaceholders(t *testing.T) {
	t.Parallel()
	names, err := template.Names(decode(t, `{"a":"{gain} {on}","b":[{"c":"{{x}} {gain}"}]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"gain", "on"}, names)
	_, err = template.Names("a {")
	require.ErrorIs(t, err, template.ErrBraces)
}

func decode(t *testing.T, text string) (v any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&v))
	return v
}
