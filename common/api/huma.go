package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// huma and gin are configured through package variables. They are set here, before any API exists, so
// that parallel tests and several APIs in one process see the same ones and no write races a request.
//
//nolint:gochecknoinits // there is no other moment that precedes every reader
func init() {
	gin.SetMode(gin.ReleaseMode)
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
	huma.ErrorFormatter = formatMessage //nolint:reassign // this is how huma is told
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return humaProblem(context.Background(), status, message, errs) //nolint:forbidigo // huma hands none down here
	}
	huma.NewErrorWithContext = func(hc huma.Context, status int, message string, errs ...error) huma.StatusError {
		ctx := context.Background() //nolint:forbidigo // huma has none for some errors
		if hc != nil {
			ctx = hc.Context()
		}
		return humaProblem(ctx, status, message, errs)
	}
}

// formatMessage is huma's Sprintf without the texts of Go errors, which quote the value, with the message's code
// and bounds as decimals: 1000000000000000, not 1e+15.
func formatMessage(format string, args ...any) string {
	args = slices.Clone(args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case error:
			before, _, _ := strings.Cut(format, ": %v")
			return marked(format, before)
		case float64:
			args[i] = strconv.FormatFloat(arg, 'f', -1, 64)
		}
	}
	return marked(format, fmt.Sprintf(format, args...))
}

// humaProblem makes the problem for what huma itself refuses.
func humaProblem(ctx context.Context, status int, message string, errs []error) huma.StatusError {
	switch {
	case status == http.StatusNotModified:
		return &notModified{}
	case strings.HasPrefix(message, "request body read timeout"):
		message = "the request body did not arrive in time"
	case strings.HasPrefix(message, "unexpected error"), strings.HasPrefix(message, "unable to marshal"):
		message = "internal error"
	case strings.HasPrefix(message, "cannot read request body"):
		status, message = http.StatusBadRequest, "the request body cannot be read"
	}
	p := newProblem(ctx, status, message)
	for _, err := range errs {
		p.include(ctx, err)
	}
	if len(errs) == 0 && message == "request body is required" {
		p.add(ProblemDetail{"body", "is required", Code(fault.CodeRequired.Name)})
	}
	return p.complete(ctx)
}

// include adds one of huma's reasons. What is neither huma's nor a fault may say anything, so only the
// log sees it.
func (p *Problem) include(ctx context.Context, err error) {
	if f := fault.As(err); f != nil {
		p.take(ctx, f)
		return
	}
	var detailer huma.ErrorDetailer
	if !errors.As(err, &detailer) {
		remember(ctx, err)
		return
	}
	detail := detailer.ErrorDetail()
	if f, ok := wire.UnpackFault(detail.Message); ok {
		p.take(ctx, f)
		return
	}
	p.add(cleanDetail(detail.Location, detail.Message))
}

// take adopts the status and the reasons of a fault that surfaced inside huma, such as a body over its
// bound.
func (p *Problem) take(ctx context.Context, f *fault.Error) {
	if status, ok := kindStatus[f.Kind]; ok && (len(p.Errors) == 0 || status != http.StatusUnprocessableEntity) {
		p.Status, p.Title, p.Detail, p.code = status, http.StatusText(status), f.Message, f.Code()
	}
	for _, d := range f.Details {
		p.reason(callOf(ctx), d)
	}
	if f.RetryAfter > 0 {
		p.setHeader("Retry-After", retryAfter(f.RetryAfter))
	}
}

// cleanDetail rewrites huma's reasons: no Go error texts, a code, and a missing property is named in the
// location rather than in the message.
func cleanDetail(location, message string) ProblemDetail {
	for _, leak := range []string{"invalid value", "invalid date/time", "invalid JSON", "cannot read multipart form"} {
		if strings.HasPrefix(message, leak) {
			message = leak
		}
	}
	code, message := unmarked(message)
	if name, ok := strings.CutPrefix(message, "expected required property "); ok {
		if name, ok = strings.CutSuffix(name, " to be present"); ok {
			location, message = location+"."+name, "is required"
		}
	}
	return ProblemDetail{wire.Printable(location, wire.MaxLocation), message, Code(code.Name)}
}

// format is huma's API with JSON as the only representation that it negotiates. Other media types are
// written by the operations that have them.
type format struct{ huma.API }

// Negotiate implements huma.API.
func (format) Negotiate(string) (string, error) { return "application/json", nil }

// Transform implements huma.API; there are no transformers.
func (format) Transform(_ huma.Context, _ string, v any) (any, error) { return v, nil }

// Marshal implements huma.API.
func (format) Marshal(w io.Writer, _ string, v any) error {
	if ready, ok := v.(readyBody); ok {
		return ready.writeTo(w)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// Unmarshal implements huma.API. The content type has been checked when the route was entered.
func (format) Unmarshal(_ string, data []byte, v any) error {
	if err := wire.Decode(data, v); err != nil {
		return wire.PackFault(err)
	}
	return nil
}

func newHuma(a *API) huma.API {
	config := huma.DefaultConfig(a.options.Title, a.options.Version)
	config.Info.Description = a.options.Description
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // served by serveDocument and serveDocs
	config.CreateHooks = nil                                             // no $schema links in every answer
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		schemeBearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token of auth"},
		schemeAPIKey: {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "For integration clients"},
		schemeOAuth2: {Type: "oauth2", Description: "Login and password", Flows: &huma.OAuthFlows{
			Password: &huma.OAuthFlow{TokenURL: a.options.TokenURL, RefreshURL: a.options.TokenURL, Scopes: scopes()},
		}},
	}
	return format{huma.NewAPI(config, &adapter{api: a})}
}

// adapter puts huma's operations on the gin engine with everything that precedes a handler. It is
// humagin's, but for colons in paths (`/commands:batch`), HEAD, and the admission of the request.
type adapter struct{ api *API }

// ServeHTTP implements huma.Adapter.
func (ad *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { ad.api.ServeHTTP(w, r) }

// Handle implements huma.Adapter.
func (ad *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	r, ok := op.Metadata[routeKey].(*route)
	if !ok {
		//nolint:forbidigo // a mistake in the code, found at the first start
		panic(fmt.Sprintf("api: %s %s was not registered through api.Register", op.Method, op.Path))
	}
	serve := func(g *gin.Context) {
		if ad.api.admit(g, r) {
			handler(humagin.NewContext(op, g))
		}
	}
	path := ginPath(op.Path)
	ad.api.engine.Handle(op.Method, path, serve)
	if op.Method == http.MethodGet {
		ad.api.engine.Handle(http.MethodHead, path, serve)
	}
}

// ginPath translates /a/{id}:verb into gin's /a/:id\:verb.
func ginPath(path string) string {
	path = strings.ReplaceAll(path, ":", `\:`)
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
