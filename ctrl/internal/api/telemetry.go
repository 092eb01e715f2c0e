package api

import (
	"context"
	"encoding/json"
	"math"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/chart"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/equipment"
	"nms.example/ctrl/internal/history"
	"nms.example/ctrl/internal/plot"
)

// The forms of values over time, beside JSON.
const (
	contentCSV = "text/csv"
	contentPNG = "image/png"
	contentSVG = "image/svg+xml"
)

// forms are the content types that choose a form.
var forms = map[string]string{
	contentJSON: "json", "application/*": "json", "*/*": "json", contentCSV: "csv", "text/*": "csv", contentPNG: "png", "image/*": "png", contentSVG: "svg",
}

// LatestDocument is the newest values of a piece of equipment.
type LatestDocument struct {
	EquipmentID int64             `json:"equipment_id" doc:"The equipment"`
	Values      []equipment.Value `json:"values" doc:"The newest value of each parameter, by name"`
}

type latestInput struct {
	EquipmentID int64    `query:"equipment-id" required:"true" minimum:"1" doc:"The equipment, by its id in cfg"`
	Parameter   []string `query:"parameter" maxItems:"100" doc:"Only these parameters, by their names in any letter case, separated by commas"`
}

type latestOutput struct {
	Body LatestDocument
}

// BucketDocument is what a parameter was in a stretch of time.
type BucketDocument struct {
	At   time.Time `json:"at" doc:"Beginning of the bucket"`
	Min  *float64  `json:"min" doc:"Lowest number; null when there is none"`
	Max  *float64  `json:"max" doc:"Highest number; null when there is none"`
	Mean *float64  `json:"mean" doc:"Mean of the numbers; null when there is none"`
	N    int64     `json:"n" doc:"Numbers that are good or uncertain"`
	Bad  int64     `json:"bad" doc:"Values that are not, or are no numbers"`
}

// TextDocument is a text or truth value from a moment on.
type TextDocument struct {
	At    time.Time       `json:"at" doc:"From when on it was this value"`
	Value json.RawMessage `json:"value" doc:"A text, a truth value, or a number that has too many digits for the buckets"`
}

// ValuesDocument is a parameter over time.
type ValuesDocument struct {
	EquipmentID int64            `json:"equipment_id" doc:"The equipment"`
	Parameter   string           `json:"parameter" doc:"Name of the parameter"`
	From        time.Time        `json:"from" doc:"Beginning of the first bucket"`
	To          time.Time        `json:"to" doc:"End of the last bucket"`
	Seconds     float64          `json:"seconds" doc:"Width of a bucket"`
	Buckets     []BucketDocument `json:"buckets" doc:"The buckets that hold values, in order"`
	Texts       []TextDocument   `json:"texts" doc:"Changes of values that are no numbers, with the one that held at the beginning; at most 10,000"`
}

type valuesInput struct {
	Accept      string                  `header:"Accept" hidden:"true"`
	Format      string                  `query:"format" enum:"json,csv,png,svg" doc:"Form of the answer; takes precedence over Accept"`
	Theme       string                  `query:"theme" enum:"light,dark" default:"light" doc:"Colours of a picture"`
	Language    string                  `query:"lang" enum:"en,ru" default:"en" doc:"Language of a picture's texts"`
	EquipmentID int64                   `query:"equipment-id" required:"true" minimum:"1" doc:"The equipment, by its id in cfg"`
	Parameter   string                  `query:"parameter" required:"true" minLength:"1" maxLength:"50" doc:"Name of the parameter, in any letter case"`
	From        api.Optional[time.Time] `query:"from" doc:"Beginning, RFC 3339; left out: an hour before to"`
	To          api.Optional[time.Time] `query:"to" doc:"End, RFC 3339; left out: now"`
	Points      int                     `query:"points" default:"300" minimum:"1" maximum:"10000" doc:"Most buckets"`
}

// Bounds of a range.
const (
	defaultSpan = time.Hour
	maxSpan     = 10 * 366 * 24 * time.Hour
	maxYear     = 9000 // buckets that begin before the end of a range may end behind it, and RFC 3339 ends with 9999
)

var (
	codeLongRange = fault.Declare(fault.Invalid, "range_too_long", "The time from the beginning to the end of the range is too long.")
	errOrder      = fault.At(fault.Field("to"), fault.CodeWrongOrder, "must lie after from")
	errFar        = fault.At(fault.Field("to"), fault.CodeOutOfRange, "must not lie beyond the year 9000")
	errSpan       = fault.At(fault.Field("from"), codeLongRange, "must lie at most ten years before to")
)

