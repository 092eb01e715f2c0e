package api

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// Patch is a field of a merge-patch body (RFC 7396) that may be left out but not cleared: null is
// refused with 422. Declare it with `omitzero` and the bounds of T:
//
//	Name api.Patch[string] `json:"name,omitzero" minLength:"1" maxLength:"50"`
type Patch[T any] struct {
	Value T
	Set   bool // the field was in the body
	null  bool
}

// NullablePatch is a field of a merge-patch body that may be left out (unchanged) or null (cleared).
type NullablePatch[T any] struct {
	Value T
	Set   bool // the field was in the body, as null or with a value
	Null  bool // the field was null: clear it
}

// Or returns the patched value, or old when the field was left out.
func (p Patch[T]) Or(old T) T {
	if p.Set {
		return p.Value
	}
	return old
}

// Ptr returns the value, nil when the field was left out.
func (p Patch[T]) Ptr() *T {
	if !p.Set {
		return nil
	}
	return &p.Value
}

// Or returns the patched value (nil when cleared), or old when the field was left out.
func (p NullablePatch[T]) Or(old *T) *T {
	switch {
	case !p.Set:
		return old
	case p.Null:
		return nil
	default:
		return &p.Value
	}
}

var jsonNull = []byte("null")

// UnmarshalJSON implements json.Unmarshaler; encoding/json calls it for null too, but not for an
// absent field, and that is the whole trick.
func (p *Patch[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, jsonNull) {
		p.null = true
		return nil
	}
	p.Set = true
	return json.Unmarshal(data, &p.Value)
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *NullablePatch[T]) UnmarshalJSON(data []byte) error {
	p.Set = true
	if bytes.Equal(data, jsonNull) {
		p.Null = true
		return nil
	}
	return json.Unmarshal(data, &p.Value)
}

// MarshalJSON implements json.Marshaler: the value, null while it is not set.
func (p Patch[T]) MarshalJSON() ([]byte, error) { return json.Marshal(p.Ptr()) }

// MarshalJSON implements json.Marshaler: the value, null while it is not set or cleared.
func (p NullablePatch[T]) MarshalJSON() ([]byte, error) { return json.Marshal(p.Or(nil)) }

// IsZero lets `omitzero` leave out what is not set.
func (p Patch[T]) IsZero() bool { return !p.Set }

// IsZero lets `omitzero` leave out what is not set.
func (p NullablePatch[T]) IsZero() bool { return !p.Set }

// Schema implements huma.SchemaProvider: the schema of T.
func (p *Patch[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// Schema implements huma.SchemaProvider: the schema of T, nullable.
func (p *NullablePatch[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	if s.Ref == "" {
		s.Nullable = true
		return &s
	}
	return &huma.Schema{AnyOf: []*huma.Schema{&s, {Type: "null"}}}
}

// Resolve implements huma.ResolverWithPath: huma itself lets null pass for every optional field.
func (p *Patch[T]) Resolve(_ huma.Context, path *huma.PathBuffer) []error {
	if !p.null {
		return nil
	}
	return []error{wire.Invalid(path.String(), fault.CodeNotNull, "must not be null")}
}

// Optional is a query, path or header parameter that knows whether it was given; huma takes no
// pointers there.
type Optional[T any] struct {
	Value T
	Set   bool
}

// Ptr returns the value, nil when the parameter was not given.
func (o Optional[T]) Ptr() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}

// Receiver implements huma.ParamWrapper.
func (o *Optional[T]) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet implements huma.ParamReactor.
func (o *Optional[T]) OnParamSet(isSet bool, _ any) { o.Set = isSet }

// Schema implements huma.SchemaProvider: the schema of T.
func (o *Optional[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}
