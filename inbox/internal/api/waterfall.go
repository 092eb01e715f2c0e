package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/chart"
	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/plot"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/waterfall"
)

// RangeInput chooses the sweeps of a bounded time.
type RangeInput struct {
	FilterInput
	Unit string `query:"unit" enum:"dBm,dBm/Hz,dBuV,dBuV/m,dBFS" doc:"Only traces in this unit; without it, all must be in the same one"`
}

// WaterfallDocument is a waterfall as JSON.
type WaterfallDocument struct {
	From      time.Time    `json:"from" doc:"Beginning of the first row"`
	To        time.Time    `json:"to" doc:"End of the last row"`
	StartHz   float64      `json:"start_freq_hz" doc:"Lower edge of the first column, Hz"`
	StopHz    float64      `json:"stop_freq_hz" doc:"Upper edge of the last column, Hz"`
	Unit      string       `json:"unit" doc:"Unit of the values"`
	Statistic string       `json:"statistic" enum:"max,mean" doc:"What a cell shows of its values"`
	Rows      int          `json:"rows" doc:"Number of rows"`
	Columns   int          `json:"columns" doc:"Columns of equal frequency"`
	Sweeps    int64        `json:"sweeps" doc:"Sweeps that went in: all that were chosen"`
	Sources   int          `json:"sources" doc:"Receivers that they come from"`
	RowTimes  []time.Time  `json:"row_times" doc:"Beginning of each row"`
	Power     [][]*float64 `json:"power_dbm" doc:"Highest or mean power per cell, in the unit, the earliest row first; null where nothing was measured"`
}

type waterfallInput struct {
	RangeInput
	StyleInput
	Accept    string                `header:"Accept" hidden:"true"`
	Format    string                `query:"format" enum:"json,png,svg" doc:"Form of the answer; takes precedence over Accept"`
	Rows      int                   `query:"rows" default:"400" minimum:"1" maximum:"1000" doc:"Rows of equal time"`
	Columns   int                   `query:"columns" default:"1000" minimum:"1" maximum:"2000" doc:"Columns of equal frequency"`
	Statistic string                `query:"statistic" enum:"max,mean" default:"max" doc:"What a cell shows: the highest of its values, or their mean, taken in milliwatts"`
	Min       api.Optional[float64] `query:"min" minimum:"-327.67" maximum:"327.67" doc:"Level of the weakest colour, in the unit of the traces"`
	Max       api.Optional[float64] `query:"max" minimum:"-327.67" maximum:"327.67" doc:"Level of the strongest colour, in the unit of the traces"`
}

// defaultSpan is how far back a waterfall or statistics go when no beginning is given.
const defaultSpan = 15 * time.Minute

// maxSpan bounds their time.
const maxSpan = 366 * 24 * time.Hour

var errSpan = invalid("from", codeLongRange, "must lie at most 366 days before to")

// errMeridian: a search merges the two boxes on either side, sweeps are put together within one.
var errMeridian = invalid("bbox", codeMeridian, "must not cross the 180th meridian: west must not lie above east")

var errNoWidth = invalid("stop_freq_hz", fault.CodeWrongOrder, "must lie above start-freq-hz")

var errScale = invalid("max", fault.CodeWrongOrder, "must lie above min")

var (
	codeLongRange = fault.Declare(fault.Invalid, "range_too_long", "The time from the beginning to the end of the range is too long.")
	codeMeridian  = fault.Declare(fault.Invalid, "crosses_180th_meridian", "The box must not cross the 180th meridian here.")
)

var waterfallForms = []representation{{"png", contentPNG}, {"json", contentJSON}, {"svg", contentSVG}}

// aboutRange describes what RangeInput chooses.
const aboutRange = "Every sweep of the range counts, whatever its length: long ones are answered from rollups by the minute and by the hour. " +
	"Without `from` and `to` the last 15 minutes are taken, without a band that of the traces found. `bbox` may not cross the 180th meridian here. " +
	"What was measured before the retention of traces is known by whole hours. "

