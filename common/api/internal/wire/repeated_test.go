package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

// Of two members of one name readers take the first or the last: whoever checks a body and whoever acts on it may differ.
func TestAMemberIsGivenOnce(t *testing.T) {
	t.Parallel()
	for body, place := range map[string]string{
		`{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}`: "",
		`{"a":":\\\":","b\":":1}`:                   "",
		`[]`:                                        "", `"a:b"`: "", `1`: "",
		`{"a":1,"a":1}`:                         "body.a",
		`{"a":1,"\u0061":2}`:                    "body.a",
		`{"b":{"x":1},"c":[{},{"y":1,"y":{}}]}`: "body.c[1].y",
		`{"":1,"":2}`:                           "body.",
	} {
		var v any
		err := Decode([]byte(body), &v)
		if place == "" {
			require.NoError(t, err, body)
			continue
		}
		f := fault.As(err)
		require.NotNil(t, f, body)
		location, _ := f.Details[0].Place().Location()
		require.Equal(t, strings.TrimSuffix(place, "."), strings.TrimSuffix(location, "."), body)
		require.Equal(t, "repeated", f.Details[0].Code().Name)
	}
}
