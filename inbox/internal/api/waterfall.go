package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/plot"
	"nms.example/inbox/internal/waterfall"
)

// WaterfallDocument is a waterfall as JSON.
type WaterfallDocument struct {
	From    time.Time    `json:"from" doc:"Beginning of the first row"`
	To      time.Time    `json:"to" doc:"End of the last row"`
	StartHz float64      `json:"start_freq_hz" doc:"Lower edge of the first column, Hz"`
	StopHz  float64      `json:"stop_freq_hz" doc:"Upper edge of the last column, Hz"`
	Rows    int          `json:"rows" doc:"Rows of equal time"`
	Columns int          `json:"columns" doc:"Columns of equal frequency"`
	Traces  int          `json:"traces" doc:"Traces that went in"`
	Power   [][]*float64 `json:"power_dbm" doc:"Highest power per cell, dBm, the earliest row first; null where nothing was measured"`
}

type waterfallInput struct {
	FilterInput
	StyleInput
	Accept  string `header:"Accept" hidden:"true"`
	Format  string `query:"format" enum:"json,png,svg" doc:"Form of the answer; takes precedence over Accept"`
	Rows    int    `query:"rows" default:"400" minimum:"1" maximum:"1000" doc:"Rows of equal time"`
	Columns int    `query:"columns" default:"1000" minimum:"1" maximum:"2000" doc:"Columns of equal frequency"`
}

// defaultSpan is how far a waterfall goes back when no beginning is given.
const defaultSpan = 15 * time.Minute

// maxSpan bounds a waterfall's time.
const maxSpan = 366 * 24 * time.Hour

var errSpan = invalid("from", codeLongRange, "must lie at most 366 days before to")

// errMeridian: a search merges the two boxes on either side, a row of a waterfall takes the traces of one.
var errMeridian = invalid("bbox", codeMeridian, "must not cross the 180th meridian: west must not lie above east")

var (
	codeLongRange = fault.Declare(fault.Invalid, "range_too_long", "The time from the beginning to the end of the range is too long.")
	codeMeridian  = fault.Declare(fault.Invalid, "crosses_180th_meridian", "The box must not cross the 180th meridian here.")
)

var waterfallForms = []representation{{"png", contentPNG}, {"json", contentJSON}, {"svg", contentSVG}}

func (r *routes) registerWaterfall(a *api.API) {
	op := operation("waterfall", http.MethodGet, "", "get", "Power over time and frequency",
		"Each cell is the highest power of up to 16 traces per row. Without `from` and `to` the last 15 minutes are shown, "+
			"without a band that of the traces found. `bbox` may not cross the 180th meridian here. The form is chosen by Accept or `format`: PNG (default), SVG or JSON.")
	op.Responses = map[string]*huma.Response{"200": {Description: "The waterfall", Content: map[string]*huma.MediaType{
		contentPNG:  {Schema: binary},
		contentSVG:  {Schema: &huma.Schema{Type: huma.TypeString}},
		contentJSON: {Schema: schemaOf[WaterfallDocument](r.registry)},
	}}}
	api.Register(a, op, read, r.waterfall)
}

func (r *routes) waterfall(ctx context.Context, in *waterfallInput) (*huma.StreamResponse, error) {
	filter, _, err := in.filter()
	if err != nil {
		return nil, err
	}
	if filter.Box.West > filter.Box.East {
		return nil, errMeridian
	}
	if !in.To.Set {
		filter.To = time.Now().UTC()
	}
	if !in.From.Set {
		filter.From = filter.To.Add(-defaultSpan)
	}
	if !filter.From.Before(filter.To) {
		return nil, errTimes
	}
	if filter.To.Sub(filter.From) > maxSpan {
		return nil, errSpan
	}
	grid, err := r.Waterfall.Build(ctx, waterfall.Query{Filter: filter, Rows: in.Rows, Columns: in.Columns})
	if err != nil {
		return nil, err
	}
	form := negotiate(in.Accept, in.Format, waterfallForms)
	var body []byte
	switch form.name {
	case "json":
		body = gridJSON(grid)
	case "svg":
		body, err = plot.Waterfall(grid, plot.SVG, in.style())
	default:
		body, err = plot.Waterfall(grid, plot.PNG, in.style())
	}
	if err != nil {
		return nil, err
	}
	return bytesResponse(http.StatusOK, form.contentType, body, "Vary", "Accept"), nil
}

func gridJSON(g *waterfall.Grid) []byte {
	out := make([]byte, 0, 256+8*len(g.Levels))
	out = append(g.From.UTC().AppendFormat(append(out, `{"from":"`...), time.RFC3339Nano), '"')
	out = append(g.To.UTC().AppendFormat(append(out, `,"to":"`...), time.RFC3339Nano), '"')
	out = appendHz(out, "start_freq_hz", g.Band.StartHz)
	out = appendHz(out, "stop_freq_hz", g.Band.StopHz)
	out = appendInt(out, "rows", int64(g.Rows))
	out = appendInt(out, "columns", int64(g.Columns))
	out = appendInt(out, "traces", int64(g.Traces))
	out = append(out, `,"power_dbm":[`...)
	for row := range g.Rows {
		if row > 0 {
			out = append(out, ',')
		}
		out = appendArray(out, g.Row(row), rf.AppendDBm)
	}
	return append(out, `]}`...)
}
