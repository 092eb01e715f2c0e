package validator

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"nms.example/common/fault"
)

const (
	draft = "https://json-schema.org/draft/2020-12/schema"
	// base is where the schema pretends to stand; nothing is ever loaded from there.
	base = "https://value-validator.invalid/schema"
	// maxProgram bounds the instructions of one regular expression, maxPrograms those of all together.
	maxProgram  = 2000
	maxPrograms = 5000
	// maxFindings bounds what is reported of one value.
	maxFindings = 50
)

type schema struct{ compiled *jsonschema.Schema }

// noLoader refuses every reference out of the schema. Without one the library would read files.
type noLoader struct{}

var errOutside = errors.New("outside the schema")

func (noLoader) Load(string) (any, error) { return nil, errOutside }

func compileSchema(object map[string]any) (*schema, error) {
	if err := screen(object); err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	budget := &regexpBudget{left: maxPrograms}
	c.UseRegexpEngine(budget.compile)
	if err := c.AddResource(base, object); err != nil {
		return nil, describe(err)
	}
	compiled, err := c.Compile(base)
	switch {
	case budget.spent:
		return nil, schemaFault("", codeComplex, "has regular expressions that are too large")
	case err != nil:
		return nil, describe(err)
	case visits(compiled) > maxVisits:
		return nil, schemaFault("", codeComplex, "would look at one place of a value too many times; use fewer alternatives inside each other")
	}
	return &schema{compiled: compiled}, nil
}

