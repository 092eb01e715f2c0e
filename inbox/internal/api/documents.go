package api

import (
	"time"

	"nms.example/inbox/internal/ingest"
)

// TraceDocument is a trace as it is sent and answered. It documents the interface; traces are read by
// package tracebody and written by traceJSON.
type TraceDocument struct {
	GUID       string          `json:"guid" format:"uuid" doc:"Chosen by the sender; sending the same trace again is harmless"`
	StartHz    int64           `json:"start_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Frequency of the first value, Hz"`
	StopHz     int64           `json:"stop_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Frequency of the last value, Hz: start + (numpoints - 1) * step"`
	StepHz     int64           `json:"step_freq_hz" minimum:"1" maximum:"1000000000000000" doc:"Distance between values, Hz"`
	NoiseDBm   float64         `json:"noise" minimum:"-327.67" maximum:"327.67" doc:"Noise floor, dBm"`
	Points     int             `json:"numpoints" minimum:"1" doc:"Number of values"`
	PowerDBm   []float64       `json:"y_val_dbm" minItems:"1" doc:"Power values, dBm from -327.67 to 327.67; kept in hundredths, rounded half to even"`
	Timestamp  time.Time       `json:"timestamp" doc:"When it was measured, RFC 3339 with an offset"`
	Location   ingest.Location `json:"location" doc:"Where it was measured"`
	ReceivedAt time.Time       `json:"received_at,omitzero" readOnly:"true" doc:"When it was stored"`
	// FrequencyHz comes with a thinned trace alone.
	FrequencyHz []int64 `json:"freq_hz,omitempty" readOnly:"true" doc:"Frequency of each value, Hz; only of a trace thinned by points"`
}

// GUIDDocument names what was taken.
type GUIDDocument struct {
	GUID string `json:"guid" format:"uuid"`
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
	Location string `json:"location"`
	Message  string `json:"message"`
}
