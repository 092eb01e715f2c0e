package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
)

const documentPath = "/openapi.json"

// document is the OpenAPI document in its finished form, made at its first request: by then all
// operations are registered.
type document struct {
	once  sync.Once
	plain []byte
	gzip  []byte
	etag  string
	err   error
}

// serveDocument adds GET /openapi.json.
func (a *API) serveDocument() {
	a.addBare(documentPath, "get-openapi", func(g *gin.Context) {
		d := &a.document
		d.once.Do(func() { d.make(a) })
		if d.err != nil {
			a.WriteError(g.Writer, g.Request, d.err)
			return
		}
		conditional := Conditional{IfNoneMatch: g.GetHeader("If-None-Match")}
		if conditional.Evaluate(d.etag) != nil {
			g.Header("ETag", conditional.IfNoneMatch)
			g.Status(http.StatusNotModified)
			return
		}
		g.Header("ETag", d.etag)
		g.Header("Content-Type", "application/json")
		_ = writeReady(g.Writer, d.plain, d.gzip) // a client that is gone needs no answer
	})
}

func (d *document) make(a *API) {
	if d.plain, d.err = json.Marshal(a.huma.OpenAPI()); d.err != nil {
		return
	}
	d.etag = ETagOf(d.plain)
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, d.err = w.Write(d.plain); d.err != nil {
		return
	}
	if d.err = w.Close(); d.err == nil {
		d.gzip = compressed.Bytes()
	}
}

// addBare adds a public GET route beside huma, with everything else that an operation has.
func (a *API) addBare(path, id string, handler gin.HandlerFunc) {
	r := &route{pattern: path, access: Public, timeout: a.options.RequestTimeout, unlimited: true}
	serve := func(g *gin.Context) {
		if a.admit(g, r) {
			handler(g)
		}
	}
	a.engine.GET(path, serve)
	a.engine.HEAD(path, serve)
	a.addOperation(OperationInfo{Method: http.MethodGet, Path: path, OperationID: id, Access: Public})
}
