package api

import (
	"time"

	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/tracebody"
)

// TraceDocument is a trace as it is sent and answered. It documents the interface; traces are read by
// package tracebody and written by traceJSON.
type TraceDocument struct {
	_         struct{}         `additionalProperties:"true"` // kept in Meta
	GUID      string           `json:"guid" format:"uuid" doc:"Chosen by the sender; sending the same trace again is harmless"`
	StartHz   float64          `json:"start_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Frequency of the first value, Hz"`
	StopHz    float64          `json:"stop_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Frequency of the last value, Hz; the values lie evenly"`
	StepHz    float64          `json:"step_freq_hz" minimum:"0.000001" maximum:"1000000000000000" doc:"Distance between values, Hz; may miss stop by half a step"`
	NoiseDBm  float64          `json:"noise" minimum:"-327.67" maximum:"327.67" doc:"Noise floor, in the unit of the values"`
	Points    int              `json:"numpoints" minimum:"1" doc:"Number of values"`
	PowerDBm  []*float64       `json:"y_val_dbm" minItems:"1" doc:"Powers, dBm or what unit says, -327.67 to 327.67, kept in hundredths; null: no value, not for all"`
	Timestamp time.Time        `json:"timestamp" doc:"When it was measured, RFC 3339 with an offset"`
	Location  LocationDocument `json:"location" doc:"Where it was measured"`
	tracebody.Context
	Meta       map[string]any `json:"meta,omitempty" doc:"The sender's own; unknown fields are kept in it too, those of location in location; at most 8 KiB"`
	ReceivedAt time.Time      `json:"received_at,omitzero" readOnly:"true" doc:"When it was stored"`
	// FrequencyHz comes with a thinned trace alone.
	FrequencyHz []float64 `json:"freq_hz,omitempty" readOnly:"true" doc:"Frequency of each value, Hz; only of a trace thinned by points"`
}

// LocationDocument is where a trace was measured.
type LocationDocument struct {
	_ struct{} `additionalProperties:"true"` // kept in the trace's meta
	ingest.Location
}

// GUIDDocument names what was taken.
type GUIDDocument struct {
	GUID string `json:"guid" format:"uuid" doc:"The trace's guid"`
}

// LineDocument is the answer to one line of a stream.
type LineDocument struct {
	Line   int           `json:"line" doc:"Number of the line, from 1"`
	GUID   *string       `json:"guid" nullable:"true" doc:"The trace's guid; null when the line held none that could be read"`
	Status int           `json:"status" doc:"What a single post would have been answered with"`
	Errors []LineProblem `json:"errors,omitempty" doc:"Why it was refused"`
}

// LineProblem is one reason for a refused line.
type LineProblem struct {
	Location string `json:"location" doc:"The place in the line: body.location.lat"`
	Message  string `json:"message" doc:"What is wrong there"`
}
