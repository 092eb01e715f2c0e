// Package submission reads values that others send, checks them against the catalogue, and hands them to the intake.
package submission

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nms.example/common/api"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/frame"
)

// Window bounds the times of values, relative to now.
type Window struct {
	Past  time.Duration // how long values are kept as they came
	Ahead time.Duration // how far a source's clock may run in front
}

// Holds reports whether a moment lies in the window.
func (w Window) Holds(at, now time.Time) bool {
	return !at.Before(now.Add(-w.Past)) && !at.After(now.Add(w.Ahead))
}

// Document is one frame as it is sent.
type Document struct {
	EquipmentID int64                      `json:"equipment_id" minimum:"1" doc:"The equipment, by its id in cfg"`
	At          *time.Time                 `json:"at,omitempty" doc:"When the values were measured, RFC 3339 with an offset; left out: now"`
	Values      map[string]json.RawMessage `json:"values" minProperties:"1" maxProperties:"1000" doc:"Numbers, texts, truth values or null, by parameter in any letter case"`
	Quality     map[string]string          `json:"quality,omitempty" doc:"What the values are worth, by the parameters' names, where they are not good: uncertain or bad"`
}

// Accepted tells what was taken of a frame.
type Accepted struct {
	EquipmentID int64     `json:"equipment_id" doc:"The equipment"`
	At          time.Time `json:"at" doc:"When the values were measured"`
	Values      int       `json:"values" doc:"Values taken"`
	Stored      int       `json:"stored" doc:"Those that were not there before"`
	Invalid     []string  `json:"invalid,omitempty" doc:"Names of the parameters whose values the catalogue's validator refuses; they are kept, with this quality"`
}

// Code of a parameter that the catalogue does not have.
var codeUnknown = fault.Declare(fault.Invalid, "telemetry_unknown", "The catalogue has no live telemetry parameter of this name.")

// The refusals.
var (
	errBody = fault.List(fault.Invalid, "the values are refused")
	errJSON = fault.At(fault.Input, fault.CodeNotJSON, "is not valid JSON")
	errUTF8 = fault.At(fault.Input, fault.CodeNotUTF8, "is not valid UTF-8")
)

// maxValues bounds the values of one frame.
const maxValues = 1000

// Receiver reads frames.
type Receiver struct {
	catalogue *catalogue.Catalogue
	intake    *frame.Intake
	window    Window
}

// New makes a receiver.
func New(c *catalogue.Catalogue, intake *frame.Intake, window Window) *Receiver {
	return &Receiver{catalogue: c, intake: intake, window: window}
}

// Intake returns where frames go.
func (r *Receiver) Intake() *frame.Intake { return r.intake }

// Window returns the times that are taken.
func (r *Receiver) Window() Window { return r.window }

// Read reads one frame and checks it. Its errors are faults with the places of what is wrong.
func (r *Receiver) Read(ctx context.Context, body []byte) (f frame.Frame, a Accepted, err error) {
	var d Document
	if err := decode(body, &d); err != nil {
		return f, a, err
	}
	known, err := r.catalogue.Present(ctx)
	if err != nil {
		return f, a, err
	}
	now := time.Now()
	f, a, details := r.check(known, &d, now)
	if missing(details) {
		if known, err = r.catalogue.Fresh(ctx); err != nil {
			return f, a, err
		}
		f, a, details = r.check(known, &d, now)
	}
	if len(details) > 0 {
		return f, a, errBody.With(details...)
	}
	return f, a, nil
}

// missing reports whether the catalogue may have what was not found by now.
func missing(details []fault.Detail) bool {
	for _, d := range details {
		if d.Code() == codeUnknown || d.Code() == fault.CodeReferenceMissing {
			return true
		}
	}
	return false
}

