// Package sigmf exports traces in the Signal Metadata Format, version 1.2 (https://sigmf.org).
//
// SigMF describes recordings of samples over time. A trace is a row of powers over frequency, so its
// samples are declared as plain real 16-bit integers, and what they mean stands in fields of the
// extension namespace "nms". It is not optional: a reader that ignores it would take a spectrum for samples
// over time. Sample i of n is the power at nms:start_freq_hz + i · (nms:stop_freq_hz − nms:start_freq_hz) / (n − 1),
// in nms:scale of nms:unit; nms:missing stands for a value that the receiver does not have.
package sigmf

import (
	"archive/tar"
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"nms.example/common/rf"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

const (
	formatVersion    = "1.2.0"
	extensionName    = "nms"
	extensionVersion = "1.0.0"
	// maxFrequency is the largest frequency that SigMF's own fields take, in hertz, both signs.
	maxFrequency = 1e12
)

// Meta is a metadata file.
type Meta struct {
	Global      Global       `json:"global"`
	Captures    []Capture    `json:"captures"`
	Annotations []Annotation `json:"annotations"`
}

// Global describes the recording as a whole.
type Global struct {
	Datatype    string      `json:"core:datatype"`
	Version     string      `json:"core:version"`
	Channels    int         `json:"core:num_channels"`
	SHA512      string      `json:"core:sha512"`
	Description string      `json:"core:description"`
	Recorder    string      `json:"core:recorder"`
	Extensions  []Extension `json:"core:extensions"`

	GUID     string   `json:"nms:guid"`
	Quantity string   `json:"nms:quantity"`
	Unit     string   `json:"nms:unit"`
	Scale    float64  `json:"nms:scale"`
	Missing  rf.Level `json:"nms:missing"`
	StartHz  float64  `json:"nms:start_freq_hz"`
	StopHz   float64  `json:"nms:stop_freq_hz"`
	StepHz   float64  `json:"nms:step_freq_hz"`
	Noise    float64  `json:"nms:noise"`

	Source        *string         `json:"nms:source,omitempty"`
	EquipmentID   *int64          `json:"nms:equipment_id,omitempty"`
	RBWHz         *float64        `json:"nms:rbw_hz,omitempty"`
	ENBWHz        *float64        `json:"nms:enbw_hz,omitempty"`
	Detector      *string         `json:"nms:detector,omitempty"`
	TraceMode     *string         `json:"nms:trace_mode,omitempty"`
	SweepTimeS    *float64        `json:"nms:sweep_time_s,omitempty"`
	AttenuationDB *float64        `json:"nms:attenuation_db,omitempty"`
	GainDB        *float64        `json:"nms:gain_db,omitempty"`
	Antenna       *string         `json:"nms:antenna,omitempty"`
	AzimuthDeg    *float64        `json:"nms:azimuth_deg,omitempty"`
	Overload      *bool           `json:"nms:overload,omitempty"`
	Meta          json.RawMessage `json:"nms:meta,omitempty"`
}

// Extension declares a namespace.
type Extension struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Optional bool   `json:"optional"`
}

// Capture says when and where; frequency is the centre of the trace.
type Capture struct {
	SampleStart int      `json:"core:sample_start"`
	Frequency   *float64 `json:"core:frequency,omitempty"`
	Datetime    string   `json:"core:datetime"`
	Location    Point    `json:"core:geolocation"`
}

// Point is a GeoJSON point (RFC 7946): longitude, latitude and, where it is known, the altitude in metres.
type Point struct {
	Type        string    `json:"type"`
	Coordinates []float64 `json:"coordinates"`
}

// Annotation is a signal: the samples and the band that it covers.
type Annotation struct {
	SampleStart int      `json:"core:sample_start"`
	SampleCount int      `json:"core:sample_count"`
	LowerEdge   *float64 `json:"core:freq_lower_edge,omitempty"`
	UpperEdge   *float64 `json:"core:freq_upper_edge,omitempty"`
	Label       string   `json:"core:label"`
	UUID        string   `json:"core:uuid"`
	F0Hz        float64  `json:"nms:f0_freq_hz"`
}

