package sigmf_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"nms.example/inbox/internal/sigmf"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/tracebody"
)

// schemaFile is the format's own schema, see the README beside it.
const schemaFile = "testdata/sigmf/sigmf-schema.json"

func readSchema(t *testing.T) any {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return document
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.UseRegexpEngine(ecma) // the pattern of core:datetime looks ahead, which Go's own expressions do not
	require.NoError(t, compiler.AddResource("sigmf.json", readSchema(t)))
	compiled, err := compiler.Compile("sigmf.json")
	require.NoError(t, err)
	return compiled
}

// expression is a regular expression as JSON Schema means it, that of ECMAScript.
type expression struct{ *regexp2.Regexp }

func ecma(text string) (jsonschema.Regexp, error) {
	compiled, err := regexp2.Compile(text, regexp2.ECMAScript)
	return expression{compiled}, err
}

func (e expression) MatchString(text string) bool {
	matched, err := e.Regexp.MatchString(text)
	return err == nil && matched
}

func written(t *testing.T, meta sigmf.Meta) map[string]any {
	t.Helper()
	text, err := json.Marshal(meta)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	object, ok := document.(map[string]any)
	require.True(t, ok)
	return object
}

func validate(t *testing.T, meta sigmf.Meta) error {
	t.Helper()
	return schema(t).Validate(written(t, meta))
}

// at follows a path of members.
func at(document any, path ...string) any {
	for _, name := range path {
		object, ok := document.(map[string]any)
		if !ok {
			return nil
		}
		document = object[name]
	}
	return document
}

// requireKnownNames asserts that every member of the namespace core is one of the format: the schema lets others pass.
func requireKnownNames(t *testing.T, meta sigmf.Meta) {
	t.Helper()
	schema, document := readSchema(t), written(t, meta)
	check := func(object any, known any) {
		members, ok := object.(map[string]any)
		require.True(t, ok)
		for name := range members {
			if strings.HasPrefix(name, "core:") {
				require.Contains(t, known, name)
			} else {
				require.Regexp(t, "^nms:[a-z0-9_]+$", name)
			}
		}
	}
	check(document["global"], at(schema, "properties", "global", "properties"))
	for _, part := range []string{"captures", "annotations"} {
		items, ok := document[part].([]any)
		require.True(t, ok)
		for _, item := range items {
			check(item, at(schema, "properties", part, "items", "properties"))
		}
	}
}

// setup makes a trace of five values from 100.0 to 100.4 kHz.
func setup() *trace.Trace {
	return &trace.Trace{Trace: tracebody.Trace{
		GUID: uuid.New(), StartHz: 100_000, StopHz: 100_400, StepHz: 100, NoiseDBm: -101.5,
		Time: time.Date(2026, 6, 1, 12, 0, 30, 123456000, time.UTC), Lat: 55.75, Lng: 37.62,
		Power: []byte{0x9c, 0xe2, 0xc0, 0xe0, 0, 0, 0xff, 0x7f, 1, 0x80},
	}}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	source := setup()
	late := signal.Signal{GUID: uuid.New(), StartHz: 100_250, StopHz: 200_000, F0Hz: 100_300}
	early := signal.Signal{GUID: uuid.New(), StartHz: 0, StopHz: 100_100, F0Hz: 100_050}
	outside := signal.Signal{GUID: uuid.New(), StartHz: 200_000, StopHz: 300_000, F0Hz: 250_000}
	between := signal.Signal{GUID: uuid.New(), StartHz: 100_110, StopHz: 100_120, F0Hz: 100_115}
	meta := sigmf.Describe(source, []signal.Signal{late, outside, between, early})
	require.NoError(t, validate(t, meta))
	requireKnownNames(t, meta)

	digest := sha512.Sum512(source.Power)
	require.Equal(t, hex.EncodeToString(digest[:]), meta.Global.SHA512)
	require.Equal(t, "2026-06-01T12:00:30.123456Z", meta.Captures[0].Datetime)
	require.InDelta(t, 100_200, *meta.Captures[0].Frequency, 0)
	require.Equal(t, []float64{37.62, 55.75}, meta.Captures[0].Location.Coordinates, "longitude first")
	require.Len(t, meta.Annotations, 2, "a signal without a value of its own is no annotation")
	require.Equal(t, early.GUID.String(), meta.Annotations[0].UUID)
	require.Equal(t, []int{0, 2}, []int{meta.Annotations[0].SampleStart, meta.Annotations[0].SampleCount})
	require.Equal(t, []int{3, 2}, []int{meta.Annotations[1].SampleStart, meta.Annotations[1].SampleCount})
}

