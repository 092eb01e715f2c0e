package binding

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sqlc-dev/pqtype"

	"nms.example/common/fault"
	"nms.example/common/name"
	"nms.example/common/validator"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/template"
)

// Codes of refusals of bindings.
var (
	codeTemplate  = fault.Declare(fault.Invalid, "bad_template", "The driver cannot use the template, or its placeholders do not fit the arguments.")
	codeParameter = fault.Declare(fault.Invalid, "parameter_unknown", "There is no such telemetry parameter, or it is not said how it is read.")
)

var errDraft = fault.List(fault.Invalid, "the binding is refused")

// Bounds of a binding.
const (
	maxPoints     = 50
	maxConditions = 50
	maxHazard     = 300     // characters
	maxUnit       = 50      // characters
	maxTemplate   = 8 << 10 // bytes, of undo_args as well
	maxValue      = 2 << 10 // bytes, of a condition's value: a text of 500 characters
)

// complete puts empty lists in the place of missing ones.
func (d *Draft) complete() {
	if d.Points == nil {
		d.Points = []Point{}
	}
	if d.Preconditions == nil {
		d.Preconditions = []Condition{}
	}
	if d.Verifiers == nil {
		d.Verifiers = []Condition{}
	}
	if bytes.Equal(bytes.TrimSpace(d.UndoArgs), []byte("null")) {
		d.UndoArgs = nil
	}
}

// columns returns the draft as the generated queries take it.
func (d Draft) columns(commandID int64) (c nmsdb.BindingUpdateParams, err error) {
	c = nmsdb.BindingUpdateParams{
		CommandID: commandID, Driver: d.Driver, Template: d.Template, ArgsSchema: d.ArgsSchema, Hazardous: d.Hazardous,
		HazardReason: d.HazardReason, Approvals: d.Approvals, Ttl: d.TTL, Timeout: d.Timeout, Idempotent: d.Idempotent,
		UndoArgs: pqtype.NullRawMessage{RawMessage: d.UndoArgs, Valid: d.UndoArgs != nil},
	}
	for to, list := range map[*json.RawMessage]any{&c.Points: d.Points, &c.Preconditions: d.Preconditions, &c.Verifiers: d.Verifiers} {
		if *to, err = json.Marshal(list); err != nil {
			return c, err
		}
	}
	return c, nil
}

// findings collect everything that is wrong with a draft.
type findings struct{ details []fault.Detail }

func (f *findings) add(field string, code *fault.Code, message string) {
	f.details = append(f.details, fault.NewDetail(fault.Field(field), code, message))
}

// include adds what another check says, if anything.
func (f *findings) include(err error) {
	if refusal := fault.As(err); refusal != nil {
		f.details = append(f.details, refusal.Details...)
	}
}

// bounded reports whether JSON can be kept and computed with.
func (f *findings) bounded(field string, raw json.RawMessage, bytes int) bool {
	code, problem := validator.Bound(raw, bytes)
	if code != nil {
		f.add(field, code, problem)
	}
	return code == nil
}

// Check lists everything that is wrong with a draft by itself.
func (s *Bindings) Check(d Draft) error {
	var f findings
	of, err := s.drivers.Find(d.Driver)
	if err != nil {
		return err
	}
	if d.Hazardous != (d.HazardReason != nil) {
		f.add("hazard_reason", fault.CodeContradicts, "is needed when the command is hazardous, and null when it is not")
	} else if d.HazardReason != nil {
		if n := utf8.RuneCountInString(*d.HazardReason); n < 1 || n > maxHazard {
			f.add("hazard_reason", fault.CodeLength, fmt.Sprintf("must have 1 to %d characters", maxHazard))
		}
		f.include(name.CheckVisibleAt(fault.Field("hazard_reason"), *d.HazardReason))
	}
	schema := f.schema(d.ArgsSchema)
	f.template(of, d.Template, schema)
	read := f.points(of, d.Points)
	f.conditions("preconditions", d.Preconditions, read, schema)
	f.conditions("verifiers", d.Verifiers, read, schema)
	if d.UndoArgs != nil {
		f.undo(d.UndoArgs, schema)
	}
	if len(f.details) == 0 {
		return nil
	}
	return errDraft.With(f.details...)
}

// schema checks the schema of the arguments; nil when it is none.
func (f *findings) schema(raw json.RawMessage) *Schema {
	schema, err := CompileSchema(raw)
	if err == nil {
		return schema
	}
	refusal := fault.As(err)
	if refusal == nil || len(refusal.Details) == 0 {
		f.add("args_schema", fault.CodeInvalid, "is refused")
		return nil
	}
	if moved := fault.As(fault.Move(refusal, func(p fault.Place) fault.Place { return p.Under("args_schema") })); moved != nil {
		f.details = append(f.details, moved.Details...)
	}
	return nil
}

