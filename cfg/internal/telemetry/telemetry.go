// Package telemetry is the catalogue of telemetry parameters, each with the rules that its values satisfy.
package telemetry

import (
	"context"
	"encoding/json"
	"time"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/validator"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// Bounds of the fields, in characters.
const (
	MaxName        = 50
	MaxNameFull    = 200
	MaxDescription = 300
)

// Item is what the catalogue holds.
type Item = Parameter

// Parameter is a parameter as clients see it.
type Parameter struct {
	ID             int64           `json:"id" doc:"Identifier"`
	Name           string          `json:"name" doc:"Short name"`
	NameFull       string          `json:"name_full" doc:"Full name"`
	Description    string          `json:"description" doc:"What it measures"`
	ValueValidator json.RawMessage `json:"value_validator" doc:"JSON Schema (2020-12), or {length, parser}"`
}

// Input is what can be written of a parameter.
type Input struct {
	Name           string          `json:"name" doc:"Short name"`
	NameFull       string          `json:"name_full" doc:"Full name"`
	Description    string          `json:"description" doc:"What it measures"`
	ValueValidator json.RawMessage `json:"value_validator" doc:"JSON Schema (2020-12), or {length, parser}"`
}

// Input returns what can be written of the item.
func (p Parameter) Input() Input {
	return Input{Name: p.Name, NameFull: p.NameFull, Description: p.Description, ValueValidator: p.ValueValidator}
}

// Item returns the parameter that the input becomes.
func (d Input) Item(id int64) Item {
	return Item{ID: id, Name: d.Name, NameFull: d.NameFull, Description: d.Description, ValueValidator: d.ValueValidator}
}

// ErrNameTaken says that a live parameter has the name.
var ErrNameTaken = fault.At(fault.Field("name"), fault.CodeNameTaken, "another parameter has this name")

// Entity names parameters in cache tags and in the database.
const Entity = "telemetry"

// SortKeys are what a list can be ordered by.
var SortKeys = []string{"name", "id", "name_full"}

// Catalogue is the catalogue of parameters.
type Catalogue struct {
	*catalogue.Catalogue[Item, Input]
}

// New makes the catalogue.
func New(w *catalogue.Writer) *Catalogue {
	return &Catalogue{
		Catalogue: catalogue.New(w, store{}, catalogue.Rules[Item, Input]{
			Entity:      Entity,
			Events:      Events,
			Constraints: db.Constraints{"telemetry_name_key": ErrNameTaken},
			Check:       Check,
			ID:          func(i Item) int64 { return i.ID },
		}),
	}
}

// Check says what is wrong with an input by itself; its validator is compiled. was is the item's until now, an empty one for a
// new item.
func Check(d, was *Input) error {
	var c catalogue.Checker
	CheckTexts(&c, d, was)
	if err := CheckValidator(d.ValueValidator); err != nil {
		f := fault.As(err)
		if f == nil {
			return err
		}
		c.Take(f)
	}
	return c.Err()
}

// CheckTexts checks everything but the validator.
func CheckTexts(c *catalogue.Checker, d, was *Input) {
	c.Name("name", d.Name, was.Name, 1, MaxName)
	c.Line("name_full", d.NameFull, was.NameFull, 1, MaxNameFull)
	c.Prose("description", d.Description, 1, MaxDescription)
}

// CheckValidator compiles a validator; its refusals are faults at the field value_validator.
func CheckValidator(raw json.RawMessage) error {
	_, err := validator.Compile(raw)
	return fault.Move(err, func(p fault.Place) fault.Place { return p.Under("value_validator") })
}

// Filter chooses parameters; all that are given must hold.
type Filter struct {
	Name  *string
	Query *string // part of the name, the full name or the description

	At       *time.Time // as they were then; nil: as they are
	Archived bool       // archived parameters in place of live ones
}

// ListedParameter is a parameter as lists show it.
type ListedParameter struct {
	Parameter

	ArchivedAt *time.Time `json:"archived_at,omitempty" doc:"When it was archived; absent on live parameters"`
}

// List returns a slice of the parameters that the filter chooses; catalogue.ErrFuture for a moment that has not come.
func (c *Catalogue) List(ctx context.Context, f Filter, s catalogue.Slice) (catalogue.Part[ListedParameter], error) {
	moment, err := c.Moment(ctx, f.At)
	if err != nil {
		return catalogue.Part[ListedParameter]{}, err
	}
	q := nmsdb.New(c.Pool())
	cursor := func(i ListedParameter) catalogue.Cursor {
		return catalogue.Cursor{Key: i.sortKey(s.Order.Key), ID: i.ID}
	}
	if f.At != nil || f.Archived {
		return catalogue.List(ctx, s,
			func(ctx context.Context) (int64, error) { return countAt(ctx, q, f, moment) },
			func(ctx context.Context) ([]nmsdb.TelemetryListAtRow, error) { return listAt(ctx, q, f, moment, s) },
			listedOf, cursor)
	}
	return catalogue.List(ctx, s,
		func(ctx context.Context) (int64, error) { return count(ctx, q, f) },
		func(ctx context.Context) ([]nmsdb.LiveTelemetry, error) { return list(ctx, q, f, s) },
		func(r nmsdb.LiveTelemetry) ListedParameter { return ListedParameter{Parameter: ItemOf(r)} }, cursor)
}

// Validate checks a value, any JSON, against a parameter's validator and lists what is wrong with it.
func (c *Catalogue) Validate(ctx context.Context, id int64, value json.RawMessage) ([]validator.Finding, error) {
	item, err := c.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := validator.Compile(item.ValueValidator)
	if err != nil {
		return nil, err
	}
	return v.Validate(value)
}
