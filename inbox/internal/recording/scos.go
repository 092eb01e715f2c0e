package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ntiaFields are the data products of the namespace ntia-algorithm, version 2.
type ntiaFields struct {
	DataProducts   dataProducts `json:"ntia-algorithm:data_products"`
	ProcessingInfo []struct {
		ID       string  `json:"id"`
		ENBWHz   float64 `json:"equivalent_noise_bandwidth"`
		Baseband bool    `json:"baseband"`
	} `json:"ntia-algorithm:processing_info"`
}

// dataProducts are graphs. Version 1 has an object here, which does not say enough to place the samples: it is left empty.
type dataProducts []graph

func (d *dataProducts) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] != '[' {
		return nil
	}
	var graphs []graph
	err := json.Unmarshal(text, &graphs)
	*d = graphs
	return err
}

// graph is one data product: for each of its series length values.
type graph struct {
	Name       string    `json:"name"`
	Series     []string  `json:"series"`
	Length     int64     `json:"length"`
	XUnits     string    `json:"x_units"`
	XStart     []float64 `json:"x_start"`
	XStop      []float64 `json:"x_stop"`
	XStep      []float64 `json:"x_step"`
	YUnits     string    `json:"y_units"`
	Processing []string  `json:"processing"`
}

// annotation is a run of samples; the namespace ntia-algorithm, version 1, describes spectra by them.
type annotation struct {
	SampleStart int64       `json:"core:sample_start"`
	SampleCount int64       `json:"core:sample_count"`
	Latitude    looseNumber `json:"core:latitude"`
	Longitude   looseNumber `json:"core:longitude"`
	Type        string      `json:"ntia-core:annotation_type"`
	Detector    string      `json:"ntia-algorithm:detector"`
	Units       string      `json:"ntia-algorithm:units"`
	ENBWHz      float64     `json:"ntia-algorithm:equivalent_noise_bandwidth"`
	StartHz     *float64    `json:"ntia-algorithm:frequency_start"`
	StopHz      *float64    `json:"ntia-algorithm:frequency_stop"`
	StepHz      float64     `json:"ntia-algorithm:frequency_step"`
	Overload    *bool       `json:"ntia-sensor:overload"`
	Attenuation *float64    `json:"ntia-sensor:attenuation_setting_sigan"`
}

// looseNumber is a number that some sensors write as text.
type looseNumber struct{ value *float64 }

func (n *looseNumber) UnmarshalJSON(text []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err == nil && !math.IsNaN(value) {
		n.value = &value
	}
	return nil
}

const (
	frequencyDetection = "FrequencyDomainDetection"
	sensorSettings     = "SensorAnnotation"
	// maxSpectra bounds what one metadata may describe.
	maxSpectra = 100_000
)

var errNoSpectrum = errors.New("the metadata describes no power spectrum (neither nms: fields nor those of ntia-algorithm): samples over time are no traces")

// detections returns the spectra of annotations.
func (m *metadata) detections(report Report) ([]spectrum, error) {
	var found []spectrum
	for i := range m.Annotations {
		a := &m.Annotations[i]
		if a.Type != frequencyDetection {
			continue
		}
		one, err := a.spectrum()
		if err != nil {
			report.Refuse(0, fmt.Sprintf("annotation %d: %v", i+1, err))
			continue
		}
		m.addSettings(&one)
		found = append(found, one)
	}
	if len(found) == 0 {
		return nil, errNoSpectrum
	}
	slices.SortStableFunc(found, func(a, b spectrum) int { return int(a.first - b.first) })
	return found, nil
}

func (a *annotation) spectrum() (spectrum, error) {
	if a.StartHz == nil || a.StopHz == nil || a.SampleStart < 0 || a.SampleCount < 1 || a.SampleCount > MaxPoints {
		return spectrum{}, errors.New("its frequencies or its samples are not said")
	}
	steps := (*a.StopHz - *a.StartHz) / float64(max(a.SampleCount-1, 1))
	sound := steps > 0 && math.Abs(*a.StartHz) <= maxHz && math.Abs(*a.StopHz) <= maxHz
	if !sound || a.StepHz != 0 && math.Abs(steps-a.StepHz)*float64(a.SampleCount) > steps/2 {
		return spectrum{}, fmt.Errorf("%d samples do not span its frequencies by its step", a.SampleCount)
	}
	one := spectrum{first: a.SampleStart, count: a.SampleCount, trace: Trace{
		StartHz: *a.StartHz, StopHz: *a.StopHz, StepHz: steps, ENBWHz: a.ENBWHz, Detector: detectorOf(a.Detector),
		Lat: a.Latitude.value, Lng: a.Longitude.value,
	}}
	if a.StepHz > 0 {
		one.trace.StepHz = a.StepHz
	}
	if one.trace.Lng == nil {
		one.trace.Lat = nil
	}
	return one, one.setUnit(a.Units)
}

