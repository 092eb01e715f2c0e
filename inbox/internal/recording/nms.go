package recording

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/google/uuid"
)

// nmsFields are the namespace nms, in which inbox says what the samples of its exports mean.
type nmsFields struct {
	GUID    string   `json:"nms:guid"`
	Unit    string   `json:"nms:unit"`
	Scale   *float64 `json:"nms:scale"`
	Missing *float64 `json:"nms:missing"`
	StartHz *float64 `json:"nms:start_freq_hz"`
	StopHz  float64  `json:"nms:stop_freq_hz"`
	StepHz  float64  `json:"nms:step_freq_hz"`
	Noise   *float64 `json:"nms:noise"`
	// NoiseDBm is what Noise was called when every unit was dBm.
	NoiseDBm  *float64        `json:"nms:noise_dbm"`
	Source    string          `json:"nms:source"`
	Equipment int64           `json:"nms:equipment_id"`
	RBWHz     float64         `json:"nms:rbw_hz"`
	ENBWHz    float64         `json:"nms:enbw_hz"`
	Detector  string          `json:"nms:detector"`
	TraceMode string          `json:"nms:trace_mode"`
	SweepTime float64         `json:"nms:sweep_time_s"`
	AttenDB   *float64        `json:"nms:attenuation_db"`
	GainDB    *float64        `json:"nms:gain_db"`
	Antenna   string          `json:"nms:antenna"`
	Azimuth   *float64        `json:"nms:azimuth_deg"`
	Overload  *bool           `json:"nms:overload"`
	Meta      json.RawMessage `json:"nms:meta"`
}

// spectra returns the one trace of an export, with the guid that it has in inbox. Older exports say the scale in the unit
// ("0.01 dBm").
func (f *nmsFields) spectra() ([]spectrum, error) {
	name, hundredths := strings.CutPrefix(f.Unit, "0.01 ")
	unit, known := units[strings.ToLower(name)]
	if !known {
		return nil, fmt.Errorf("the unit %.40q is not known", f.Unit)
	}
	scale, missing := 1.0, math.NaN()
	switch {
	case f.Scale != nil:
		scale = *f.Scale
	case hundredths:
		scale = 0.01
	}
	if f.Missing != nil {
		missing = *f.Missing
	}
	steps := (f.StopHz - *f.StartHz) / f.StepHz
	sound := f.StepHz > 0 && steps >= 0 && steps < MaxPoints-1 && math.Abs(*f.StartHz) <= maxHz
	if !sound {
		return nil, errEdges
	}
	id, err := uuid.Parse(f.GUID)
	if err != nil {
		id = uuid.Nil // the trace gets one as others do
	}
	noise := f.Noise
	if noise == nil {
		noise = f.NoiseDBm
	}
	return []spectrum{{
		own: true, count: int64(math.Round(steps)) + 1,
		scale: func(v float64) float64 {
			if v == missing {
				return math.NaN()
			}
			return scaled(v, scale)
		},
		trace: Trace{
			GUID: id, StartHz: *f.StartHz, StopHz: f.StopHz, StepHz: f.StepHz, Noise: noise, Source: f.Source, EquipmentID: f.Equipment,
			RBWHz: f.RBWHz, ENBWHz: f.ENBWHz, Unit: unit, Detector: f.Detector, TraceMode: f.TraceMode, SweepTimeS: f.SweepTime,
			AttenuationDB: f.AttenDB, GainDB: f.GainDB, Antenna: f.Antenna, AzimuthDeg: f.Azimuth, Overload: f.Overload, Meta: f.Meta,
		},
	}}, nil
}

// scaled multiplies so that hundredths stay decimals: −7524 · 0.01 is −75.24.
func scaled(v, scale float64) float64 {
	if inverse := math.Round(1 / scale); inverse > 1 && math.Abs(inverse*scale-1) < 1e-12 {
		return v / inverse
	}
	return v * scale
}
