package validator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
	"nms.example/common/waittest"

	"nms.example/common/validator"
)

func TestValuesAreCheckedAndTheFailingPlaceNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules, value string
		places       []string // empty: valid
	}{
		"number in range":          {`{"type":"number","minimum":-60,"maximum":60}`, `12.5`, nil},
		"number out of range":      {`{"type":"number","minimum":-60,"maximum":60}`, `61`, []string{"value"}},
		"item of an array":         {`{"type":"array","items":{"type":"integer"}}`, `[1,2,"x"]`, []string{"value[2]"}},
		"property deep inside":     {`{"properties":{"a":{"properties":{"b":{"const":1}}}}}`, `{"a":{"b":2}}`, []string{"value.a.b"}},
		"several at once":          {`{"required":["a"],"properties":{"b":{"type":"null"}}}`, `{"b":1}`, []string{"value", "value.b"}},
		"no alternative":           {`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `1`, []string{"value"}},
		"reference inside":         {`{"$defs":{"v":{"type":"boolean"}},"items":{"$ref":"#/$defs/v"}}`, `[true,0]`, []string{"value[1]"}},
		"a tree that holds itself": {`{"properties":{"l":{"$ref":"#"},"r":{"$ref":"#"},"v":{"type":"integer"}}}`, `{"l":{"r":{"v":"x"}}}`, []string{"value.l.r.v"}},
		"empty schema":             {`{}`, `"anything"`, nil},
		"exact numbers":            {`{"multipleOf":0.1}`, `0.3`, nil},
		"older, fits":              {`{"length":4,"parser":"int"}`, `"-123"`, nil},
		"older, number":            {`{"length":4,"parser":"float"}`, `1.25`, nil},
		"older, too long":          {`{"length":4,"parser":"int"}`, `"12345"`, []string{"value"}},
		"older, unreadable":        {`{"length":4,"parser":"int"}`, `"1.5"`, []string{"value"}},
		"older, own parser":        {`{"length":2,"parser":"tmi_frame"}`, `"ж?"`, nil},
		"older, no text":           {`{"length":2,"parser":"str"}`, `[]`, []string{"value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := validator.Compile(json.RawMessage(c.rules))
			require.NoError(t, err)
			found, err := v.Validate(json.RawMessage(c.value))
			require.NoError(t, err)
			var places []string
			for _, f := range found {
				places = append(places, f.Location)
				require.NotEmpty(t, f.Message)
			}
			require.ElementsMatch(t, c.places, places)
		})
	}
}

// Bounds are decimals as the schema has them, never fractions.
func TestBoundsAreDecimals(t *testing.T) {
	t.Parallel()
	for rules, want := range map[string]string{
		`{"minimum":-75.24}`:                       "must be at least -75.24",
		`{"maximum":-100.5}`:                       "must be at most -100.5",
		`{"exclusiveMinimum":0.1}`:                 "must be over 0.1",
		`{"exclusiveMaximum":-1.0e3}`:              "must be under -1000",
		`{"multipleOf":0.3}`:                       "must be a multiple of 0.3",
		`{"minimum":12345678901234567890.125}`:     "must be at least 12345678901234567890.125",
		`{"minimum":1e300}`:                        "must be at least 1e300",
		`{"minimum":1.50e300}`:                     "must be at least 1.5e300",
		`{"minimum":2.5e-200}`:                     "must be at least 2.5e-200",
		`{"items":{"minimum":0.1},"type":"array"}`: "must be at least 0.1",
	} {
		v, err := validator.Compile(json.RawMessage(rules))
		require.NoError(t, err, rules)
		value := `-80`
		if strings.Contains(rules, "items") {
			value = `[-80]`
		}
		found, err := v.Validate(json.RawMessage(value))
		require.NoError(t, err)
		require.Len(t, found, 1, rules)
		require.Equal(t, want, found[0].Message)
	}
}

func TestFindingsHaveCodes(t *testing.T) {
	t.Parallel()
	for rules, c := range map[string]struct {
		value string
		code  *fault.Code
	}{
		`{"type":"string"}`:                 {`1`, fault.CodeWrongType},
		`{"enum":[1]}`:                      {`2`, fault.CodeNotOneOf},
		`{"const":1}`:                       {`2`, fault.CodeNotOneOf},
		`{"minimum":1}`:                     {`0`, fault.CodeBelow},
		`{"exclusiveMaximum":1}`:            {`1`, fault.CodeAbove},
		`{"multipleOf":3}`:                  {`1`, fault.CodeNotMultiple},
		`{"minLength":3}`:                   {`"a"`, fault.CodeTooShort},
		`{"maxLength":1}`:                   {`"abc"`, fault.CodeTooLong},
		`{"pattern":"^b"}`:                  {`"a"`, fault.CodeBadFormat},
		`{"minItems":1}`:                    {`[]`, fault.CodeTooFew},
		`{"maxItems":1}`:                    {`[1,2]`, fault.CodeTooMany},
		`{"uniqueItems":true}`:              {`[1,1]`, fault.CodeDuplicates},
		`{"required":["a"]}`:                {`{}`, fault.CodeRequired},
		`{"dependentRequired":{"a":["b"]}}`: {`{"a":1}`, fault.CodeRequired},
		`{"additionalProperties":false}`:    {`{"a":1}`, fault.CodeUnknownField},
		`{"anyOf":[{"type":"null"}]}`:       {`1`, fault.CodeNoMatch},
		`{"not":{}}`:                        {`1`, fault.CodeExcluded},
		`{"length":1,"parser":"str"}`:       {`"ab"`, fault.CodeTooLong},
		`{"length":9,"parser":"int"}`:       {`"ab"`, fault.CodeBadFormat},
	} {
		v, err := validator.Compile(json.RawMessage(rules))
		require.NoError(t, err, rules)
		found, err := v.Validate(json.RawMessage(c.value))
		require.NoError(t, err)
		require.Len(t, found, 1, rules)
		require.Equal(t, c.code.Name, found[0].Code.Name, rules)
	}
}

func TestFindingsNeverQuoteTheValue(t *testing.T) {
	t.Parallel()
	v, err := validator.Compile(json.RawMessage(`{"pattern":"^a+$","enum":["x"],"format":"uuid","minLength":100,"not":{},"maxLength":1}`))
	require.NoError(t, err)
	found, err := v.Validate(json.RawMessage(`"hunter2-secret"`))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	require.NotContains(t, fmt.Sprint(found), "hunter2")
}

func TestSchemasAreRefusedAtWrite(t *testing.T) {
	t.Parallel()
	// chain makes forty definitions that each use the one before twice.
	chain := func(top, link string) string {
		var b strings.Builder
		b.WriteString(`{` + top + `,"$defs":{"d0":{"type":"integer"}`)
		for i := 1; i < 40; i++ {
			ref := fmt.Sprintf(`{"$ref":"#/$defs/d%d"}`, i-1)
			fmt.Fprintf(&b, `,"d%d":{`+link+`}`, i, ref, ref)
		}
		return b.String() + `}}`
	}
	bomb := chain(`"$ref":"#/$defs/d39"`, `"allOf":[%s,%s]`)
	dependent := chain(`"not":{"$ref":"#/$defs/d39"}`, `"dependentSchemas":{"a":%s,"b":%s}`)
	for name, c := range map[string]struct{ rules, place string }{
		"no object":              {`[]`, "schema"},
		"broken":                 {`{"type":`, "schema"},
		"wrong type name":        {`{"type":"numbr"}`, "schema.type"},
		"wrong keyword value":    {`{"properties":{"a":{"minimum":"1"}}}`, "schema.properties.a.minimum"},
		"file":                   {`{"$ref":"file:///etc/passwd"}`, "schema"},
		"http":                   {`{"$ref":"http://127.0.0.1:1/x"}`, "schema"},
		"relative":               {`{"$ref":"other.json"}`, "schema"},
		"dangling":               {`{"$ref":"#/$defs/none"}`, "schema"},
		"other draft":            {`{"$schema":"http://json-schema.org/draft-04/schema#"}`, "schema.$schema"},
		"other draft inside":     {`{"$defs":{"a":{"$id":"urn:a","$schema":"http://json-schema.org/draft-04/schema"}}}`, "schema"},
		"wrong regexp":           {`{"pattern":"("}`, "schema.pattern"},
		"huge regexp":            {`{"pattern":"` + strings.Repeat(`\\w{900}`, 10) + `"}`, "schema"},
		"huge exponent":          {`{"multipleOf":1e100000000}`, "schema"},
		"alternatives multiply":  {bomb, "schema"},
		"dependents multiply":    {dependent, "schema"},
		"patterns multiply":      {`{"patternProperties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}}`, "schema"},
		"over its size":          {`{"description":"` + strings.Repeat("x", validator.MaxSchema) + `"}`, "schema"},
		"too many objects":       {`{"enum":[` + strings.TrimSuffix(strings.Repeat(`{},`, 2000), ",") + `]}`, "schema"},
		"too deep":               {strings.Repeat(`{"not":`, 50) + `{}` + strings.Repeat(`}`, 50), "schema"},
		"older, length 0":        {`{"length":0,"parser":"int"}`, "schema.length"},
		"older, broken length":   {`{"length":1.5}`, "schema.length"},
		"older, parser no text":  {`{"length":1,"parser":1}`, "schema.parser"},
		"older, length too long": {`{"length":1e9}`, "schema.length"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := validator.Compile(json.RawMessage(c.rules))
			f := fault.As(err)
			require.NotNil(t, f, "%v", err)
			require.Equal(t, fault.Invalid, f.Kind)
			require.NotEmpty(t, f.Details)
			location, ok := f.Details[0].Place().Within("schema")
			require.True(t, ok)
			require.Equal(t, c.place, location)
			require.NotContains(t, f.Details[0].Message(), "passwd")
			require.Less(t, time.Since(began), waittest.Bound)
		})
	}
}

func TestAnEndlessReferenceEnds(t *testing.T) {
	t.Parallel()
	v, err := validator.Compile(json.RawMessage(`{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}`))
	require.NoError(t, err)
	found, err := v.Validate(json.RawMessage(`1`))
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestValuesAreBounded(t *testing.T) {
	t.Parallel()
	v, err := validator.Compile(json.RawMessage(`{"type":"integer","multipleOf":3}`))
	require.NoError(t, err)
	for _, value := range []string{`1e999999999`, strings.Repeat("[", 100) + strings.Repeat("]", 100), `"` + strings.Repeat("x", validator.MaxValue) + `"`} {
		_, err := v.Validate(json.RawMessage(value))
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}