// addSettings adds what the sensor says of the spectrum's samples.
func (m *metadata) addSettings(one *spectrum) {
	for i := range m.Annotations {
		a := &m.Annotations[i]
		if a.Type == sensorSettings && a.SampleStart <= one.first && one.first < a.SampleStart+a.SampleCount {
			one.trace.Overload, one.trace.AttenuationDB = a.Overload, a.Attenuation
		}
	}
}

// setUnit takes the unit; powers in watts become dBm.
func (one *spectrum) setUnit(name string) error {
	if strings.EqualFold(name, "watts") || strings.EqualFold(name, "W") {
		one.scale = func(w float64) float64 { return 10*math.Log10(w) + 30 } // 0 W: -Inf, missing
		return nil
	}
	unit, known := units[strings.ToLower(name)]
	if !known && name != "" {
		return fmt.Errorf("its unit %.40q is not known", name)
	}
	one.trace.Unit, one.scale = unit, func(v float64) float64 { return v }
	return nil
}

// products returns the spectra among the data products. Each capture holds all products, one after the other, and of each
// product all series.
func (m *metadata) products(report Report) ([]spectrum, error) {
	captures := m.Captures
	if len(captures) == 0 {
		return nil, errors.New("there is no capture")
	}
	var found []spectrum
	for n, c := range captures {
		next := c.SampleStart
		for i := range m.Global.DataProducts {
			g := &m.Global.DataProducts[i]
			series := g.Series
			if len(series) == 0 {
				series = []string{""}
			}
			if g.Length < 1 || g.Length > MaxPoints || next < 0 || len(found) > maxSpectra {
				return nil, fmt.Errorf("data product %.40q: its length is out of bounds", g.Name)
			}
			for _, name := range series {
				one, err := m.series(g, name, n, c)
				one.first = next
				next += g.Length
				switch {
				case err == nil:
					found = append(found, one)
				case n == 0 && !errors.Is(err, errOtherAxis):
					report.Refuse(0, fmt.Sprintf("data product %.40q: %v", g.Name, err))
				}
			}
		}
	}
	if len(found) == 0 {
		return nil, errNoSpectrum
	}
	slices.SortStableFunc(found, func(a, b spectrum) int { return int(a.first - b.first) })
	return found, nil
}

// errOtherAxis marks products over time or probability, which are no traces.
var errOtherAxis = errors.New("its axis is not a frequency")

func (m *metadata) series(g *graph, name string, number int, c capture) (spectrum, error) {
	scale, frequency := hertz[strings.ToLower(g.XUnits)]
	if !frequency || g.XUnits == "" {
		return spectrum{}, errOtherAxis
	}
	at := func(values []float64) (float64, bool) {
		switch {
		case len(values) == 1:
			return values[0] * scale, true
		case number < len(values):
			return values[number] * scale, true
		default:
			return 0, false
		}
	}
	start, hasStart := at(g.XStart)
	stop, hasStop := at(g.XStop)
	step, hasStep := at(g.XStep)
	measured := (stop - start) / float64(max(g.Length-1, 1))
	sound := hasStart && hasStop && hasStep && measured > 0 && math.Abs(measured-step)*float64(g.Length) <= step/2
	if !sound {
		return spectrum{}, fmt.Errorf("%d values do not span x_start to x_stop by x_step", g.Length)
	}
	one := spectrum{count: g.Length, trace: Trace{StepHz: step, Detector: detectorOf(name)}}
	baseband := start < 0
	for _, p := range m.Global.ProcessingInfo {
		if slices.Contains(g.Processing, p.ID) {
			baseband = baseband || p.Baseband
			one.trace.ENBWHz = max(one.trace.ENBWHz, p.ENBWHz)
		}
	}
	if baseband {
		start, stop = start+c.Frequency, stop+c.Frequency
	}
	if math.Abs(start) > maxHz || math.Abs(stop) > maxHz {
		return spectrum{}, errEdges
	}
	one.trace.StartHz, one.trace.StopHz = start, stop
	return one, one.setUnit(g.YUnits)
}

// detectorOf returns inbox's word for a detector or a statistic of the FFTs: their mean is one of powers, which is what an
// analyser's RMS detector shows. The median has no word.
func detectorOf(name string) string {
	name = strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(name), "fft_"), "_power")
	switch name {
	case "max", "maximum":
		return "peak"
	case "min", "minimum":
		return "min"
	case "mean":
		return "rms"
	case "sample":
		return "sample"
	default:
		return ""
	}
}
