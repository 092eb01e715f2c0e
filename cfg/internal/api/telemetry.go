package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/cache"
	"nms.example/common/validator"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/telemetry"
)

type telemetryNew struct {
	ID             any       `json:"id,omitzero" doc:"Ignored"`
	ArchivedAt     any       `json:"archived_at,omitzero" doc:"Ignored"`
	Name           string    `json:"name" minLength:"1" maxLength:"50" doc:"Unique among live parameters, letter case aside"`
	NameFull       string    `json:"name_full" minLength:"1" maxLength:"200" doc:"Full name"`
	Description    string    `json:"description" minLength:"1" maxLength:"300" doc:"What it measures"`
	ValueValidator rawObject `json:"value_validator" doc:"JSON Schema (2020-12), or {length, parser}"`
}

type telemetryPatch struct {
	ID             any                  `json:"id,omitzero" doc:"Ignored"`
	ArchivedAt     any                  `json:"archived_at,omitzero" doc:"Ignored"`
	Name           api.Patch[string]    `json:"name,omitzero" minLength:"1" maxLength:"50" doc:"Short name"`
	NameFull       api.Patch[string]    `json:"name_full,omitzero" minLength:"1" maxLength:"200" doc:"Full name"`
	Description    api.Patch[string]    `json:"description,omitzero" minLength:"1" maxLength:"300" doc:"What it measures"`
	ValueValidator api.Patch[rawObject] `json:"value_validator,omitzero" doc:"JSON Schema (2020-12), or {length, parser}"`
}

func (in telemetryNew) input() telemetry.Input {
	return telemetry.Input{
		Name: in.Name, NameFull: in.NameFull, Description: in.Description, ValueValidator: json.RawMessage(in.ValueValidator),
	}
}

func (in telemetryPatch) edit() catalogue.Edit[telemetry.Input] {
	return catalogue.Edit[telemetry.Input]{Apply: func(d *telemetry.Input) {
		d.Name = in.Name.Or(d.Name)
		d.NameFull = in.NameFull.Or(d.NameFull)
		d.Description = in.Description.Or(d.Description)
		if in.ValueValidator.Set {
			d.ValueValidator = json.RawMessage(in.ValueValidator.Value)
		}
	}}
}

func registerTelemetry(a *api.API, d Deps) {
	r := &resource[telemetry.Item, telemetry.Input]{
		path: "telemetry", title: "telemetry parameter",
		cache: d.Cache, items: d.Telemetry.Items(),
	}
	register[telemetryNew, telemetryPatch](a, r)
	r.registerArchive(a)
	lists := telemetryLists{parameters: d.Telemetry, cache: d.Cache}
	list := r.operation(http.MethodGet, "", "list", "Telemetry parameters")
	list.Description = pastDescription
	api.Register(a, list, read, lists.get)
	validate := r.operation(http.MethodPost, "/{id}/validate", "validate", "Check a value against the parameter's validator")
	validate.MaxBodyBytes = validator.MaxValue + 1024
	api.Register(a, validate, read, lists.validate)
}

// rawObject is a JSON object, kept as it was written.
type rawObject json.RawMessage

// UnmarshalJSON implements json.Unmarshaler.
func (o *rawObject) UnmarshalJSON(data []byte) error {
	*o = append((*o)[:0], data...)
	return nil
}

// Schema implements huma.SchemaProvider.
func (rawObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// rawValue is any JSON, kept as it was written.
type rawValue json.RawMessage

// UnmarshalJSON implements json.Unmarshaler; encoding/json calls it for null too.
func (v *rawValue) UnmarshalJSON(data []byte) error {
	*v = append((*v)[:0], data...)
	return nil
}

// Schema implements huma.SchemaProvider.
func (rawValue) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

type telemetriesInput struct {
	api.Conditional
	api.PageInput
	PastInput
	Limit  int                  `query:"limit" default:"100" minimum:"1" maximum:"5000" doc:"Most items on a page"`
	Name   api.Optional[string] `query:"name" minLength:"1" maxLength:"50" doc:"The name, letter case aside"`
	Q      api.Optional[string] `query:"q" minLength:"1" maxLength:"100" doc:"Text in the name, the full name or the description, letter case aside"`
	Sort   string               `query:"sort" doc:"name, id, name_full; - in front for descending"`
	Fields []string             `query:"fields" maxItems:"20" doc:"Only these fields of each item"`
}

type telemetryParams struct {
	Name *string `json:"name,omitempty"`
	Q    *string `json:"q,omitempty"`
	PastParams
}

type telemetryPage = api.Page[telemetry.ListedParameter, telemetryParams]

type telemetryLists struct {
	parameters *telemetry.Catalogue
	cache      *cache.Store
}

func (l telemetryLists) get(ctx context.Context, in *telemetriesInput) (*ready[telemetryPage], error) {
	params := telemetryParams{Name: in.Name.Ptr(), Q: in.Q.Ptr(), PastParams: in.params()}
	list := listing[telemetry.ListedParameter]{
		PageInput: in.PageInput, Conditional: in.Conditional, limit: in.Limit, sort: in.Sort, fields: in.Fields,
		sortKeys: telemetry.SortKeys, entity: telemetry.Entity, tags: []string{telemetry.Entity},
	}
	return pageOf(ctx, l.cache, list, params, func(ctx context.Context, s catalogue.Slice) (catalogue.Part[telemetry.ListedParameter], error) {
		filter := telemetry.Filter{Name: params.Name, Query: params.Q, At: params.At, Archived: params.Archived}
		return l.parameters.List(ctx, filter, s)
	})
}

type validateInput struct {
	api.IDInput
	Body struct {
		Value rawValue `json:"value" doc:"Any JSON"`
	}
}

type validateOutput struct {
	Body struct {
		Valid  bool                `json:"valid" doc:"Whether the validator takes the value"`
		Errors []api.ProblemDetail `json:"errors" doc:"What is wrong, at value, value.items[0].name and the like; empty when the value is valid"`
	}
}

func (l telemetryLists) validate(ctx context.Context, in *validateInput) (*validateOutput, error) {
	findings, err := l.parameters.Validate(ctx, in.ID, json.RawMessage(in.Body.Value))
	if err != nil {
		return nil, err
	}
	out := &validateOutput{}
	out.Body.Valid, out.Body.Errors = len(findings) == 0, make([]api.ProblemDetail, len(findings))
	for i, f := range findings {
		out.Body.Errors[i] = api.ProblemDetail{Location: f.Location, Message: f.Message, Code: api.Code(f.Code.Name)}
	}
	return out, nil
}
