package sigmf_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"nms.example/inbox/internal/sigmf"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/tracebody"
)

// schemaFile holds what the specification, version 1.2, demands of the fields written here. It is our own
// summary: the project's schema may not be copied under this licence. SIGMF_SCHEMA names a copy of
// sigmf-schema.json to test against in its place.
const schemaFile = "testdata/meta.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	name := schemaFile
	if own := os.Getenv("SIGMF_SCHEMA"); own != "" {
		name = own
	}
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("meta.json", document))
	compiled, err := compiler.Compile("meta.json")
	require.NoError(t, err)
	return compiled
}

func validate(t *testing.T, meta sigmf.Meta) error {
	t.Helper()
	text, err := json.Marshal(meta)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return schema(t).Validate(document)
}

// setup gives a trace of five values from 100.0 to 100.4 kHz.
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

	digest := sha512.Sum512(source.Power)
	require.Equal(t, hex.EncodeToString(digest[:]), meta.Global.SHA512)
	require.Equal(t, "2026-06-01T12:00:30.123456Z", meta.Captures[0].Datetime)
	require.InDelta(t, 100_200, *meta.Captures[0].Frequency, 0)
	require.Equal(t, [2]float64{37.62, 55.75}, meta.Captures[0].Location.Coordinates, "longitude first")
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
	require.Equal(t, int64(2_000_000_000_000), meta.Global.StartHz)
}

func TestTheSchemaWouldNotice(t *testing.T) {
	t.Parallel()
	meta := sigmf.Describe(setup(), nil)
	meta.Global.Datatype = "int16"
	require.Error(t, validate(t, meta))
	meta = sigmf.Describe(setup(), nil)
	meta.Captures[0].SampleStart = -1
	require.Error(t, validate(t, meta))
}