func (f *findings) template(of driver.Driver, raw json.RawMessage, schema *Schema) {
	if !f.bounded("template", raw, maxTemplate) {
		return
	}
	if err := of.CheckSend(raw); err != nil {
		f.add("template", codeTemplate, err.Error())
		return
	}
	f.placeholders("template", raw, schema)
}

// placeholders checks that each stands for an argument that is always there.
func (f *findings) placeholders(field string, raw json.RawMessage, schema *Schema) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		f.add(field, fault.CodeNotJSON, "must be JSON")
		return
	}
	names, err := template.Names(v)
	if err != nil {
		f.add(field, codeTemplate, err.Error())
		return
	}
	if schema == nil {
		return
	}
	for _, name := range names {
		if !schema.Always(name) {
			f.add(field, codeTemplate, "{"+name+"} is no property of args_schema that is required")
		}
	}
}

// unfilled refuses placeholders where nothing fills them.
func (f *findings) unfilled(field string, raw json.RawMessage) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return
	}
	if names, err := template.Names(v); len(names) > 0 || errors.Is(err, template.ErrMember) {
		f.add(field, codeTemplate, "must not have placeholders: nothing fills them here")
	}
}

func (f *findings) points(of driver.Driver, points []Point) (read []string) {
	if len(points) > maxPoints {
		f.add("points", fault.CodeTooMany, fmt.Sprintf("must not be over %d", maxPoints))
		return nil
	}
	for i, p := range points {
		at := fmt.Sprintf("points[%d]", i)
		if slices.Contains(read, p.Parameter) {
			f.add(at+".parameter", fault.CodeDuplicates, "is read twice")
		}
		read = append(read, p.Parameter)
		if !f.bounded(at+".read", p.Read, maxTemplate) {
			continue
		}
		if err := of.CheckRead(p.Read); err != nil {
			f.add(at+".read", codeTemplate, err.Error())
			continue
		}
		f.unfilled(at+".read", p.Read)
	}
	return read
}

func (f *findings) conditions(field string, list []Condition, read []string, schema *Schema) {
	if len(list) > maxConditions {
		f.add(field, fault.CodeTooMany, fmt.Sprintf("must not be over %d", maxConditions))
		return
	}
	for i, c := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		if field == "preconditions" && !slices.Contains(read, c.Parameter) {
			f.add(at+".parameter", codeParameter, "points does not say how it is read")
		}
		if (c.Arg == "") == (len(c.Value) == 0) {
			f.add(at+".value", fault.CodeContradicts, "either value or arg is needed")
			continue
		}
		if c.Arg != "" {
			if schema != nil && !schema.Always(c.Arg) {
				f.add(at+".arg", codeTemplate, "is no property of args_schema that is required")
			}
		} else {
			f.value(at+".value", c)
		}
		if c.Within != 0 && c.Within < c.After {
			f.add(at+".within", fault.CodeWrongOrder, "must not be before after")
		}
		if field == "preconditions" && (c.After != 0 || c.Within != 0) {
			f.add(at+".within", fault.CodeContradicts, "only verifiers wait")
		}
	}
}

// value checks what a condition compares with.
func (f *findings) value(field string, c Condition) {
	if !f.bounded(field, c.Value, maxValue) {
		return
	}
	first := rune(bytes.TrimSpace(c.Value)[0])
	var text string
	switch {
	case strings.ContainsRune("[{n", first):
		f.add(field, fault.CodeWrongType, "must be a number, a text or a truth value")
	case c.Op != "eq" && c.Op != "ne" && strings.ContainsRune(`"tf`, first):
		f.add(field, fault.CodeWrongType, "must be a number: nothing else is more or less")
	case json.Unmarshal(c.Value, &text) == nil:
		f.include(name.CheckVisibleAt(fault.Field(field), text)) // what is read has no such character
	}
}

func (f *findings) undo(raw json.RawMessage, schema *Schema) {
	var object map[string]any
	if !f.bounded("undo_args", raw, maxTemplate) {
		return
	}
	if json.Unmarshal(raw, &object) != nil {
		f.add("undo_args", fault.CodeWrongType, "must be an object")
		return
	}
	f.placeholders("undo_args", raw, schema)
}

