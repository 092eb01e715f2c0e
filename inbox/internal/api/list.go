package api

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/tracebody"
)

// FilterInput chooses traces.
type FilterInput struct {
	From api.Optional[time.Time] `query:"from" doc:"Measured at this time or later, RFC 3339"`
	To   api.Optional[time.Time] `query:"to" doc:"Measured before this time, RFC 3339"`
	ReceptionInput
}

// ReceptionInput chooses by band, place and receiver.
type ReceptionInput struct {
	StartHz     api.Optional[float64] `query:"start-freq-hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Overlapping the band from this frequency, Hz"`
	StopHz      api.Optional[float64] `query:"stop-freq-hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Overlapping the band up to this frequency, Hz"`
	Box         string                `query:"bbox" maxLength:"200" doc:"Measured in this box: west,south,east,north in degrees; west above east crosses the 180th meridian"`
	Source      api.Optional[string]  `query:"source" minLength:"1" maxLength:"80" doc:"Measured by the receiver of this name"`
	EquipmentID api.Optional[int64]   `query:"equipment-id" minimum:"1" maximum:"9007199254740991" doc:"Measured by the receiver with this id in cfg"`
}

// FilterParams echoes the filters taken.
type FilterParams struct {
	From        *time.Time `json:"from,omitempty"`
	To          *time.Time `json:"to,omitempty"`
	StartHz     *float64   `json:"start-freq-hz,omitempty"`
	StopHz      *float64   `json:"stop-freq-hz,omitempty"`
	Box         []float64  `json:"bbox,omitempty" minItems:"4" maxItems:"4"`
	Source      *string    `json:"source,omitempty"`
	EquipmentID *int64     `json:"equipment-id,omitempty"`
}

// SummaryDocument is a trace without its values.
type SummaryDocument struct {
	GUID      uuid.UUID       `json:"guid" format:"uuid" doc:"Chosen by the sender"`
	StartHz   float64         `json:"start_freq_hz" doc:"Frequency of the first value, Hz"`
	StopHz    float64         `json:"stop_freq_hz" doc:"Frequency of the last value, Hz"`
	StepHz    float64         `json:"step_freq_hz" doc:"Distance between values, Hz"`
	NoiseDBm  float64         `json:"noise" doc:"Noise floor, in the unit of the values"`
	Points    int             `json:"numpoints" doc:"Number of values"`
	Timestamp time.Time       `json:"timestamp" doc:"When it was measured"`
	Location  ingest.Location `json:"location" doc:"Where it was measured"`
	tracebody.Context
	ReceivedAt time.Time `json:"received_at" doc:"When it was stored"`
}

type listInput struct {
	api.PageInput
	FilterInput
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
}

type listOutput struct {
	Body api.Page[SummaryDocument, FilterParams]
}

// listCursor carries the total along, so that it is counted once.
type listCursor struct {
	trace.Position
	Total int64 `json:"n"`
}

var (
	errBox   = invalid("bbox", fault.CodeBadFormat, "must be west,south,east,north in degrees, south not above north")
	errTimes = invalid("to", fault.CodeWrongOrder, "must lie after from")
	errBand  = invalid("stop_freq_hz", fault.CodeWrongOrder, "must not lie below start-freq-hz")
)

// invalid is the refusal of one parameter.
func invalid(parameter string, code *fault.Code, message string) *fault.Error {
	return fault.List(fault.Invalid, "validation failed", fault.NewDetail(fault.Field(parameter), code, message))
}

func (r *routes) registerList(a *api.API) {
	api.Register(a, operation("traces", http.MethodGet, "", "list", "Search traces",
		"Newest first. `total` is counted up to "+strconv.Itoa(trace.CountBound)+". Follow `next` for further pages: a cursor costs the same at any depth."),
		read, r.list)
}

func (r *routes) list(ctx context.Context, in *listInput) (*listOutput, error) {
	body, err := searched(ctx, in, r.Traces, summaryDocument, (*trace.Summary).Position)
	return &listOutput{body}, err
}

func summaryDocument(s *trace.Summary) SummaryDocument {
	return SummaryDocument{
		GUID: s.GUID, StartHz: s.StartHz, StopHz: s.StopHz, StepHz: s.StepHz, NoiseDBm: s.NoiseDBm, Points: s.Points,
		Timestamp: s.Time, Location: ingest.Location{Lat: s.Lat, Lng: s.Lng, AltM: s.AltM}, Context: s.Context, ReceivedAt: s.ReceivedAt,
	}
}

// searcher finds what lies in a trace.Filter, newest first.
type searcher[Found any] interface {
	Count(ctx context.Context, f trace.Filter) (int64, error)
	Search(ctx context.Context, f trace.Filter, after *trace.Position, skip, take int) ([]Found, error)
}

// searched makes a page of a search.
func searched[Found, Document any](
	ctx context.Context, in *listInput, s searcher[Found], render func(*Found) Document, position func(*Found) trace.Position,
) (page api.Page[Document, FilterParams], err error) {
	filter, params, err := in.filter()
	if err != nil {
		return page, err
	}
	cursor, skip, err := api.Follow[listCursor](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return page, err
	}
	var after *trace.Position
	var total int64
	if cursor != nil {
		after, total = &cursor.Position, cursor.Total
	} else if total, err = s.Count(ctx, filter); err != nil {
		return page, err
	}
	found, err := s.Search(ctx, filter, after, int(skip), in.Limit+1)
	if err != nil {
		return page, err
	}
	return api.Paged(ctx, in.PageInput, in.Limit, total, params, found, render,
		func(last *Found) listCursor { return listCursor{position(last), total} }), nil
}

// filter reads the filters and echoes them.
func (in *FilterInput) filter() (trace.Filter, FilterParams, error) {
	f := trace.All()
	params := FilterParams{From: in.From.Ptr(), To: in.To.Ptr()}
	if in.From.Set && in.From.Value.After(f.From) {
		f.From = in.From.Value
	}
	if in.To.Set && in.To.Value.Before(f.To) {
		f.To = in.To.Value
	}
	if in.From.Set && in.To.Set && !f.From.Before(f.To) {
		return f, params, errTimes
	}
	err := in.reception(&f, &params)
	return f, params, err
}

// reception reads the band, the place and the receiver, and echoes them.
func (in *ReceptionInput) reception(f *trace.Filter, params *FilterParams) (err error) {
	params.StartHz, params.StopHz, params.Source, params.EquipmentID = in.StartHz.Ptr(), in.StopHz.Ptr(), in.Source.Ptr(), in.EquipmentID.Ptr()
	f.Source, f.EquipmentID = params.Source, params.EquipmentID
	if in.StartHz.Set {
		f.Band.StartHz = in.StartHz.Value
	}
	if in.StopHz.Set {
		f.Band.StopHz = in.StopHz.Value
	}
	if f.Band.StopHz < f.Band.StartHz {
		return errBand
	}
	if in.Box != "" {
		f.Box, params.Box, err = parseBox(in.Box)
	}
	return err
}

func parseBox(text string) (trace.Box, []float64, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return trace.World, nil, errBox
	}
	edges := make([]float64, 4)
	for i, part := range parts {
		bound := 180.0
		if i%2 == 1 {
			bound = 90
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.Abs(v) > bound {
			return trace.World, nil, errBox
		}
		edges[i] = v
	}
	if edges[1] > edges[3] {
		return trace.World, nil, errBox
	}
	return trace.Box{West: edges[0], South: edges[1], East: edges[2], North: edges[3]}, edges, nil
}
