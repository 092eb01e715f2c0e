// Package api holds auth's HTTP operations: they bind a request, call the domain and render its answer.
package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"

	"nms.example/auth/internal/apikey"
	"nms.example/auth/internal/role"
	"nms.example/auth/internal/session"
	"nms.example/auth/internal/user"
)

// Deps are what the operations call.
type Deps struct {
	Users    *user.Service
	Roles    *role.Service
	Sessions *session.Service
	Keys     *apikey.Service
	// VerifyToken verifies an access token, revocation included.
	VerifyToken func(token string) (*authn.Principal, error)
	// Issuer and Audience are those of the tokens, for introspection.
	Issuer, Audience string
	// PublicKeys verify the tokens; none where all services share a secret.
	PublicKeys authn.JWKS
}

// Register adds every operation of auth.
func Register(a *api.API, d Deps) {
	(&tokens{sessions: d.Sessions}).register(a)
	(&introspection{sessions: d.Sessions, verify: d.VerifyToken, issuer: d.Issuer, audience: d.Audience}).register(a)
	(&me{users: d.Users, sessions: d.Sessions}).register(a)
	(&users{users: d.Users, sessions: d.Sessions}).register(a)
	(&roles{roles: d.Roles}).register(a)
	(&keys{keys: d.Keys}).register(a)
	registerPublicKeys(a, d.PublicKeys)
}

func resource(name string) api.Resource { return api.Resource{Service: "auth", Name: name} }

// returning sets the status of success.
func returning(op huma.Operation, status int) huma.Operation {
	op.DefaultStatus = status
	return op
}

// out is an answer with a body.
type out[T any] struct{ Body T }

func answer[T any](body T, err error) (*out[T], error) {
	if err != nil {
		return nil, err
	}
	return &out[T]{Body: body}, nil
}

// done is the answer 204.
type done struct{}

func finish(err error) (*done, error) {
	if err != nil {
		return nil, err
	}
	return &done{}, nil
}

// Paging is embedded by the lists of this service; huma binds exported fields only.
type Paging struct {
	api.PageNumber

	Limit int `query:"limit" default:"100" minimum:"1" maximum:"5000" doc:"Most items of a page"`
}

func (p Paging) limit() int64 { return int64(p.Limit) }
func (p Paging) skip() int64  { return p.Offset(p.Limit) }

// pageOf makes a page that is found by number.
func pageOf[T, P any](p Paging, total int64, params P, content []T) api.Page[T, P] {
	if content == nil {
		content = []T{}
	}
	return api.Page[T, P]{Page: p.Page, Limit: p.Limit, Total: total, Params: params, Content: content}
}

// noParams is the echo of a list without filters.
type noParams struct{}

func clientOf(ctx context.Context) session.Client {
	return session.Client{Addr: api.ClientAddr(ctx), UserAgent: api.UserAgent(ctx)}
}

const formType = "application/x-www-form-urlencoded"

// formBody documents a form; huma itself sees only bytes.
func formBody(op *huma.Operation, required []string, fields map[string]string) {
	schema := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, Required: required}
	for name, doc := range fields {
		property := &huma.Schema{Type: huma.TypeString, Description: doc}
		if strings.Contains(name, "password") {
			property.Format = "password"
		}
		schema.Properties[name] = property
	}
	op.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{formType: {Schema: schema}},
	}
}

var conflict = http.StatusConflict
