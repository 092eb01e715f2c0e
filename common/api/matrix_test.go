package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/apitest"
	"nms.example/common/authn"
)

// maskTokens takes tokens that spell out the mask.
type maskTokens struct{}

func (maskTokens) Authenticate(_ context.Context, r *http.Request) (*authn.Principal, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, authn.ErrNoCredentials
	}
	p := &authn.Principal{Kind: authn.User, UserID: 1, Subject: "user:1"}
	if _, err := fmt.Sscan(text, &p.Access); err != nil {
		return nil, authn.ErrBadToken
	}
	return p, nil
}

func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	a := api.New(api.Options{Authenticator: maskTokens{}})
	for path, access := range map[string]api.Access{
		"/api/v1/a": api.Authenticated, "/api/v1/b/{id}": api.Need(authn.CfgRead),
		"/api/v1/c/{id}/d": api.Need(authn.AdminWrite), "/api/v1/e": api.Public,
	} {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			api.Register(a, huma.Operation{Method: method, Path: path}, access,
				func(context.Context, *struct{}) (*struct{}, error) {
					t.Errorf("%s %s was reached", method, path)
					return nil, nil
				})
		}
	}
	apitest.CheckAccess(t, a, func(m authn.Mask) string { return strconv.FormatInt(int64(m), 10) },
		"GET /openapi.json", "GET /api/v1/e", "POST /api/v1/e", "PATCH /api/v1/e", "DELETE /api/v1/e")
}
