package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/chart"
	"nms.example/common/rf"
	"nms.example/inbox/internal/plot"
	"nms.example/inbox/internal/sigmf"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

// The forms of a trace.
const (
	contentRaw       = "application/octet-stream"
	contentCSV       = "text/csv"
	contentPNG       = "image/png"
	contentSVG       = "image/svg+xml"
	contentSigMF     = "application/vnd.sigmf+tar"
	contentSigMFMeta = "application/vnd.sigmf-meta+json"
)

var traceForms = []representation{
	{"json", contentJSON}, {"raw", contentRaw}, {"csv", contentCSV}, {"png", contentPNG}, {"svg", contentSVG},
	{"sigmf", contentSigMF}, {"sigmf-meta", contentSigMFMeta},
}

// aboutForms describes them.
const aboutForms = "The form is chosen by Accept or `format`: JSON; raw little-endian int16 hundredths of the unit, exactly as " +
	"stored, -32768 for a missing value; CSV of frequency and value, below what else is known of the trace, one `# name,value` a line; a " +
	"picture (PNG or SVG) with its signals marked; SigMF as an archive (tar) or as the metadata alone, whose extension `nms` tells what " +
	"the samples are."

// FormInput chooses the form of a trace.
type FormInput struct {
	StyleInput
	Accept string `header:"Accept" hidden:"true"`
	Format string `query:"format" enum:"json,raw,csv,png,svg,sigmf,sigmf-meta" doc:"Form of the answer; takes precedence over Accept"`
	Points int    `query:"points" minimum:"2" maximum:"1000000" doc:"Thins JSON, raw and CSV to at most this many values: the minimum and the maximum of each of points/2 buckets"`
}

// traceAnswer documents an answer in any of the forms.
func (r *routes) traceAnswer(description string) map[string]*huma.Response {
	answer := &huma.Response{Description: description, Content: map[string]*huma.MediaType{
		contentJSON:      {Schema: schemaOf[TraceDocument](r.registry)},
		contentRaw:       {Schema: binary},
		contentCSV:       {Schema: &huma.Schema{Type: huma.TypeString}},
		contentPNG:       {Schema: binary},
		contentSVG:       {Schema: &huma.Schema{Type: huma.TypeString}},
		contentSigMF:     {Schema: binary},
		contentSigMFMeta: {Schema: &huma.Schema{Type: huma.TypeObject}},
	}}
	cached(answer)
	return map[string]*huma.Response{"200": answer}
}

// respond answers with a trace in the form chosen; marked are the signals that a form shows.
func (r *routes) respond(t *trace.Trace, form representation, in *FormInput, v version, marked []signal.Signal) (*huma.StreamResponse, error) {
	body, err := render(t, form, in, r.style(in.StyleInput), marked)
	if err != nil {
		return nil, err
	}
	headers := append(v.headers(), "ETag", v.etag)
	switch form.name {
	case "sigmf":
		headers = append(headers, "Content-Disposition", fmt.Sprintf(`attachment; filename="%s.sigmf"`, t.GUID))
	case "csv":
		headers = append(headers, "Content-Disposition", fmt.Sprintf(`attachment; filename="%s.csv"`, t.GUID))
	}
	return bytesResponse(http.StatusOK, form.contentType, body, headers...), nil
}

func render(t *trace.Trace, form representation, in *FormInput, style chart.Style, marked []signal.Signal) ([]byte, error) {
	switch form.name {
	case "raw":
		return rawTrace(t, in.Points)
	case "json":
		return traceJSON(t, in.Points)
	case "csv":
		return traceCSV(t, in.Points)
	case "sigmf":
		return sigmf.Archive(t, marked)
	case "sigmf-meta":
		return json.Marshal(sigmf.Describe(t, marked))
	default:
		return picture(t, marked, form, style)
	}
}

func picture(t *trace.Trace, signals []signal.Signal, form representation, style chart.Style) ([]byte, error) {
	values, err := t.RF()
	if err != nil {
		return nil, err
	}
	s := plot.Spectrum{Trace: values, Time: t.Time, Lat: t.Lat, Lng: t.Lng, AltM: t.AltM, Context: t.Context}
	for i := range signals {
		s.Signals = append(s.Signals, rf.Signal{Band: signals[i].Band(), F0Hz: signals[i].F0Hz})
	}
	format := chart.PNG
	if form.contentType == contentSVG {
		format = chart.SVG
	}
	return s.Draw(format, style)
}

// thinned returns a trace's values, at most points of them when points is above 0; without their frequencies
// otherwise.
func thinned(t *trace.Trace, points int) (values *rf.Trace, shown rf.Thinned, err error) {
	if values, err = t.RF(); err != nil {
		return nil, shown, err
	}
	if points > 0 {
		return values, values.Decimate(points), nil
	}
	return values, rf.Thinned{Levels: values.Levels}, nil
}

// rawTrace returns the stored bytes, thinned when points is above 0.
func rawTrace(t *trace.Trace, points int) ([]byte, error) {
	if points == 0 {
		return t.Power, nil
	}
	_, shown, err := thinned(t, points)
	return rf.AppendBytes(nil, shown.Levels), err
}

