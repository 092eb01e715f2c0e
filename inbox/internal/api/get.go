package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/rf"
	"nms.example/inbox/internal/trace"
)

// GUIDInput names one trace.
type GUIDInput struct {
	GUID uuid.UUID `path:"guid" format:"uuid" doc:"The trace's guid"`
}

type getInput struct {
	GUIDInput
	Accept string `header:"Accept" doc:"application/json or application/octet-stream"`
	Points int    `query:"points" minimum:"2" maximum:"1000000" doc:"Thins the trace to at most this many values: the minimum and the maximum of each of points/2 buckets"`
}

const contentRaw = "application/octet-stream"

func (r *routes) registerGet(a *api.API) {
	op := operation(http.MethodGet, "/traces/{guid}", "getTrace", "One trace", "")
	op.Responses = map[string]*huma.Response{"200": {Description: "The trace", Content: map[string]*huma.MediaType{
		contentJSON: {Schema: schemaOf[TraceDocument](r.registry)},
		contentRaw:  {Schema: binary},
	}}}
	api.Register(a, op, read, r.get)
}

func (r *routes) get(ctx context.Context, in *getInput) (*huma.StreamResponse, error) {
	t, err := r.Traces.Get(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	if in.Accept == contentRaw {
		return bytesResponse(http.StatusOK, contentRaw, t.Power), nil
	}
	body, err := traceJSON(t, in.Points)
	if err != nil {
		return nil, err
	}
	return bytesResponse(http.StatusOK, contentJSON, body), nil
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
	out = append(out, `{"guid":"`...)
	out = append(out, t.GUID.String()...)
	out = append(out, `","start_freq_hz":`...)
	out = strconv.AppendInt(out, t.StartHz, 10)
	out = append(out, `,"stop_freq_hz":`...)
	out = strconv.AppendInt(out, t.StopHz, 10)
	out = append(out, `,"step_freq_hz":`...)
	out = strconv.AppendInt(out, t.StepHz, 10)
	out = append(out, `,"noise":`...)
	out = strconv.AppendFloat(out, t.NoiseDBm, 'f', -1, 64)
	out = append(out, `,"numpoints":`...)
	out = strconv.AppendInt(out, int64(len(shown.Levels)), 10)
	out = append(out, `,"timestamp":"`...)
	out = t.Time.AppendFormat(out, time.RFC3339Nano)
	out = append(out, `","location":{"lat":`...)
	out = strconv.AppendFloat(out, t.Lat, 'f', -1, 64)
	out = append(out, `,"lng":`...)
	out = strconv.AppendFloat(out, t.Lng, 'f', -1, 64)
	out = append(out, '}')
	if !t.ReceivedAt.IsZero() {
		out = append(out, `,"received_at":"`...)
		out = t.ReceivedAt.AppendFormat(out, time.RFC3339Nano)
		out = append(out, '"')
	}
	if points > 0 {
		out = append(out, `,"freq_hz":[`...)
		for i, hz := range shown.FrequencyHz {
			if i > 0 {
				out = append(out, ',')
			}
			out = strconv.AppendInt(out, hz, 10)
		}
		out = append(out, ']')
	}
	out = append(out, `,"y_val_dbm":[`...)
	for i, level := range shown.Levels {
		if i > 0 {
			out = append(out, ',')
		}
		out = rf.AppendDBm(out, level)
	}
	return append(out, `]}`...), nil
}