// Describe makes the metadata of a trace and the signals that touch it.
func Describe(t *trace.Trace, signals []signal.Signal) Meta {
	point := Point{"Point", []float64{t.Lng, t.Lat}}
	if t.AltM != nil {
		point.Coordinates = append(point.Coordinates, *t.AltM)
	}
	meta := Meta{
		Global: global(t),
		Captures: []Capture{{
			Frequency: inRange((t.StartHz + t.StopHz) / 2),
			Datetime:  t.Time.UTC().Format(time.RFC3339Nano),
			Location:  point,
		}},
		Annotations: []Annotation{},
	}
	axis := rf.Trace{StartHz: t.StartHz, StopHz: t.StopHz, StepHz: t.StepHz, Levels: make([]rf.Level, t.Points())}
	for i := range signals {
		if a, ok := annotation(&axis, &signals[i]); ok {
			meta.Annotations = append(meta.Annotations, a)
		}
	}
	slices.SortStableFunc(meta.Annotations, func(a, b Annotation) int { return a.SampleStart - b.SampleStart })
	return meta
}

func global(t *trace.Trace) Global {
	digest := sha512.Sum512(t.Power)
	unit := string(rf.UnitDBm)
	if t.Unit != nil {
		unit = *t.Unit
	}
	return Global{
		Datatype: "ri16_le", Version: formatVersion, Channels: 1, SHA512: hex.EncodeToString(digest[:]),
		Description: "Power spectrum: the samples are the powers at frequencies from nms:start_freq_hz to nms:stop_freq_hz, evenly spaced.",
		Recorder:    "nms inbox",
		Extensions:  []Extension{{extensionName, extensionVersion, false}},
		GUID:        t.GUID.String(), Quantity: "power over frequency", Unit: unit, Scale: 0.01, Missing: rf.Missing,
		StartHz: t.StartHz, StopHz: t.StopHz, StepHz: t.StepHz, Noise: t.NoiseDBm,
		Source: t.Source, EquipmentID: t.EquipmentID, RBWHz: t.RBWHz, ENBWHz: t.ENBWHz, Detector: t.Detector, TraceMode: t.TraceMode,
		SweepTimeS: t.SweepTimeS, AttenuationDB: t.AttenuationDB, GainDB: t.GainDB, Antenna: t.Antenna, AzimuthDeg: t.AzimuthDeg,
		Overload: t.Overload, Meta: t.Meta,
	}
}

// inRange returns hz where SigMF has a place for it.
func inRange(hz float64) *float64 {
	if hz > maxFrequency || hz < -maxFrequency {
		return nil
	}
	return &hz
}

func annotation(axis *rf.Trace, s *signal.Signal) (Annotation, bool) {
	first, last, ok := axis.Within(s.Band())
	if !ok {
		return Annotation{}, false
	}
	a := Annotation{
		SampleStart: first, SampleCount: last - first + 1, Label: "signal", UUID: s.GUID.String(), F0Hz: s.F0Hz,
		LowerEdge: inRange(s.StartHz), UpperEdge: inRange(s.StopHz),
	}
	if a.LowerEdge == nil || a.UpperEdge == nil { // both or neither
		a.LowerEdge, a.UpperEdge = nil, nil
	}
	return a, true
}

// Archive packs metadata and samples into a SigMF archive: a tar file of one recording.
func Archive(t *trace.Trace, signals []signal.Signal) ([]byte, error) {
	meta, err := json.MarshalIndent(Describe(t, signals), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("sigmf: %w", err)
	}
	name := t.GUID.String()
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	for _, file := range []struct {
		name string
		body []byte
	}{{name + ".sigmf-meta", meta}, {name + ".sigmf-data", t.Power}} {
		header := &tar.Header{
			Name: name + "/" + file.name, Mode: 0o644, Size: int64(len(file.body)), ModTime: t.Time, Typeflag: tar.TypeReg, Format: tar.FormatPAX,
		}
		if err := archive.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("sigmf: %w", err)
		}
		if _, err := archive.Write(file.body); err != nil {
			return nil, fmt.Errorf("sigmf: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("sigmf: %w", err)
	}
	return out.Bytes(), nil
}
