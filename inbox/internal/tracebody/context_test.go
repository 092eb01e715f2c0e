package tracebody_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/tracebody"
)

const context = `"source":"RX7","equipment_id":4,"rbw_hz":3000,"enbw_hz":3200.5,"unit":"dBm","detector":"rms","trace_mode":"max-hold",` +
	`"sweep_time_s":0.5,"attenuation_db":0,"gain_db":12.5,"antenna":"discone","azimuth_deg":120,"overload":false`

// full is a sample with everything that a trace may carry.
var full = strings.NewReplacer(`"location":{`, context+`,"location":{"alt_m":-3,"alt":[210.50],`, `"noise":`, `"meta":{"x": {"y":[1, 2]}},"noise":`,
	`"guid"`, `"sensor":"q\u0041","guid"`).Replace(sample)

func TestContext(t *testing.T) {
	t.Parallel()
	requireSameVerdict(t, []byte(full))
	var trace tracebody.Trace
	require.NoError(t, tracebody.Scan([]byte(full), &trace, limits))
	require.Equal(t, ","+context, string(trace.AppendJSON(nil)), "it is given back as it was sent")
	require.InDelta(t, -3, *trace.AltM, 0)
	//nolint:testifylint // as it was written, but for needless escapes
	require.Equal(t, `{"x":{"y":[1,2]},"sensor":"qA","location":{"alt":[210.50]}}`, string(trace.Meta))

	// What the one before has left is gone.
	require.NoError(t, tracebody.Scan([]byte(sample), &trace, limits))
	require.Empty(t, trace.Meta)
	require.Nil(t, trace.AltM)
	require.Equal(t, tracebody.Context{}, trace.Context)
	require.Empty(t, trace.AppendJSON(nil))
}

func TestContextVariants(t *testing.T) {
	t.Parallel()
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(full) }
	for name, c := range map[string]struct{ body, fields string }{
		"null is absent":          {body: replace(`"RX7"`, `null`, `:4,`, `:null,`, `:false`, `:null`, `"rms"`, `null`, `:3000`, `:null`, `"meta":{"x": {"y":[1, 2]}}`, `"meta":null`)},
		"blank at the end":        {body: replace(`"RX7"`, `"RX7 "`), fields: "source"},
		"no-break space":          {body: replace(`"RX7"`, `"RX\u00a07"`), fields: "source"},
		"zero-width space":        {body: replace(`"RX7"`, "\"RX\u200b7\""), fields: "source"},
		"turned around":           {body: replace(`"RX7"`, `"RX\u202e7"`), fields: "source"},
		"NUL":                     {body: replace(`"discone"`, `"a\u0000b"`), fields: "antenna"},
		"blanks within":           {body: replace(`"RX7"`, `"RX 7 Süd"`)},
		"80 characters":           {body: replace(`"RX7"`, `"`+strings.Repeat("ж", 80)+`"`)},
		"81 characters":           {body: replace(`"RX7"`, `"`+strings.Repeat("ж", 81)+`"`), fields: "source"},
		"a source of no text":     {body: replace(`"RX7"`, `7`), fields: "source"},
		"equipment 0":             {body: replace(`:4,`, `:0,`), fields: "equipment_id"},
		"the last equipment":      {body: replace(`:4,`, `:9007199254740991,`)},
		"past the last equipment": {body: replace(`:4,`, `:9007199254740992,`), fields: "equipment_id"},
		"a half equipment":        {body: replace(`:4,`, `:4.5,`), fields: "equipment_id"},
		"no bandwidth":            {body: replace(`:3000,`, `:0,`), fields: "rbw_hz"},
		"an endless bandwidth":    {body: replace(`:3000,`, `:1e999,`), fields: "rbw_hz"},
		"another unit":            {body: replace(`"dBm"`, `"dBm/Hz"`)},
		"an unknown unit":         {body: replace(`"dBm"`, `"dbm"`), fields: "unit"},
		"an unknown detector":     {body: replace(`"rms"`, `"RMS"`), fields: "detector"},
		"a mode of no text":       {body: replace(`"max-hold"`, `{}`), fields: "trace_mode"},
		"no sweep time":           {body: replace(`:0.5,`, `:-0.5,`), fields: "sweep_time_s"},
		"gain of text":            {body: replace(`:12.5`, `:"12.5"`), fields: "gain_db"},
		"azimuth":                 {body: replace(`:120`, `:360.5`), fields: "azimuth_deg"},
		"overload of text":        {body: replace(`:false`, `:"no"`), fields: "overload"},
		"altitude":                {body: replace(`:-3`, `:-30000`), fields: "location.alt_m"},
		"null and then a value":   {body: replace(`"RX7"`, `null,"source":"RX7"`), fields: "source"},
		"meta twice":              {body: replace(`"guid"`, `"meta":{},"guid"`), fields: "meta"},
		"meta of no object":       {body: replace(`"meta":{"x": {"y":[1, 2]}}`, `"meta":[1]`), fields: "meta"},
		"a name twice":            {body: replace(`"x":`, `"sensor":`), fields: "meta"},
		"location twice":          {body: replace(`"x":`, `"location":`), fields: "meta"},
		"an unknown one repeated": {body: replace(`"guid"`, `"z":1,"z":{"a":2},"guid"`), fields: "meta"},
		"repeated within meta":    {body: replace(`"x": {`, `"x": {"y":2,`), fields: "meta"},
		"repeated, escaped":       {body: replace(`"x": {`, `"x": {"\u0079":2,`), fields: "meta"},
		"repeated in a list":      {body: replace(`"y":[1, 2]`, `"y":[1, {"a":1,"a":1}]`), fields: "meta"},
		"repeated in own meta":    {body: replace(`"x": {`, `"x":1,"x": {`), fields: "meta"},
		"repeated in an unknown":  {body: replace(`"guid"`, `"z":{"a":{"b":1,"b":1}},"guid"`), fields: "meta"},
		"one name in two places":  {body: replace(`"x": {`, `"z":{"y":2},"x": {`)},
		"repeated in a place":     {body: replace(`"alt_m"`, `"z":1,"z":1,"alt_m"`), fields: "meta"},
		"what an answer added":    {body: replace(`"guid"`, `"received_at":"2026-05-04T03:02:01Z","guid"`)},
		"deep":                    {body: replace(`"x":`, `"d":`+strings.Repeat("[", 63)+strings.Repeat("]", 63)+`,"x":`)},
		"too deep":                {body: replace(`"x":`, `"d":`+strings.Repeat("[", 64)+strings.Repeat("]", 64)+`,"x":`), fields: "meta"},
		"brackets in texts":       {body: replace(`"x":`, `"d":"`+strings.Repeat(`[\"{`, 70)+`","x":`)},
	} {
		want := map[string]bool{}
		for f := range strings.FieldsSeq(c.fields) {
			want[f] = true
		}
		got := scan(t, []byte(c.body))
		require.False(t, got.malformed, name)
		require.Equal(t, want, got.fields, name)
		requireSameVerdict(t, []byte(c.body))
	}
}