func registerTelemetry(a *api.API, h telemetry) {
	all := resource("telemetry")
	latest := all.Operation(http.MethodGet, "/latest", "latest", "The newest values of a piece of equipment", http.StatusNotFound)
	api.Register(a, latest, read, h.latest)
	values := all.Operation(http.MethodGet, "/values", "values", "A parameter of a piece of equipment over time", http.StatusNotFound)
	values.Description = "The range is divided into at most `points` buckets of equal width, each with the lowest and highest number, their mean and how many there are; " +
		"every value counts, late ones too. Buckets of 5 minutes or more begin at whole ones, those of an hour or more at whole hours; what was measured before the " +
		"retention of single values is known by these widths alone. The form is chosen by Accept or `format`: JSON (default), CSV, or a picture " +
		"(PNG or SVG) of the means, with the area from the lowest to the highest numbers."
	values.Responses = map[string]*huma.Response{"200": {Description: "The values", Content: map[string]*huma.MediaType{
		contentJSON: {Schema: schemaOf[ValuesDocument](a.Huma().OpenAPI().Components.Schemas)},
		contentCSV:  {Schema: &huma.Schema{Type: huma.TypeString}},
		contentPNG:  {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		contentSVG:  {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	api.Register(a, values, read, h.values)
}

func (h telemetry) latest(ctx context.Context, in *latestInput) (*latestOutput, error) {
	values, err := h.Equipment.Values(ctx, in.EquipmentID, in.Parameter)
	if err != nil {
		return nil, err
	}
	return &latestOutput{Body: LatestDocument{EquipmentID: in.EquipmentID, Values: values}}, nil
}

func (h telemetry) values(ctx context.Context, in *valuesInput) (*huma.StreamResponse, error) {
	parameter, err := h.Equipment.Parameter(ctx, in.EquipmentID, in.Parameter)
	if err != nil {
		return nil, err
	}
	form := formOf(in.Accept, in.Format)
	q := history.Query{Equipment: in.EquipmentID, Parameter: parameter.ID, To: time.Now(), Points: in.Points}
	if form == "png" || form == "svg" {
		q.Points = min(q.Points, plot.Columns)
	}
	if in.To.Set {
		q.To = in.To.Value
	}
	q.From = q.To.Add(-defaultSpan)
	if in.From.Set {
		q.From = in.From.Value
	}
	switch {
	case !q.From.Before(q.To):
		return nil, errOrder
	case q.To.Year() > maxYear:
		return nil, errFar
	case q.To.Sub(q.From) > maxSpan:
		return nil, errSpan
	}
	series, err := h.History.Read(ctx, q)
	if err != nil {
		return nil, err
	}
	switch form {
	case "csv":
		return bytesResponse(http.StatusOK, contentCSV, seriesCSV(&series), "Vary", "Accept",
			"Content-Disposition", `attachment; filename="values.csv"`), nil
	case "png", "svg":
		return h.picture(in, parameter.Name, &series, form)
	}
	return jsonResponse(http.StatusOK, valuesDocument(in.EquipmentID, parameter.Name, &series), "Vary", "Accept")
}

func (h telemetry) picture(in *valuesInput, parameter string, s *history.Series, form string) (*huma.StreamResponse, error) {
	style := chart.Style{Zone: h.Zone}
	if in.Theme == "dark" {
		style.Theme = chart.Dark
	}
	if in.Language == "ru" {
		style.Language = chart.Russian
	}
	format, kind := chart.PNG, contentPNG
	if form == "svg" {
		format, kind = chart.SVG, contentSVG
	}
	body, err := plot.Series(s, parameter, in.EquipmentID, format, style)
	if err != nil {
		return nil, err
	}
	return bytesResponse(http.StatusOK, kind, body, "Vary", "Accept"), nil
}

// formOf returns the form that is asked for, or else the first that a client takes.
func formOf(accept, format string) string {
	if format != "" {
		return format
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := mime.ParseMediaType(part) // what is none is no form
		if form, known := forms[kind]; known {
			return form
		}
	}
	return "json"
}

func valuesDocument(equipmentID int64, parameter string, s *history.Series) ValuesDocument {
	d := ValuesDocument{
		EquipmentID: equipmentID, Parameter: parameter, From: s.From.UTC(), To: s.To.UTC(), Seconds: s.Width.Seconds(),
		Buckets: make([]BucketDocument, len(s.Buckets)), Texts: make([]TextDocument, len(s.Texts)),
	}
	for i, b := range s.Buckets {
		d.Buckets[i] = BucketDocument{At: b.At.UTC(), Min: numberOrNull(b.Min), Max: numberOrNull(b.Max), Mean: numberOrNull(b.Mean), N: b.N, Bad: b.Bad}
	}
	for i, t := range s.Texts {
		d.Texts[i] = TextDocument{At: t.At.UTC(), Value: t.Value}
	}
	return d
}

func numberOrNull(n float64) *float64 {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil
	}
	return &n
}

// seriesCSV renders a line per bucket, with empty cells where there is no number.
func seriesCSV(s *history.Series) []byte {
	out := []byte("at,min,max,mean,n,bad\n")
	for i := range s.Buckets {
		b := &s.Buckets[i]
		out = b.At.UTC().AppendFormat(out, time.RFC3339Nano)
		for _, n := range []float64{b.Min, b.Max, b.Mean} {
			if out = append(out, ','); numberOrNull(n) != nil {
				out = strconv.AppendFloat(out, n, 'g', -1, 64)
			}
		}
		out = strconv.AppendInt(append(out, ','), b.N, 10)
		out = append(strconv.AppendInt(append(out, ','), b.Bad, 10), '\n')
	}
	return out
}

// schemaOf returns the schema of T under its own name.
func schemaOf[T any](registry huma.Registry) *huma.Schema {
	return registry.Schema(reflect.TypeFor[T](), true, "")
}

// jsonResponse answers with JSON where an operation has several forms; headers come in pairs.
func jsonResponse(status int, body any, headers ...string) (*huma.StreamResponse, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return bytesResponse(status, contentJSON, raw, headers...), nil
}

// bytesResponse answers with ready-made bytes; headers come in pairs.
func bytesResponse(status int, contentType string, body []byte, headers ...string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		for i := 0; i+1 < len(headers); i += 2 {
			hc.AppendHeader(headers[i], headers[i+1])
		}
		hc.SetHeader("Content-Type", contentType)
		hc.SetStatus(status)
		_, _ = hc.BodyWriter().Write(body) // fails when the client is gone
	}}
}