// checkParameters refuses conditions on parameters that the catalogue does not have.
func checkParameters(ctx context.Context, q *nmsdb.Queries, d Draft) error {
	names := make([]string, len(d.Points), len(d.Points)+len(d.Verifiers))
	for i, p := range d.Points {
		names[i] = p.Parameter
	}
	for _, v := range d.Verifiers {
		names = append(names, v.Parameter)
	}
	if len(names) == 0 {
		return nil
	}
	missing, err := q.TelemetryNamesMissing(ctx, names)
	if err != nil || len(missing) == 0 {
		return err
	}
	var f findings
	for i, name := range names {
		if !slices.Contains(missing, name) {
			continue
		}
		field := fmt.Sprintf("points[%d].parameter", i)
		if i >= len(d.Points) {
			field = fmt.Sprintf("verifiers[%d].parameter", i-len(d.Points))
		}
		f.add(field, codeParameter, "the catalogue has no such telemetry parameter")
	}
	return errDraft.With(f.details...)
}

// Schema is a compiled schema of arguments.
type Schema struct {
	validator *validator.Validator
	units     map[string]string // x-unit of the properties that have one
	always    []string          // the properties that are required
}

var errSchema = fault.List(fault.Invalid, "the schema is refused")

// CompileSchema reads the schema of arguments. Its refusals name fields within the schema.
func CompileSchema(raw json.RawMessage) (*Schema, error) {
	compiled, err := validator.Compile(raw)
	if err != nil {
		return nil, err
	}
	var document struct {
		Type       string                     `json:"type"`
		Required   []string                   `json:"required"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &document); err != nil || document.Type != "object" {
		return nil, errSchema.With(fault.NewDetail(fault.Field("type"), fault.CodeNotOneOf, `must be "object"`))
	}
	s := &Schema{validator: compiled, units: map[string]string{}}
	for property, rules := range document.Properties {
		if err := s.unit(property, rules); err != nil {
			return nil, err
		}
		if slices.Contains(document.Required, property) {
			s.always = append(s.always, property)
		}
	}
	return s, nil
}

// unit keeps the unit of a property, if it has one.
func (s *Schema) unit(property string, rules json.RawMessage) error {
	var p struct {
		Unit json.RawMessage `json:"x-unit"`
	}
	_ = json.Unmarshal(rules, &p) // true and false are schemas, too
	if p.Unit == nil {
		return nil
	}
	place := fault.Field("properties." + property + ".x-unit")
	var unit string
	if json.Unmarshal(p.Unit, &unit) != nil || unit == "" || utf8.RuneCountInString(unit) > maxUnit {
		return errSchema.With(fault.NewDetail(place, fault.CodeWrongType, fmt.Sprintf("must be a text of 1 to %d characters", maxUnit)))
	}
	s.units[property] = unit
	return name.CheckVisibleAt(place, unit)
}

// Always reports whether arguments always have a property.
func (s *Schema) Always(name string) bool { return slices.Contains(s.always, name) }

var (
	codeUnit = fault.Declare(fault.Invalid, "wrong_unit", "The value is given in another unit than the argument has; nothing is converted.")
	errArgs  = fault.List(fault.Invalid, "the arguments are refused")
)

// Args checks arguments, a JSON object. Where the schema names a unit, an argument may be {"value": 10, "unit": "dB"}; in
// another unit it is refused. The messages name the unit.
func (s *Schema) Args(raw json.RawMessage) (template.Args, error) {
	var args template.Args
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&args); err != nil || args == nil {
		return nil, errArgs.With(fault.NewDetail(fault.Field("args"), fault.CodeWrongType, "must be an object"))
	}
	var f findings
	for name, unit := range s.units {
		object, ok := args[name].(map[string]any)
		if !ok {
			continue
		}
		given, isText := object["unit"].(string)
		value, isThere := object["value"]
		switch {
		case !isText || !isThere || len(object) != 2:
			f.add("args."+name, fault.CodeWrongType, "must be a value in "+unit+", or an object of value and unit")
		case given != unit:
			f.add("args."+name+".unit", codeUnit, "must be "+unit)
			fallthrough
		default:
			args[name] = value
		}
	}
	plain, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	found, err := s.validator.Validate(plain)
	if err != nil {
		return nil, fault.Move(err, func(fault.Place) fault.Place { return fault.Field("args") })
	}
	for _, finding := range found {
		field := "args" + strings.TrimPrefix(finding.Location, "value")
		name, _, _ := strings.Cut(strings.TrimPrefix(field, "args."), ".")
		message := finding.Message
		if unit, ok := s.units[name]; ok {
			message += " (" + unit + ")"
		}
		f.add(field, finding.Code, message)
	}
	if len(f.details) > 0 {
		return nil, errArgs.With(f.details...)
	}
	return args, nil
}
