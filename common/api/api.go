package api

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"nms.example/common/api/internal/wire"
)

// API is one service's HTTP interface. Register everything, then serve Handler.
type API struct {
	options    Options
	engine     *gin.Engine
	huma       huma.API
	cors       *corsPolicy
	metrics    *metrics
	operations []OperationInfo
	document   document
	writers    sync.Pool
	site       Site // nil: none
}

// New makes an API without operations, apart from /openapi.json and in dev /docs.
func New(options Options) *API {
	options.setDefaults()
	a := &API{
		options: options,
		engine:  gin.New(),
		cors:    newCORSPolicy(options.CORSOrigins, options.Dev),
		metrics: newMetrics(options.Registerer),
	}
	a.writers.New = func() any { return new(wire.Writer) }
	a.engine.HandleMethodNotAllowed = true
	a.engine.RedirectTrailingSlash = false
	a.engine.RedirectFixedPath = false
	a.engine.UseRawPath = true
	if len(options.Middleware) > 0 {
		a.engine.Use(options.Middleware...)
		a.engine.Use(a.noteSpan)
	}
	a.engine.NoRoute(a.notFound)
	a.engine.NoMethod(a.methodNotAllowed)
	a.huma = newHuma(a)
	a.serveDocument()
	if options.Dev {
		a.serveDocs()
	}
	return a
}

// Handler is the service's http.Handler.
func (a *API) Handler() http.Handler { return a }

// Huma returns the huma API, for its OpenAPI document. Operations are registered with Register.
func (a *API) Huma() huma.API { return a.huma }

// Draining is closed when the service begins to stop; nil: never.
func (a *API) Draining() <-chan struct{} { return a.options.Draining }

// Operations lists what is registered, in order of registration.
func (a *API) Operations() []OperationInfo { return slices.Clone(a.operations) }

// SetAuthenticator sets who tells callers; call it before serving.
func (a *API) SetAuthenticator(authenticator Authenticator) { a.options.Authenticator = authenticator }

// SetLimiter sets the rate limit; call it before serving.
func (a *API) SetLimiter(limiter Limiter) { a.options.Limiter = limiter }

// addOperation lists an operation and refuses those that would be wire.Ambiguous.
func (a *API) addOperation(op OperationInfo) {
	for _, known := range a.operations {
		if known.OperationID == op.OperationID {
			//nolint:forbidigo // a mistake in the code, found at the first start
			panic(fmt.Sprintf("api: operation id %q is taken by %s %s", op.OperationID, known.Method, known.Path))
		}
	}
	a.operations = append(a.operations, op)
}
