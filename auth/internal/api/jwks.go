package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"
)

// jwksLife is how long anybody between auth and the other services may keep the keys; those services ask past it.
const jwksLife = "public, max-age=60"

var errNoPublicKeys = fault.New(fault.CodeNotFound, "the tokens are signed with a shared secret: there are no public keys")

type jwksOutput struct {
	CacheControl string `header:"Cache-Control"`
	ETag         string `header:"ETag"`
	Body         authn.JWKS
}

// registerPublicKeys adds the operation by which the other services learn what the tokens are signed with.
func registerPublicKeys(a *api.API, set authn.JWKS) {
	op := huma.Operation{
		Method: http.MethodGet, Path: "/.well-known/jwks.json", OperationID: "auth-service-jwks",
		Summary: "Public keys of the access tokens (RFC 7517)", Tags: []string{"service"}, Errors: []int{http.StatusNotFound},
		Description: "404 where all services share a secret (HS256).",
	}
	content, err := json.Marshal(set)
	etag := api.ETagOf(content)
	api.Register(a, op, api.Public, func(_ context.Context, in *api.Conditional) (*jwksOutput, error) {
		if len(set.Keys) == 0 {
			return nil, errNoPublicKeys
		}
		if err != nil {
			return nil, err
		}
		if err := in.Evaluate(etag, "Cache-Control", jwksLife); err != nil {
			return nil, err
		}
		return &jwksOutput{CacheControl: jwksLife, ETag: etag, Body: set}, nil
	})
}
