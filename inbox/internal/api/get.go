package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/rf"
	"nms.example/inbox/internal/plot"
	"nms.example/inbox/internal/sigmf"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

// GUIDInput names one trace or signal.
type GUIDInput struct {
	GUID uuid.UUID `path:"guid" format:"uuid" doc:"The guid that the sender chose"`
}

// StyleInput is how a picture looks.
type StyleInput struct {
	Theme    string `query:"theme" enum:"light,dark" default:"light" doc:"Colours of a picture"`
	Language string `query:"lang" enum:"en,ru" default:"en" doc:"Language of a picture's texts"`
}

func (in StyleInput) style() plot.Style {
	var s plot.Style
	if in.Theme == "dark" {
		s.Theme = plot.Dark
	}
	if in.Language == "ru" {
		s.Language = plot.Russian
	}
	return s
}

type getInput struct {
	GUIDInput
	StyleInput
	Accept string `header:"Accept" hidden:"true"`
	Format string `query:"format" enum:"json,raw,png,svg,sigmf,sigmf-meta" doc:"Form of the answer; takes precedence over Accept"`
	Points int    `query:"points" minimum:"2" maximum:"1000000" doc:"Thins JSON and raw to at most this many values: the minimum and the maximum of each of points/2 buckets"`
}

// The forms of a trace.
const (
	contentRaw       = "application/octet-stream"
	contentPNG       = "image/png"
	contentSVG       = "image/svg+xml"
	contentSigMF     = "application/vnd.sigmf+tar"
	contentSigMFMeta = "application/vnd.sigmf-meta+json"
)

var traceForms = []representation{
	{"json", contentJSON}, {"raw", contentRaw}, {"png", contentPNG}, {"svg", contentSVG}, {"sigmf", contentSigMF}, {"sigmf-meta", contentSigMFMeta},
}

func (r *routes) registerGet(a *api.API) {
	op := operation(http.MethodGet, "/traces/{guid}", "getTrace", "One trace",
		"The form is chosen by Accept or `format`: JSON; raw little-endian int16 hundredths of a dBm, exactly as stored; a "+
			"picture (PNG or SVG) with the trace's signals marked; SigMF as an archive (tar) or as the metadata alone.")
	op.Responses = map[string]*huma.Response{"200": {Description: "The trace", Content: map[string]*huma.MediaType{
		contentJSON:      {Schema: schemaOf[TraceDocument](r.registry)},
		contentRaw:       {Schema: binary},
		contentPNG:       {Schema: binary},
		contentSVG:       {Schema: &huma.Schema{Type: huma.TypeString}},
		contentSigMF:     {Schema: binary},
		contentSigMFMeta: {Schema: &huma.Schema{Type: huma.TypeObject}},
	}}}
	api.Register(a, op, read, r.get)
}

func (r *routes) get(ctx context.Context, in *getInput) (*huma.StreamResponse, error) {
	form := negotiate(in.Accept, in.Format, traceForms)
	t, err := r.Traces.Get(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	body, err := r.render(ctx, t, form, in)
	if err != nil {
		return nil, err
	}
	headers := []string{"Vary", "Accept"}
	if form.name == "sigmf" {
		headers = append(headers, "Content-Disposition", fmt.Sprintf(`attachment; filename="%s.sigmf"`, t.GUID))
	}
	return bytesResponse(http.StatusOK, form.contentType, body, headers...), nil
}

// render gives the trace in the form chosen.
func (r *routes) render(ctx context.Context, t *trace.Trace, form representation, in *getInput) ([]byte, error) {
	switch form.name {
	case "raw":
		return rawTrace(t, in.Points)
	case "json":
		return traceJSON(t, in.Points)
	}
	signals, err := r.Signals.OfTrace(ctx, t.GUID)
	if err != nil && !errors.Is(err, trace.ErrNotFound) {
		return nil, err
	}
	switch form.name {
	case "sigmf":
		return sigmf.Archive(t, signals)
	case "sigmf-meta":
		return json.Marshal(sigmf.Describe(t, signals))
	default:
		return picture(t, signals, form, in.style())
	}
}

func picture(t *trace.Trace, signals []signal.Signal, form representation, style plot.Style) ([]byte, error) {
	values, err := t.RF()
	if err != nil {
		return nil, err
	}
	s := plot.Spectrum{Trace: values, Time: t.Time, Lat: t.Lat, Lng: t.Lng}
	for i := range signals {
		s.Signals = append(s.Signals, rf.Signal{Band: signals[i].Band(), F0Hz: signals[i].F0Hz})
	}
	format := plot.PNG
	if form.contentType == contentSVG {
		format = plot.SVG
	}
	return s.Draw(format, style)
}

// rawTrace gives the stored bytes, thinned when points is above 0.
func rawTrace(t *trace.Trace, points int) ([]byte, error) {
	if points == 0 {
		return t.Power, nil
	}
	values, err := t.RF()
	if err != nil {
		return nil, err
	}
	return rf.AppendBytes(nil, values.Decimate(points).Levels), nil
}

// traceJSON renders a trace, thinned to at most points values when points is above 0.
func traceJSON(t *trace.Trace, points int) ([]byte, error) {
	values, err := t.RF()
	if err != nil {
		return nil, err
	}
	shown := rf.Thinned{Levels: values.Levels}
	if points > 0 {
		shown = values.Decimate(points)
	}
	out := make([]byte, 0, 512+8*len(shown.Levels)+12*len(shown.FrequencyHz))
	out = append(append(append(out, `{"guid":"`...), t.GUID.String()...), '"')
	out = appendInt(out, "start_freq_hz", t.StartHz)
	out = appendInt(out, "stop_freq_hz", t.StopHz)
	out = appendInt(out, "step_freq_hz", t.StepHz)
	out = strconv.AppendFloat(append(out, `,"noise":`...), t.NoiseDBm, 'f', -1, 64)
	out = appendInt(out, "numpoints", int64(len(shown.Levels)))
	out = append(t.Time.AppendFormat(append(out, `,"timestamp":"`...), time.RFC3339Nano), '"')
	out = strconv.AppendFloat(append(out, `,"location":{"lat":`...), t.Lat, 'f', -1, 64)
	out = append(strconv.AppendFloat(append(out, `,"lng":`...), t.Lng, 'f', -1, 64), '}')
	if !t.ReceivedAt.IsZero() {
		out = append(t.ReceivedAt.AppendFormat(append(out, `,"received_at":"`...), time.RFC3339Nano), '"')
	}
	if points > 0 {
		out = appendArray(append(out, `,"freq_hz":`...), shown.FrequencyHz, func(dst []byte, hz int64) []byte { return strconv.AppendInt(dst, hz, 10) })
	}
	out = appendArray(append(out, `,"y_val_dbm":`...), shown.Levels, rf.AppendDBm)
	return append(out, '}'), nil
}

func appendInt(dst []byte, name string, v int64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, v, 10)
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
