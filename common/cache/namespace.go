package cache

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"runtime"

	schema "nms.example/sql"
)

// Namespace returns the StoreOptions.Namespace of a service: its name and a hash of what shapes the bytes of its
// entries, so that builds which would write other bytes for the same data never share an entry. These are the types
// of the answers (reflect.Type) down to the last field, with the names and options of encoding/json, the version of the
// database's schema and that of Go. Any other shape is hashed as text; give one for what the types do not tell, such
// as a table whose texts stand in the answers. A type that writes itself (json.Marshaler, encoding.TextMarshaler) counts
// with its name alone.
func Namespace(service string, database schema.Database, shapes ...any) string {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), database, schema.Latest(database))
	for _, shape := range shapes {
		if t, ok := shape.(reflect.Type); ok {
			describe(hash, t, map[reflect.Type]int{})
		} else {
			fmt.Fprintf(hash, "%q", fmt.Sprint(shape))
		}
		fmt.Fprintln(hash)
	}
	return service + "." + hex.EncodeToString(hash.Sum(nil)[:8])
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// describe writes what encoding/json makes of a type. known holds the structs on the way here, by their number.
func describe(w io.Writer, t reflect.Type, known map[reflect.Type]int) {
	if p := reflect.PointerTo(t); p.Implements(jsonMarshaler) || p.Implements(textMarshaler) {
		fmt.Fprintf(w, "%s.%s ", t.PkgPath(), t)
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		fmt.Fprint(w, t.Kind(), " ")
		if t.Kind() == reflect.Map {
			describe(w, t.Key(), known)
		}
		describe(w, t.Elem(), known)
	case reflect.Struct:
		if n, again := known[t]; again {
			fmt.Fprint(w, "again ", n, " ")
			return
		}
		known[t] = len(known)
		fmt.Fprint(w, "{ ")
		for f := range fields(t) {
			fmt.Fprintf(w, "%s %t %q ", f.Name, f.Anonymous, f.Tag.Get("json"))
			describe(w, f.Type, known)
		}
		fmt.Fprint(w, "} ")
	default:
		fmt.Fprint(w, t.Kind(), " ")
	}
}

// fields yields the fields of a struct that encoding/json looks at.
func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for f := range t.Fields() {
			if (f.IsExported() || f.Anonymous) && !yield(f) {
				return
			}
		}
	}
}