func TestMetaHasABound(t *testing.T) {
	t.Parallel()
	body := func(length int) string {
		return strings.Replace(sample, `"guid"`, `"meta": { "m" : "" },"own":"`+strings.Repeat("y", length)+`","guid"`, 1)
	}
	room := 8192 - len(`{"m":"","own":""}`)
	var trace tracebody.Trace
	require.NoError(t, tracebody.Scan([]byte(body(room)), &trace, limits))
	require.Len(t, trace.Meta, 8192)
	details := fault.As(tracebody.Scan([]byte(body(room+1)), &trace, limits)).Details
	require.Len(t, details, 1)
	require.Equal(t, fault.NewDetail(fault.Field("meta"), fault.CodeOf("meta_too_large"), details[0].Message()), details[0])

	many := strings.Replace(sample, `"guid"`, strings.Repeat(`"":0,`, 100_000)+`"guid"`, 1)
	require.Equal(t, details, fault.As(tracebody.Scan([]byte(many), &trace, limits)).Details)
	invalid := strings.Replace(sample, `"guid"`, "\"own\":\"\xff\",\"guid\"", 1)
	require.Equal(t, fault.Field("meta"), fault.As(tracebody.Scan([]byte(invalid), &trace, limits)).Details[0].Place())
	require.ErrorIs(t, tracebody.Scan([]byte(strings.Replace(full, "RX7", "RX\xff", 1)), &trace, limits), tracebody.ErrInvalid)
}

func TestMissingValues(t *testing.T) {
	t.Parallel()
	var trace tracebody.Trace
	require.NoError(t, tracebody.Scan([]byte(strings.Replace(sample, "-80,", "null ,", 1)), &trace, limits))
	levels, err := rf.FromBytes(trace.Power)
	require.NoError(t, err)
	require.Equal(t, []rf.Level{-7524, rf.Missing, 0}, levels)
	for _, value := range []string{"NaN", "Infinity", "-Infinity", "9.91E+37", "-9.9e37", "1e999"} {
		err := tracebody.Scan([]byte(strings.Replace(sample, "-80", value, 1)), &trace, limits)
		require.ErrorIs(t, err, tracebody.ErrInvalid, value)
		require.Equal(t, fault.Field("y_val_dbm[1]"), fault.As(err).Details[0].Place())
		require.Contains(t, fault.As(err).Details[0].Message(), "null", "the advice")
	}
	err = tracebody.Scan([]byte(strings.Replace(sample, "-75.24,-80,0.005", "null,null,null", 1)), &trace, limits)
	require.Contains(t, fault.As(err).Details[0].Message(), "nothing was measured")
}

func TestAppendJSONIsJSON(t *testing.T) {
	t.Parallel()
	var trace tracebody.Trace
	require.NoError(t, tracebody.Scan([]byte(strings.Replace(full, "discone", `dis\"cone <&> Ж`, 1)), &trace, limits))
	var back tracebody.Context
	require.NoError(t, json.Unmarshal([]byte(`{"x":1`+string(trace.AppendJSON(nil))+`}`), &back))
	require.Equal(t, trace.Context, back)
}
