package validator_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
	"nms.example/common/waittest"

	"nms.example/common/validator"
)

// FuzzValidator compiles anything as rules for values and applies them to anything: neither may take long, and what
// is refused is a fault.
func FuzzValidator(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"type":"integer","minimum":1}`, `2`}, {`{"length":3,"parser":"hex"}`, `"abc"`}, {`{"pattern":"(a+)+$"}`, `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"`},
		{`{"$ref":"#"}`, `1`}, {`{"$ref":"file:///etc/passwd"}`, `1`}, {`{"$defs":{"a":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}`, `1`}, {`{"allOf":[{"anyOf":[{"oneOf":[{}]}]}]}`, `{}`},
		{`{"multipleOf":1e-300}`, `1e300`}, {`{"maxLength":1e400}`, `""`}, {`{"minimum":"a"}`, `0`}, {`{"format":"regex"}`, `"("`}, {`{"uniqueItems":true}`, `[1,1.0,1e0]`}, {`true`, `null`}, {`[]`, `nul`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, schema, value []byte) {
		begun := time.Now()
		v, err := validator.Compile(json.RawMessage(schema))
		if err != nil {
			require.NotNil(t, fault.As(err), "%v", err)
			return
		}
		findings, err := v.Validate(json.RawMessage(value))
		if err != nil {
			require.NotNil(t, fault.As(err), "%v", err)
		}
		for _, finding := range findings {
			require.NotEmpty(t, finding.Message)
		}
		require.Less(t, time.Since(begun), waittest.Bound)
	})
}
