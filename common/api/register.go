package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api/internal/wire"
	"nms.example/common/authn"
)

// OperationOption changes how one operation is served.
type OperationOption func(*route)

// Timeout sets the deadline of the operation's context; 0 or less means none, for streams.
func Timeout(d time.Duration) OperationOption {
	return func(r *route) { r.timeout = d }
}

// StreamBody leaves the request's body to the handler, which reads it through [Body], inflated, in
// bounded memory; body documents it. The body's bound is the operation's MaxBodyBytes as elsewhere,
// -1 for none. BodyTimeout then bounds each read, not the whole.
func StreamBody(body *huma.RequestBody) OperationOption {
	return func(r *route) { r.stream = body }
}

// RepeatedMember is for operations that decode their JSON themselves: it returns the first member that its object has already, such as
// "values.gain"; found is false when there is none. document is valid, known is how many members all its objects have once it is decoded.
func RepeatedMember(document []byte, known int) (name string, found bool) {
	place, found := wire.RepeatedInAnyCase(document, known)
	return strings.TrimPrefix(place, "."), found
}

// EncodedBody lets bodies of a further content encoding through as they are, for a protocol that prescribes one; the handler
// decodes and bounds them.
func EncodedBody(encoding string) OperationOption {
	return func(r *route) { r.encoding = encoding }
}

// LimitedBy sets a rate limit of the operation's own in place of the API's, for machines that post in a row; nil:
// none. Whoever is not let in counts against the API's all the same, or guessing would be cheap here.
func LimitedBy(limiter Limiter) OperationOption {
	return func(r *route) { r.ownLimit, r.limiter = true, limiter }
}

// OAuthRefusals has the operation's refusals carry the error of RFC 6749, section 5.2: the handler's own, else
// invalid_request where the request is not one that it reads.
func OAuthRefusals() OperationOption { return func(r *route) { r.oauth = true } }

// route is what the handler needs to know about one operation. It is made once, at registration.
type route struct {
	pattern      string
	access       Access
	timeout      time.Duration
	maxBody      int64
	hasBody      bool
	contentTypes []string // lower case; empty takes all
	stream       *huma.RequestBody
	encoding     string // see EncodedBody
	unlimited    bool
	oauth        bool // see OAuthRefusals
	ownLimit     bool
	limiter      Limiter  // with ownLimit; nil: none
	query        []string // query parameters that it knows, by name
	numbers      []string // those of them that are floating-point numbers
	times        []string // those of them that are moments
}

const routeKey = "nms.route"

// Register adds an operation. op.Path holds the whole path, with /api/v1. MaxBodyBytes of op bounds the
// inflated body: 0 takes the API's bound, -1 lifts it. Errors of the handler become problems: a
// *fault.Error by its kind, anything else 500 with its text in the log only.
//
// It panics on what is wrong in the code itself: no access declared, an operation id used twice.
func Register[I, O any](a *API, op huma.Operation, access Access,
	handler func(context.Context, *I) (*O, error), options ...OperationOption,
) {
	if access.kind == 0 {
		//nolint:forbidigo // a mistake in the code, found at the first start
		panic(fmt.Sprintf("api: %s %s declares no access", op.Method, op.Path))
	}
	if op.OperationID == "" {
		var out *O
		op.OperationID = huma.GenerateOperationID(op.Method, op.Path, out)
	}
	r := &route{
		pattern:   op.Path,
		access:    access,
		timeout:   a.options.RequestTimeout,
		unlimited: !strings.HasPrefix(op.Path, "/api/"),
	}
	for _, option := range options {
		option(r)
	}
	r.maxBody = op.MaxBodyBytes
	if r.maxBody == 0 {
		r.maxBody = a.options.MaxBodyBytes
	}
	// The body reader bounds the size and the time; huma would refuse a body of exactly the bound.
	op.MaxBodyBytes = -1
	op.BodyReadTimeout = a.options.BodyTimeout
	op.Metadata = withRoute(op.Metadata, r)
	describeAccess(&op, access)
	describeErrors(&op, access)
	if _, conditional := any(new(I)).(interface{ Check(etag string) error }); conditional && !slices.Contains(op.Errors, http.StatusPreconditionFailed) {
		op.Errors = append(op.Errors, http.StatusPreconditionFailed)
	}
	if r.stream != nil {
		op.RequestBody = nil // huma would read it
	}
	a.addOperation(OperationInfo{Method: op.Method, Path: op.Path, OperationID: op.OperationID, Access: access})
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, answerable(ctx, err)
		}
		return out, nil
	})
	a.completeRoute(r, op)
}