func decode(body []byte, d *Document) error {
	if !utf8.Valid(body) {
		return errUTF8
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(d)
	if err == nil {
		if _, err = decoder.Token(); !errors.Is(err, io.EOF) {
			return errJSON
		}
		if name, found := api.RepeatedMember(body, d.members()); found {
			return errBody.With(fault.NewDetail(fault.Field(name), fault.CodeRepeated, "is given more than once"))
		}
		return nil
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errBody.With(fault.NewDetail(fault.Field(wrong.Field), fault.CodeWrongType, "is of another type"))
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok {
		return errBody.With(fault.NewDetail(fault.Field("at"), fault.CodeBadFormat, "must be a time (RFC 3339) with an offset"))
	}
	if _, quoted, unknown := strings.Cut(err.Error(), "unknown field "); unknown {
		name, _ := strconv.Unquote(quoted) // else it is the body that has it
		return errBody.With(fault.NewDetail(fault.Field(name), fault.CodeUnknownField, "is not known"))
	}
	return errJSON.Because(err)
}

// members counts the members of the document as it was written, unless it has ones that are null or empty.
func (d *Document) members() int {
	n := 2 + len(d.Values) + len(d.Quality)
	if d.At != nil {
		n++
	}
	if d.Quality != nil {
		n++
	}
	return n
}

func (r *Receiver) check(known *catalogue.Snapshot, d *Document, now time.Time) (f frame.Frame, a Accepted, details []fault.Detail) {
	add := func(field string, code *fault.Code, message string) {
		details = append(details, fault.NewDetail(fault.Field(field), code, message))
	}
	f.Equipment, f.At = d.EquipmentID, now
	if d.At != nil {
		f.At = *d.At
	}
	switch {
	case d.EquipmentID == 0:
		add("equipment_id", fault.CodeRequired, "is missing")
	case !known.HasEquipment(d.EquipmentID):
		add("equipment_id", fault.CodeReferenceMissing, "there is no such equipment, or it is archived")
	}
	if !r.window.Holds(f.At, now) {
		add("at", fault.CodeOutOfRange, "must not lie before what is kept, nor far in the future")
	}
	switch {
	case len(d.Values) == 0:
		add("values", fault.CodeRequired, "needs at least one value")
	case len(d.Values) > maxValues:
		add("values", fault.CodeTooMany, "must not have over 1000 values")
		return f, a, details
	}
	f.Values = make([]frame.Value, 0, len(d.Values))
	for name, raw := range d.Values {
		p := known.Named(name)
		if p == nil {
			add("values."+name, codeUnknown, "the catalogue has no such telemetry parameter")
			continue
		}
		v, ok := frame.Parse(raw)
		if !ok {
			add("values."+name, fault.CodeWrongType, "must be a number up to 1e300, a text of up to 4 KiB without NUL, a truth value or null")
			continue
		}
		v.Parameter = p.ID
		if Judge(p, &v, raw); v.Quality == frame.Invalid {
			a.Invalid = append(a.Invalid, p.Name)
		}
		f.Values = append(f.Values, v)
	}
	for name, text := range d.Quality {
		quality, ok := frame.QualityOf(text)
		if !ok || quality == frame.Good || quality == frame.Invalid {
			add("quality."+name, fault.CodeNotOneOf, "must be uncertain or bad")
			continue
		}
		if !grade(&f, known.Named(name), quality) {
			add("quality."+name, fault.CodeContradicts, "names a parameter that has no value here")
		}
	}
	slices.Sort(a.Invalid)
	taken := len(f.Values)
	if f.Sort(); len(f.Values) < taken {
		add("values", fault.CodeRepeated, "a parameter is given more than once, in other letter cases")
	}
	a.EquipmentID, a.At, a.Values = f.Equipment, f.At, len(f.Values)
	return f, a, details
}

// grade sets what the source says of a value; one that is refused stays so.
func grade(f *frame.Frame, p *catalogue.Parameter, quality frame.Quality) bool {
	for i := range f.Values {
		if p != nil && f.Values[i].Parameter == p.ID {
			f.Values[i].Quality = max(f.Values[i].Quality, quality)
			return true
		}
	}
	return false
}

// Judge marks a value that the catalogue refuses. raw is how it was written; nil: as a number.
func Judge(p *catalogue.Parameter, v *frame.Value, raw json.RawMessage) {
	if v.Quality == frame.Bad {
		return
	}
	var valid bool
	switch {
	case v.Exact != nil:
		valid = p.ValidAsWritten(v.Exact)
	case raw == nil && !math.IsNaN(v.Number):
		valid = p.ValidNumber(v.Number)
	default:
		valid = p.Valid(raw, v.Number)
	}
	if !valid {
		v.Quality = frame.Invalid
	}
}