func TestFrequenciesBeyondTheFormatAreLeftOut(t *testing.T) {
	t.Parallel()
	source := setup()
	source.StartHz, source.StopHz = 2e12, 2e12+400
	meta := sigmf.Describe(source, []signal.Signal{{GUID: uuid.New(), StartHz: 2e12, StopHz: 2e12 + 100, F0Hz: 2e12}})
	require.NoError(t, validate(t, meta))
	require.Nil(t, meta.Captures[0].Frequency)
	require.Nil(t, meta.Annotations[0].LowerEdge)
	require.InDelta(t, 2e12, meta.Global.StartHz, 0)
}

func TestMetadataHoldsAllThatAReceiverTells(t *testing.T) {
	t.Parallel()
	source := setup()
	source.StartHz, source.StopHz, source.StepHz = 400e6, 400347222.24, 86805.56
	source.AltM, source.Meta = new(210.5), []byte(`{"own":[1.50]}`)
	source.Context = tracebody.Context{
		Source: new("RX7"), EquipmentID: new(int64(4)), RBWHz: new(3000.0), ENBWHz: new(3200.0), Unit: new("dBm/Hz"), Detector: new("rms"),
		TraceMode: new("max-hold"), SweepTimeS: new(0.5), AttenuationDB: new(0.0), GainDB: new(12.5), Antenna: new("discone"), AzimuthDeg: new(120.0),
		Overload: new(false),
	}
	meta := sigmf.Describe(source, []signal.Signal{{GUID: uuid.New(), StartHz: 400086805.56, StopHz: 400.2e6, F0Hz: 400.1e6}})
	require.NoError(t, validate(t, meta))
	requireKnownNames(t, meta)
	require.Equal(t, []sigmf.Extension{{Name: "nms", Version: "1.0.0", Optional: false}}, meta.Global.Extensions, "a spectrum is no row of samples over time")
	require.Equal(t, []float64{37.62, 55.75, 210.5}, meta.Captures[0].Location.Coordinates)
	require.Equal(t, []int{1, 2}, []int{meta.Annotations[0].SampleStart, meta.Annotations[0].SampleCount})
	global, err := json.Marshal(meta.Global)
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(global, &members))
	// Every field of the context, by its own name.
	told, err := json.Marshal(source.Context)
	require.NoError(t, err)
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(told, &fields))
	require.Len(t, fields, 13)
	for name, value := range fields {
		require.Equal(t, string(value), string(members["nms:"+name]), name)
	}
	require.JSONEq(t, `{"own":[1.50]}`, string(members["nms:meta"]))
	require.Equal(t, "86805.56", string(members["nms:step_freq_hz"]))
	require.Equal(t, "-32768", string(members["nms:missing"]))
	require.Equal(t, "0.01", string(members["nms:scale"]))
}

func TestTheSchemaWouldNotice(t *testing.T) {
	t.Parallel()
	meta := sigmf.Describe(setup(), nil)
	meta.Global.Datatype = "int16"
	require.Error(t, validate(t, meta))
	meta = sigmf.Describe(setup(), nil)
	meta.Captures[0].SampleStart = -1
	require.Error(t, validate(t, meta))
	meta = sigmf.Describe(setup(), nil)
	meta.Captures[0].Datetime = "yesterday"
	require.Error(t, validate(t, meta))
}