// screen refuses what the compiler should not even see.
func screen(object map[string]any) error {
	if declared, ok := object["$schema"]; ok && strings.TrimSuffix(fmt.Sprint(declared), "#") != draft {
		return schemaFault("$schema", codeSchema, "must be "+draft+" when it is given")
	}
	objects := 0
	var walk func(v any, top bool) error
	walk = func(v any, top bool) error {
		switch v := v.(type) {
		case map[string]any:
			if objects++; objects > maxObjects {
				return schemaFault("", codeComplex, fmt.Sprintf("must not have over %d objects", maxObjects))
			}
			for key, item := range v {
				// Another dialect inside would escape the bounds, and a dynamic reference the estimate of visits.
				if _, isText := item.(string); isText && (key == "$schema" && !top || key == "$dynamicRef") {
					return schemaFault("", codeSchema, "must not use "+key+" inside")
				}
				if err := walk(item, false); err != nil {
					return err
				}
			}
		case []any:
			for _, item := range v {
				if err := walk(item, false); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return walk(object, true)
}

// regexpBudget compiles regular expressions as long as they are small.
type regexpBudget struct {
	left  int
	spent bool
}

var errRegexpSize = errors.New("too large")

func (b *regexpBudget) compile(text string) (jsonschema.Regexp, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if b.left -= len(program.Inst); len(program.Inst) > maxProgram || b.left < 0 {
		b.spent = true
		return nil, errRegexpSize
	}
	return regexp.Compile(text)
}

// describe turns the library's error into a refusal without file names and values.
func describe(err error) error {
	var invalid *jsonschema.SchemaValidationError
	var validation *jsonschema.ValidationError
	if errors.As(err, &invalid) && errors.As(invalid.Err, &validation) {
		for _, f := range findings(validation, "") {
			return schemaFault(f.Location, codeSchema, f.Message) // the first one is enough to go on with
		}
	}
	if _, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
		return schemaFault("", codeOutside, "must not refer to anything outside itself")
	}
	return ErrSchema.With(fault.NewDetail(fault.Input, codeSchema,
		"is not a JSON Schema (2020-12): a reference, an anchor or a regular expression is wrong")).Because(err)
}

func (s *schema) check(value any) []Finding {
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []Finding{{"value", fault.CodeInvalid, "cannot be checked"}}
	}
	return findings(invalid, "value")
}

var english = message.NewPrinter(language.English)

// findings flattens the library's tree of causes: its leaves say what is wrong.
func findings(e *jsonschema.ValidationError, root string) []Finding {
	var list []Finding
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(list) >= maxFindings {
			return
		}
		switch e.ErrorKind.(type) {
		case *kind.OneOf, *kind.AnyOf, *kind.Not:
			// The alternatives' reasons would read as if all of them had to hold.
			list = append(list, Finding{place(root, e.InstanceLocation), codeOf(e.ErrorKind), messageOf(e)})
			return
		}
		if len(e.Causes) == 0 {
			list = append(list, Finding{place(root, e.InstanceLocation), codeOf(e.ErrorKind), messageOf(e)})
			return
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(e)
	return list
}

// messageOf says what is wrong. The library quotes the value in some texts, and that must not come back.
func messageOf(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Format:
		return "must be of the format " + k.Want
	case *kind.Pattern:
		return "must match the pattern " + k.Want
	case *kind.Enum:
		return "must be one of the values that the schema lists"
	case *kind.Const:
		return "must be the value that the schema names"
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum, *kind.MultipleOf:
		return bound(e.ErrorKind)
	case *kind.AnyOf:
		return "fits none of the alternatives (anyOf)"
	case *kind.OneOf:
		return "must fit exactly one of the alternatives (oneOf)"
	case *kind.Not:
		return "is what the schema excludes (not)"
	case *kind.FalseSchema:
		return "is not allowed here"
	case *kind.AdditionalProperties:
		return "has properties that are not allowed"
	case *kind.PropertyNames:
		return "has a property whose name is not allowed"
	case *kind.RefCycle:
		return "cannot be checked: the schema refers to itself without end"
	default:
		return e.ErrorKind.LocalizedString(english)
	}
}

func bound(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Minimum:
		return "must be at least " + decimal(k.Want)
	case *kind.Maximum:
		return "must be at most " + decimal(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be over " + decimal(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be under " + decimal(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + decimal(k.Want)
	default:
		return "is out of its bounds"
	}
}

// codeOf names what is wrong, by the same codes as the schemas of the API.
func codeOf(k jsonschema.ErrorKind) *fault.Code {
	switch k.(type) {
	case *kind.Type:
		return fault.CodeWrongType
	case *kind.Format, *kind.Pattern, *kind.ContentEncoding, *kind.ContentMediaType:
		return fault.CodeBadFormat
	case *kind.Enum, *kind.Const:
		return fault.CodeNotOneOf
	case *kind.Minimum, *kind.ExclusiveMinimum:
		return fault.CodeBelow
	case *kind.Maximum, *kind.ExclusiveMaximum:
		return fault.CodeAbove
	case *kind.MultipleOf:
		return fault.CodeNotMultiple
	case *kind.MinLength:
		return fault.CodeTooShort
	case *kind.MaxLength:
		return fault.CodeTooLong
	case *kind.MinItems, *kind.MinProperties, *kind.MinContains, *kind.Contains:
		return fault.CodeTooFew
	case *kind.MaxItems, *kind.MaxProperties, *kind.MaxContains, *kind.AdditionalItems:
		return fault.CodeTooMany
	case *kind.UniqueItems:
		return fault.CodeDuplicates
	case *kind.Required, *kind.Dependency, *kind.DependentRequired:
		return fault.CodeRequired
	case *kind.AdditionalProperties, *kind.PropertyNames:
		return fault.CodeUnknownField
	case *kind.AnyOf, *kind.OneOf:
		return fault.CodeNoMatch
	case *kind.Not, *kind.FalseSchema:
		return fault.CodeExcluded
	default:
		return fault.CodeInvalid
	}
}

// place writes a location as the other errors of the API do: value.items[0].name.
func place(root string, tokens []string) string {
	var b strings.Builder
	b.WriteString(root)
	for _, token := range tokens {
		if _, err := strconv.Atoi(token); err == nil {
			b.WriteString("[" + token + "]")
			continue
		}
		b.WriteString("." + token)
	}
	return strings.TrimPrefix(b.String(), ".")
}