func (r *routes) registerWaterfall(a *api.API) {
	op := operation("waterfall", http.MethodGet, "", "get", "Power over time and frequency",
		"Each cell is the highest of its values, or their mean. A sweep fills the time to its successor, but at most 1.5 times the usual interval "+
			"of its receiver; what then is left is a gap. Rows of a minute or more begin at whole minutes, those of an hour or more at whole hours. "+
			aboutRange+"The form is chosen by Accept or `format`: PNG (default), SVG or JSON.")
	op.Responses = map[string]*huma.Response{"200": {Description: "The waterfall", Content: map[string]*huma.MediaType{
		contentPNG:  {Schema: binary},
		contentSVG:  {Schema: &huma.Schema{Type: huma.TypeString}},
		contentJSON: {Schema: schemaOf[WaterfallDocument](r.registry)},
	}}}
	api.Register(a, op, read, r.waterfall)
}

// bounded reads the filters of a range.
func (in *RangeInput) bounded() (trace.Filter, *rf.Unit, error) {
	filter, _, err := in.filter()
	switch {
	case err != nil:
		return filter, nil, err
	case filter.Box.West > filter.Box.East:
		return filter, nil, errMeridian
	}
	if !in.To.Set {
		filter.To = time.Now().UTC()
	}
	if !in.From.Set {
		filter.From = filter.To.Add(-defaultSpan)
	}
	switch {
	case !filter.From.Before(filter.To):
		return filter, nil, errTimes
	case filter.To.Sub(filter.From) > maxSpan:
		return filter, nil, errSpan
	case in.Unit == "":
		return filter, nil, nil
	}
	unit := rf.Unit(in.Unit)
	return filter, &unit, nil
}

func (r *routes) waterfall(ctx context.Context, in *waterfallInput) (*huma.StreamResponse, error) {
	filter, unit, err := in.bounded()
	if err != nil {
		return nil, err
	}
	switch {
	case in.Min.Set && in.Max.Set && in.Min.Value >= in.Max.Value:
		return nil, errScale
	case in.StartHz.Set && in.StopHz.Set && in.StartHz.Value == in.StopHz.Value:
		return nil, errNoWidth
	}
	grid, err := r.Waterfall.Build(ctx, waterfall.Query{
		Filter: filter, Unit: unit, Rows: in.Rows, Columns: in.Columns, Mean: in.Statistic == "mean",
	})
	if err != nil {
		return nil, err
	}
	form := negotiate(in.Accept, in.Format, waterfallForms)
	var body []byte
	if form.name == "json" {
		body = gridJSON(grid)
	} else {
		body, err = plot.Waterfall(grid, plot.Scale{Min: in.Min.Ptr(), Max: in.Max.Ptr()}, formatOf(form), r.style(in.StyleInput))
	}
	if err != nil {
		return nil, err
	}
	return bytesResponse(http.StatusOK, form.contentType, body, "Vary", "Accept"), nil
}

// formatOf returns the format of a picture.
func formatOf(form representation) chart.Format {
	if form.contentType == contentSVG {
		return chart.SVG
	}
	return chart.PNG
}

func gridJSON(g *waterfall.Grid) []byte {
	statistic := "max"
	if g.Mean {
		statistic = "mean"
	}
	out := appendSpan(make([]byte, 0, 512+8*len(g.Levels)), g.From(), g.To())
	out = appendHz(out, "start_freq_hz", g.Band.StartHz)
	out = appendHz(out, "stop_freq_hz", g.Band.StopHz)
	out = append(out, `,"unit":"`+string(g.Unit)+`","statistic":"`+statistic+`"`...)
	out = appendInt(out, "rows", int64(g.Rows()))
	out = appendInt(out, "columns", int64(g.Columns))
	out = appendInt(out, "sweeps", g.Sweeps)
	out = appendInt(out, "sources", int64(g.Sources))
	out = appendArray(append(out, `,"row_times":`...), g.Edges[:g.Rows()], appendTime)
	out = append(out, `,"power_dbm":[`...)
	for row := range g.Rows() {
		if row > 0 {
			out = append(out, ',')
		}
		out = appendArray(out, g.Row(row), rf.AppendDBm)
	}
	return append(out, `]}`...)
}

func appendTime(dst []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}

// appendSpan begins an object with its time.
func appendSpan(dst []byte, from, to time.Time) []byte {
	return appendTime(append(appendTime(append(dst, `{"from":`...), from), `,"to":`...), to)
}
