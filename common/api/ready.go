package api

import (
	"io"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"nms.example/common/api/internal/wire"
)

// Ready is a response body of ready-made JSON of a T, as a cache keeps it. Its schema is T's; its bytes
// go to the client as they are. When Gzip is given too, a client that accepts it gets those bytes,
// under the same rule as every answer: only over 50 KiB (of JSON).
//
//	type treeOutput struct {
//	    ETag string `header:"ETag"`
//	    Body api.Ready[EquipmentTree]
//	}
type Ready[T any] struct {
	JSON []byte // required
	Gzip []byte // gzip of JSON, nil to compress when needed
}

// Schema implements huma.SchemaProvider.
func (Ready[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// MarshalJSON implements json.Marshaler.
func (b Ready[T]) MarshalJSON() ([]byte, error) { return b.JSON, nil }

func (b Ready[T]) writeTo(w io.Writer) error { return writeReady(w, b.JSON, b.Gzip) }

type readyBody interface{ writeTo(w io.Writer) error }

// writeReady hands both codings to the response writer under w, which is gin's.
func writeReady(w io.Writer, plain, compressed []byte) error {
	if g, ok := w.(gin.ResponseWriter); ok {
		if under, ok := g.(interface{ Unwrap() http.ResponseWriter }); ok {
			if rw, ok := under.Unwrap().(*wire.Writer); ok {
				g.WriteHeaderNow() // hands over the status
				return rw.WriteReady(plain, compressed)
			}
		}
	}
	_, err := w.Write(plain)
	return err
}