// traceJSON renders a trace, thinned to at most points values when points is above 0.
func traceJSON(t *trace.Trace, points int) ([]byte, error) {
	_, shown, err := thinned(t, points)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, 1024+8*len(shown.Levels)+12*len(shown.FrequencyHz)+len(t.Meta))
	out = append(append(append(out, `{"guid":"`...), t.GUID.String()...), '"')
	out = appendHz(out, "start_freq_hz", t.StartHz)
	out = appendHz(out, "stop_freq_hz", t.StopHz)
	out = appendHz(out, "step_freq_hz", t.StepHz)
	out = strconv.AppendFloat(append(out, `,"noise":`...), t.NoiseDBm, 'f', -1, 64)
	out = appendInt(out, "numpoints", int64(len(shown.Levels)))
	out = append(t.Time.AppendFormat(append(out, `,"timestamp":"`...), time.RFC3339Nano), '"')
	out = strconv.AppendFloat(append(out, `,"location":{"lat":`...), t.Lat, 'f', -1, 64)
	out = strconv.AppendFloat(append(out, `,"lng":`...), t.Lng, 'f', -1, 64)
	if t.AltM != nil {
		out = strconv.AppendFloat(append(out, `,"alt_m":`...), *t.AltM, 'f', -1, 64)
	}
	out = t.AppendJSON(append(out, '}'))
	if len(t.Meta) > 0 {
		out = append(append(out, `,"meta":`...), t.Meta...)
	}
	if !t.ReceivedAt.IsZero() {
		out = append(t.ReceivedAt.AppendFormat(append(out, `,"received_at":"`...), time.RFC3339Nano), '"')
	}
	if points > 0 {
		out = appendArray(append(out, `,"freq_hz":`...), shown.FrequencyHz, rf.AppendHz)
	}
	out = appendArray(append(out, `,"y_val_dbm":`...), shown.Levels, rf.AppendDBm)
	return append(out, '}'), nil
}

// traceCSV renders a trace as lines of frequency and value, an empty one for a missing value, below lines with
// everything else that its JSON tells.
func traceCSV(t *trace.Trace, points int) ([]byte, error) {
	values, shown, err := thinned(t, points)
	if err != nil {
		return nil, err
	}
	if shown.FrequencyHz == nil {
		shown.FrequencyHz = values.Frequencies()
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	for _, line := range about(t, values, len(shown.Levels)) {
		if err := w.Write([]string{"# " + line[0], cell(line[1])}); err != nil {
			return nil, err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, err
	}
	out := append([]byte(text.String()), "freq_hz,value\n"...)
	for i, level := range shown.Levels {
		out = append(rf.AppendHz(out, shown.FrequencyHz[i]), ',')
		if level != rf.Missing {
			out = rf.AppendDBm(out, level)
		}
		out = append(out, '\n')
	}
	return out, nil
}

// about lists what is known of a trace beside its values: names of the JSON form, and values.
func about(t *trace.Trace, values *rf.Trace, points int) [][2]string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	lines := [][2]string{
		{"guid", t.GUID.String()}, {"timestamp", t.Time.Format(time.RFC3339Nano)}, {"unit", string(values.Unit.OrDBm())},
		{"start_freq_hz", number(t.StartHz)}, {"stop_freq_hz", number(t.StopHz)}, {"step_freq_hz", number(t.StepHz)},
		{"numpoints", strconv.Itoa(points)}, {"noise", number(t.NoiseDBm)}, {"location.lat", number(t.Lat)}, {"location.lng", number(t.Lng)},
	}
	text := func(name string, v *string) {
		if v != nil {
			lines = append(lines, [2]string{name, *v})
		}
	}
	quantity := func(name string, v *float64) {
		if v != nil {
			lines = append(lines, [2]string{name, number(*v)})
		}
	}
	quantity("location.alt_m", t.AltM)
	text("source", t.Source)
	if t.EquipmentID != nil {
		lines = append(lines, [2]string{"equipment_id", strconv.FormatInt(*t.EquipmentID, 10)})
	}
	quantity("rbw_hz", t.RBWHz)
	quantity("enbw_hz", t.ENBWHz)
	text("detector", t.Detector)
	text("trace_mode", t.TraceMode)
	quantity("sweep_time_s", t.SweepTimeS)
	quantity("attenuation_db", t.AttenuationDB)
	quantity("gain_db", t.GainDB)
	text("antenna", t.Antenna)
	quantity("azimuth_deg", t.AzimuthDeg)
	if t.Overload != nil {
		lines = append(lines, [2]string{"overload", strconv.FormatBool(*t.Overload)})
	}
	if len(t.Meta) > 0 {
		lines = append(lines, [2]string{"meta", string(t.Meta)})
	}
	return lines
}

// cell guards a text that a spreadsheet would take for a formula with an apostrophe. Numbers are none.
func cell(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err != nil && strings.IndexAny(text, "=+-@\t\r'") == 0 {
		return "'" + text
	}
	return text
}

func appendInt(dst []byte, name string, v int64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, v, 10)
}

func appendHz(dst []byte, name string, hz float64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return rf.AppendHz(dst, hz)
}

func appendArray[T any](dst []byte, values []T, appendOne func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendOne(dst, v)
	}
	return append(dst, ']')
}