// completeRoute takes over what only huma knew: the documented body and parameters.
func (a *API) completeRoute(r *route, op huma.Operation) {
	registered := a.registered(op.Method, op.Path)
	if registered == nil { // hidden
		r.hasBody = op.Method != http.MethodGet && op.Method != http.MethodDelete
		return
	}
	if r.stream != nil {
		registered.RequestBody = r.stream
	}
	if registered.RequestBody != nil {
		r.hasBody = true
		for contentType := range registered.RequestBody.Content {
			r.contentTypes = append(r.contentTypes, strings.ToLower(contentType))
		}
		slices.Sort(r.contentTypes)
	}
	for _, p := range registered.Parameters {
		if p.Name == "If-None-Match" && op.Method == http.MethodGet && registered.Responses["304"] == nil {
			registered.Responses["304"] = &huma.Response{Description: http.StatusText(http.StatusNotModified)}
		}
		if p.In == "query" {
			r.query = append(r.query, p.Name)
		}
		if p.Schema == nil {
			continue
		}
		boundInt32(p.Schema)
		if p.In == "query" && (isNumber(p.Schema) || p.Schema.Items != nil && isNumber(p.Schema.Items)) {
			r.numbers = append(r.numbers, p.Name)
		}
		if p.In == "query" && p.Schema.Format == "date-time" {
			r.times = append(r.times, p.Name)
		}
	}
	slices.Sort(r.query)
}

func isNumber(s *huma.Schema) bool { return s.Type == huma.TypeNumber }

// boundInt32 keeps parameters within their Go type: huma cuts off the upper bits of what is over it.
func boundInt32(s *huma.Schema) {
	if s.Type != huma.TypeInteger || s.Format != "int32" {
		return
	}
	if s.Maximum == nil {
		bound := float64(math.MaxInt32)
		s.Maximum = &bound
	}
	if s.Minimum == nil {
		bound := float64(math.MinInt32)
		s.Minimum = &bound
	}
	s.PrecomputeMessages()
}

// registered finds an operation in the document.
func (a *API) registered(method, path string) *huma.Operation {
	item := a.huma.OpenAPI().Paths[path]
	if item == nil {
		return nil
	}
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	case http.MethodHead:
		return item.Head
	case http.MethodOptions:
		return item.Options
	}
	return nil
}

func withRoute(metadata map[string]any, r *route) map[string]any {
	if metadata == nil {
		metadata = make(map[string]any, 1)
	}
	metadata[routeKey] = r
	return metadata
}

// answerable turns a handler's error into one that huma can write.
func answerable(ctx context.Context, err error) error {
	if same, ok := errors.AsType[*notModified](err); ok {
		return same
	}
	return ProblemOf(ctx, err).complete(ctx)
}

// Names of the security schemes in the document. Their order by letter is that of the docs' dialogue.
const (
	schemeOAuth2 = "OAuth2"
	schemeBearer = "bearer"
	schemeAPIKey = "apiKey"
)

// describeAccess writes into the document what the operation needs.
func describeAccess(op *huma.Operation, access Access) {
	if access.IsPublic() {
		op.Security = []map[string][]string{}
		return
	}
	scopes := []string{}
	if need, ok := access.Permission(); ok {
		scopes = append(scopes, need.String())
		if op.Description != "" {
			op.Description += "\n\n"
		}
		op.Description += "Needs the permission `" + need.String() + "`."
	}
	op.Security = []map[string][]string{
		{schemeOAuth2: scopes},
		{schemeBearer: scopes},
		{schemeAPIKey: scopes},
	}
}

// describeErrors adds the statuses that every operation can answer with to those that op names.
func describeErrors(op *huma.Operation, access Access) {
	general := []int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable}
	if !access.IsPublic() {
		general = append(general, http.StatusUnauthorized)
	}
	if _, ok := access.Permission(); ok {
		general = append(general, http.StatusForbidden)
	}
	if strings.Contains(op.Path, "{") {
		general = append(general, http.StatusNotFound)
	}
	switch op.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		general = append(general, http.StatusRequestTimeout,
			http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, status := range general {
		if !slices.Contains(op.Errors, status) {
			op.Errors = append(op.Errors, status)
		}
	}
	slices.Sort(op.Errors)
	op.Errors = slices.Compact(op.Errors)
}

// scopes lists every permission for the OAuth2 scheme.
func scopes() map[string]string {
	all := make(map[string]string)
	for _, p := range authn.Permissions() {
		all[p.String()] = p.Description()
	}
	return all
}
